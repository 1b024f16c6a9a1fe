// Writing: insert, update, upsert, delete. Each test uses rows of its own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixture, kiran, refused, rows } from './fixture.js'

const site = fixture()
const from = (table) => site.supabase.from(table)

// The write answers this status without data.
async function silent(query, status) {
  const answer = await query
  assert.equal(answer.error, null, JSON.stringify(answer.error))
  assert.equal(answer.status, status)
  assert.equal(answer.data, null)
}

test('insert a record', async () => {
  await silent(from('countries').insert({ id: 101, name: 'Mordor' }), 201)
  await rows(from('countries').select().eq('id', 101), [{ id: 101, name: 'Mordor', code: null }])
})

test('insert a record and return it', () =>
  rows(from('countries').insert({ id: 102, name: 'Rohan' }).select(), [{ id: 102, name: 'Rohan', code: null }]))

test('insert and return one object with its relation', () =>
  rows(from('cities').insert({ id: 103, name: 'Sanur', country_id: 3 }).select('name, countries(name)').single(), { name: 'Sanur', countries: { name: 'Bali' } }))

test('insert many', async () => {
  await silent(from('countries').insert([{ id: 104, name: 'Gondor' }, { id: 105, name: 'The Shire' }]), 201)
  await rows(from('countries').select('id').in('id', [104, 105]).order('id'), [{ id: 104 }, { id: 105 }])
})

test('insert rows with different members: what is missing is null', () =>
  rows(
    from('users').insert([{ id: 106, name: 'A', status: 'ONLINE' }, { id: 107, status: 'OFFLINE' }]).select('id, name'),
    [{ id: 106, name: 'A' }, { id: 107, name: null }],
  ))

test('insert with what is missing by default', () =>
  rows(
    from('users').insert([{ id: 108, name: 'A' }, { id: 109, name: 'B', status: 'ONLINE' }], { defaultToNull: false }).select('id, status'),
    [{ id: 108, status: 'OFFLINE' }, { id: 109, status: 'ONLINE' }],
  ))

test('a key counts up', async () => {
  const { data, error } = await from('issues').insert({ title: 'Count' }).select('id').single()
  assert.equal(error, null)
  assert.ok(Number.isInteger(data.id) && data.id > 3, JSON.stringify(data))
})

test('insert arrays and JSON', () =>
  rows(
    from('users').insert({ id: 110, address: { city: 'Nara', tags: [1, null, 'x'] } }).select('id, address'),
    [{ id: 110, address: { city: 'Nara', tags: [1, null, 'x'] } }],
  ))

test('insert counts what it wrote', async () => {
  const { count, error, status } = await from('countries').insert([{ id: 111, name: 'U' }, { id: 112, name: 'V' }], { count: 'exact' })
  assert.equal(error, null)
  assert.deepEqual([status, count], [201, 2])
})

test('insert nothing', () => rows(from('countries').insert([]).select(), []))

test('a number beyond doubles survives', async () => {
  await silent(from('seats').insert({ row_no: 2147483647, seat_no: 1 }), 201)
  await refused(from('seats').insert({ row_no: 2147483648, seat_no: 1 }), 400, '22003')
})

test('update', async () => {
  await silent(from('instruments').insert({ id: 120, name: 'harpsichord' }), 201)
  await silent(from('instruments').update({ name: 'piano' }).eq('id', 120), 204)
  await rows(from('instruments').select('name').eq('id', 120), [{ name: 'piano' }])
})

test('update and return', async () => {
  await silent(from('instruments').insert({ id: 121, name: 'harpsichord' }), 201)
  await rows(from('instruments').update({ name: 'piano' }).eq('id', 121).select(), [{ id: 121, name: 'piano', section_id: null }])
})

test('update JSON', async () => {
  await silent(from('users').insert({ id: 122, name: 'Michael', address: { postcode: 2000 } }), 201)
  await rows(
    from('users').update({ address: { street: 'Melrose Place', postcode: 2000 } }).eq('address->postcode', 2000).select('id, address'),
    [{ id: 122, address: { street: 'Melrose Place', postcode: 2000 } }],
  )
})

test('update no row', () => rows(from('instruments').update({ name: 'x' }).eq('id', -1).select(), []))

test('update counts', async () => {
  await silent(from('countries').insert([{ id: 123, code: 'AA' }, { id: 124, code: 'AA' }]), 201)
  const { count, error, status } = await from('countries').update({ code: 'BB' }, { count: 'exact' }).eq('code', 'AA')
  assert.equal(error, null)
  assert.deepEqual([status, count], [204, 2])
})

