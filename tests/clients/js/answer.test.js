// The form of answers: counts, single objects, CSV, errors, cancelling, headers, callers, and what is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from '@supabase/supabase-js'
import { fixture, kiran, options, refused, rows } from './fixture.js'

const site = fixture()
const from = (table) => site.supabase.from(table)

for (const kind of ['exact', 'planned', 'estimated']) {
  test(`count ${kind}, without rows`, async () => {
    const { count, data, error } = await from('characters').select('*', { count: kind, head: true })
    assert.deepEqual([error, data, count], [null, null, 3])
  })
}

test('count exact, with a page', async () => {
  const { count, data, error, status } = await from('characters').select('name', { count: 'exact' }).range(0, 0)
  assert.deepEqual([error, status, count, data], [null, 206, 3, [{ name: 'Luke' }]])
})

test('count exact, with a filter', async () => {
  const { count, status } = await from('characters').select('*', { count: 'exact', head: true }).gt('id', 1)
  assert.deepEqual([status, count], [200, 2])
})

test('count of no rows', async () => {
  const { count, data } = await from('characters').select('*', { count: 'exact' }).eq('id', -1)
  assert.deepEqual([data, count], [[], 0])
})

test('a page beyond the end', () => refused(from('characters').select('*', { count: 'exact' }).range(40, 50), 416, 'PGRST103'))

test('single', () => rows(from('characters').select('name').limit(1).single(), { name: 'Luke' }))

test('single with several rows', async () => {
  const error = await refused(from('characters').select('name').single(), 406, 'PGRST116')
  assert.match(error.details, /3 rows/)
})

test('single without a row', async () => {
  const error = await refused(from('characters').select('name').eq('id', -1).single(), 406, 'PGRST116')
  assert.match(error.details, /0 rows/)
})

test('maybeSingle', () => rows(from('characters').select('name').eq('name', 'Leia').maybeSingle(), { name: 'Leia' }))
test('maybeSingle without a row', () => rows(from('characters').select('name').eq('id', -1).maybeSingle(), null))
test('maybeSingle with several rows', async () => {
  const { error } = await from('characters').select('name').maybeSingle()
  assert.equal(error.code, 'PGRST116')
})

test('csv', async () => {
  const { data, error } = await from('characters').select('id, name').csv()
  assert.equal(error, null)
  assert.equal(data.trimEnd().replaceAll('\r\n', '\n'), 'id,name\n1,Luke\n2,Leia\n3,Han')
})

test('csv with quotes, commas, new lines and nulls', async () => {
  const { data, error } = await from('books').select('title, author, price').order('id').csv()
  assert.equal(error, null)
  const expected = 'title,author,price\nThe Long Way,A. Walker,12.50\nÜber allen Gipfeln,"J. G., ""the elder""",7.00\n"Nothing\nin particular",,'
  assert.equal(data.trimEnd().replaceAll('\r\n', '\n'), expected)
})

test('nulls are left out', () => rows(from('countries').select().eq('id', 2).stripNulls(), [{ id: 2 }]))

// Errors
const errors = {
  'an unknown table': [() => from('charactres').select(), 404, 'PGRST205', /public\.charactres/],
  'a table that is hidden': [() => from('vaults').select(), 404, 'PGRST205', /public\.vaults/],
  'an unknown column': [() => from('characters').select('nmae'), 400, '42703', /characters\.nmae/],
  'a column that is hidden': [() => from('characters').select('alias'), 400, '42703', /characters\.alias/],
  'a column that never leaves': [() => from('characters').select('sealed'), 400, '42703', /characters\.sealed/],
  'an unknown column in a filter': [() => from('characters').select().eq('nmae', 1), 400, '42703', /characters\.nmae/],
  'an unknown column in an order': [() => from('characters').select().order('nmae'), 400, '42703', /characters\.nmae/],
  'an unknown relation': [() => from('characters').select('books(*)'), 400, 'PGRST200', /'characters' and 'books'/],
  'a relation that is hidden': [() => from('characters').select('vaults(*)'), 400, 'PGRST200', /'characters' and 'vaults'/],
  'a value of the wrong type': [() => from('characters').select().eq('id', 'abc'), 400, '22P02', /"abc"/],
  'a filter of what is not embedded': [() => from('orchestral_sections').select('name').eq('instruments.name', 'x'), 400, 'PGRST108', /'instruments'/],
  'an operator that does not fit': [() => from('characters').select().filter('id', 'like', 'x'), 400, '42883', /./],
  'an operator that is not there': [() => from('characters').select().filter('id', 'equals', 'x'), 400, 'PGRST100', /./],
  'a bad regular expression': [() => from('characters').select().regexMatch('name', '(?=x)'), 400, '2201B', /./],
}

for (const [name, [query, status, code, said]] of Object.entries(errors)) {
  test(name, async () => assert.match((await refused(query(), status, code)).message, said))
}

test('an unknown table comes with a hint', async () => {
  const { error } = await from('charactres').select()
  assert.match(error.hint, /characters/)
})

test('throwOnError', async () => {
  await assert.rejects(async () => from('nowhere').select().throwOnError(), { code: 'PGRST205' })
})

