// The documentation page at /docs, in Chromium: it works without any other origin, and asks as whoever is authorised.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { chromium } from 'playwright-core'
import { serve } from '../harness/server.js'

const shots = resolve(process.env.BISTRO_TEST_OUT ?? resolve(import.meta.dirname, '..', '..', 'target', 'docs-page'))
const executablePath = process.env.BISTRO_TEST_BROWSER ?? '/usr/bin/chromium'
const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
]

let server, browser, page
const requests = []
const complaints = []

before(async () => {
  mkdirSync(shots, { recursive: true })
  server = await serve('examples/blog', 'dev')
  browser = await chromium.launch({ executablePath, headless: true, args: flags })
  page = await browser.newPage({ viewport: { width: 1280, height: 1000 } })
  page.setDefaultTimeout(20_000)
  page.on('request', (request) => requests.push({ url: request.url(), headers: request.headers() }))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('response', (answer) => answer.status() >= 400 && complaints.push(`${answer.status()} ${answer.url()}`))
})

after(async () => {
  await browser?.close()
  if (server) assert.equal(await server.stop(), 0, 'the server ends cleanly')
})

const documents = () => requests.filter(({ url }) => new URL(url).pathname === '/rest/v1/openapi.json')
const operations = () => page.locator('.opblock-summary-path').evaluateAll((paths) => paths.map((p) => p.dataset.path))

test('the page loads and lists the operations', async () => {
  const answer = await page.goto(`${server.url}/docs`)
  assert.equal(answer.status(), 200)
  await page.locator('.opblock').first().waitFor()
  const paths = await operations()
  for (const path of ['posts', 'users', 'tags', 'comments']) {
    assert.ok(paths.some((p) => p.endsWith(`/${path}`)), `${path} is not among ${paths}`)
  }
  await page.screenshot({ path: join(shots, 'page.png') })
})

test('the start page leads there', async () => {
  const answer = await fetch(`${server.url}/`, { redirect: 'manual' })
  assert.ok([302, 303, 307, 308].includes(answer.status), `${answer.status}`)
  assert.match(answer.headers.get('location'), /\/docs$/)
})

test('an operation can be tried with the publishable key', async () => {
  const block = page.locator('.opblock-get').filter({ has: page.locator('[data-path$="/tags"]') }).first()
  await block.locator('.opblock-summary-control').click()
  await block.getByRole('button', { name: 'Try it out' }).click()
  await block.getByRole('button', { name: 'Execute' }).click()
  const status = block.locator('.live-responses-table tbody .response-col_status').first()
  await status.waitFor()
  assert.match(await status.innerText(), /^20[06]/)
  const asked = requests.findLast(({ url }) => new URL(url).pathname === '/rest/v1/tags')
  assert.equal(asked.headers.apikey, server.keys.publishable)
  await page.screenshot({ path: join(shots, 'tried.png') })
})

test('Authorize fetches the document again, for whoever is authorised', async () => {
  const earlier = documents().length
  const as = `Bearer ${server.token('01920000-0000-7000-8000-000000000007', 'editor')}`
  await page.locator('.auth-wrapper .authorize').first().click()
  const dialog = page.locator('.modal-ux')
  await dialog.waitFor()
  const bearer = dialog.locator('.auth-container').filter({ hasText: 'bearer' }).first()
  await bearer.locator('input[type=text], input[type=password]').first().fill(as.slice('Bearer '.length))
  const again = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/rest/v1/openapi.json')
  await bearer.locator('button.authorize').click()
  const shown = await (await again).text()
  await dialog.locator('.close-modal, .btn-done').first().click()
  assert.ok(documents().length > earlier, 'the document was not fetched again')
  assert.equal(documents().at(-1).headers.authorization, as)
  assert.match(shown, /"note"/, 'an editor is shown the field that exists for editors')
  await page.locator('.opblock').first().waitFor()
  await page.screenshot({ path: join(shots, 'authorised.png') })
})

test('nothing was asked of another origin', () => {
  const strangers = requests.map(({ url }) => url).filter((url) => !url.startsWith(`${server.url}/`) && !/^(data|blob):/.test(url))
  assert.ok(requests.length > 3)
  assert.deepEqual(strangers, [])
})

test('the list of errors opens', async () => {
  const answer = await page.goto(`${server.url}/docs/errors`)
  assert.equal(answer.status(), 200)
  assert.match(await page.locator('body').innerText(), /PGRST116/)
})

test('the browser complained of nothing', () => assert.deepEqual(complaints, []))
