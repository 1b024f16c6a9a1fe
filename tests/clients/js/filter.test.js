// Filters, one table: what the client is asked, and the names of the rows that come.
import { test } from 'node:test'
import { fixture, rows } from './fixture.js'

const site = fixture()
const characters = () => site.supabase.from('characters').select()
const luke = { id: 1, name: 'Luke' }
const leia = { id: 2, name: 'Leia' }
const han = { id: 3, name: 'Han' }
const ids = (table) => site.supabase.from(table).select('id').order('id')
const are = (...numbers) => numbers.map((id) => ({ id }))

const cases = {
  eq: [() => characters().eq('name', 'Leia'), [leia]],
  neq: [() => characters().neq('name', 'Leia'), [luke, han]],
  gt: [() => characters().gt('id', 2), [han]],
  gte: [() => characters().gte('id', 2), [leia, han]],
  lt: [() => characters().lt('id', 2), [luke]],
  lte: [() => characters().lte('id', 2), [luke, leia]],
  'gt on a decimal': [() => ids('books').gt('price', 9.5), are(1)],
  'lt on a date': [() => ids('books').lt('published', '2000-01-01'), are(2)],
  'gte on a time with its zone': [() => ids('reservations').gte('ends', '2000-01-02T12:00:00+02:00'), are(2)],
  'eq on an enum': [() => ids('users').eq('status', 'ONLINE'), are(1)],
  'eq on a uuid': [() => ids('books').eq('serial', '0D0E6C1E-7E5C-4F3A-9A64-5A3D3C1F0001'), are(1)],
  like: [() => characters().like('name', '%Lu%'), [luke]],
  'like minds the case': [() => characters().like('name', '%lu%'), []],
  likeAllOf: [() => characters().likeAllOf('name', ['L%', '%a']), [leia]],
  likeAnyOf: [() => characters().likeAnyOf('name', ['Lu%', '%n']), [luke, han]],
  ilike: [() => characters().ilike('name', '%lu%'), [luke]],
  'ilike beyond ASCII': [() => ids('books').ilike('title', 'über%'), are(2)],
  ilikeAllOf: [() => characters().ilikeAllOf('name', ['l%', '%A']), [leia]],
  ilikeAnyOf: [() => characters().ilikeAnyOf('name', ['lu%', '%N']), [luke, han]],
  regexMatch: [() => characters().regexMatch('name', '^L.*[ea]$'), [luke, leia]],
  regexIMatch: [() => characters().regexIMatch('name', '^h'), [han]],
  'is null': [() => ids('countries').is('name', null), are(2)],
  'is true': [() => ids('users').is('active', true), are(1)],
  'is false': [() => ids('users').is('active', false), are(2)],
  isDistinct: [() => ids('users').isDistinct('active', true), are(2, 3)],
  'the text null is not null': [() => ids('countries').eq('name', 'null'), are(1)],
  in: [() => characters().in('name', ['Leia', 'Han']), [leia, han]],
  'in with a comma and quotes': [() => ids('books').in('author', ['A. Walker', 'X, Y']), are(1)],
  'in with nothing': [() => characters().in('name', []), []],
  notIn: [() => characters().notIn('name', ['Leia', 'Han']), [luke]],
  'contains on an array': [() => ids('issues').contains('tags', ['is:open', 'priority:low']), are(1)],
  'contains on JSON': [() => ids('users').contains('address', { postcode: 90210 }), are(1)],
  'containedBy on an array': [() => ids('classes').containedBy('days', ['monday', 'tuesday', 'wednesday', 'friday']), are(1)],
  'containedBy on JSON': [() => ids('users').containedBy('address', {}), are(2)],
  'overlaps on an array': [() => ids('issues').overlaps('tags', ['is:closed', 'severity:high']), are(1)],
  'a member of JSON': [() => ids('users').eq('address->postcode', 90210), are(1)],
  'a member of JSON as text': [() => ids('users').eq('address->>city', 'Hobart'), are(1)],
  'textSearch': [() => ids('texts').textSearch('content', `'eggs' & 'ham'`, { config: 'english' }), are(3)],
  'textSearch, either word': [() => ids('texts').textSearch('content', `'road' | 'seven'`), are(1, 2)],
  'textSearch, plain': [() => ids('quotes').textSearch('catchphrase', 'fat cat', { type: 'plain', config: 'english' }), are(1)],
  'textSearch, phrase': [() => ids('quotes').textSearch('catchphrase', 'lazy dog', { type: 'phrase', config: 'english' }), are(2)],
  'textSearch, websearch': [() => ids('quotes').textSearch('catchphrase', `fat or cat`, { type: 'websearch', config: 'english' }), are(1, 2, 3)],
  'textSearch, websearch without a word': [() => ids('quotes').textSearch('catchphrase', `cat -fat`, { type: 'websearch' }), are(3)],
  match: [() => characters().match({ id: 2, name: 'Leia' }), [leia]],
  'not is null': [() => ids('countries').not('name', 'is', null), are(1, 3, 4)],
  'not in': [() => characters().not('id', 'in', '(1,2)'), [han]],
  'not like': [() => characters().not('name', 'like', 'L%'), [han]],
  or: [() => characters().or('id.eq.2,name.eq.Han'), [leia, han]],
  'or with and': [() => characters().or('id.gt.3,and(id.eq.1,name.eq.Luke)'), [luke]],
  'or with not': [() => characters().or('id.eq.3,not.and(id.gt.1,id.lt.9)'), [luke, han]],
  'or with quotes': [() => ids('books').or('author.eq."J. G., \\"the elder\\"",id.eq.3'), are(2, 3)],
  'or of a referenced table': [
    () => site.supabase.from('orchestral_sections').select('name, instruments!inner(name)').or('section_id.eq.1,name.eq.guzheng', { referencedTable: 'instruments' }).order('id', { referencedTable: 'instruments' }),
    [{ name: 'strings', instruments: [{ name: 'violin' }, { name: 'harp' }] }],
  ],
  filter: [() => characters().filter('name', 'in', '("Han","Yoda")'), [han]],
  'filter of a referenced table': [
    () => site.supabase.from('orchestral_sections').select('name, instruments!inner(name)').filter('instruments.name', 'eq', 'flute'),
    [{ name: 'woodwinds', instruments: [{ name: 'flute' }] }],
  ],
  'two filters at once': [() => characters().gt('id', 1).lt('id', 3), [leia]],
  'two on one column': [() => characters().like('name', 'L%').like('name', '%e'), [luke]],
  'a conditional filter': [() => [1].reduce((query, id) => query.gt('id', id), characters()), [leia, han]],
  'a name that holds a space': [() => site.supabase.from('orchestral sections').select('id').eq('name', 'strings'), are(1)],
}

for (const [name, [query, expected]] of Object.entries(cases)) test(name, () => rows(query(), expected))
