// urql with its normalised cache: queries, pages, mutations, subscriptions over a socket and over server-sent events.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { buildSchema, introspectionFromSchema } from 'graphql'
import * as sse from 'graphql-sse'
import { createClient } from 'graphql-ws'
import ws from 'ws'
import { amara, recorded, site, Stream, tags } from './site.js'

const blog = site()

// A client whose cache knows the schema, and what it asked.
function client({ headers = blog.stranger, live = [], ...options } = {}) {
  const asked = []
  const schema = introspectionFromSchema(buildSchema(blog.server.bistro('graphql', 'schema', '--as', 'editor')))
  const cache = cacheExchange({ schema, resolvers: { Query: { tags: relayPagination() } } })
  const exchanges = [cache, ...live, fetchExchange]
  const urql = new Client({ url: blog.endpoint, exchanges, fetch: recorded(asked), fetchOptions: { headers }, preferGetMethod: false, ...options })
  return { asked, urql }
}

const bySlug = gql`query ($slug: String!) { postBy(key: { slug: $slug }) { id title author { id handle } } }`

test('a query with variables, kept by the cache', async () => {
  const { urql, asked } = client()
  for (const round of [1, 2]) {
    const { data, error } = await urql.query(bySlug, { slug: 'bread-that-waits' }).toPromise()
    assert.equal(error, undefined, `round ${round}`)
    assert.deepEqual([data.postBy.title, data.postBy.author.handle], ['Bread that waits for you', 'amara'])
  }
  assert.equal(asked.length, 1)
})

test('relayPagination joins pages into one list', async () => {
  const { urql } = client()
  const query = gql`query ($after: String) {
    tags(orderBy: [{ slug: ASC }], first: 3, after: $after) { edges { cursor node { id slug } } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } }
  }`
  let page
  let after = null
  do {
    const { data, error } = await urql.query(query, { after }).toPromise()
    assert.equal(error, undefined)
    page = data.tags
    after = page.pageInfo.endCursor
  } while (page.pageInfo.hasNextPage)
  assert.deepEqual(page.edges.map(({ node }) => node.slug), tags)
})

test('a mutation updates what the cache knows by type and id', async () => {
  const { urql, asked } = client({ headers: blog.as(amara) })
  const me = gql`query ($id: ID!) { user(id: $id) { id bio } }`
  const seen = new Stream()
  const { unsubscribe } = urql.query(me, { id: amara }).subscribe(({ data, error }) => seen.push(error ?? data.user.bio))
  await seen.next((bio) => bio.startsWith('Bakes'))
  const mutation = gql`mutation ($id: ID!) { updateUser(id: $id, set: { bio: "Bakes at noon." }) { id bio } }`
  const { error } = await urql.mutation(mutation, { id: amara }).toPromise()
  assert.equal(error, undefined)
  await seen.next((bio) => bio === 'Bakes at noon.')
  assert.equal(asked.length, 2, 'the watched query was not asked again')
  unsubscribe()
})

test('an error has its code, and the data that there is', async () => {
  const mutation = gql`mutation ($id: ID!) { a: updateUser(id: $id, set: { name: "Amara Okafor" }) { id name } b: deletePost(id: "01920000-0001-7000-8000-00000000ffff") { id } }`
  const { data, error } = await client({ headers: blog.as(amara) }).urql.mutation(mutation, { id: amara }).toPromise()
  assert.deepEqual([data.a.name, data.b], ['Amara Okafor', null])
  assert.deepEqual(error.graphQLErrors.map(({ path, extensions }) => [path, extensions.code]), [[['b'], 'NOT_FOUND']])
})

test('preferGetMethod sends queries by GET', async () => {
  const { urql, asked } = client({ preferGetMethod: 'force' })
  const { data } = await urql.query(bySlug, { slug: 'bread-that-waits' }).toPromise()
  assert.deepEqual([data.postBy.title, asked[0].method], ['Bread that waits for you', 'GET'])
})

// Ways of subscribing: exchanges of the client, its options, and how to end what they opened.
const ways = {
  'graphql-ws': () => {
    const socket = createClient({ url: blog.socket, webSocketImpl: ws, connectionParams: blog.editor, retryAttempts: 0 })
    return { live: [subscriptionExchange({ forwardSubscription: (ask) => forward(socket, ask) })], end: () => socket.dispose() }
  },
  'graphql-sse': () => {
    const events = sse.createClient({ url: blog.endpoint, headers: blog.editor, retryAttempts: 0 })
    return { live: [subscriptionExchange({ forwardSubscription: (ask) => forward(events, ask) })], end: () => events.dispose() }
  },
  'its own server-sent events': () => ({ options: { fetchSubscriptions: true }, end: () => {} }),
}

const forward = (over, { query, variables }) => ({
  subscribe: (sink) => ({ unsubscribe: over.subscribe({ query, variables }, sink) }),
})

for (const [way, open] of Object.entries(ways)) {
  test(`a live query over ${way}`, async (t) => {
    const { live, options, end } = open()
    t.after(end)
    const { urql } = client({ headers: blog.editor, live, ...options })
    const seen = new Stream()
    const query = gql`subscription { tags(filter: { slug: { startsWith: "urql" } }, orderBy: [{ slug: ASC }]) { nodes { id slug } } }`
    const { unsubscribe } = urql.subscription(query, {}).subscribe(({ data, error }) => seen.push(error ?? data.tags.nodes.map(({ slug }) => slug)))
    t.after(unsubscribe)
    assert.deepEqual(await seen.next(), [])
    const { data } = await urql.mutation(gql`mutation { createTag(input: { slug: "urql", name: "Urql" }) { id slug } }`, {}).toPromise()
    assert.deepEqual(await seen.next(), ['urql'])
    await urql.mutation(gql`mutation ($id: ID!) { deleteTag(id: $id) { id } }`, { id: data.createTag.id }).toPromise()
    assert.deepEqual(await seen.next(), [])
  })
}