test('an update without a filter is refused', () => refused(from('instruments').update({ name: 'gone' }), 400, '21000'))

test('at most so many rows', async () => {
  await silent(from('countries').insert([{ id: 125, code: 'CC' }, { id: 126, code: 'CC' }]), 201)
  await refused(from('countries').update({ code: 'DD' }).eq('code', 'CC').maxAffected(1), 400, 'PGRST124')
  await rows(from('countries').select('id').eq('code', 'CC').order('id'), [{ id: 125 }, { id: 126 }])
  await rows(from('countries').delete().eq('code', 'CC').maxAffected(2).select('id').order('id'), [{ id: 125 }, { id: 126 }])
})

test('a write that must touch one row and touches none is undone', async () => {
  await silent(from('countries').insert([{ id: 127, code: 'EE' }, { id: 128, code: 'EE' }]), 201)
  await refused(from('countries').update({ code: 'FF' }).eq('code', 'EE').select().single(), 406, 'PGRST116')
  await rows(from('countries').select('id').eq('code', 'EE').order('id'), [{ id: 127 }, { id: 128 }])
})

test('upsert', async () => {
  const first = await from('instruments').upsert({ id: 130, name: 'piano' }).select('id, name')
  assert.deepEqual([first.error, first.status, first.data], [null, 201, [{ id: 130, name: 'piano' }]])
  const second = await from('instruments').upsert({ id: 130, name: 'organ' }).select('id, name')
  assert.deepEqual([second.error, second.status, second.data], [null, 200, [{ id: 130, name: 'organ' }]])
})

test('upsert many', async () => {
  await silent(from('instruments').insert({ id: 131, name: 'violin' }), 201)
  await rows(
    from('instruments').upsert([{ id: 131, name: 'piano' }, { id: 132, name: 'harp' }]).select('id, name').order('id'),
    [{ id: 131, name: 'piano' }, { id: 132, name: 'harp' }],
  )
})

test('upsert on another unique column', async () => {
  await silent(from('users').insert({ id: 133, handle: 'saoirse' }), 201)
  await rows(
    from('users').upsert({ handle: 'saoirse', display_name: 'Saoirse' }, { onConflict: 'handle' }).select('id, handle, display_name'),
    [{ id: 133, handle: 'saoirse', display_name: 'Saoirse' }],
  )
})

test('upsert that clashes elsewhere', async () => {
  await silent(from('users').insert({ id: 134, handle: 'clash' }), 201)
  const error = await refused(from('users').upsert({ id: 135, handle: 'clash' }), 409, '23505')
  assert.equal(error.message, 'duplicate key value violates unique constraint "users_handle_key"')
  assert.equal(error.details, 'Key (handle)=(clash) already exists.')
})

test('upsert that keeps what is there', async () => {
  await silent(from('users').insert({ id: 136, handle: 'kept', name: 'First' }), 201)
  await rows(
    from('users').upsert([{ id: 137, handle: 'kept', name: 'Second' }, { id: 138, handle: 'fresh', name: 'Third' }], { onConflict: 'handle', ignoreDuplicates: true }).select('id, name'),
    [{ id: 138, name: 'Third' }],
  )
  await rows(from('users').select('name').eq('handle', 'kept'), [{ name: 'First' }])
})

test('upsert by a key of two columns', async () => {
  await silent(from('seats').upsert({ row_no: 9, seat_no: 9, guest: 'Ada' }), 201)
  await rows(from('seats').upsert({ row_no: 9, seat_no: 9, guest: 'Bob' }).select(), [{ row_no: 9, seat_no: 9, guest: 'Bob' }])
})

test('upsert counts', async () => {
  const { count, error } = await from('instruments').upsert([{ id: 139, name: 'a' }, { id: 140, name: 'b' }], { count: 'exact' })
  assert.equal(error, null)
  assert.equal(count, 2)
})

test('upsert on a column that is not unique', () =>
  refused(from('users').upsert({ id: 141, name: 'x' }, { onConflict: 'name' }), 400, '42P10'))

test('delete', async () => {
  await silent(from('countries').insert({ id: 150, name: 'Gone' }), 201)
  await silent(from('countries').delete().eq('id', 150), 204)
  await rows(from('countries').select('id').eq('id', 150), [])
})

