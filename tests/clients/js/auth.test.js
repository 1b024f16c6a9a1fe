// The examples of the documentation of supabase-js's auth: accounts, sessions, mails, the admin's API.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createClient } from '@supabase/supabase-js'
import ws from 'ws'
import { serve } from '../../harness/server.js'

const password = 'kolibri im garten'
let site, strict

before(async () => {
  // One where addresses count at once, as in `dev`, and one where they must be confirmed.
  const settings = { BISTRO_AUTH__ANONYMOUS: 'true', BISTRO_AUTH__MANUAL_LINKING: 'true' }
  site = await serve('examples/blog', 'dev', settings)
  strict = await serve('examples/blog', 'dev', { BISTRO_AUTH__CONFIRM_EMAIL: 'true', BISTRO_AUTH__SITE_URL: 'https://app.example.org' })
})
after(async () => {
  await site?.stop()
  await strict?.stop()
})

// Node 20 has no WebSocket of its own.
const options = { auth: { persistSession: false, autoRefreshToken: false }, realtime: { transport: ws } }
const client = (at = site, auth = {}) => createClient(at.url, at.keys.publishable, { ...options, auth: { ...options.auth, ...auth } })
const admin = (at = site) => createClient(at.url, at.keys.secret, options).auth.admin
let counter = 0
const address = () => `person${++counter}@example.org`

async function good(asked) {
  const { data, error } = await asked
  assert.equal(error, null, error && `${error.status} ${error.code} ${error.message}`)
  return data
}

async function bad(asked, status, code) {
  const { error } = await asked
  assert.ok(error, 'it should have failed')
  assert.deepEqual([error.status, error.code], [status, code], error.message)
  return error
}

// The newest mail to somebody: its text, its code and its link.
async function mail(at, to) {
  const { mails } = await (await fetch(`${at.url}/dev/mail.json`)).json()
  const found = mails.find((mail) => mail.to === to)
  assert.ok(found, `no mail to ${to}`)
  return { ...found, code: /code (\d{6})/.exec(found.text)?.[1], link: /https?:\/\/\S+\/verify\S+/.exec(found.text)?.[0] }
}

async function signedUp(at = site, email = address()) {
  const supabase = client(at)
  const data = await good(supabase.auth.signUp({ email, password }))
  return { supabase, email, ...data }
}

// Follows a link without a browser: where it leads.
async function follow(link) {
  const reply = await fetch(link, { redirect: 'manual' })
  assert.equal(reply.status, 303)
  return new URL(reply.headers.get('location'))
}

test('signUp with metadata, signInWithPassword, getUser, getSession', async () => {
  const supabase = client()
  const email = address()
  const { user, session } = await good(supabase.auth.signUp({ email, password, options: { data: { name: 'Ada' } } }))
  assert.equal(user.email, email)
  assert.equal(user.user_metadata.name, 'Ada')
  assert.equal(session.user.id, user.id)
  await good(supabase.auth.signOut())
  const signedIn = await good(supabase.auth.signInWithPassword({ email, password }))
  assert.equal((await good(supabase.auth.getUser())).user.id, user.id)
  assert.equal((await good(supabase.auth.getSession())).session.access_token, signedIn.session.access_token)
  const { data: profile } = await supabase.from('users').select('name, email').eq('id', user.id).single()
  assert.deepEqual(profile, { name: 'Ada', email })
})

test('wrong passwords and taken addresses', async () => {
  const { email, supabase } = await signedUp()
  await bad(client().auth.signInWithPassword({ email, password: 'a wrong password' }), 400, 'invalid_credentials')
  await bad(client().auth.signInWithPassword({ email: address(), password }), 400, 'invalid_credentials')
  await bad(supabase.auth.signUp({ email, password }), 422, 'user_already_exists')
  const weak = await bad(client().auth.signUp({ email: address(), password: 'short' }), 422, 'weak_password')
  assert.deepEqual(weak.reasons.includes('length'), true)
})

