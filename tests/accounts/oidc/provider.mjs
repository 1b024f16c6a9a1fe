// A real OpenID Connect provider on loopback, where everybody signs in at once: as `login_hint` says, otherwise as Ada.
// `node provider.mjs REDIRECT_URI…` prints its address. `start()` is for tests: `register(uri)` before the first trip.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import Provider from 'oidc-provider'

export const client = { id: 'bistro', secret: 'a secret between the two servers' }

// Somebody here: `unverified…` has an address that nobody has verified, `nobody…` has none.
function account(id) {
  const name = id.charAt(0).toUpperCase() + id.slice(1)
  const email = id.startsWith('nobody') ? {} : { email: `${id}@example.org`, email_verified: !id.startsWith('unverified') }
  return { accountId: id, claims: () => ({ sub: id, name, ...email }) }
}

function configuration(redirectUris) {
  return {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: redirectUris, grant_types: ['authorization_code', 'refresh_token'] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    scopes: ['openid', 'offline_access'],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    cookies: { keys: ['not a secret: it lives as long as the test'] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    findAccount: (_, id) => account(id),
    // Nobody is asked what they let the application have.
    async loadExistingGrant(ctx) {
      const { client, session, provider } = ctx.oidc
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid email profile offline_access')
      await grant.save()
      return grant
    },
  }
}

async function interact(provider, request, response) {
  const { params } = await provider.interactionDetails(request, response)
  const id = params.login_hint ?? 'ada'
  const refusal = { error: 'access_denied', error_description: 'They did not want to' }
  const result = id === 'refuse' ? refusal : { login: { accountId: id }, consent: {} }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

// Starts one on a free port: `{ address, register(...redirectUris), stop() }`.
export async function start() {
  let provider
  const server = createServer((request, response) => {
    if (!provider) return response.writeHead(503).end('nobody is registered yet')
    const asked = request.url.startsWith('/interaction/') ? interact(provider, request, response) : provider.callback()(request, response)
    Promise.resolve(asked).catch((error) => response.headersSent || response.writeHead(500).end(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${server.address().port}`
  const register = (...uris) => { provider = new Provider(address, configuration(uris)) }
  const stop = () => new Promise((done) => { server.closeAllConnections(); server.close(done) })
  return { address, register, stop }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { address, register } = await start()
  register(...process.argv.slice(2))
  console.log(address)
}
