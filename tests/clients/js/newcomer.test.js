// `bistro dev` in an empty folder: what it prints works when pasted.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve } from '../../harness/server.js'

let server
before(async () => {
  server = await serve(undefined, 'dev')
  for (let waited = 0; waited < 5000 && !server.printed().includes('createClient('); waited += 50) await sleep(50)
})
after(async () => assert.equal(await server?.stop(), 0, 'the server ends cleanly'))

test('the three curls list, create and read back', () => {
  const curls = server.printed().split('\n').map((line) => line.trim()).filter((line) => line.startsWith('curl '))
  assert.equal(curls.length, 3, server.printed())
  const [listed, created, read] = curls.map((curl) => JSON.parse(execFileSync('bash', ['-c', curl], { encoding: 'utf8', timeout: 20_000 })))
  assert.ok(Array.isArray(listed) && listed.length > 0, JSON.stringify(listed))
  assert.ok(created.length === 1 && created[0].id, JSON.stringify(created))
  assert.deepEqual(read, created)
})

test('the two lines of supabase-js make a client', () => {
  const lines = server.printed().split('\n').map((line) => line.trim()).filter((line) => /createClient/.test(line))
  assert.equal(lines.length, 2, server.printed())
  const name = /const (\w+) =/.exec(lines[1])[1]
  const collection = /\/rest\/v1\/(\w+)/.exec(server.printed())[1]
  // The file lies here so that the package is found. The flag gives Node 20 the WebSocket that later versions have.
  const file = join(import.meta.dirname, `pasted-${process.pid}.mjs`)
  writeFileSync(file, [...lines, `console.log(JSON.stringify(await ${name}.from('${collection}').select()))`].join('\n'))
  try {
    const words = ['--no-warnings', '--experimental-websocket', file]
    const { data, error } = JSON.parse(execFileSync('node', words, { encoding: 'utf8', timeout: 20_000 }))
    assert.equal(error, null)
    assert.ok(data.length > 0)
  } finally {
    rmSync(file)
  }
})
