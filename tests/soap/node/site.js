// A server for a test file, as one version of SOAP shows it, and how its callers say who they are.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import soap from 'soap'
import { serve } from '../../harness/server.js'

export const amara = '01920000-0000-7000-8000-000000000001'
export const email = 'wren@example.org'
export const password = 'a heron on the roof'
export const words = '日本語 😀 مرحبا — <b>&amp;</b> "\''

// Decimals and 64 bits do not fit into a number of JavaScript; dates have no time.
const exact = { decimal: String, long: BigInt, date: String, time: String, dateTime: String }

// Starts a server before the file's tests and stops it after them. The fields are there once they run, and once `ready`
// does, which comes before the tests too.
export function site(project, ready = () => {}) {
  const here = {}
  before(async () => {
    here.server = await serve(project)
    here.address = `${here.server.url}/soap/v1`
    await ready(here)
  })
  after(async () => {
    if (here.server) assert.equal(await here.server.stop(), 0, 'the server ends cleanly')
  })
  return here
}

// A client whose document is that of the secret key; it says nothing of who calls. `version` is `1.1` or `1.2`, `more`
// asks for another document.
export async function client(here, version, security, more = '') {
  const made = await soap.createClientAsync(`${here.address}?wsdl${more}`, {
    wsdl_headers: { apikey: here.server.keys.secret },
    forceSoap12Headers: version === '1.2',
    preserveWhitespace: true,
    customDeserializer: exact,
  })
  if (security) made.setSecurity(security)
  return made
}

export const key = (apikey) => ({ addHeaders: (headers) => { headers.apikey = apikey }, addOptions() {}, toXML: () => '' })
export const basic = (apikey) => new soap.BasicAuthSecurity('apikey', apikey)
export const bearer = (token) => new soap.BearerSecurity(token)
export const token = (name, secret, options = { hasNonce: true }) => new soap.WSSecurity(name, secret, options)

// What an operation answers.
export const call = async (made, operation, input = {}) => (await made[`${operation}Async`](input))[0]

// The kind and the code of the fault that answers an operation; one of WS-Security is told by its own code.
export async function refused(made, version, operation, input) {
  const error = await made[`${operation}Async`](input ?? {}).then(() => assert.fail('it was not refused'), (error) => error)
  const fault = error.root?.Envelope?.Body?.Fault
  if (!fault) return error.response?.status ?? error
  const local = (name) => name.split(':').at(-1)
  const codes = version === '1.1' ? [fault.faultcode] : [fault.Code.Value, fault.Code.Subcode.Value]
  const detail = (fault.detail ?? fault.Detail)?.BistroFault
  if (!detail || /^ws(se|u):/.test(codes.at(-1))) return local(codes.at(-1))
  assert.deepEqual(codes.map(local), version === '1.1' ? ['Client'] : ['Sender', detail.kind])
  assert.equal(error.response.status, version === '1.1' ? 500 : 400)
  assert.ok(detail.requestId && detail.message)
  return [detail.kind, detail.code]
}