test('an aborted request', async () => {
  const control = new AbortController()
  control.abort()
  const { error } = await from('characters').select().abortSignal(control.signal)
  assert.match(error.message, /AbortError|aborted/)
})

test('a signal that does not fire', () => rows(from('characters').select('id').limit(1).abortSignal(AbortSignal.timeout(20_000)), [{ id: 1 }]))

test('a header of one request', () =>
  rows(
    from('characters').select('name').eq('id', 1).setHeader('Accept', 'application/vnd.pgrst.object+json'),
    { name: 'Luke' },
  ))

test('a rollback is not honoured unless the server allows it', async () => {
  const { data, error } = await from('countries').insert({ id: 900, name: 'Kept' }).select('id').rollback()
  assert.deepEqual([error, data], [null, [{ id: 900 }]])
  await rows(from('countries').select('id').eq('id', 900), [{ id: 900 }])
})

// Callers
test('a stranger sees no notes', () => rows(from('notes').select(), []))
test('a signed-in caller sees their own', () => rows(site.as(kiran).from('notes').select('body'), [{ body: 'Mine' }]))
test('a count obeys the same rule', async () => {
  const { count } = await site.as(kiran).from('notes').select('*', { count: 'exact', head: true })
  assert.equal(count, 1)
})
test('the secret key sees all', () => rows(site.service.from('notes').select('body').order('id'), [{ body: 'Mine' }, { body: 'Not mine' }]))
test('a role of the schema sees its fields', () =>
  rows(site.as(kiran, 'keeper').from('characters').select('alias').eq('id', 1), [{ alias: 'Red Five' }]))
test('a role of the schema sees its types', () => rows(site.as(kiran, 'keeper').from('vaults').select(), [{ id: 1, combination: '12-34-56' }]))

for (const kind of ['anon', 'service_role']) {
  test(`the ${kind} key as a JWT`, async () => {
    const client = createClient(site.server.url, site.server.keys[kind], options)
    await rows(client.from('characters').select('name').eq('id', 1), [{ name: 'Luke' }])
  })
}

test('a key that is not known', async () => {
  const client = createClient(site.server.url, 'sb_publishable_wrong', options)
  const { error, status } = await client.from('characters').select()
  assert.equal(status, 401)
  assert.ok(error.message.length > 0)
})

test('a token that is broken', async () => {
  const headers = { Authorization: 'Bearer a.b.c' }
  const client = createClient(site.server.url, site.server.keys.publishable, { ...options, global: { headers } })
  await refused(client.from('characters').select(), 401, 'PGRST301')
})

// What the documentation of supabase-js shows and this server refuses, each with its code.
const without = {
  'a function': [() => site.supabase.rpc('hello_world'), 404, 'PGRST202'],
  'a function with arguments': [() => site.supabase.rpc('echo', { say: '👋' }), 404, 'PGRST202'],
  'a function by GET': [() => site.supabase.rpc('hello_world', undefined, { get: true }), 404, 'PGRST202'],
  'another schema': [() => site.supabase.schema('myschema').from('mytable').select(), 406, 'PGRST106'],
  'another schema for writing': [() => site.supabase.schema('myschema').from('countries').insert({ id: 901 }), 406, 'PGRST106'],
  'the plan of a query': [() => from('characters').select().explain(), 406, 'PGRST107'],
  'the plan as JSON': [() => from('characters').select().explain({ format: 'json', analyze: true }), 406, 'PGRST107'],
  'GeoJSON': [() => from('characters').select().geojson(), 406, 'PGRST107'],
  'a range that contains': [() => from('reservations').select().contains('starts', '[2000-01-01 13:00, 2000-01-01 13:30)'), 400, '42883'],
  'a range that is contained': [() => from('reservations').select().containedBy('starts', '[2000-01-01 00:00, 2000-01-01 23:59)'), 400, '42883'],
  'ranges that overlap': [() => from('reservations').select().overlaps('starts', '[2000-01-01 12:45, 2000-01-01 13:15)'), 400, '42883'],
  'rangeGt': [() => from('reservations').select().rangeGt('starts', '[2000-01-02 08:00, 2000-01-02 09:00)'), 400, '42883'],
  'rangeGte': [() => from('reservations').select().rangeGte('starts', '[2000-01-02 08:30, 2000-01-02 09:30)'), 400, '42883'],
  'rangeLt': [() => from('reservations').select().rangeLt('starts', '[2000-01-01 15:00, 2000-01-01 16:00)'), 400, '42883'],
  'rangeLte': [() => from('reservations').select().rangeLte('starts', '[2000-01-01 14:00, 2000-01-01 16:00)'), 400, '42883'],
  'rangeAdjacent': [() => from('reservations').select().rangeAdjacent('starts', '[2000-01-01 12:00, 2000-01-01 13:00)'), 400, '42883'],
  'the search of a field without an index': [() => from('books').select().textSearch('title', 'way'), 400, '42883'],
}

for (const [name, [query, status, code]] of Object.entries(without)) test(`refused: ${name}`, () => refused(query(), status, code))