test('getClaims verifies locally, without a request for the user', async () => {
  const { supabase, user } = await signedUp()
  const asked = []
  const watched = createClient(site.url, site.keys.publishable, {
    ...options,
    global: { fetch: (url, init) => (asked.push(String(url)), fetch(url, init)) },
  })
  const { session } = await good(supabase.auth.getSession())
  await good(watched.auth.setSession(session))
  asked.length = 0
  const { claims, header } = await good(watched.auth.getClaims())
  assert.equal(header.alg, 'ES256')
  assert.deepEqual([claims.sub, claims.role, claims.aal, claims.is_anonymous], [user.id, 'authenticated', 'aal1', false])
  assert.deepEqual(asked, [`${site.url}/auth/v1/.well-known/jwks.json`])
})

test('refreshSession rotates, setSession takes it up', async () => {
  const { supabase, session } = await signedUp()
  const { session: next } = await good(supabase.auth.refreshSession())
  assert.notEqual(next.refresh_token, session.refresh_token)
  const other = client()
  await good(other.auth.setSession({ access_token: next.access_token, refresh_token: next.refresh_token }))
  assert.equal((await good(other.auth.getUser())).user.id, session.user.id)
  await bad(client().auth.refreshSession({ refresh_token: 'nonsense' }), 400, 'refresh_token_not_found')
})

for (const [scope, here, there] of [['local', false, true], ['others', true, false], ['global', false, false]]) {
  test(`signOut ${scope}`, async () => {
    const { supabase, email, session } = await signedUp()
    const other = client()
    const second = await good(other.auth.signInWithPassword({ email, password }))
    const { error } = await supabase.auth.signOut({ scope })
    assert.equal(error, null)
    const alive = async (token) => (await fetch(`${site.url}/auth/v1/user`, { headers: { apikey: site.keys.publishable, authorization: `Bearer ${token}` } })).status === 200
    assert.deepEqual([await alive(session.access_token), await alive(second.session.access_token)], [here, there])
    const rest = await fetch(`${site.url}/rest/v1/tags`, { headers: { apikey: site.keys.publishable, authorization: `Bearer ${session.access_token}` } })
    assert.equal(rest.status, here ? 200 : 401)
  })
}

test('updateUser: data, password, address', async () => {
  const { supabase, email } = await signedUp()
  const { user } = await good(supabase.auth.updateUser({ data: { name: 'Grace', colour: 'blue' } }))
  assert.deepEqual([user.user_metadata.name, user.user_metadata.colour], ['Grace', 'blue'])
  const { user: without } = await good(supabase.auth.updateUser({ data: { colour: null } }))
  assert.equal('colour' in without.user_metadata, false)
  await bad(supabase.auth.updateUser({ password }), 422, 'same_password')
  await good(supabase.auth.updateUser({ password: 'der zaun ist blau' }))
  await good(client().auth.signInWithPassword({ email, password: 'der zaun ist blau' }))
  const moved = address()
  assert.equal((await good(supabase.auth.updateUser({ email: moved }))).user.email, moved)
  await good(client().auth.signInWithPassword({ email: moved, password: 'der zaun ist blau' }))
})

test('signInAnonymously, then a lasting account', async () => {
  const supabase = client()
  const { user } = await good(supabase.auth.signInAnonymously({ options: { data: { name: 'Nobody' } } }))
  assert.equal(user.is_anonymous, true)
  const email = address()
  const { user: lasting } = await good(supabase.auth.updateUser({ email, password }))
  assert.deepEqual([lasting.id, lasting.is_anonymous, lasting.email], [user.id, false, email])
  await good(client().auth.signInWithPassword({ email, password }))
})

