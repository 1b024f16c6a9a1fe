// The guide's snippet for Node, run as it stands.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { site } from './site.js'

const page = new URL('../../../docs/guide/soap.md', import.meta.url)
const blog = site('examples/blog')

test("the guide's snippet", () => {
  const [, snippet] = readFileSync(page, 'utf8').match(/^```js\n(.*?)^```$/ms)
  const env = { ...process.env, BISTRO_URL: blog.server.url, SECRET: blog.server.keys.secret }
  const ran = spawnSync('node', ['--input-type=module'], { input: snippet, cwd: import.meta.dirname, env, encoding: 'utf8' })
  assert.equal(ran.status, 0, ran.stderr)
  assert.match(ran.stdout, /NotFound\n$/)
})
