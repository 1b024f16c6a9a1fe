// Asks this server, over HTTP or, for subscriptions, over a socket, as whoever is entered when the question is put.
import { createGraphiQLFetcher } from '@graphiql/toolkit'
import { createClient } from 'graphql-ws'
import { headers } from './credentials.js'

// `current` gives the present credentials. The answer is what GraphiQL asks with, and how sockets of earlier ones are ended.
export function connect(current) {
  const url = new URL('graphql/v1', document.baseURI)
  const socketUrl = new URL(url)
  socketUrl.protocol = url.protocol.replace('http', 'ws')
  const sockets = createClient({ url: socketUrl.href, connectionParams: () => headers(current()) })
  const fetcher = createGraphiQLFetcher({
    url: url.href,
    wsClient: sockets,
    fetch: (input, init) => fetch(input, { ...init, headers: { ...headers(current()), ...init.headers } }),
  })
  return { fetcher, reconnect: () => sockets.terminate() }
}
