// supabase-js in Chromium: links from the caught mail, proof keys, keys of a virtual authenticator, tabs.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { serve } from '../../harness/server.js'
import { launch, leads, password, shots } from './chromium.js'

const library = readFileSync(join(dirname(createRequire(import.meta.url).resolve('@supabase/supabase-js/package.json')), 'dist', 'umd', 'supabase.js'))

let server, strict, app, home, browser
let counter = 0
const address = () => `browser${++counter}@example.org`

before(async () => {
  mkdirSync(shots, { recursive: true })
  // The application: a page of another origin than the server's.
  app = createServer((request, reply) => {
    const script = request.url === '/supabase.js'
    reply.writeHead(200, { 'content-type': script ? 'text/javascript' : 'text/html' })
    reply.end(script ? library : '<!doctype html><title>app</title><h1>The application</h1><script src="/supabase.js"></script>')
  })
  await new Promise((done) => app.listen(0, '127.0.0.1', done))
  home = `http://localhost:${app.address().port}/`
  server = await serve('examples/blog', 'dev')
  strict = await serve('examples/blog', 'dev', { BISTRO_AUTH__CONFIRM_EMAIL: 'true', BISTRO_AUTH__SITE_URL: home })
  browser = await launch()
})

after(async () => {
  await browser?.close()
  app?.close()
  for (const one of [server, strict]) if (one) assert.equal(await one.stop(), 0, 'the server ends cleanly')
})

// The application in a browser of its own, with a client in `db`.
async function open(site, auth = {}) {
  const context = await browser.newContext()
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const asked = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.goto(home)
  await connect(page, site, auth)
  return { context, page, asked }
}

const connect = (page, site, auth = {}) =>
  page.evaluate(([url, key, auth]) => {
    window.db = window.supabase.createClient(url, key, { auth })
  }, [site.url, site.keys.publishable, auth])

// Runs something of auth; what came of it, or the error's code.
const auth = (page, name, ...words) =>
  page.evaluate(async ([name, words]) => {
    const path = name.split('.')
    const last = path.pop()
    const part = path.reduce((part, step) => part[step], window.db.auth)
    const { data, error } = await part[last](...words)
    return error ? { failed: `${error.status} ${error.code} ${error.message}` } : data
  }, [name, words])

// The link of the newest mail to somebody, followed from the page that shows it.
async function follow(page, site, to) {
  await page.goto(`${site.url}/dev/mail`)
  await leads(page, () => page.locator('nav a', { hasText: to }).first().click())
  await page.screenshot({ path: join(shots, 'mail.png') })
  await page.frameLocator('iframe').locator('a').first().click()
  await page.waitForURL((url) => url.href.startsWith(home))
}

const signedIn = async (page) => (await auth(page, 'getSession')).session?.user.email ?? null

test('the link of a sign-up signs in where it leads', async () => {
  const { page, context } = await open(strict)
  const email = address()
  const made = await auth(page, 'signUp', { email, password })
  assert.equal(made.session, null, JSON.stringify(made))
  await follow(page, strict, email)
  await connect(page, strict)
  assert.equal(await signedIn(page), email)
  const again = await auth(page, 'signInWithPassword', { email, password })
  assert.equal(again.user?.email, email, JSON.stringify(again))
  await context.close()
})

test('with a proof key the link signs in the browser that asked, and no other', async () => {
  const pkce = { flowType: 'pkce' }
  const mine = await open(strict, pkce)
  const email = address()
  await auth(mine.page, 'signUp', { email, password })
  await follow(mine.page, strict, email)
  assert.match(mine.page.url(), /\?code=/)
  await connect(mine.page, strict, pkce)
  assert.equal(await signedIn(mine.page), email)
  await auth(mine.page, 'signOut')
  await auth(mine.page, 'signInWithOtp', { email })
  const other = await open(strict, pkce)
  await follow(other.page, strict, email)
  await connect(other.page, strict, pkce)
  assert.equal(await signedIn(other.page), null)
  await mine.context.close()
  await other.context.close()
})

