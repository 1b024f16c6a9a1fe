// Reading: columns, embedded rows, joins, JSON paths, spreads, aggregates, order and pages.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixture, refused, rows } from './fixture.js'

const site = fixture()
const from = (table) => site.supabase.from(table)
const three = [{ id: 1, name: 'Luke' }, { id: 2, name: 'Leia' }, { id: 3, name: 'Han' }]

const cases = {
  // Columns
  'all columns': [() => from('characters').select(), three],
  'a star': [() => from('characters').select('*'), three],
  'one column': [() => from('characters').select('name'), [{ name: 'Luke' }, { name: 'Leia' }, { name: 'Han' }]],
  'a column under another name': [() => from('characters').select('id, label:name').limit(1), [{ id: 1, label: 'Luke' }]],
  'a column as another type': [() => from('characters').select('id::text').limit(1), [{ id: '1' }]],
  'values of every type': [
    () => from('books').select('*').eq('id', 1),
    [{
      id: 1, title: 'The Long Way', author: 'A. Walker', price: 12.5, pages: 320, rating: 4.5, published: '2001-02-03',
      opens: '08:30:00', added_at: '2024-01-31T10:00:00.123456+00:00', isbn: '111', cover: '\\x48656c6c6f', signed: true,
      serial: '0d0e6c1e-7e5c-4f3a-9a64-5a3d3c1f0001',
    }],
  ],

  // Embedded rows
  'referenced tables': [
    () => from('orchestral_sections').select('name, instruments (name)').order('id').order('id', { referencedTable: 'instruments' }),
    [
      { name: 'strings', instruments: [{ name: 'violin' }, { name: 'harp' }] },
      { name: 'woodwinds', instruments: [{ name: 'flute' }] },
    ],
  ],
  'the row that is referred to': [
    () => from('instruments').select('name, orchestral_sections (name)').eq('id', 1),
    [{ name: 'flute', orchestral_sections: { name: 'woodwinds' } }],
  ],
  'a relation by its name in the schema': [
    () => from('instruments').select('name, section(name)').eq('id', 1),
    [{ name: 'flute', section: { name: 'woodwinds' } }],
  ],
  'tables with spaces in their names': [
    () => from('orchestral sections').select('name, "musical instruments" (name)').order('id'),
    [
      { name: 'strings', 'musical instruments': [{ name: 'violin' }] },
      { name: 'woodwinds', 'musical instruments': [{ name: 'flute' }] },
    ],
  ],
  'through a join table': [
    () => from('users').select('name, teams (name)').order('id').order('id', { referencedTable: 'teams' }),
    [
      { name: 'Kiran', teams: [{ name: 'Green' }, { name: 'Blue' }] },
      { name: 'Evan', teams: [{ name: 'Blue' }] },
      { name: 'Mai', teams: [] },
    ],
  ],
  'the join table itself': [
    () => from('users_teams').select('user_id, team_id').order('user_id').order('team_id'),
    [{ user_id: 1, team_id: 1 }, { user_id: 1, team_id: 2 }, { user_id: 2, team_id: 2 }],
  ],
  'one table twice, by columns': [
    () => from('messages').select('content, from:sender_id(name), to:receiver_id(name)').eq('id', 1),
    [{ content: '👋', from: { name: 'Kiran' }, to: { name: 'Evan' } }],
  ],
  'one table twice, by constraints': [
    () => from('messages').select('content, from:users!messages_sender_id_fkey(name), to:users!messages_receiver_id_fkey(name)').eq('id', 1),
    [{ content: '👋', from: { name: 'Kiran' }, to: { name: 'Evan' } }],
  ],
  'nested, through a join table': [
    () => from('games').select('game_id:id, away_team:teams!games_away_team_fkey (users (id, name))'),
    [{ game_id: 1, away_team: { users: [{ id: 1, name: 'Kiran' }, { id: 2, name: 'Evan' }] } }],
  ],
  'filtered by a referenced table': [
    () => from('instruments').select('name, orchestral_sections(*)').eq('orchestral_sections.name', 'percussion').eq('id', 1),
    [{ name: 'flute', orchestral_sections: null }],
  ],
  'an inner join': [
    () => from('instruments').select('name, orchestral_sections!inner (name)').eq('orchestral_sections.name', 'woodwinds'),
    [{ name: 'flute', orchestral_sections: { name: 'woodwinds' } }],
  ],
  'an inner join from the other side': [
    () => from('countries').select('name, cities!inner(name)').eq('cities.name', 'Ubud'),
    [{ name: 'Bali', cities: [{ name: 'Ubud' }] }],
  ],
  'rows without a related row': [
    () => from('cities').select('name, countries()').is('countries', null),
    [{ name: 'Nowhere' }],
  ],
  'a related row is there': [
    () => from('users').select('name, teams()').not('teams', 'is', null).order('id'),
    [{ name: 'Kiran' }, { name: 'Evan' }],
  ],
  'the number of related rows': [
    () => from('orchestral_sections').select('name, instruments(count)').order('id'),
    [{ name: 'strings', instruments: [{ count: 2 }] }, { name: 'woodwinds', instruments: [{ count: 1 }] }],
  ],
  'a spread': [
    () => from('instruments').select('name, ...orchestral_sections(section:name)').order('id'),
    [
      { name: 'flute', section: 'woodwinds' },
      { name: 'violin', section: 'strings' },
      { name: 'harp', section: 'strings' },
    ],
  ],
  'a spread of many': [
    () => from('orchestral_sections').select('name, ...instruments(instruments:name)').order('id').order('id', { referencedTable: 'instruments' }),
    [{ name: 'strings', instruments: ['violin', 'harp'] }, { name: 'woodwinds', instruments: ['flute'] }],
  ],

  // JSON
  'a member of JSON': [
    () => from('users').select('id, name, address->city').order('id').limit(2),
    [{ id: 1, name: 'Kiran', city: 'Hobart' }, { id: 2, name: 'Evan', city: null }],
  ],
  'a member of JSON as text': [() => from('users').select('postcode:address->>postcode').eq('id', 1), [{ postcode: '90210' }]],
  'an element of JSON': [() => from('users').select('first:address->tags->0, last:address->tags->>-1').eq('id', 1), [{ first: 'home', last: 'quiet' }]],

  // Aggregates
  'counts and sums': [
    () => from('issues').select('count(), points.sum(), points.max(), points.min()'),
    [{ count: 3, sum: 11, max: 8, min: 3 }],
  ],
  'an average': [() => from('books').select('pages.avg()'), [{ avg: 208 }]],
  'groups': [
    () => from('users').select('status, count()').order('status'),
    [{ status: 'OFFLINE', count: 2 }, { status: 'ONLINE', count: 1 }],
  ],
  'a sum of decimals': [() => from('books').select('price.sum()'), [{ sum: 19.5 }]],

  // Order and pages
  'descending': [() => from('characters').select('id, name').order('id', { ascending: false }), [...three].reverse()],
  'nulls first': [
    () => from('countries').select('id').order('name', { nullsFirst: true }).limit(1),
    [{ id: 2 }],
  ],
  'nulls last, as by default': [() => from('countries').select('id').order('name'), [{ id: 3 }, { id: 4 }, { id: 1 }, { id: 2 }]],
  'descending, nulls first by default': [() => from('countries').select('id').order('name', { ascending: false }).limit(1), [{ id: 2 }]],
  'order of a referenced table': [
    () => from('orchestral_sections').select('name, instruments (name)').order('name', { referencedTable: 'instruments', ascending: false }).eq('id', 1),
    [{ name: 'strings', instruments: [{ name: 'violin' }, { name: 'harp' }] }],
  ],
  'order by a referenced table': [
    () => from('instruments').select('name, section:orchestral_sections (name)').order('section(name)', { ascending: true }).order('name'),
    [
      { name: 'harp', section: { name: 'strings' } },
      { name: 'violin', section: { name: 'strings' } },
      { name: 'flute', section: { name: 'woodwinds' } },
    ],
  ],
  'a limit': [() => from('characters').select('name').limit(1), [{ name: 'Luke' }]],
  'a limit of a referenced table': [
    () => from('orchestral_sections').select('name, instruments (name)').limit(1, { referencedTable: 'instruments' }).order('id', { referencedTable: 'instruments' }).order('id'),
    [{ name: 'strings', instruments: [{ name: 'violin' }] }, { name: 'woodwinds', instruments: [{ name: 'flute' }] }],
  ],
  'a range': [() => from('characters').select('name').range(0, 1), [{ name: 'Luke' }, { name: 'Leia' }]],
  'a range further on': [() => from('characters').select('name').range(1, 5), [{ name: 'Leia' }, { name: 'Han' }]],
  'a range of a referenced table': [
    () => from('orchestral_sections').select('name, instruments(name)').order('id', { referencedTable: 'instruments' }).range(1, 1, { referencedTable: 'instruments' }).eq('id', 1),
    [{ name: 'strings', instruments: [{ name: 'harp' }] }],
  ],
}

for (const [name, [query, expected]] of Object.entries(cases)) test(name, () => rows(query(), expected))

test('a decimal keeps its scale on the wire', async () => {
  const { url, keys } = site.server
  const answer = await fetch(`${url}/rest/v1/books?select=price&id=eq.2`, { headers: { apikey: keys.publishable } })
  assert.equal(await answer.text(), '[{"price":7.00}]')
})

test('two relations between two tables are ambiguous, and the answer lists both', async () => {
  const error = await refused(from('messages').select('content, users(name)'), 300, 'PGRST201')
  assert.equal(error.details.length, 2)
  for (const fk of ['messages_sender_id_fkey', 'messages_receiver_id_fkey']) assert.ok(error.hint.includes(`users!${fk}`), error.hint)
})
