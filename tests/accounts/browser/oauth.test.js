// supabase-js in Chromium signs in at a real OpenID Connect provider, and comes back.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { serve } from '../../harness/server.js'
import { client, start } from '../oidc/provider.mjs'
import { launch } from './chromium.js'

const library = readFileSync(join(dirname(createRequire(import.meta.url).resolve('@supabase/supabase-js/package.json')), 'dist', 'umd', 'supabase.js'))
let provider, server, app, home, browser

before(async () => {
  provider = await start()
  app = createServer((request, reply) => {
    const script = request.url === '/supabase.js'
    reply.writeHead(200, { 'content-type': script ? 'text/javascript' : 'text/html' })
    reply.end(script ? library : '<!doctype html><title>app</title><h1>The application</h1><script src="/supabase.js"></script>')
  })
  await new Promise((done) => app.listen(0, '127.0.0.1', done))
  home = `http://localhost:${app.address().port}/`
  server = await serve('examples/blog', 'dev', {
    BISTRO_AUTH__SITE_URL: home,
    BISTRO_AUTH__PROVIDERS__IDP__CLIENT_ID: client.id,
    BISTRO_AUTH__PROVIDERS__IDP__CLIENT_SECRET: client.secret,
    BISTRO_AUTH__PROVIDERS__IDP__ISSUER: provider.address,
    BISTRO_OUTGOING__ALLOW: '127.0.0.1',
  })
  provider.register(`${server.url}/auth/v1/callback`)
  browser = await launch()
})

after(async () => {
  await browser?.close()
  app?.close()
  await provider?.stop()
  if (server) assert.equal(await server.stop(), 0, 'the server ends cleanly')
})

for (const flowType of ['implicit', 'pkce']) {
  test(`signInWithOAuth, ${flowType}`, async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const connect = () => page.evaluate(([url, key, auth]) => {
      window.db = window.supabase.createClient(url, key, { auth })
    }, [server.url, server.keys.publishable, { flowType }])
    await page.goto(home)
    await connect()
    const back = page.waitForURL((url) => url.href.startsWith(home) && (url.hash.includes('access_token') || url.search.includes('code=')))
    await page.evaluate((redirectTo) => { window.db.auth.signInWithOAuth({ provider: 'idp', options: { redirectTo } }) }, home)
    await back
    await connect()
    const { user, error } = await page.evaluate(async () => {
      await window.db.auth.getSession()
      const { data, error } = await window.db.auth.getUser()
      return { user: data.user, error: error?.message }
    })
    assert.equal(user?.email, 'ada@example.org', error)
    assert.equal(user.app_metadata.provider, 'idp')
    assert.ok(!page.url().includes('access_token') && !page.url().includes('code='), 'the page keeps nothing of it in its address')
    await context.close()
  })
}