test('signUp waits for its mail: the link, in implicit form', async () => {
  const email = address()
  const { user, session } = await good(client(strict).auth.signUp({ email, password }))
  assert.deepEqual([session, user.identities.length], [null, 1])
  await bad(client(strict).auth.signInWithPassword({ email, password }), 400, 'email_not_confirmed')
  const { link } = await mail(strict, email)
  const to = await follow(link)
  assert.equal(to.origin, 'https://app.example.org')
  const fragment = new URLSearchParams(to.hash.slice(1))
  assert.deepEqual([fragment.get('type'), fragment.get('token_type')], ['signup', 'bearer'])
  const supabase = client(strict)
  await good(supabase.auth.setSession({ access_token: fragment.get('access_token'), refresh_token: fragment.get('refresh_token') }))
  const again = await follow(link)
  assert.match(again.hash, /error_code=otp_expired/)
  await good(client(strict).auth.signInWithPassword({ email, password }))
})

test('PKCE: the link brings a code, which the same client exchanges', async () => {
  const kept = new Map()
  const storage = { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => void kept.set(k, v), removeItem: (k) => void kept.delete(k) }
  const supabase = client(strict, { flowType: 'pkce', storage, persistSession: true })
  const email = address()
  await good(supabase.auth.signUp({ email, password, options: { emailRedirectTo: 'http://localhost:5173/in?x=1' } }))
  const to = await follow((await mail(strict, email)).link)
  assert.equal(`${to.origin}${to.pathname}`, 'http://localhost:5173/in')
  const { session } = await good(supabase.auth.exchangeCodeForSession(to.searchParams.get('code')))
  assert.equal(session.user.email, email)
  const { error } = await supabase.auth.exchangeCodeForSession(to.searchParams.get('code'))
  assert.ok(error, 'a code is used once')
})

test('signInWithOtp and verifyOtp with the code of the mail', async () => {
  const email = address()
  await good(client(strict).auth.signInWithOtp({ email }))
  const supabase = client(strict)
  await bad(supabase.auth.verifyOtp({ email, token: '000000', type: 'email' }), 403, 'otp_expired')
  const { code } = await mail(strict, email)
  const { session } = await good(supabase.auth.verifyOtp({ email, token: code, type: 'email' }))
  assert.equal(session.user.email, email)
  await bad(supabase.auth.verifyOtp({ email, token: code, type: 'email' }), 403, 'otp_expired')
})

test('resetPasswordForEmail, then another password', async () => {
  const { email } = await signedUp()
  await good(client().auth.resetPasswordForEmail(email))
  const { code } = await mail(site, email)
  const supabase = client()
  const { session } = await good(supabase.auth.verifyOtp({ email, token: code, type: 'recovery' }))
  assert.equal(session.user.email, email)
  await good(supabase.auth.updateUser({ password: 'der zaun ist rot!' }))
  await good(client().auth.signInWithPassword({ email, password: 'der zaun ist rot!' }))
  await good(client().auth.resetPasswordForEmail(address()))
})

