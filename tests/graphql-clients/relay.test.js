// Relay with global ids: its compiler on the printed schema, and its runtime with what the compiler made.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import relay from 'relay-runtime'
import ws from 'ws'
import { site, Stream, tags, until } from './site.js'

const { commitMutation, createOperationDescriptor, fetchQuery, getSelector } = relay

const require = createRequire(import.meta.url)
const made = mkdtempSync(join(tmpdir(), 'bistro-relay-'))
after(() => rmSync(made, { recursive: true }))

const blog = site('examples/blog', { BISTRO_GRAPHQL__GLOBAL_IDS: 'true' }, ({ server }) => {
  mkdirSync(join(made, 'src'))
  cpSync(join(import.meta.dirname, 'relay', 'blog.js'), join(made, 'src', 'blog.js'))
  writeFileSync(join(made, 'schema.graphql'), server.bistro('graphql', 'schema', '--as', 'editor'))
  const config = { src: 'src', schema: 'schema.graphql', language: 'javascript', eagerEsModules: false }
  writeFileSync(join(made, 'relay.config.json'), JSON.stringify(config))
  const compiler = require.resolve('relay-compiler/cli.js')
  execFileSync('node', [compiler, '--noWatchman', 'relay.config.json'], { cwd: made, encoding: 'utf8', stdio: 'pipe' })
})

// What the compiler made of a document.
const artifact = (name) => require(join(made, 'src', '__generated__', `${name}.graphql.js`))

// An environment as an application has one, and what it asked.
function environment(t, headers = blog.editor) {
  const asked = []
  const socket = createClient({ url: blog.socket, webSocketImpl: ws, connectionParams: headers, retryAttempts: 0 })
  t.after(() => socket.dispose())
  const ask = async ({ name, text }, variables) => {
    asked.push(name)
    const body = JSON.stringify({ query: text, variables, operationName: name })
    const answer = await fetch(blog.endpoint, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body })
    const said = await answer.json()
    assert.equal(said.errors, undefined, JSON.stringify(said.errors))
    return said
  }
  const follow = ({ name, text }, variables) =>
    relay.Observable.create((sink) => socket.subscribe({ operationName: name, query: text, variables }, sink))
  const store = new relay.Store(new relay.RecordSource())
  return { asked, relay: new relay.Environment({ network: relay.Network.create(ask, follow), store }) }
}

// Runs a query, keeps its rows in the store, and gives what it reads there now, and later.
async function load(over, name, variables) {
  const operation = createOperationDescriptor(artifact(name), variables)
  over.retain(operation)
  await fetchQuery(over, artifact(name), variables).toPromise()
  return () => over.lookup(operation.fragment).data
}

// What a fragment reads.
const read = (over, name, reference) => over.lookup(getSelector(artifact(name), reference)).data

const mutate = (over, name, variables, more = {}) =>
  new Promise((onCompleted, onError) => commitMutation(over, { mutation: artifact(name), variables, onCompleted, onError, ...more }))

// Loads all pages as usePaginationFragment does: by the refetch query, whose pages the connection joins.
async function allTags(over) {
  const query = await load(over, 'blogTagsQuery', { count: 3 })
  const list = () => read(over, 'blogTagList', query()).tags
  while (list().pageInfo.hasNextPage) await load(over, 'blogTagListQuery', { count: 3, cursor: list().pageInfo.endCursor })
  return list
}

const slugs = (list) => list.edges.map(({ node }) => node.slug)

test('the compiler makes an artifact of every document', () => {
  assert.equal(readdirSync(join(made, 'src', '__generated__')).length, 13)
})

test('a connection is joined page by page', async (t) => {
  const { relay: over, asked } = environment(t)
  const list = await allTags(over)
  assert.deepEqual(slugs(list()), tags)
  assert.deepEqual(asked, ['blogTagsQuery', 'blogTagListQuery', 'blogTagListQuery'])
})

test('a fragment is asked again by node(id)', async (t) => {
  const { relay: over, asked } = environment(t)
  const { postBy } = (await load(over, 'blogPostQuery', { slug: 'bread-that-waits' }))()
  assert.equal(Buffer.from(postBy.id, 'base64url').toString(), `Post:${postBy.key}`)
  assert.equal(read(over, 'blogPost', postBy).body, undefined)
  const again = await load(over, 'blogPostAgainQuery', { id: postBy.id, long: true })
  const post = read(over, 'blogPost', again().node)
  assert.deepEqual([post.title, post.author.handle], ['Bread that waits for you', 'amara'])
  assert.match(post.body, /^Most recipes/)
  assert.deepEqual(asked, ['blogPostQuery', 'blogPostAgainQuery'])
})

