// The server's own pages in Chromium with JavaScript switched off: sign-up to second factor to sign-out. Keys have it on.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { serve } from '../../harness/server.js'
import { launch, leads, password, shots } from './chromium.js'

let server, browser
let counter = 0
const address = () => `page${++counter}@example.org`

before(async () => {
  mkdirSync(shots, { recursive: true })
  server = await serve('examples/blog', 'dev', {
    BISTRO_AUTH__CONFIRM_EMAIL: 'true',
    BISTRO_AUTH__MAIL_INTERVAL: '0',
  })
  browser = await launch()
})

after(async () => {
  await browser?.close()
  if (server) assert.equal(await server.stop(), 0, 'the server ends cleanly')
})

// A browser without JavaScript, on a page of accounts.
async function open(name = '', options = { javaScriptEnabled: false }) {
  const context = await browser.newContext({ ...options, viewport: { width: 480, height: 720 } })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(`${server.url}/auth/v1/ui${name}`)
  return { context, page }
}

const shot = (page, name) => page.screenshot({ path: join(shots, `page-${name}.png`), fullPage: true })
const heading = (page) => page.locator('h1').innerText()

// What was written to somebody last: the code and the link.
async function mail(to) {
  const { mails } = await (await fetch(`${server.url}/dev/mail.json`)).json()
  const found = mails.find((one) => one.to.includes(to))
  assert.ok(found, `no mail to ${to} among ${mails.map((one) => one.to)}`)
  return { code: found.text.match(/\b\d{6}\b/)?.[0], link: found.text.match(/https?:\S+\/verify\S+/)?.[0] }
}

// The code that an authenticator shows, for the step of thirty seconds that is `ahead`.
function totp(secret, ahead = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead))
  const hash = createHmac('sha1', key).update(step).digest()
  const at = hash[19] & 15
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

async function fill(page, fields, button) {
  for (const [name, value] of Object.entries(fields)) await page.locator(`main > form [name="${name}"]`).first().fill(value)
  await press(page, button)
}

const press = (page, button) => leads(page, () => page.getByRole('button', { name: button, exact: true }).click())
const follow = (page, link) => leads(page, () => page.getByText(link).click())

// Somebody new, signed in on a page of their own.
async function signedUp() {
  const { page, context } = await open('/sign-up')
  const email = address()
  await fill(page, { email, password }, 'Make the account')
  await fill(page, { code: (await mail(email)).code }, 'Go on')
  assert.equal(await heading(page), 'Your account')
  return { page, context, email }
}

test('somebody signs up, out and in, and is told what was wrong', async () => {
  const { page, context } = await open()
  assert.match(page.url(), /\/ui\/sign-in\?next=/)
  await shot(page, 'sign-in')
  await follow(page, 'Make an account')
  const email = address()
  await fill(page, { email, password: 'kurz' }, 'Make the account')
  assert.match(await page.getByRole('alert').innerText(), /characters/)
  assert.equal(await page.locator('[name=email]').inputValue(), email, 'what was typed stays')
  await shot(page, 'sign-up-wrong')
  await fill(page, { password }, 'Make the account')
  assert.equal(await heading(page), 'Look into your mail')
  await shot(page, 'code')
  await fill(page, { code: '000000' }, 'Go on')
  assert.match(await page.getByRole('alert').innerText(), /wrong, was used already, or is over/)
  await fill(page, { code: (await mail(email)).code }, 'Go on')
  assert.equal(await heading(page), 'Your account')
  assert.match(await page.locator('main').innerText(), new RegExp(email))
  await shot(page, 'home')
  const kept = (await context.cookies()).find((cookie) => cookie.name === 'bistro-session')
  assert.deepEqual([kept.httpOnly, kept.sameSite, kept.path], [true, 'Lax', '/'])
  await press(page, 'Sign out')
  assert.match(await heading(page), /^Sign in/)
  await context.addCookies([kept])
  await page.goto(`${server.url}/auth/v1/ui`)
  assert.match(await heading(page), /^Sign in/, 'the cookie of a session that ended is worth nothing')
  await fill(page, { email, password: 'something else' }, 'Sign in')
  assert.match(await page.getByRole('alert').innerText(), /address or the password is wrong/)
  await shot(page, 'sign-in-wrong')
  await fill(page, { email, password }, 'Sign in')
  assert.equal(await heading(page), 'Your account')
  const next = (await context.cookies()).find((cookie) => cookie.name === 'bistro-session')
  assert.notEqual(next.value, kept.value)
  await context.close()
})