test('a secure change of address needs both confirmations', async () => {
  const email = address()
  await good(client(strict).auth.signUp({ email, password }))
  const supabase = client(strict)
  await good(supabase.auth.verifyOtp({ email, token: (await mail(strict, email)).code, type: 'signup' }))
  const moved = address()
  const { user } = await good(supabase.auth.updateUser({ email: moved }))
  assert.deepEqual([user.email, user.new_email], [email, moved])
  const half = await follow((await mail(strict, email)).link)
  assert.match(half.hash, /^#message=/)
  const whole = await follow((await mail(strict, moved)).link)
  assert.match(whole.hash, /type=email_change/)
  await good(client(strict).auth.signInWithPassword({ email: moved, password }))
})

test('resend and reauthenticate', async () => {
  const email = address()
  await good(client(strict).auth.signUp({ email, password }))
  const first = await mail(strict, email)
  await good(client(strict).auth.resend({ type: 'signup', email }))
  const second = await mail(strict, email)
  assert.notEqual(first.number, second.number)
  const supabase = client(strict)
  await good(supabase.auth.verifyOtp({ email, token: second.code, type: 'signup' }))
  await good(supabase.auth.reauthenticate())
  const { code } = await mail(strict, email)
  await good(supabase.auth.updateUser({ password: 'der zaun ist blau', nonce: code }))
})

test('onAuthStateChange tells what happens', async () => {
  const { supabase, email } = await signedUp()
  const heard = []
  const { data } = supabase.auth.onAuthStateChange((event) => heard.push(event))
  await good(supabase.auth.signInWithPassword({ email, password }))
  await good(supabase.auth.updateUser({ data: { x: 1 } }))
  await good(supabase.auth.refreshSession())
  await supabase.auth.signOut()
  data.subscription.unsubscribe()
  for (const event of ['SIGNED_IN', 'USER_UPDATED', 'TOKEN_REFRESHED', 'SIGNED_OUT']) assert.ok(heard.includes(event), `${event} in ${heard}`)
})

test('admin: createUser, getUserById, listUsers, updateUserById, deleteUser', async () => {
  const email = address()
  const { user } = await good(admin().createUser({ email, password, email_confirm: true, user_metadata: { name: 'Ada' }, app_metadata: { roles: ['editor'] } }))
  assert.equal((await good(admin().getUserById(user.id))).user.user_metadata.name, 'Ada')
  const { users, total } = await good(admin().listUsers({ page: 1, perPage: 5 }))
  assert.ok(total >= users.length && users.length <= 5 && users[0].id === user.id)
  const supabase = client()
  const { session } = await good(supabase.auth.signInWithPassword({ email, password }))
  assert.deepEqual(session.user.app_metadata.roles, ['editor'])
  await good(admin().updateUserById(user.id, { ban_duration: '1h' }))
  await bad(supabase.auth.getUser(), 403, 'user_banned')
  await bad(client().auth.signInWithPassword({ email, password }), 400, 'user_banned')
  await good(admin().updateUserById(user.id, { ban_duration: 'none' }))
  await good(supabase.auth.signInWithPassword({ email, password }))
  await good(admin().deleteUser(user.id))
  await bad(admin().getUserById(user.id), 404, 'user_not_found')
  await bad(createClient(site.url, site.keys.publishable, options).auth.admin.listUsers(), 403, 'not_admin')
})

test('admin: inviteUserByEmail and generateLink', async () => {
  const email = address()
  const { user } = await good(admin(strict).inviteUserByEmail(email, { data: { name: 'Guest' } }))
  assert.ok(user.invited_at)
  const { code } = await mail(strict, email)
  const supabase = client(strict)
  await good(supabase.auth.verifyOtp({ email, token: code, type: 'invite' }))
  await good(supabase.auth.updateUser({ password }))
  const link = await good(admin(strict).generateLink({ type: 'magiclink', email }))
  assert.equal(link.properties.verification_type, 'magiclink')
  const other = client(strict)
  await good(other.auth.verifyOtp({ token_hash: link.properties.hashed_token, type: 'magiclink' }))
})

test('admin: signOut of somebody by their token', async () => {
  const { session } = await signedUp()
  await good(admin().signOut(session.access_token))
  const { status } = await fetch(`${site.url}/auth/v1/user`, { headers: { apikey: site.keys.publishable, authorization: `Bearer ${session.access_token}` } })
  assert.equal(status, 403)
})

// The code that an authenticator shows (RFC 6238).
function totp(secret, at = Date.now()) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replace(/=+$/, '')].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const hash = createHmac('sha1', key).update(counter).digest()
  const from = hash[19] & 15
  return String((hash.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

test('mfa: enroll, challenge, verify, the level, unenroll', async () => {
  const { supabase, email } = await signedUp()
  const factor = await good(supabase.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'phone' }))
  assert.match(factor.totp.qr_code, /^data:image\/svg\+xml;utf-8,<svg/)
  const challenge = await good(supabase.auth.mfa.challenge({ factorId: factor.id }))
  await bad(supabase.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code: '000000' }), 422, 'mfa_verification_failed')
  const code = totp(factor.totp.secret)
  await good(supabase.auth.mfa.challengeAndVerify({ factorId: factor.id, code }))
  const level = await good(supabase.auth.mfa.getAuthenticatorAssuranceLevel())
  assert.deepEqual([level.currentLevel, level.nextLevel], ['aal2', 'aal2'])
  const other = client()
  await good(other.auth.signInWithPassword({ email, password }))
  assert.equal((await good(other.auth.mfa.getAuthenticatorAssuranceLevel())).nextLevel, 'aal2')
  await bad(other.auth.mfa.challengeAndVerify({ factorId: factor.id, code }), 422, 'mfa_verification_failed')
  await bad(other.auth.updateUser({ password: 'der zaun ist blau' }), 401, 'insufficient_aal')
  const { all } = await good(supabase.auth.mfa.listFactors())
  assert.deepEqual(all.map((f) => [f.friendly_name, f.status]), [['phone', 'verified']])
  await good(supabase.auth.mfa.unenroll({ factorId: factor.id }))
})

