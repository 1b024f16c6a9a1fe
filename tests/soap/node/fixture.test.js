// Node's soap and every kind of value, over SOAP 1.1 and 1.2.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { call, client, key, site, words } from './site.js'

const fixture = site('tests/fixture')
const bytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, n) => n)).toString('base64')

// Of a book: what is written, and what comes where that differs.
const values = [
  ['price', '12345678.90'], ['price', '-0.01'], ['price', '0.10'], ['pages', 2_147_483_647], ['rating', 0.1], ['rating', -1.5e300],
  ['published', '1999-12-31'], ['opens', '08:30:00'], ['opens', '23:59:59.999999'],
  ['added_at', '2024-02-29T23:59:59.123456+05:30', '2024-02-29T18:29:59.123456Z'], ['added_at', '2024-02-29T12:00:00', '2024-02-29T12:00:00Z'],
  ['author', words], ['signed', false], ['serial', '0d0e6c1e-7e5c-4f3a-9a64-5a3d3c1f0001'], ['cover', bytes],
]

for (const version of ['1.1', '1.2']) describe(`SOAP ${version}`, () => {
  let service
  before(async () => { service = await client(fixture, version, key(fixture.server.keys.secret)) })
  const ask = (operation, input) => call(service, operation, input)

  for (const [field, value, came = value] of values) {
    test(`${field} ${String(value).slice(0, 32)}`, async () => {
      const { Book: made } = await ask('CreateBook', { input: { title: 'T', [field]: value } })
      const row = { key: { id: String(made.id) } }
      assert.deepEqual([made[field], (await ask('GetBook', row)).Book[field]], [came, came])
      if (field !== 'cover') {
        assert.equal((await ask('CountBooks', { filter: { id: { eq: String(made.id) }, [field]: { eq: value } } })).count, 1n)
      }
      assert.equal((await ask('UpdateBook', { ...row, set: { [field]: null } })).Book[field], undefined)
      await ask('DeleteBook', row)
    })
  }

  // Some are kept for keys that count up.
  for (const id of ['9223372032559808511', '-9223372036854775808']) {
    test(`a key ${id}`, async () => {
      await ask('CreateCharacter', { input: { id, name: words } })
      assert.equal((await ask('DeleteCharacter', { key: { id } })).Character.id, BigInt(id))
    })
  }

  const lists = { 'a list': { item: ['a', 'b, c', words] }, 'a list of one': { item: ['a'] }, 'no list': undefined }
  for (const [what, tags] of Object.entries(lists)) {
    test(what, async () => {
      const { Issue: made } = await ask('CreateIssue', { input: { title: 'T', tags } })
      assert.deepEqual(made.tags, tags)
      await ask('DeleteIssue', { key: { id: String(made.id) } })
    })
  }

  test('a key of two fields', async () => {
    assert.equal((await ask('GetSeat', { key: { row_no: 1, seat_no: 1 } })).Seat.guest, 'Ada')
  })

  test('JSON and an enum', async () => {
    const address = { city: 'Осло', rooms: [1, 2.5, null] }
    const { User: made } = await ask('CreateUser', { input: { address: JSON.stringify(address), status: 'ONLINE' } })
    assert.deepEqual([JSON.parse(made.address), made.status], [address, 'ONLINE'])
    await ask('DeleteUser', { key: { id: String(made.id) } })
  })

  test('many to many', async () => {
    const { User: [kiran] } = await ask('ListUsers', { filter: { id: { eq: '1' } }, include: 'teams' })
    assert.deepEqual(kiran.teams.map((team) => team.name), ['Green', 'Blue'])
  })
})
