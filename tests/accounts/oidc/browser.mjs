// As much of a browser as a trip needs: it follows addresses by hand and keeps cookies, each for its host.
export class Browser {
  #jar = new Map()

  // Asks, and answers `{ status, location, body, headers }`; redirects are not followed.
  async go(address, options = {}) {
    const url = new URL(address)
    const cookies = [...(this.#jar.get(url.host) ?? new Map())].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...options.headers, ...(cookies && { cookie: cookies }) }
    const response = await fetch(url, { ...options, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) this.#keep(url.host, line)
    const location = response.headers.get('location')
    return {
      status: response.status,
      location: location && new URL(location, url).href,
      headers: response.headers,
      body: await response.text(),
    }
  }

  // Follows redirects until one leads to the address; where that is.
  async follow(address, until) {
    for (let steps = 0; steps < 20; steps += 1) {
      const { status, location, body } = await this.go(address)
      if (!location) throw new Error(`${status} at ${address}: ${body.slice(0, 500)}`)
      if (location.startsWith(until)) return new URL(location)
      address = location
    }
    throw new Error('the redirects have no end')
  }

  #keep(host, line) {
    const [pair] = line.split(';')
    const at = pair.indexOf('=')
    if (!this.#jar.has(host)) this.#jar.set(host, new Map())
    this.#jar.get(host).set(pair.slice(0, at), pair.slice(at + 1))
  }
}

// The members of an address's fragment.
export const fragment = (url) => Object.fromEntries(new URLSearchParams(url.hash.slice(1)))
