// One server for a test file, its addresses and callers, and the checks that the clients share.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { serve } from '../harness/server.js'

// People of the blog; Łucja is an editor.
export const amara = '01920000-0000-7000-8000-000000000001'
export const zoe = '01920000-0000-7000-8000-000000000002'
export const lucja = '01920000-0000-7000-8000-000000000007'

// The blog's tags by their slugs, in order.
export const tags = ['books', 'garden', 'kitchen', 'making', 'music', 'night-sky', 'small-things', 'walking']

const settleMillis = 5_000

// Starts a server before the file's tests and stops it after them; the fields are there once they run, and once `ready`
// does, which comes before the tests too.
export function site(project = 'examples/blog', settings = {}, ready = () => {}) {
  const here = {}
  before(async () => {
    here.server = await serve(project, 'serve', settings)
    Object.defineProperties(here, Object.getOwnPropertyDescriptors(at(here.server)))
    await ready(here)
  })
  after(async () => {
    if (here.server) assert.equal(await here.server.stop(), 0, 'the server ends cleanly')
  })
  return here
}

// The addresses of a server and its callers: headers for requests, the same names for `connection_init`.
function at(server) {
  const endpoint = `${server.url}/graphql/v1`
  const stranger = { apikey: server.keys.publishable }
  const as = (sub, role) => ({ ...stranger, authorization: `Bearer ${server.token(sub, role)}` })
  const service = { apikey: server.keys.secret }
  return { endpoint, socket: endpoint.replace(/^http/, 'ws'), stranger, service, as, get editor() { return as(lucja, 'editor') } }
}

// A fetch that keeps what it was asked: `{method, url, body}`.
export function recorded(asked) {
  return (url, options = {}) => {
    asked.push({ method: options.method ?? 'GET', url: String(url), body: options.body && JSON.parse(options.body) })
    return fetch(url, options)
  }
}

// What came so far of something that keeps coming: `push`, and `next(test)` for the first new one that passes.
export class Stream {
  #all = []
  #taken = 0

  push = (value) => { this.#all.push(value) }

  get length() { return this.#all.length }

  async next(fits = () => true) {
    for (const until = Date.now() + settleMillis; Date.now() < until; await sleep(5)) {
      while (this.#taken < this.#all.length) {
        const value = this.#all[this.#taken++]
        if (fits(value)) return value
      }
    }
    assert.fail(`nothing fitting came; all that came: ${inspect(this.#all, { depth: 2 })}`)
  }
}

// Waits until the condition holds.
export async function until(holds, said) {
  for (const end = Date.now() + settleMillis; Date.now() < end; await sleep(5)) if (await holds()) return
  assert.fail(`not in time: ${said}`)
}
