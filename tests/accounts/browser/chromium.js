// Chromium as the tests start it, and where its pictures go.
import { resolve } from 'node:path'
import { chromium } from 'playwright-core'

export const shots = resolve(process.env.BISTRO_TEST_OUT ?? resolve(import.meta.dirname, '..', '..', '..', 'target', 'accounts-browser'))
export const password = 'kolibri im garten'

const executablePath = process.env.BISTRO_TEST_BROWSER ?? '/usr/bin/chromium'
const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
]

export const launch = () => chromium.launch({ executablePath, headless: true, args })

// Does what leads to another page, and waits until that is there: a form is sent some moments after the click.
export const leads = (page, act) =>
  Promise.all([page.waitForEvent('framenavigated', (frame) => frame === page.mainFrame()), act()])
