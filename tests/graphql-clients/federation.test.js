// Apollo's gateway over two services: composed by introspection, asked as the caller.
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
  const fields = gateway.schema.getQueryType().getFields()
  for (const name of ['post', 'posts', 'rating', 'ratings']) assert.ok(fields[name], name)
})

test('one query asks both services', async () => {
  const said = await ask('{ tags(first: 2, orderBy: [{ slug: ASC }]) { nodes { slug } } ratings { totalCount pageInfo { hasNextPage } } }', stranger())
  assert.deepEqual(said, {
    data: { tags: { nodes: [{ slug: 'books' }, { slug: 'garden' }] }, ratings: { totalCount: 2, pageInfo: { hasNextPage: false } } },
  })
  assert.deepEqual(asked.map(({ name }) => name).sort(), ['blog', 'ratings'])
})

test('both services know the caller, each by its own rules', async () => {
  const query = 'query ($id: ID!) { user(id: $id) { email } ratings { nodes { stars } } }'
  const seen = async (headers) => {
    const { user, ratings } = (await ask(query, headers, { id: amara })).data
    return [user.email, ratings.nodes.map(({ stars }) => stars)]
  }
  assert.deepEqual(await seen(stranger()), [null, [5, 3]])
  assert.deepEqual(await seen(caller(amara)), ['amara@example.org', [5, 4, 3]])
  assert.deepEqual(await seen(caller(zoe)), [null, [5, 3]])
})

test('a mutation through the gateway', async () => {
  const write = 'mutation ($rating: RatingCreate!) { createRating(input: $rating) { stars reader_id } }'
  const rating = { post_id: '01920000-0001-7000-8000-000000000002', stars: 4 }
  const said = await ask(write, caller(zoe), { rating })
  assert.deepEqual(said.data?.createRating, { stars: 4, reader_id: zoe }, JSON.stringify(said))
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
