// Apollo Client: the cache, pages, errors, persisted queries, GET and subscriptions.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { relayStylePagination } from '@apollo/client/utilities'
import { createClient } from 'graphql-ws'
import ws from 'ws'
import { amara, recorded, site, Stream, tags, zoe } from './site.js'

const blog = site()

// A client with a cache of its own, and what it asked.
function client({ headers = blog.stranger, link = (http) => http, ...options } = {}) {
  const asked = []
  const http = new HttpLink({ uri: blog.endpoint, headers, fetch: recorded(asked), ...options })
  const typePolicies = { Query: { fields: { tags: relayStylePagination(['orderBy']) } } }
  return { asked, apollo: new ApolloClient({ link: link(http), cache: new InMemoryCache({ typePolicies }) }) }
}

const bySlug = gql`query BySlug($slug: String!) { postBy(key: { slug: $slug }) { id title author { id handle } } }`
const bread = { slug: 'bread-that-waits' }

test('a query with variables', async () => {
  const { data, error } = await client().apollo.query({ query: bySlug, variables: bread })
  assert.equal(error, undefined)
  assert.equal(data.postBy.__typename, 'Post')
  assert.deepEqual([data.postBy.title, data.postBy.author.handle], ['Bread that waits for you', 'amara'])
})

test('relayStylePagination joins pages into one list', async () => {
  const { apollo, asked } = client()
  const query = gql`query Tags($after: String) {
    tags(orderBy: [{ slug: ASC }], first: 3, after: $after) { edges { cursor node { id slug } } pageInfo { endCursor hasNextPage } }
  }`
  const seen = new Stream()
  const watched = apollo.watchQuery({ query })
  const subscription = watched.subscribe(({ data }) => data && seen.push(data.tags))
  let page = await seen.next()
  while (page.pageInfo.hasNextPage) {
    const { length } = page.edges
    await watched.fetchMore({ variables: { after: page.pageInfo.endCursor } })
    page = await seen.next(({ edges }) => edges.length > length)
  }
  assert.deepEqual(page.edges.map(({ node }) => node.slug), tags)
  assert.equal(asked.length, 3)
  subscription.unsubscribe()
})

test('a mutation updates what the cache knows by type and id', async () => {
  const { apollo, asked } = client({ headers: blog.as(amara) })
  const seen = new Stream()
  const query = gql`query Me($id: ID!) { user(id: $id) { id bio } }`
  const subscription = apollo.watchQuery({ query, variables: { id: amara } }).subscribe(({ data }) => data && seen.push(data.user?.bio))
  await seen.next((bio) => bio?.startsWith('Bakes'))
  const mutation = gql`mutation Bio($id: ID!, $bio: String) { updateUser(id: $id, set: { bio: $bio }) { id bio } }`
  const { data } = await apollo.mutate({ mutation, variables: { id: amara, bio: 'Bakes no more.' } })
  assert.equal(data.updateUser.bio, 'Bakes no more.')
  await seen.next((bio) => bio === 'Bakes no more.')
  assert.equal(asked.length, 2, 'the watched query was not asked again')
  subscription.unsubscribe()
})

const oneOfTwo = gql`mutation OneOfTwo($mine: ID!, $other: ID!) {
  mine: updateUser(id: $mine, set: { name: "Zoë L." }) { id name }
  other: updateUser(id: $other, set: { name: "Nobody" }) { id name }
}`
const mineAndOther = { mine: zoe, other: amara }

test('errorPolicy all gives the data that there is, and the errors', async () => {
  const { apollo } = client({ headers: blog.as(zoe) })
  const { data, error } = await apollo.mutate({ mutation: oneOfTwo, variables: mineAndOther, errorPolicy: 'all' })
  assert.deepEqual([data.mine.name, data.other], ['Zoë L.', null])
  assert.ok(CombinedGraphQLErrors.is(error), String(error))
  const [{ path, extensions }] = error.errors
  assert.deepEqual([error.errors.length, path, extensions.code], [1, ['other'], 'NOT_FOUND'])
})

