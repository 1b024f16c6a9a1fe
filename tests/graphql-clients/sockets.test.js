// graphql-ws: operations over one socket, live queries, changes, refusals, restarts, and the end of an operation.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import ws from 'ws'
import { amara, site, Stream, until } from './site.js'

const blog = site()

// A client of graphql-ws that ends with the test.
function client(t, connectionParams = blog.editor, options = {}) {
  const made = createClient({ url: blog.socket, webSocketImpl: ws, connectionParams, retryAttempts: 0, ...options })
  t.after(() => made.dispose())
  return made
}

// The one result of an operation.
const ask = (over, query, variables) =>
  new Promise((next, error) => over.subscribe({ query, variables }, { next, error, complete() {} }))

// Everything of an operation: results go to `seen`, then 'completed' or the error.
function follow(over, query, variables) {
  const seen = new Stream()
  const stop = over.subscribe({ query, variables }, {
    next: (result) => seen.push(result), error: (error) => seen.push({ error }), complete: () => seen.push('completed'),
  })
  return { seen, stop }
}

const createTag = 'mutation ($slug: String!) { createTag(input: { slug: $slug, name: $slug }) { id } }'
const renameTag = 'mutation ($id: ID!, $name: String!) { updateTag(id: $id, set: { name: $name }) { id } }'
const deleteTag = 'mutation ($id: ID!) { deleteTag(id: $id) { id } }'

test('a query and a mutation', async (t) => {
  const over = client(t)
  const { data } = await ask(over, 'query ($slug: String!) { postBy(key: { slug: $slug }) { title } }', { slug: 'bread-that-waits' })
  assert.deepEqual(data, { postBy: { title: 'Bread that waits for you' } })
  const made = await ask(over, createTag, { slug: 'by-socket' })
  assert.equal(made.errors, undefined)
  const gone = await ask(over, deleteTag, { id: made.data.createTag.id })
  assert.equal(gone.data.deleteTag.id, made.data.createTag.id)
})

test('a document that is wrong is an error of its operation alone', async (t) => {
  const over = client(t)
  await assert.rejects(ask(over, '{ posts { nodes { titel } } }'), ([error]) => error.extensions.code === 'GRAPHQL_VALIDATION_FAILED')
  assert.deepEqual((await ask(over, '{ tags { totalCount } }')).data, { tags: { totalCount: 8 } })
})

test('a live query tells of rows that come, change and go', async (t) => {
  const over = client(t, blog.as(amara))
  const query = `subscription ($author: ID!) {
    posts(filter: { author_id: { eq: $author }, slug: { startsWith: "live" } }, orderBy: [{ slug: ASC }], first: 5) { totalCount nodes { slug title } }
  }`
  const { seen, stop } = follow(over, query, { author: amara })
  assert.deepEqual((await seen.next()).data.posts, { totalCount: 0, nodes: [] })
  const { data } = await ask(over, 'mutation { createPost(input: { slug: "live", title: "One", body: "…" }) { id } }')
  assert.deepEqual((await seen.next()).data.posts, { totalCount: 1, nodes: [{ slug: 'live', title: 'One' }] })
  await ask(over, 'mutation ($id: ID!) { updatePost(id: $id, set: { title: "Two" }) { id } }', { id: data.createPost.id })
  assert.deepEqual((await seen.next()).data.posts.nodes, [{ slug: 'live', title: 'Two' }])
  await ask(over, 'mutation ($id: ID!) { deletePost(id: $id) { id } }', { id: data.createPost.id })
  assert.deepEqual((await seen.next()).data.posts, { totalCount: 0, nodes: [] })
  stop()
})

test('a live query obeys the rules: a draft is its author\'s', async (t) => {
  const query = 'subscription { posts(filter: { slug: { eq: "my-draft" } }) { nodes { slug } } }'
  const mine = follow(client(t, blog.as(amara)), query)
  const theirs = follow(client(t, blog.stranger), query)
  for (const { seen } of [mine, theirs]) assert.deepEqual((await seen.next()).data.posts.nodes, [])
  const { data } = await ask(client(t, blog.as(amara)), 'mutation { createPost(input: { slug: "my-draft", title: "Mine", body: "…" }) { id } }')
  assert.deepEqual((await mine.seen.next()).data.posts.nodes, [{ slug: 'my-draft' }])
  await ask(client(t, blog.as(amara)), 'mutation ($id: ID!) { deletePost(id: $id) { id } }', { id: data.createPost.id })
  assert.deepEqual((await mine.seen.next()).data.posts.nodes, [])
  assert.equal(theirs.seen.length, 1, 'the stranger heard of it')
})

// A live query answers first when it stands; changes have nothing to say then, so one that is seen shows it.
async function standing(over, query, variables) {
  const followed = follow(over, query, variables)
  await until(async () => {
    if (followed.seen.length > 0) return true
    const slug = `standing-${Math.random().toString(36).slice(2)}`
    const { data } = await ask(over, createTag, { slug })
    await ask(over, deleteTag, { id: data.createTag.id })
    await sleep(20)
    return followed.seen.length > 0
  }, 'the subscription stands')
  await sleep(100)
  return followed
}

const changes = `subscription ($events: [ChangeEvent!]) {
  tagChanges(events: $events) { event key { id } node { slug name } }
}`