test('a second factor is added, asked for, and lost', async () => {
  const { page, context, email } = await signedUp()
  await follow(page, 'Protect your account')
  await fill(page, { name: 'Telephone' }, 'Add an authenticator')
  const secret = (await page.locator('code').innerText()).trim()
  await shot(page, 'scan')
  await fill(page, { code: '000000' }, 'Add it')
  assert.match(await page.getByRole('alert').innerText(), /code is wrong/)
  const used = totp(secret)
  await fill(page, { code: used }, 'Add it')
  assert.match(await page.locator('main').innerText(), /Telephone/)
  await press(page, 'Make ten new codes')
  const codes = await page.locator('li code').allInnerTexts()
  assert.equal(codes.length, 10)
  await shot(page, 'recovery-codes')
  await follow(page, 'I have kept them')
  await shot(page, 'factors')
  await follow(page, 'Your account')
  await press(page, 'Sign out')

  await page.goto(`${server.url}/auth/v1/ui/sign-in?next=/auth/v1/ui/sessions`)
  await fill(page, { email, password }, 'Sign in')
  assert.equal(await heading(page), 'One more step')
  await shot(page, 'mfa')
  const low = (await context.cookies()).find((cookie) => cookie.name === 'bistro-session')
  await fill(page, { code: used }, 'Go on')
  assert.match(await page.getByRole('alert').innerText(), /wrong, or was used already/, 'a code is taken once')
  await fill(page, { code: totp(secret, 1) }, 'Go on')
  assert.equal(await heading(page), 'Where you are signed in')
  await shot(page, 'sessions')
  const copy = await open('/sign-in')
  await copy.context.addCookies([low])
  await copy.page.goto(`${server.url}/auth/v1/ui/sessions`)
  assert.match(await heading(copy.page), /^Sign in/, 'a cookie from before the second factor is over')
  await copy.context.close()

  // From another browser, without the telephone.
  const other = await open('/sign-in')
  await fill(other.page, { email, password }, 'Sign in')
  await other.page.goto(`${server.url}/auth/v1/ui/password`)
  assert.equal(await heading(other.page), 'One more step', 'what matters needs the second factor')
  await other.page.getByText('Use a recovery code').click()
  await other.page.locator('[name=recovery]').fill(codes[0].toUpperCase())
  await press(other.page, 'Use it')
  assert.equal(await heading(other.page), 'Choose a password')
  await shot(other.page, 'password')
  await other.page.goto(`${server.url}/auth/v1/ui/factors`)
  await press(other.page, 'Remove')
  assert.match(await other.page.locator('main').innerText(), /None\./)
  await context.close()
  await other.context.close()
})

test('links of mails ask before they do anything', async () => {
  const { context, email } = await signedUp()
  await context.close()
  const forgot = await open('/forgot')
  await shot(forgot.page, 'forgot')
  await fill(forgot.page, { email }, 'Send me a mail')
  const { link } = await mail(email)
  const { page } = forgot
  await page.goto(link)
  assert.equal(await heading(page), 'Choose another password')
  assert.match(await page.locator('main').innerText(), new RegExp(email))
  await shot(page, 'link')
  await page.goto(link)
  await press(page, 'Go on')
  assert.equal(await heading(page), 'Choose a password')
  await fill(page, { password: 'nachtigall am teich' }, 'Keep it')
  assert.equal(await heading(page), 'Your account')
  await page.goto(link)
  assert.match(await page.getByRole('alert').innerText(), /used already/)
  await forgot.context.close()

  const mailed = await open('/sign-in')
  await mailed.page.getByText('Sign in by mail').click()
  await mailed.page.locator('#mailed').fill(email)
  await press(mailed.page, 'Mail me a link')
  await mailed.page.goto((await mail(email)).link)
  await press(mailed.page, 'Go on')
  assert.equal(await heading(mailed.page), 'Your account')
  await mailed.context.close()
})

