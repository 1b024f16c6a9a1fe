// Whole trips: Bistro sends a browser to a real OpenID Connect provider, and takes it back.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { serve } from '../../harness/server.js'
import { Browser, fragment } from './browser.mjs'
import { client, start } from './provider.mjs'

const back = 'https://app.example.org/back'
let provider, server, pages, anon

before(async () => {
  provider = await start()
  const settings = {
    BISTRO_AUTH__REDIRECT_URLS: back,
    BISTRO_AUTH__MANUAL_LINKING: 'true',
    BISTRO_AUTH__PROVIDERS__IDP__CLIENT_ID: client.id,
    BISTRO_AUTH__PROVIDERS__IDP__CLIENT_SECRET: client.secret,
    BISTRO_AUTH__PROVIDERS__IDP__ISSUER: provider.address,
    BISTRO_OUTGOING__ALLOW: '127.0.0.1',
  }
  server = await serve('tests/fixture', 'serve', settings)
  // Browsers keep a session on plain http in `dev` alone.
  pages = await serve('tests/fixture', 'dev', settings)
  provider.register(`${server.url}/auth/v1/callback`, `${pages.url}/auth/v1/callback`)
  anon = server.keys.publishable
})

after(async () => {
  await server?.stop()
  await pages?.stop()
  await provider?.stop()
})

const begin = (query = {}) => {
  const members = new URLSearchParams({ provider: 'idp', redirect_to: back, ...query })
  return `${server.url}/auth/v1/authorize?${members}`
}

async function ask(path, { token, method = 'GET', body } = {}) {
  const headers = { apikey: anon, 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const response = await fetch(`${server.url}/auth/v1${path}`, { method, headers, body: body && JSON.stringify(body) })
  return { status: response.status, ...(await response.json()) }
}

test('somebody comes back signed in', async () => {
  const members = fragment(await new Browser().follow(begin(), back))
  assert.equal(members.token_type, 'bearer')
  assert.ok(members.provider_token && members.refresh_token)
  const user = await ask('/user', { token: members.access_token })
  assert.equal(user.email, 'ada@example.org')
  assert.equal(user.identities[0].identity_data.iss, provider.address)
  const again = fragment(await new Browser().follow(begin(), back))
  assert.equal((await ask('/user', { token: again.access_token })).id, user.id)
})

test('a code is exchanged by who has the verifier', async () => {
  const verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(verifier).digest('base64url')
  const arrived = await new Browser().follow(begin({ code_challenge, code_challenge_method: 's256' }), back)
  const auth_code = arrived.searchParams.get('code')
  assert.ok(auth_code && !arrived.hash)
  const exchange = (code_verifier) => ask('/token?grant_type=pkce', { method: 'POST', body: { auth_code, code_verifier } })
  const session = await exchange(verifier)
  assert.equal(session.user.email, 'ada@example.org')
  assert.ok(session.provider_token)
  assert.equal((await exchange(verifier)).error_code, 'flow_state_not_found')
})

test('offline access brings a refresh token of the provider', async () => {
  const query = { scopes: 'offline_access', prompt: 'consent' }
  const members = fragment(await new Browser().follow(begin(query), back))
  assert.ok(members.provider_refresh_token, JSON.stringify(Object.keys(members)))
})

test('another browser cannot end a trip', async () => {
  const callback = `${server.url}/auth/v1/callback`
  const ended = await new Browser().follow(begin(), callback)
  const stranger = await new Browser().go(ended)
  assert.equal(stranger.status, 302)
  assert.equal(fragment(new URL(stranger.location)).error_code, 'bad_oauth_state')
})

test('a refusal of the person is told', async () => {
  const members = fragment(await new Browser().follow(begin({ login_hint: 'refuse' }), back))
  assert.deepEqual([members.error, members.error_description], ['access_denied', 'They did not want to'])
})

test('an address that is not verified opens nothing', async () => {
  const members = fragment(await new Browser().follow(begin({ login_hint: 'unverified' }), back))
  assert.equal(members.error_code, 'provider_email_needs_verification')
  assert.equal(members.access_token, undefined)
})

test('an identity is added and removed', async () => {
  const first = fragment(await new Browser().follow(begin({ login_hint: 'grace' }), back))
  const token = first.access_token
  const { url } = await ask(`/user/identities/authorize?provider=idp&skip_http_redirect=true&login_hint=hopper&redirect_to=${encodeURIComponent(back)}`, { token })
  const browser = new Browser()
  const boarded = await browser.go(url, { headers: { referer: 'https://app.example.org/' } })
  assert.equal(boarded.status, 302, boarded.body)
  const linked = fragment(await browser.follow(boarded.location, back))
  const user = await ask('/user', { token: linked.access_token })
  assert.deepEqual(user.identities.map((identity) => identity.id), ['grace', 'hopper'])
  const removed = await ask(`/user/identities/${user.identities[1].identity_id}`, { method: 'DELETE', token })
  assert.equal(removed.status, 200)
  assert.equal((await ask('/user', { token })).identities.length, 1)
})

test('the page of signing in leads there and back, and only the browser that left', async () => {
  const ui = `${pages.url}/auth/v1/ui`
  const browser = new Browser()
  const asked = await browser.go(`${ui}/sign-in?next=/auth/v1/ui/sessions`)
  const way = asked.body.match(/href="([^"]*sign-in\/with\/idp[^"]*)"/)?.[1]?.replaceAll('&amp;', '&')
  assert.ok(way, asked.body)
  const arrived = await browser.follow(new URL(way, ui).href, `${ui}/arrive`)
  const stranger = await new Browser().go(arrived)
  assert.match(stranger.body, /not begun here/)
  const entered = await browser.go(arrived)
  assert.equal(entered.location, `${ui}/sessions`, entered.body)
  assert.match((await browser.go(entered.location)).body, /This browser/)
  assert.match((await browser.go(arrived)).body, /not begun here/, 'once')
})

test('the page of signing in tells of a refusal', async () => {
  const ui = `${pages.url}/auth/v1/ui`
  const browser = new Browser()
  const way = await browser.follow(`${ui}/sign-in/with/idp`, provider.address)
  way.searchParams.set('login_hint', 'refuse')
  const back = await browser.follow(way.href, `${ui}/arrive`)
  const told = await browser.go(back)
  assert.match(told.body, /The provider did not sign you in/)
})
