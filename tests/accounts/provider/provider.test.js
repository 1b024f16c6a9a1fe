// openid-client at the built binary: discovery, PKCE, state, nonce, iss, ID tokens, refresh, revocation, introspection.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oidc from 'openid-client'
import { serve } from '../../harness/server.js'

const back = 'https://client.example.org/back'
const password = 'kolibri im garten'
const scope = 'openid profile email offline_access data:read'
let server, person

before(async () => {
  server = await serve('tests/fixture', 'dev')
  person = await ask('/signup', { body: { email: 'ada@example.org', password, data: { full_name: 'Ada' } } })
})
after(() => server?.stop())

async function ask(path, { key = server.keys.publishable, token, method = 'POST', body } = {}) {
  const headers = { apikey: key, authorization: `Bearer ${token ?? key}`, 'content-type': 'application/json' }
  const response = await fetch(`${server.url}/auth/v1${path}`, { method, headers, body: body && JSON.stringify(body) })
  const text = await response.text()
  assert.ok(response.ok, `${response.status} at ${path}: ${text}`)
  return text && JSON.parse(text)
}

// Registers an application by the command, and has the client read everything else by discovery.
async function application(method, ...words) {
  const registered = server.bistro('oauth-app', 'add', 'Calendar', '--redirect', back, '--scope', scope, '--json', ...words)
  const { client_id, client_secret } = JSON.parse(registered)
  const issuer = new URL(`${server.url}/auth/v1`)
  const metadata = { id_token_signed_response_alg: words.includes('ES256') ? 'ES256' : 'RS256' }
  return oidc.discovery(issuer, client_id, metadata, method(client_secret), { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] })
}

// The person lets the application in: where the browser comes back to.
async function agree(address) {
  const reply = await fetch(address, { redirect: 'manual' })
  assert.equal(reply.status, 303, await reply.text())
  const id = new URL(reply.headers.get('location')).searchParams.get('authorization_id')
  const token = person.access_token
  const shown = await ask(`/oauth/authorizations/${id}`, { token, method: 'GET' })
  if (shown.redirect_url) return new URL(shown.redirect_url)
  assert.equal(shown.client.name, 'Calendar')
  const decided = await ask(`/oauth/authorizations/${id}/consent`, { token, body: { action: 'approve' } })
  return new URL(decided.redirect_url)
}

async function signIn(config, asked = scope) {
  const verifier = oidc.randomPKCECodeVerifier()
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()]
  const address = oidc.buildAuthorizationUrl(config, {
    redirect_uri: back, scope: asked, state, nonce, max_age: '3600',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  })
  const returned = await agree(address)
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 3600, idTokenExpected: true }
  return oidc.authorizationCodeGrant(config, returned, checks)
}

const kinds = [
  ['a secret in the header', oidc.ClientSecretBasic, []],
  ['a secret in the form', oidc.ClientSecretPost, []],
  ['no secret', () => oidc.None(), ['--public']],
  ['ES256', oidc.ClientSecretBasic, ['--id-token', 'ES256']],
]
for (const [name, method, words] of kinds) {
  test(`an application with ${name} signs a person in`, async () => {
    const config = await application(method, ...words)
    const tokens = await signIn(config)
    assert.equal(tokens.claims().sub, person.user.id)
    const told = await oidc.fetchUserInfo(config, tokens.access_token, person.user.id)
    assert.deepEqual([told.email, told.email_verified, told.name], ['ada@example.org', true, 'Ada'])
    const next = await oidc.refreshTokenGrant(config, tokens.refresh_token)
    assert.notEqual(next.refresh_token, tokens.refresh_token)
    await oidc.tokenRevocation(config, next.refresh_token)
    await assert.rejects(oidc.refreshTokenGrant(config, next.refresh_token), { error: 'invalid_grant' })
  })
}

test('a token is worth what its scope says, until the person withdraws it', async () => {
  const config = await application(oidc.ClientSecretBasic)
  const tokens = await signIn(config)
  const shown = await oidc.tokenIntrospection(config, tokens.access_token)
  assert.deepEqual([shown.active, shown.scope], [true, scope])
  const read = (token, options) =>
    fetch(`${server.url}/rest/v1/countries`, { headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, ...options })
  assert.equal((await read(tokens.access_token)).status, 200)
  assert.equal((await read(tokens.access_token, { method: 'POST', body: '{}' })).status, 403)
  const narrow = await signIn(config, 'openid')
  assert.equal(narrow.refresh_token, undefined)
  assert.equal((await read(narrow.access_token)).status, 403)
  const [grant] = await ask('/user/oauth/grants', { token: person.access_token, method: 'GET' })
  await ask(`/user/oauth/grants?client_id=${grant.client.id}`, { token: person.access_token, method: 'DELETE' })
  assert.equal((await read(tokens.access_token)).status, 401)
  assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, false)
})

test('metadata of RFC 8414 are found from the root', async () => {
  const issuer = new URL(`${server.url}/auth/v1`)
  const options = { algorithm: 'oauth2', execute: [oidc.allowInsecureRequests] }
  const config = await oidc.discovery(issuer, 'any', undefined, oidc.None(), options)
  assert.equal(config.serverMetadata().token_endpoint, `${server.url}/auth/v1/oauth/token`)
})

test('the command lists and removes applications', async () => {
  const { client_id: id } = JSON.parse(server.bistro('oauth-app', 'add', 'Diary', '--redirect', back, '--json'))
  assert.match(server.bistro('oauth-app', 'list'), new RegExp(`${id} +confidential +Diary`))
  server.bistro('oauth-app', 'remove', id)
  assert.doesNotMatch(server.bistro('oauth-app', 'list'), /Diary/)
})