test('errorPolicy ignore gives the data alone', async () => {
  const { apollo } = client({ headers: blog.as(zoe) })
  const { data, error } = await apollo.mutate({ mutation: oneOfTwo, variables: mineAndOther, errorPolicy: 'ignore' })
  assert.deepEqual([data.mine.name, data.other, error], ['Zoë L.', null, undefined])
})

test('errorPolicy none refuses', async () => {
  const { apollo } = client({ headers: blog.as(zoe) })
  await assert.rejects(apollo.mutate({ mutation: oneOfTwo, variables: mineAndOther }), (error) => CombinedGraphQLErrors.is(error))
})

test('an unknown field is refused with its code', async () => {
  const query = gql`{ posts { nodes { titel } } }`
  await assert.rejects(client().apollo.query({ query }), (error) => {
    assert.ok(CombinedGraphQLErrors.is(error), String(error))
    return error.errors[0].extensions.code === 'GRAPHQL_VALIDATION_FAILED'
  })
})

const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const persisted = (options) => (http) => new PersistedQueryLink({ sha256, ...options }).concat(http)
const hashed = gql`query Hashed { tags(orderBy: [{ slug: ASC }], first: 1) { nodes { id slug } } }`

test('a persisted query sends its text once', async () => {
  const [first, second] = [client({ link: persisted() }), client({ link: persisted() })]
  for (const { apollo } of [first, second]) {
    const { data } = await apollo.query({ query: hashed })
    assert.deepEqual(data.tags.nodes.map(({ slug }) => slug), ['books'])
  }
  assert.deepEqual(first.asked.map(({ body }) => 'query' in body), [false, true])
  assert.deepEqual(second.asked.map(({ body }) => 'query' in body), [false])
})

test('a persisted query goes by GET', async () => {
  const { apollo, asked } = client({ link: persisted({ useGETForHashedQueries: true }) })
  const { data } = await apollo.query({ query: bySlug, variables: bread })
  assert.equal(data.postBy.title, 'Bread that waits for you')
  assert.equal(asked[0].method, 'GET')
  assert.equal(new URL(asked[0].url).searchParams.has('query'), false)
})

test('useGETForQueries sends queries by GET and mutations by POST', async () => {
  const { apollo, asked } = client({ headers: blog.as(amara), useGETForQueries: true })
  const { data } = await apollo.query({ query: bySlug, variables: bread })
  assert.equal(data.postBy.title, 'Bread that waits for you')
  await apollo.mutate({ mutation: gql`mutation Name($id: ID!) { updateUser(id: $id, set: { name: "Amara Okafor" }) { id } }`, variables: { id: amara } })
  assert.deepEqual(asked.map(({ method }) => method), ['GET', 'POST'])
})

test('a live query over GraphQLWsLink', async (t) => {
  const socket = createClient({ url: blog.socket, webSocketImpl: ws, connectionParams: blog.editor, retryAttempts: 0 })
  t.after(() => socket.dispose())
  const apollo = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() })
  const seen = new Stream()
  const query = gql`subscription Tags { tags(filter: { slug: { startsWith: "apollo" } }, orderBy: [{ slug: ASC }]) { nodes { id slug } } }`
  const subscription = apollo.subscribe({ query }).subscribe(({ data, error }) => seen.push(error ?? data.tags.nodes.map(({ slug }) => slug)))
  t.after(() => subscription.unsubscribe())
  assert.deepEqual(await seen.next(), [])
  const mutation = gql`mutation Tag { createTag(input: { slug: "apollo", name: "Apollo" }) { id } }`
  const { data } = await client({ headers: blog.editor }).apollo.mutate({ mutation })
  assert.deepEqual(await seen.next(), ['apollo'])
  await apollo.mutate({ mutation: gql`mutation Gone($id: ID!) { deleteTag(id: $id) { id } }`, variables: { id: data.createTag.id } })
  assert.deepEqual(await seen.next(), [])
})