test('somebody ends a session elsewhere, and changes the address', async () => {
  const { page, context, email } = await signedUp()
  const other = await open('/sign-in')
  await fill(other.page, { email, password }, 'Sign in')
  await follow(other.page, 'Where you are signed in')
  await press(other.page, 'End it')
  assert.match(await other.page.locator('main').innerText(), /This browser/)
  await page.goto(`${server.url}/auth/v1/ui`)
  assert.match(await heading(page), /^Sign in/)
  await context.close()
  const to = address()
  await other.page.goto(`${server.url}/auth/v1/ui/email`)
  await fill(other.page, { email: to }, 'Change it')
  await shot(other.page, 'email')
  for (const [who, title] of [[email, 'Half done'], [to, 'Your account']]) {
    await other.page.goto((await mail(who)).link)
    await press(other.page, 'Go on')
    assert.equal(await heading(other.page), title)
  }
  assert.match(await other.page.locator('main').innerText(), new RegExp(to))
  await other.context.close()
})

test('the data surfaces know who is signed in, where a page of this server asks', async () => {
  const { page, context, email } = await signedUp()
  await context.close()
  const own = await open('/sign-in', {})
  await fill(own.page, { email, password }, 'Sign in')
  await own.page.goto(`${server.url}/docs`)
  const ask = () => own.page.evaluate(async () => {
    const rest = await fetch('/rest/v1/users?select=email')
    const graphql = await fetch('/graphql/v1', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: '{ users { nodes { email } } }' }),
    })
    const soap = await fetch('/soap/v1', {
      method: 'POST', headers: { 'content-type': 'text/xml; charset=utf-8' },
      body: '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><ListUsers xmlns="urn:bistro:v1"/></s:Body></s:Envelope>',
    })
    return [rest.status, await rest.json(), await graphql.json(), await soap.text()]
  })
  const [status, rows, answer, envelope] = await ask()
  assert.equal(status, 200, JSON.stringify(rows))
  assert.ok(JSON.stringify(rows).includes(email), JSON.stringify(rows))
  assert.ok(JSON.stringify(answer).includes(email), JSON.stringify(answer))
  assert.ok(envelope.includes(`<email>${email}</email>`), envelope)
  await own.context.close()
})

test('a page of another origin can neither post for somebody nor frame the pages', async () => {
  const { page, context } = await signedUp()
  const evil = `<form method=post action="${server.url}/auth/v1/ui/sign-out"><input name=scope value=local><button>Win</button></form>
    <iframe src="${server.url}/auth/v1/ui"></iframe>`
  await page.route('http://evil.example/', (route) => route.fulfill({ contentType: 'text/html', body: evil }))
  await page.goto('http://evil.example/')
  assert.equal(page.frames().length, 2)
  assert.doesNotMatch(page.frames()[1].url(), /auth/, 'the frame stays empty')
  await press(page, 'Win')
  assert.equal(await heading(page), 'That did not work')
  await page.goto(`${server.url}/auth/v1/ui`)
  assert.equal(await heading(page), 'Your account', 'still signed in')
  await context.close()
})

test('a passkey is added on the page, and signs in there', async () => {
  const { context: left, email } = await signedUp()
  await left.close()
  // Keys are made for names: the pages by the name of this machine.
  const ui = `${server.url.replace('127.0.0.1', 'localhost')}/auth/v1/ui`
  const context = await browser.newContext({ viewport: { width: 480, height: 720 } })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const broken = []
  page.on('console', (message) => message.type() === 'error' && broken.push(message.text()))
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
  } })
  await page.goto(`${ui}/sign-in`)
  await fill(page, { email, password }, 'Sign in')
  await page.goto(`${ui}/factors`)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText(/Passkey, since/).waitFor()
  await shot(page, 'passkeys')
  await page.goto(ui)
  await press(page, 'Sign out')
  await shot(page, 'sign-in-keys')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByRole('heading', { name: 'Your account' }).waitFor()
  assert.match(await page.locator('main').innerText(), new RegExp(email))
  await page.goto(`${ui}/factors`)
  await press(page, 'Remove')
  await page.goto(ui)
  await press(page, 'Sign out')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByRole('alert').filter({ hasText: /does not hold/ }).waitFor()
  assert.deepEqual(broken.filter((text) => !text.includes('Failed to load')), [], 'the policy lets the script do its work, and nothing else runs')
  await context.close()
})