test('delete and return', async () => {
  await silent(from('countries').insert({ id: 151, name: 'Away' }), 201)
  await rows(from('countries').delete().eq('id', 151).select(), [{ id: 151, name: 'Away', code: null }])
})

test('delete many, and count', async () => {
  await silent(from('countries').insert([{ id: 152 }, { id: 153 }, { id: 154 }]), 201)
  const { count, error, status } = await from('countries').delete({ count: 'exact' }).in('id', [152, 153, 154])
  assert.equal(error, null)
  assert.deepEqual([status, count], [204, 3])
})

test('delete through a cascade', async () => {
  await silent(from('orchestral_sections').insert({ id: 155, name: 'brass' }), 201)
  await silent(from('instruments').insert({ id: 155, name: 'tuba', section_id: 155 }), 201)
  await silent(from('orchestral_sections').delete().eq('id', 155), 204)
  await rows(from('instruments').select('id').eq('id', 155), [])
})

test('a delete without a filter is refused', () => refused(from('instruments').delete(), 400, '21000'))

test('a link of a join table', async () => {
  await silent(from('users').insert({ id: 160, name: 'Linked' }), 201)
  await silent(from('users_teams').insert({ user_id: 160, team_id: 2 }), 201)
  await rows(from('users').select('name, teams(name)').eq('id', 160), [{ name: 'Linked', teams: [{ name: 'Blue' }] }])
  await refused(from('users_teams').insert({ user_id: 160, team_id: 2 }), 409, '23505')
  await silent(from('users_teams').delete().match({ user_id: 160, team_id: 2 }), 204)
})

// Refusals by constraints
const refusals = {
  'a key twice': [() => from('countries').insert({ id: 1, name: 'Again' }), 409, '23505', /countries_pkey/],
  'a unique value twice': [() => from('countries').insert({ id: 170, name: 'Bali' }), 409, '23505', /countries_name_key/],
  'a reference to nothing': [() => from('cities').insert({ id: 170, name: 'X', country_id: 9999 }), 409, '23503', /cities_country_id_fkey/],
  'a row that is still referred to': [() => from('countries').delete().eq('id', 3), 409, '23503', /cities_country_id_fkey/],
  'null where a value must be': [() => from('cities').insert({ id: 170 }), 400, '23502', /"name"/],
  'a value of the wrong type': [() => from('issues').insert({ title: 'x', points: 'many' }), 400, '22P02', /integer/],
  'an impossible date': [() => from('books').insert({ title: 'x', published: '2024-02-30' }), 400, '22008', /2024-02-30/],
  'not a date': [() => from('books').insert({ title: 'x', published: 'soon' }), 400, '22007', /soon/],
  'a value outside an enum': [() => from('users').insert({ id: 170, status: 'AWAY' }), 400, '22P02', /AWAY/],
  'a decimal out of range': [() => from('books').insert({ title: 'x', price: 1e12 }), 400, '22003', /./],
  'a text that is too short': [() => from('books').insert({ title: '' }), 400, '23514', /./],
  'a number out of its range': [() => from('books').insert({ title: 'x', pages: 0 }), 400, '23514', /./],
  'a column that is not there': [() => from('countries').insert({ id: 170, nmae: 'x' }), 400, 'PGRST204', /'nmae'/],
  'a column that is not there, in an update': [() => from('countries').update({ nmae: 'x' }).eq('id', 3), 400, 'PGRST204', /'nmae'/],
  'a field that leaves for keepers alone': [() => from('characters').insert({ id: 170, alias: 'x' }), 400, 'PGRST204', /'alias'/],
}

for (const [name, [query, status, code, said]] of Object.entries(refusals)) {
  test(name, async () => assert.match((await refused(query(), status, code)).message, said))
}

// Rules
test('a stranger writes nothing of their own', () => refused(from('notes').insert({ body: 'x' }), 401, '42501'))

test('a signed-in caller writes in their own name', async () => {
  const mine = site.as(kiran)
  await rows(mine.from('notes').insert({ body: 'Signed' }).select('owner, body'), [{ owner: kiran, body: 'Signed' }])
  const other = '01920000-0000-7000-8000-000000000002'
  await refused(mine.from('notes').insert({ body: 'Forged', owner: other }), 403, '42501')
  await rows(mine.from('notes').update({ body: 'Touched' }).eq('id', 2).select(), [])
  await rows(mine.from('notes').delete().eq('id', 2).select(), [])
  await rows(site.service.from('notes').select('body').eq('id', 2), [{ body: 'Not mine' }])
})