test('changes: INSERT, UPDATE, DELETE', async (t) => {
  const over = client(t)
  const { seen, stop } = await standing(over, changes)
  const { data: { createTag: { id } } } = await ask(over, createTag, { slug: 'changing' })
  const mine = ({ data }) => data.tagChanges.key.id === id
  const change = async () => (await seen.next(mine)).data.tagChanges
  assert.deepEqual(await change(), { event: 'INSERT', key: { id }, node: { slug: 'changing', name: 'changing' } })
  await ask(over, renameTag, { id, name: 'Changed' })
  assert.deepEqual(await change(), { event: 'UPDATE', key: { id }, node: { slug: 'changing', name: 'Changed' } })
  await ask(over, deleteTag, { id })
  assert.deepEqual(await change(), { event: 'DELETE', key: { id }, node: null })
  stop()
})

test('changes of chosen events', async (t) => {
  const over = client(t)
  const { seen, stop } = await standing(over, changes, { events: ['DELETE'] })
  const { data: { createTag: { id } } } = await ask(over, createTag, { slug: 'chosen' })
  await ask(over, deleteTag, { id })
  const { data } = await seen.next((result) => result.data.tagChanges.key.id === id)
  assert.equal(data.tagChanges.event, 'DELETE')
  stop()
})

// How a socket ends that begins like this: its code.
async function endOf(first, headers = {}) {
  const socket = new ws(blog.socket, 'graphql-transport-ws', { headers })
  await once(socket, 'open')
  for (const message of first) socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  const [code, reason] = await once(socket, 'close')
  return { code, reason: String(reason) }
}

const init = (payload) => ({ type: 'connection_init', payload })
const subscribe = (id, query = '{ tags { totalCount } }') => ({ id, type: 'subscribe', payload: { query } })

const ends = {
  'a wrong key': [() => [init({ apikey: 'sb_publishable_wrong' })], 4403],
  'a broken token': [() => [init({ ...blog.stranger, authorization: 'Bearer a.b.c' })], 4403],
  'no key at all': [() => [init({})], 4403],
  'an operation before the greeting': [() => [subscribe('1')], 4401],
  'two greetings': [() => [init(blog.stranger), init(blog.stranger)], 4429],
  'one id twice': [() => [init(blog.stranger), subscribe('1', 'subscription { tags { totalCount } }'), subscribe('1', 'subscription { tags { totalCount } }')], 4409],
  'no JSON': [() => ['{'], 4400],
  'no known type': [() => [{ type: 'start' }], 4400],
  'no greeting for three seconds': [() => [], 4408],
}

for (const [what, [first, code]] of Object.entries(ends)) {
  test(`${what} ends the socket with ${code}`, async () => {
    const ended = await endOf(first())
    assert.equal(ended.code, code, ended.reason)
    assert.ok(ended.reason.length > 0)
  })
}

test('a subprotocol that is not known', async () => {
  const socket = new ws(blog.socket, 'graphql-ws')
  const [said] = await Promise.race([once(socket, 'error'), once(socket, 'close')])
  assert.ok(said instanceof Error || said === 4406, String(said))
  socket.terminate()
})

test('ping is answered with pong, and its payload', async () => {
  const socket = new ws(blog.socket, 'graphql-transport-ws')
  await once(socket, 'open')
  const seen = new Stream()
  socket.on('message', (text) => seen.push(JSON.parse(text)))
  socket.send(JSON.stringify(init(blog.stranger)))
  assert.equal((await seen.next()).type, 'connection_ack')
  socket.send(JSON.stringify({ type: 'ping', payload: { n: 1 } }))
  assert.equal((await seen.next()).type, 'pong')
  socket.close()
})

test('complete ends an operation: nothing comes after it, and its id is free', async (t) => {
  const socket = new ws(blog.socket, 'graphql-transport-ws')
  t.after(() => socket.terminate())
  await once(socket, 'open')
  const seen = new Stream()
  socket.on('message', (text) => seen.push(JSON.parse(text)))
  const live = subscribe('a', 'subscription { tags { totalCount } }')
  for (const message of [init(blog.editor), live]) socket.send(JSON.stringify(message))
  assert.equal((await seen.next(({ type }) => type === 'next')).id, 'a')
  socket.send(JSON.stringify({ id: 'a', type: 'complete' }))
  const asked = async (id) => {
    socket.send(JSON.stringify(subscribe(id)))
    return await seen.next((message) => message.id === id && message.type === 'complete')
  }
  await asked('b')
  const came = seen.length
  const over = client(t)
  const { data } = await ask(over, createTag, { slug: 'unheard' })
  await ask(over, deleteTag, { id: data.createTag.id })
  await sleep(300)
  assert.equal(seen.length, came, 'something came after complete')
  socket.send(JSON.stringify(live))
  assert.equal((await seen.next(({ id }) => id === 'a')).type, 'next')
})

test('a live query goes on after the server has restarted', async (t) => {
  const options = { retryAttempts: 50, retryWait: () => sleep(50), shouldRetry: () => true }
  const { seen, stop } = follow(client(t, blog.editor, options), 'subscription { tags { totalCount } }')
  assert.deepEqual((await seen.next()).data, { tags: { totalCount: 8 } })
  await blog.server.restart()
  assert.deepEqual((await seen.next()).data, { tags: { totalCount: 8 } })
  const { data } = await ask(client(t), createTag, { slug: 'after-restart' })
  assert.deepEqual((await seen.next()).data, { tags: { totalCount: 9 } })
  await ask(client(t), deleteTag, { id: data.createTag.id })
  stop()
})
