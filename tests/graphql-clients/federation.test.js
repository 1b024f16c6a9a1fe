// Apollo's gateway over two services that share an entity: composed by introspection, asked as the caller.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import { ApolloGateway, IntrospectAndCompose, RemoteGraphQLDataSource } from '@apollo/gateway'
import { parse } from 'graphql'
import { serve } from '../harness/server.js'
import { amara, site, zoe } from './site.js'

// Both services trust tokens of one secret, so a caller is known to both.
const settings = { BISTRO_GRAPHQL__FEDERATION: 'true', BISTRO_AUTH__JWT_SECRET: 'a secret of these tests, forty letters long' }

let ratings, gateway
const asked = []
const blog = site('examples/blog', settings, async ({ server }) => {
  ratings = await serve('tests/graphql-clients/ratings', 'serve', settings)
  const services = { blog: server, ratings }
  gateway = new ApolloGateway({
    supergraphSdl: new IntrospectAndCompose({
      subgraphs: Object.entries(services).map(([name, { url }]) => ({ name, url: `${url}/graphql/v1` })),
      introspectionHeaders: ({ name }) => ({ apikey: services[name].keys.secret }),
    }),
    buildService: ({ name, url }) => new RemoteGraphQLDataSource({
      url,
      willSendRequest({ request, context }) {
        for (const [header, value] of Object.entries(context.headers ?? {})) request.http.headers.set(header, value)
        asked.push({ name, query: request.query })
      },
    }),
  })
  await gateway.load()
})
after(async () => {
  await gateway?.stop()
  if (ratings) assert.equal(await ratings.stop(), 0, 'the second service ends cleanly')
})

// What the gateway answers to a caller of these headers.
async function ask(query, headers, variables = {}) {
  asked.length = 0
  const queryHash = createHash('sha256').update(query).digest('hex')
  const said = await gateway.executor({
    request: { query, variables }, source: query, document: parse(query), queryHash, operationName: null, metrics: {},
    context: { headers }, logger: console, schema: gateway.schema, cache: new Map(), overallCachePolicy: {},
  })
  return JSON.parse(JSON.stringify(said))
}

const stranger = () => ({ apikey: blog.server.keys.anon })
const caller = (sub) => ({ authorization: `Bearer ${blog.server.token(sub)}` })

test('the schema of both is one', () => {
  const { post, posts, ratings: rated } = gateway.schema.getQueryType().getFields()
  for (const [name, field] of Object.entries({ post, posts, rated })) assert.ok(field, name)
  const { title, stars } = gateway.schema.getType('Post').getFields()
  assert.ok(title && stars, 'a post has fields of both')
})

test('fields of both services, in one query each', async () => {
  const said = await ask('{ posts(first: 3) { nodes { slug stars } } }', stranger())
  assert.deepEqual(said, {
    data: {
      posts: {
        nodes: [
          { slug: 'bread-that-waits', stars: 5 }, { slug: 'the-long-way-to-the-post-office', stars: 3 },
          { slug: said.data.posts.nodes[2].slug, stars: null },
        ],
      },
    },
  })
  assert.deepEqual(asked.map(({ name }) => name), ['blog', 'ratings'])
})

test('from the second service to the first', async () => {
  const said = await ask('{ ratings(orderBy: [{ id: ASC }]) { nodes { words post { title author { handle } } } } }', stranger())
  assert.deepEqual(said.data?.ratings.nodes, [
    { words: 'It sings.', post: { title: 'Bread that waits for you', author: { handle: 'amara' } } },
    { words: 'Long, but worth it.', post: { title: 'The long way to the post office', author: { handle: 'zoe' } } },
  ], JSON.stringify(said))
  assert.deepEqual(asked.map(({ name }) => name), ['ratings', 'blog'])
})

const rated = 'query ($slug: String!) { postBy(key: { slug: $slug }) { title stars ratings(orderBy: [{ id: ASC }]) { totalCount nodes { stars } } } }'

test('both services know the caller, each by its own rules', async () => {
  const counted = async (headers) => (await ask(rated, headers, { slug: 'bread-that-waits' })).data.postBy.ratings
  assert.deepEqual(await counted(stranger()), { totalCount: 1, nodes: [{ stars: 5 }] })
  assert.deepEqual(await counted(caller(amara)), { totalCount: 2, nodes: [{ stars: 5 }, { stars: 4 }] })
  const emails = async (headers) => (await ask('query ($id: ID!) { user(id: $id) { email } }', headers, { id: amara })).data.user
  assert.deepEqual(await emails(caller(amara)), { email: 'amara@example.org' })
  assert.deepEqual(await emails(caller(zoe)), { email: null })
})

test('a mutation through the gateway', async () => {
  const write = `mutation ($rating: RatingCreate!) { createRating(input: $rating) { stars reader_id post { title } } }`
  const rating = { post_id: '01920000-0001-7000-8000-000000000002', stars: 4 }
  const said = await ask(write, caller(zoe), { rating })
  assert.deepEqual(said.data?.createRating, { stars: 4, reader_id: zoe, post: { title: 'The long way to the post office' } }, JSON.stringify(said))
})

// What a gateway asks of a subgraph for rows that another one refers to, here by either key.
test('_entities finds rows by their keys, in order, and only those that the caller may see', async () => {
  const query = 'query ($these: [_Any!]!) { _entities(representations: $these) { __typename ... on Post { title } ... on User { handle } } }'
  const these = [
    { __typename: 'Post', slug: 'bread-that-waits' }, { __typename: 'User', id: amara },
    { __typename: 'Post', id: '01920000-0001-7000-8000-00000000ffff' }, { __typename: 'Post', id: '01920000-0001-7000-8000-000000000002' },
  ]
  const headers = { ...blog.stranger, 'content-type': 'application/json' }
  const answer = await fetch(blog.endpoint, { method: 'POST', headers, body: JSON.stringify({ query, variables: { these } }) })
  assert.deepEqual(await answer.json(), {
    data: {
      _entities: [
        { __typename: 'Post', title: 'Bread that waits for you' }, { __typename: 'User', handle: 'amara' }, null,
        { __typename: 'Post', title: 'The long way to the post office' },
      ],
    },
  })
})

test('a caller of nobody is refused by the services', async () => {
  const { data, errors } = await ask('{ posts(first: 1) { nodes { slug } } }', {})
  assert.ok(errors?.length > 0 && !data?.posts, JSON.stringify({ data, errors }))
})
