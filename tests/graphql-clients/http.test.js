// graphql-request, graphql-sse in its mode of distinct connections, and plain fetch.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from 'graphql-sse'
import { ClientError, gql, GraphQLClient } from 'graphql-request'
import { amara, site, Stream } from './site.js'

const blog = site()
const bySlug = gql`query BySlug($slug: String!) { postBy(key: { slug: $slug }) { title } }`
const bread = { slug: 'bread-that-waits' }
const found = { postBy: { title: 'Bread that waits for you' } }

const requester = (headers = blog.stranger, options = {}) => new GraphQLClient(blog.endpoint, { headers, ...options })

test('graphql-request: a query with variables', async () => {
  assert.deepEqual(await requester().request(bySlug, bread), found)
})

test('graphql-request: a query by GET', async () => {
  assert.deepEqual(await requester(blog.stranger, { method: 'GET', jsonSerializer: JSON }).request(bySlug, bread), found)
})

test('graphql-request: a mutation as somebody', async () => {
  const mutation = gql`mutation ($id: ID!) { updateUser(id: $id, set: { bio: "Sent by request." }) { bio } }`
  assert.deepEqual(await requester(blog.as(amara)).request(mutation, { id: amara }), { updateUser: { bio: 'Sent by request.' } })
})

const refusals = {
  'a field that is not there': [gql`{ posts { nodes { titel } } }`, undefined, 'GRAPHQL_VALIDATION_FAILED'],
  'a field that is hidden': [gql`{ posts { nodes { note } } }`, undefined, 'GRAPHQL_VALIDATION_FAILED'],
  'a variable that is missing': [bySlug, undefined, 'BAD_USER_INPUT'],
  'a cursor of another list': [gql`{ posts(after: "nonsense") { nodes { id } } }`, undefined, 'BAD_USER_INPUT'],
}

for (const [what, [query, variables, code]] of Object.entries(refusals)) {
  test(`graphql-request: ${what}`, async () => {
    await assert.rejects(requester().request(query, variables), (error) => {
      assert.ok(error instanceof ClientError, String(error))
      assert.equal(error.response.errors[0].extensions.code, code, error.message)
      return true
    })
  })
}

test('graphql-request: errorPolicy all', async () => {
  const mutation = gql`mutation ($id: ID!) { a: updateUser(id: $id, set: { bio: "Kept." }) { bio } b: deletePost(id: "01920000-0001-7000-8000-00000000ffff") { id } }`
  const { data, errors } = await requester(blog.as(amara), { errorPolicy: 'all' }).rawRequest(mutation, { id: amara })
  assert.deepEqual([data, errors[0].path], [{ a: { bio: 'Kept.' }, b: null }, ['b']])
})

// graphql-sse
function events(t, headers = blog.editor) {
  const client = createClient({ url: blog.endpoint, headers, retryAttempts: 0 })
  t.after(() => client.dispose())
  return client
}

test('graphql-sse: a query is one event', async (t) => {
  const seen = []
  for await (const result of events(t).iterate({ query: '{ tags { totalCount } }' })) seen.push(result)
  assert.deepEqual(seen, [{ data: { tags: { totalCount: 8 } } }])
})

test('graphql-sse: a live query', async (t) => {
  const seen = new Stream()
  const query = 'subscription { tags(filter: { slug: { startsWith: "sse" } }) { nodes { slug } } }'
  const stop = events(t).subscribe({ query }, { next: seen.push, error: seen.push, complete() {} })
  assert.deepEqual(await seen.next(), { data: { tags: { nodes: [] } } })
  const { createTag } = await requester(blog.editor).request('mutation { createTag(input: { slug: "sse", name: "Events" }) { id } }')
  assert.deepEqual(await seen.next(), { data: { tags: { nodes: [{ slug: 'sse' }] } } })
  stop()
  await requester(blog.editor).request('mutation ($id: ID!) { deleteTag(id: $id) { id } }', createTag)
})

test('graphql-sse: a document that is wrong', async (t) => {
  const seen = new Stream()
  events(t).subscribe({ query: 'subscription { tgas { totalCount } }' }, { next: seen.push, error: seen.push, complete() {} })
  const said = await seen.next()
  assert.match(JSON.stringify(said.errors ?? said.message ?? said), /tgas|400|Bad Request/)
})

// fetch
const get = (members, headers = {}) =>
  fetch(`${blog.endpoint}?${new URLSearchParams(members)}`, { headers: { ...blog.stranger, ...headers } })

test('GET with variables and a name', async () => {
  const answer = await get({ query: `${bySlug} query Other { tags { totalCount } }`, variables: JSON.stringify(bread), operationName: 'BySlug' })
  assert.deepEqual([answer.status, await answer.json()], [200, { data: found }])
})

test('GET with Accept of the specification', async () => {
  const accept = 'application/graphql-response+json'
  const good = await get({ query: '{ tags { totalCount } }' }, { accept })
  assert.deepEqual([good.status, good.headers.get('content-type').split(';')[0]], [200, accept])
  const bad = await get({ query: '{ tgas { totalCount } }' }, { accept })
  assert.equal(bad.status, 400)
})

test('GET never writes', async () => {
  const answer = await get({ query: 'mutation { deletePosts(filter: { slug: { eq: "bread-that-waits" } }) { count } }' })
  assert.equal(answer.status, 405)
})

test('GET without a key', async () => assert.equal((await fetch(`${blog.endpoint}?query={tags{totalCount}}`)).status, 401))
