// Every audit of the graphql-http suite, whether it says MUST, SHOULD or MAY: the server keeps them all.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { serverAudits } from 'graphql-http'
import { serve } from '../harness/server.js'

// The suite of this version has 61 audits; a list that is shorter would pass for the wrong reason.
const least = 61

let server
before(async () => { server = await serve('examples/blog', 'dev') })
after(async () => assert.equal(await server?.stop(), 0, 'the server ends cleanly'))

// The audits know nothing of keys.
const withKey = (url, options = {}) =>
  fetch(url, { ...options, headers: { ...options.headers, apikey: server.keys.publishable } })

const audits = serverAudits({ url: () => `${server.url}/graphql/v1`, fetchFn: withKey })

test('the suite is whole', () => assert.ok(audits.length >= least, `${audits.length} audits`))

for (const { id, name, fn } of audits) {
  test(`${id} ${name}`, async () => {
    const { status, reason, response } = await fn()
    assert.equal(status, 'ok', `${reason}: ${response?.status} ${response?.bodyUsed ? '' : await response?.text()}`)
  })
}
