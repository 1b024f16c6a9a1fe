// The explorer at /graphql, in Chromium: it works without any other origin, and asks as whoever is entered.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { chromium } from 'playwright-core'
import { serve } from '../harness/server.js'

const shots = resolve(process.env.BISTRO_TEST_OUT ?? resolve(import.meta.dirname, '..', '..', 'target', 'explorer'))
const executablePath = process.env.BISTRO_TEST_BROWSER ?? '/usr/bin/chromium'
const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
]

let server, browser, page
const requests = []
const complaints = []

// A page of its own browser context, whose requests and complaints are noted.
async function open(options, path = '/graphql') {
  const context = await browser.newContext(options)
  const opened = await context.newPage()
  opened.setDefaultTimeout(20_000)
  opened.on('request', (request) => requests.push(request))
  opened.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
  opened.on('pageerror', (error) => complaints.push(String(error)))
  opened.on('response', (answer) => answer.status() >= 400 && complaints.push(`${answer.status()} ${answer.url()}`))
  await opened.goto(`${server.url}${path}`)
  return opened
}

before(async () => {
  mkdirSync(shots, { recursive: true })
  server = await serve('examples/blog', 'dev')
  browser = await chromium.launch({ executablePath, headless: true, args: flags })
  page = await open({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
})

after(async () => {
  await browser?.close()
  if (server) assert.equal(await server.stop(), 0, 'the server ends cleanly')
})

const shoot = (of, name) => of.screenshot({ path: join(shots, `${name}.png`) })
const written = (of) => of.locator('.graphiql-query-editor .view-lines').innerText().then((text) => text.replaceAll('\u00a0', ' '))
const asked = () => requests.filter((request) => new URL(request.url()).pathname === '/graphql/v1')

// Waits until `what()` holds; the editors draw themselves when they like.
async function until(what, text) {
  for (let tries = 0; tries < 100; tries++) {
    if (await what()) return
    await new Promise((done) => setTimeout(done, 100))
  }
  assert.fail(text)
}

const shows = (of, text) => until(
  async () => (await of.locator('.graphiql-response .view-lines').innerText()).replaceAll('\u00a0', ' ').includes(text),
  `the response shows ${text}`,
)

const run = (of) => of.locator('.graphiql-execute-button').click()

// A link that begins with a query, which is how a query is put into the editor here.
const linked = (query, variables) => `/graphql?${new URLSearchParams({ query, ...(variables && { variables: JSON.stringify(variables) }) })}`

test('the page begins with a query of the schema, and runs it with the publishable key', async () => {
  await until(async () => (await written(page)).includes('nodes {'), 'a first query is written')
  await run(page)
  await shows(page, '"nodes": [')
  const last = asked().at(-1)
  assert.equal(last.headers().apikey, server.keys.publishable)
  await shoot(page, 'light')
})

test('the documentation shows the types', async () => {
  await page.locator('.graphiql-sidebar button').first().click()
  const docs = page.locator('.graphiql-plugin')
  await docs.getByText('Query', { exact: true }).first().click()
  await docs.getByText('posts', { exact: true }).first().waitFor()
  await shoot(page, 'documentation')
  await page.locator('.graphiql-sidebar button').first().click()
})

test('the key and the token entered decide who asks, and are kept', async () => {
  const earlier = asked().length
  const token = server.token('01920000-0000-7000-8000-000000000007', 'editor')
  await page.getByLabel('User token').fill(token)
  const again = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/graphql/v1')
  await page.getByLabel('User token').press('Enter')
  const schema = await (await again).text()
  assert.ok(asked().length > earlier, 'the schema was not read again')
  assert.equal(asked().at(-1).headers().authorization, `Bearer ${token}`)
  assert.match(schema, /"note"/, 'an editor is shown the field that exists for editors')
  await page.reload()
  assert.equal(await page.getByLabel('User token').inputValue(), token)
  assert.equal(await page.getByLabel('API key').inputValue(), server.keys.publishable)
  await page.getByLabel('User token').fill('')
  await page.getByLabel('API key').click()
  await until(() => page.evaluate(() => localStorage.getItem('bistro:token') === null), 'an empty token is not kept')
})

test('a link may bring a query and its variables', async () => {
  const query = 'query Some($most: Int) {\n  tags(first: $most) {\n    nodes {\n      __typename\n    }\n  }\n}\n'
  const other = await open({ colorScheme: 'dark', viewport: { width: 1280, height: 800 } }, linked(query, { most: 1 }))
  await until(async () => (await written(other)).includes('query Some'), 'the query of the link is written')
  await run(other)
  await shows(other, '"tags": {')
  assert.deepEqual(asked().at(-1).postDataJSON().variables, { most: 1 })
  await shoot(other, 'dark')
  await other.context().close()
})

test('a subscription asks over a socket, with the key in its first message, and shows what comes', async () => {
  const query = 'subscription {\n  tags(first: 3) {\n    nodes {\n      name\n    }\n  }\n}\n'
  const other = await open({ viewport: { width: 390, height: 800 } })
  const heard = []
  // Answers in the server's place: what the page says is tested here, what the server says by its own clients.
  await other.routeWebSocket(/\/graphql\/v1$/, (socket) => socket.onMessage((text) => {
    const message = JSON.parse(text)
    heard.push(message)
    if (message.type === 'connection_init') socket.send(JSON.stringify({ type: 'connection_ack' }))
    if (message.type !== 'subscribe') return
    for (const name of ['First', 'Second']) {
      socket.send(JSON.stringify({ id: message.id, type: 'next', payload: { data: { tags: { nodes: [{ name }] } } } }))
    }
  }))
  await other.goto(`${server.url}${linked(query)}`)
  await until(async () => (await written(other)).includes('subscription'), 'the query of the link is written')
  await run(other)
  await shows(other, '"Second"')
  assert.deepEqual(heard.map(({ type }) => type), ['connection_init', 'subscribe'])
  assert.deepEqual(heard[0].payload, { apikey: server.keys.publishable })
  await shoot(other, 'narrow')
  await other.context().close()
})

test('nothing was asked of another origin', () => {
  const strangers = requests.map((request) => request.url()).filter((url) => !url.startsWith(`${server.url}/`) && !/^(data|blob):/.test(url))
  assert.ok(requests.length > 10)
  assert.deepEqual(strangers, [])
})

test('the editor has its workers from this server', () => {
  const files = new Set(requests.map((request) => new URL(request.url()).pathname))
  for (const name of ['editor', 'graphql', 'json']) {
    assert.ok(files.has(`/graphql/assets/${name}.worker.js`), `${name}.worker.js is not among ${[...files]}`)
  }
})

test('both pages lead to each other', async () => {
  await page.getByRole('link', { name: 'REST' }).click()
  await page.waitForURL('**/docs')
  await page.getByRole('link', { name: 'GraphQL' }).click()
  await page.waitForURL('**/graphql')
})

test('the browser complained of nothing', () => assert.deepEqual(complaints, []))