test('node(id) finds rows of every type, and no others', async (t) => {
  const { relay: over } = environment(t)
  const { edges } = (await allTags(over))()
  const tag = (await load(over, 'blogNodeQuery', { id: edges[0].node.id }))()
  assert.deepEqual(tag.node, { __typename: 'Tag', id: edges[0].node.id, slug: 'books' })
  const missing = Buffer.from('Tag:01920000-0003-7000-8000-00000000ffff').toString('base64url')
  assert.equal((await load(over, 'blogNodeQuery', { id: missing }))().node, null)
})

test('@appendNode and @deleteEdge change the list', async (t) => {
  const { relay: over } = environment(t)
  const list = await allTags(over)
  const connections = [list().__id]
  const { createTag } = await mutate(over, 'blogAddTagMutation', { input: { slug: 'zz-relay', name: 'Relay' }, connections })
  assert.deepEqual(slugs(list()), [...tags, 'zz-relay'])
  await mutate(over, 'blogDropTagMutation', { id: createTag.id, connections })
  assert.deepEqual(slugs(list()), tags)
})

test('an updater changes the store by what the mutation answers', async (t) => {
  const { relay: over } = environment(t)
  const list = await allTags(over)
  const { id, name } = list().edges[0].node
  const updater = (store) => store.get(id).setValue(`${store.getRootField('updateTag').getValue('name')}!`, 'name')
  await mutate(over, 'blogRenameTagMutation', { id, name: 'Reading' }, { updater })
  assert.equal(list().edges[0].node.name, 'Reading!')
  await mutate(over, 'blogRenameTagMutation', { id, name })
  assert.equal(list().edges[0].node.name, name)
})

test('a mutation takes the raw key too', async (t) => {
  const { relay: over } = environment(t)
  const { node } = (await allTags(over))().edges[0]
  const { updateTag } = await mutate(over, 'blogRenameTagMutation', { id: node.key, name: node.name })
  assert.equal(updateTag.id, node.id)
})

// Follows a subscription, whose store does what its document says; what it told goes to the stream.
function follow(t, over, name) {
  const seen = new Stream()
  const { dispose } = relay.requestSubscription(over, {
    subscription: artifact(name), variables: {}, onNext: ({ tagChanges }) => seen.push(tagChanges), onError: seen.push,
  })
  t.after(dispose)
  return seen
}

test('a subscription changes the store', async (t) => {
  const { relay: over } = environment(t)
  const { relay: other } = environment(t)
  const { id, key, name } = (await allTags(over))().edges[1].node
  const tag = await load(over, 'blogTagQuery', { id })
  const seen = follow(t, over, 'blogTagsSubscription')
  let round = 0
  await until(async () => {
    await mutate(other, 'blogRenameTagMutation', { id, name: `Gardens ${round += 1}` })
    return tag().tag.name.startsWith('Gardens')
  }, 'a change reaches the store')
  const change = await seen.next()
  assert.deepEqual([change.event, change.nodeId, change.key, change.node.id], ['UPDATE', id, { key }, id])
  await mutate(other, 'blogRenameTagMutation', { id, name })
  await until(() => tag().tag.name === name, 'the last change')
})

test('@deleteRecord follows a row that goes', async (t) => {
  const { relay: over } = environment(t)
  const { relay: other } = environment(t)
  const seen = follow(t, over, 'blogGoneTagsSubscription')
  let round = 0
  let tag
  await until(async () => {
    const slug = `zz-gone-${round += 1}`
    const { createTag: { id } } = await mutate(other, 'blogAddTagMutation', { input: { slug, name: slug }, connections: [] })
    tag = await load(over, 'blogTagQuery', { id })
    assert.equal(tag().tag.id, id)
    await mutate(other, 'blogDropTagMutation', { id, connections: [] })
    await sleep(100)
    return seen.length > 0
  }, 'a row that goes is told')
  await until(() => tag().tag === null, 'the record is gone from the store')
})