test('getClaims verifies in the browser, without asking for the user', async () => {
  const { page, context, asked } = await open(server)
  const { user } = await auth(page, 'signUp', { email: address(), password })
  asked.length = 0
  const { claims } = await auth(page, 'getClaims')
  assert.equal(claims.sub, user.id)
  assert.deepEqual(asked.filter((path) => path.endsWith('/user')), [])
  await context.close()
})

test('signing out in one tab is heard in the other, and tabs that refresh at once stay signed in', async () => {
  const { page, context } = await open(server)
  await auth(page, 'signUp', { email: address(), password })
  const tab = await context.newPage()
  await tab.goto(home)
  await connect(tab, server)
  const token = (await auth(page, 'getSession')).session.refresh_token
  const refresh = (one) =>
    one.evaluate(async ([url, apikey, refresh_token]) => {
      const headers = { apikey, 'Content-Type': 'application/json' }
      const body = JSON.stringify({ refresh_token })
      return (await fetch(`${url}/auth/v1/token?grant_type=refresh_token`, { method: 'POST', headers, body })).status
    }, [server.url, server.keys.publishable, token])
  assert.deepEqual(await Promise.all([page, tab, page].map(refresh)), [200, 200, 200])
  assert.ok((await auth(tab, 'getUser')).user)
  await tab.evaluate(() => {
    window.heard = []
    window.db.auth.onAuthStateChange((event) => window.heard.push(event))
  })
  await auth(page, 'signOut')
  await tab.waitForFunction(() => window.heard.includes('SIGNED_OUT'))
  await context.close()
})

// A key that says yes: `usb` is one that is plugged in, `internal` one of the device's own.
async function key(context, page, transport) {
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const options = {
    protocol: 'ctap2', transport, hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true,
  }
  await devtools.send('WebAuthn.addVirtualAuthenticator', { options })
}

test('a security key is a second factor', async () => {
  const { page, context } = await open(server)
  await key(context, page, 'usb')
  const email = address()
  await auth(page, 'signUp', { email, password })
  const registered = await auth(page, 'mfa.webauthn.register', { friendlyName: 'key' })
  assert.equal(registered.failed, undefined, JSON.stringify(registered))
  const level = () => auth(page, 'mfa.getAuthenticatorAssuranceLevel')
  assert.equal((await level()).currentLevel, 'aal2')
  await auth(page, 'signOut')
  await auth(page, 'signInWithPassword', { email, password })
  assert.deepEqual([(await level()).currentLevel, (await level()).nextLevel], ['aal1', 'aal2'])
  const { all } = await auth(page, 'mfa.listFactors')
  assert.deepEqual(all.map((factor) => [factor.friendly_name, factor.factor_type, factor.status]), [['key', 'webauthn', 'verified']])
  const proved = await auth(page, 'mfa.webauthn.authenticate', { factorId: all[0].id })
  assert.equal(proved.failed, undefined, JSON.stringify(proved))
  assert.equal((await level()).currentLevel, 'aal2')
  await context.close()
})

test('a passkey signs in without address and password', async () => {
  const passkeys = { experimental: { passkey: true } }
  const { page, context } = await open(server, passkeys)
  await key(context, page, 'internal')
  const email = address()
  const { user } = await auth(page, 'signUp', { email, password })
  const registered = await auth(page, 'registerPasskey')
  assert.equal(registered.failed, undefined, JSON.stringify(registered))
  const listed = await auth(page, 'passkey.list')
  assert.equal(listed.length, 1, JSON.stringify(listed))
  await auth(page, 'signOut')
  const back = await auth(page, 'signInWithPasskey')
  assert.equal(back.user?.id ?? back.session?.user.id, user.id, JSON.stringify(back))
  assert.equal((await auth(page, 'mfa.getAuthenticatorAssuranceLevel')).currentLevel, 'aal1')
  const gone = await auth(page, 'passkey.delete', { passkeyId: listed[0].id })
  assert.equal(gone?.failed, undefined, JSON.stringify(gone))
  await auth(page, 'signOut')
  const refused = await auth(page, 'signInWithPasskey')
  assert.match(refused.failed ?? '', /webauthn_verification_failed/, JSON.stringify(refused))
  await context.close()
})
