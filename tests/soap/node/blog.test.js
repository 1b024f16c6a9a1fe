// Node's soap at the blog: callers, reading, writing, faults, over SOAP 1.1 and 1.2.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { amara, basic, bearer, call, client, email, key, password, refused, site, token, words } from './site.js'

const bread = '01920000-0001-7000-8000-000000000001'
const unknown = '01920000-0001-7000-8000-00000000ffff'
const spaces = '  two  spaces,\ta tab,\nlines\n'
const many = 1_000

let wren
const blog = site('examples/blog', async ({ server }) => {
  const person = { email, password, email_confirm: true, user_metadata: { name: 'Wren' } }
  const headers = { apikey: server.keys.secret, 'content-type': 'application/json' }
  const made = await fetch(`${server.url}/auth/v1/admin/users`, { method: 'POST', headers, body: JSON.stringify(person) })
  wren = (await made.json()).id
})

for (const version of ['1.1', '1.2']) describe(`SOAP ${version}`, () => {
  let service, anyone
  const as = (security) => client(blog, version, security)
  const slug = (name) => `${name}-${version.replace('.', '-')}`
  const draft = (name, members) => ({ title: 'A title', slug: slug(name), body: 'A body.', author_id: amara, ...members })
  const slugs = (page) => page.Post.map((post) => post.slug)
  before(async () => {
    service = await as(key(blog.server.keys.secret))
    anyone = await as(key(blog.server.keys.publishable))
  })

  // Callers
  const signIn = () => call(anyone, 'SignIn', { email, password })
  const counted = {
    'a key by Basic': () => basic(blog.server.keys.secret),
    'a key as bearer': () => bearer(blog.server.keys.secret),
    'a key in a UsernameToken': () => token('apikey', blog.server.keys.secret),
    'a UsernameToken without a nonce': () => token('apikey', blog.server.keys.secret, {}),
    'a UsernameToken that must be understood': () => token('apikey', blog.server.keys.secret, { mustUnderstand: true }),
  }
  for (const [what, security] of Object.entries(counted)) {
    test(what, async () => {
      const [one, other] = [await call(await as(security()), 'CountPosts'), await call(service, 'CountPosts')]
      assert.ok(one.count > 24n)
      assert.equal(one.count, other.count)
    })
  }

  test('signing in', async () => {
    const { accessToken, refreshToken, tokenType, expiresIn, expiresAt } = await signIn()
    assert.ok(accessToken && refreshToken && expiresAt > BigInt(Math.trunc(Date.now() / 1000)))
    assert.deepEqual([tokenType, expiresIn], ['bearer', 3600])
  })

  for (const [what, security] of Object.entries({ bearer: async () => bearer((await signIn()).accessToken), username: () => token(email, password) })) {
    test(`a person by ${what}`, async () => {
      const input = { title: 'By Wren', slug: slug(what), body: 'x' }
      assert.equal((await call(await as(await security()), 'CreatePost', { input })).Post.author_id, wren)
    })
  }

  // Reading
  const reads = {
    'a relation and what it leads to': [
      { filter: { status: { eq: 'published' }, tags: { some: { slug: { eq: 'kitchen' } } } }, orderBy: { field: 'slug' }, first: 1, include: ['author', 'comments.author'] },
      (page) => page.Post.map((post) => [post.slug, post.author.name, ...post.comments.map((comment) => comment.author.name)]),
      [['bread-that-waits', 'Amara Okafor', 'Zoë Lindqvist', 'Jürgen Weiß', 'Amara Okafor', 'Nguyễn Minh Hương']],
    ],
    'or, in, not': [
      { filter: { or: [{ slug: { in: ['bread-that-waits', 'pho-for-beginners'] } }, { title: { like: '%clock%' } }], not: { author: { handle: { eq: 'huong' } } } }, orderBy: { field: 'slug' } },
      slugs,
      ['a-clock-that-ran-backwards', 'bread-that-waits'],
    ],
    'an order': [
      { orderBy: [{ field: 'author.name', direction: 'DESC' }, { field: 'slug' }], first: 3 },
      slugs,
      ['letters-in-library-books', 'one-tree-three-hundred-mornings', 'five-courses-and-a-balcony'],
    ],
    'a total': [{ first: 2, withTotal: true }, (page) => [page.Post.length, page.totalCount, page.hasNextPage], [2, 21n, true]],
    search: [{ search: 'yeast' }, slugs, ['bread-that-waits']],
  }
  for (const [what, [input, shape, expected]] of Object.entries(reads)) {
    test(what, async () => assert.deepEqual(shape(await call(anyone, 'ListPosts', input)), expected))
  }

  test('pages', async () => {
    const found = []
    for (let after; ;) {
      const page = await call(anyone, 'ListPosts', { orderBy: { field: 'slug' }, first: 8, after })
      found.push(slugs(page))
      if (!page.hasNextPage) break
      after = page.endCursor
    }
    assert.deepEqual(found.map((page) => page.length), [8, 8, 5])
    assert.deepEqual(found.flat(), found.flat().sort())
  })

  test('one row by each key', async () => {
    const { Post: post } = await call(anyone, 'GetPost', { key: { slug: 'bread-that-waits' } })
    assert.deepEqual([post.id, post.published_at, post.author], [bread, '2024-10-05T06:30:00Z', undefined])
    assert.equal((await call(anyone, 'GetPost', { key: { id: bread } })).Post.slug, post.slug)
    assert.equal((await call(anyone, 'GetUser', { key: { handle: 'yoko' } })).User.name, '山田 陽子')
  })

  // Writing
  test('create, update, delete', async () => {
    const row = { key: { slug: slug('made') } }
    const input = draft('made', { title: words, body: spaces, note: 'Kept', published_at: '2024-05-01T12:30:00+05:30' })
    const { Post: made } = await call(service, 'CreatePost', { input })
    assert.deepEqual([made.title, made.body, made.status, made.note], [words, spaces, 'draft', 'Kept'])
    assert.equal(made.published_at, '2024-05-01T07:00:00Z')
    const { Post: changed } = await call(service, 'UpdatePost', { ...row, set: { note: null, title: 'Other' } })
    assert.deepEqual([changed.title, changed.body, changed.note], ['Other', spaces, undefined])
    assert.equal((await call(service, 'DeletePost', row)).Post.id, made.id)
    assert.deepEqual(await refused(service, version, 'GetPost', row), ['NotFound', 'BIS-408'])
  })

  for (const more of ['', '&nil=true']) {
    test(`a null in a change, with ?wsdl${more}`, async () => {
      const caller = await client(blog, version, key(blog.server.keys.secret), more)
      const row = { key: { slug: slug('nulls') } }
      const left = async (note) => (await call(caller, 'UpdatePost', { ...row, set: { note } })).Post.note
      await call(caller, 'CreatePost', { input: draft('nulls', { note: 'Kept' }) })
      assert.deepEqual([await left(undefined), await left(null)], ['Kept', undefined])
      await call(caller, 'DeletePost', row)
    })
  }

  test('members in any order', async () => {
    const { Post: made } = await call(service, 'CreatePost', { input: { body: 'x', author_id: amara, slug: slug('order'), title: 'T' } })
    const { Post: changed } = await call(service, 'UpdatePost', { set: { title: 'U' }, key: { id: made.id } })
    assert.equal(changed.title, 'U')
  })

  test('create many, all or none', async () => {
    const { Post: made, count } = await call(service, 'CreatePosts', { input: [draft('one'), draft('two')] })
    assert.deepEqual([made.map((post) => post.slug), count], [[slug('one'), slug('two')], 2n])
    const input = [draft('three'), draft('four', { slug: 'bread-that-waits' })]
    assert.deepEqual(await refused(service, version, 'CreatePosts', { input }), ['Conflict', '23505'])
    assert.equal((await call(service, 'CountPosts', { filter: { slug: { eq: slug('three') } } })).count, 0n)
  })

  test('a thousand rows', async () => {
    const input = Array.from({ length: many }, (_, n) => ({ slug: `${slug('many')}-${String(n).padStart(4, 0)}`, name: `${version} ${n} 数` }))
    assert.equal((await call(service, 'CreateTags', { input })).count, BigInt(many))
    const filter = { slug: { startsWith: `${slug('many')}-` } }
    const page = await call(anyone, 'ListTags', { filter, orderBy: { field: 'slug' }, first: many })
    assert.deepEqual(page.Tag.map(({ slug, name }) => ({ slug, name })), input)
    assert.equal(page.hasNextPage, false)
  })

  test('a character that XML cannot carry', async () => {
    const headers = { apikey: blog.server.keys.secret, 'content-type': 'application/json' }
    const body = JSON.stringify(draft('lossy', { title: 'bell\u0007' }))
    assert.equal((await fetch(`${blog.server.url}/rest/v1/posts`, { method: 'POST', headers, body })).status, 201)
    const { Post: post } = await call(service, 'GetPost', { key: { slug: slug('lossy') } })
    assert.deepEqual([post.title, post.attributes], ['bell\ufffd', { lossy: 'true' }])
  })

  // Refusals
  const refusals = {
    'a value that is taken': [() => service, 'CreatePost', () => ({ input: draft('x', { slug: 'bread-that-waits' }) }), ['Conflict', '23505']],
    'no such row': [() => anyone, 'GetPost', () => ({ key: { id: unknown } }), ['NotFound', 'BIS-408']],
    'a rule': [async () => as(token(email, password)), 'CreatePost', () => ({ input: draft('rule') }), ['Forbidden', '42501']],
    'a condition': [() => service, 'CreatePost', () => ({ input: draft('check', { status: 'published' }) }), ['BadRequest', '23514']],
    // Sent as <title></title>, <eq xsi:nil="true"></eq> and <slug></slug>.
    'a value that nobody set': [() => anyone, 'CountPosts', () => ({ filter: { title: { eq: undefined } } }), ['BadRequest', '22023']],
    'a null': [() => anyone, 'CountPosts', () => ({ filter: { title: { eq: null } } }), ['BadRequest', '22023']],
    'a list that is empty': [() => anyone, 'CountPosts', () => ({ filter: { slug: { in: [] } } }), ['BadRequest', '22023']],
    'an unknown field': [() => anyone, 'ListPosts', () => ({ orderBy: { field: 'titel' } }), ['BadRequest', 'BIS-425']],
    'a date that was not made text': [() => service, 'CreatePost', () => ({ input: draft('date', { published_at: new Date(0) }) }), ['BadRequest', '22007']],
    'a wrong password': [() => anyone, 'SignIn', () => ({ email, password: 'a wrong password' }), ['FailedAuthentication', 'invalid_credentials']],
    'a wrong password in a UsernameToken': [async () => as(token(email, 'a wrong password')), 'CountPosts', () => ({}), 'FailedAuthentication'],
    'a wrong key in a UsernameToken': [async () => as(token('apikey', 'x')), 'CountPosts', () => ({}), 'FailedAuthentication'],
    'a digest': [async () => as(token(email, password, { passwordType: 'PasswordDigest' })), 'CountPosts', () => ({}), 'UnsupportedSecurityToken'],
    'nobody': [async () => as(), 'CountPosts', () => ({}), 401],
  }
  for (const [what, [caller, operation, input, expected]] of Object.entries(refusals)) {
    test(what, async () => assert.deepEqual(await refused(await caller(), version, operation, input()), expected))
  }
})