test('admin.oauth: applications are made, looked at, changed and removed', async () => {
  const { oauth } = admin()
  const back = 'https://calendar.example.org/back'
  const made = await good(oauth.createClient({ client_name: 'Calendar', redirect_uris: [back], scope: 'openid email' }))
  assert.ok(made.client_id && made.client_secret)
  assert.deepEqual(made.redirect_uris, [back])
  const shown = await good(oauth.getClient(made.client_id))
  assert.deepEqual([shown.client_name, shown.client_secret], ['Calendar', undefined])
  const changed = await good(oauth.updateClient(made.client_id, { client_name: 'Diary' }))
  assert.equal(changed.client_name, 'Diary')
  const { clients } = await good(oauth.listClients({ page: 1, perPage: 50 }))
  assert.ok(clients.some((one) => one.client_id === made.client_id && one.client_name === 'Diary'))
  const renewed = await good(oauth.regenerateClientSecret(made.client_id))
  assert.notEqual(renewed.client_secret, made.client_secret)
  await good(oauth.deleteClient(made.client_id))
  await bad(oauth.getClient(made.client_id), 404, 'oauth_client_not_found')
  await bad(client().auth.admin.oauth.listClients(), 403, 'not_admin')
})

test('oauth: a page of the application\'s own asks the person', async () => {
  const back = 'https://calendar.example.org/back'
  const application = await good(admin().oauth.createClient({ client_name: 'Calendar', redirect_uris: [back], scope: 'openid email' }))
  const { supabase, email } = await signedUp()
  const ask = async () => {
    const members = new URLSearchParams({
      client_id: application.client_id, redirect_uri: back, response_type: 'code', scope: 'openid email', state: 's',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
    })
    const { headers } = await fetch(`${site.url}/auth/v1/oauth/authorize?${members}`, { redirect: 'manual' })
    return new URL(headers.get('location')).searchParams.get('authorization_id')
  }
  const skipBrowserRedirect = { skipBrowserRedirect: true }
  const refused = await ask()
  const details = await good(supabase.auth.oauth.getAuthorizationDetails(refused))
  assert.deepEqual([details.client.name, details.user.email, details.scope], ['Calendar', email, 'openid email'])
  const no = await good(supabase.auth.oauth.denyAuthorization(refused, skipBrowserRedirect))
  assert.equal(new URL(no.redirect_url).searchParams.get('error'), 'access_denied')
  const yes = await good(supabase.auth.oauth.approveAuthorization(await ask(), skipBrowserRedirect))
  assert.ok(new URL(yes.redirect_url).searchParams.get('code'))
  const again = await ask()
  assert.ok((await good(supabase.auth.oauth.getAuthorizationDetails(again))).redirect_url, 'who agreed before is not asked again')
  const grants = await good(supabase.auth.oauth.listGrants())
  assert.deepEqual(grants.map((grant) => [grant.client.id, grant.scopes]), [[application.client_id, ['openid', 'email']]])
  await good(supabase.auth.oauth.revokeGrant({ clientId: application.client_id }))
  assert.deepEqual(await good(supabase.auth.oauth.listGrants()), [])
  await bad(supabase.auth.oauth.getAuthorizationDetails(again), 404, 'oauth_authorization_not_found')
})
