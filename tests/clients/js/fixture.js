// One server for a test file, its clients, and the checks that the tables of cases share.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { createClient } from '@supabase/supabase-js'
import ws from 'ws'
import { serve } from '../../harness/server.js'

export const kiran = '01920000-0000-7000-8000-000000000001'

// The options of every client here: nothing is stored or refreshed, and Node 20 has no WebSocket of its own.
export const options = {
  auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  realtime: { transport: ws },
}

// Starts a server before the file's tests and stops it after them; the fields are there once they run.
export function fixture() {
  const site = {}
  before(async () => {
    site.server = await serve('tests/fixture')
    const { url, keys } = site.server
    site.supabase = createClient(url, keys.publishable, options)
    site.service = createClient(url, keys.secret, options)
    site.as = (sub, role) => {
      const headers = { Authorization: `Bearer ${site.server.token(sub, role)}` }
      return createClient(url, keys.publishable, { ...options, global: { headers } })
    }
  })
  after(async () => {
    if (site.server) assert.equal(await site.server.stop(), 0, 'the server ends cleanly')
  })
  return site
}

// The query succeeds with these rows.
export async function rows(query, expected) {
  const { data, error, status } = await query
  assert.equal(error, null, `${status} ${JSON.stringify(error)}`)
  assert.deepEqual(data, expected)
}

// The query fails with this status and code, and says what is wrong.
export async function refused(query, status, code) {
  const answer = await query
  const shown = JSON.stringify(answer)
  assert.ok(answer.error, `it was not refused: ${shown}`)
  assert.equal(answer.error.code, code, shown)
  assert.equal(answer.status, status, shown)
  assert.ok(answer.error.message.length > 0, shown)
  assert.equal(answer.data, null, shown)
  return answer.error
}
