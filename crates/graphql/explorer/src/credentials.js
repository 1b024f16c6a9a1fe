// Who asks: a key and a user's token, kept by this browser for this server alone.

const NAMES = { key: 'bistro:key', token: 'bistro:token' }

// What was kept; in development the publishable key stands in for a key that was not.
export function kept(publishable) {
  return {
    key: localStorage.getItem(NAMES.key) ?? publishable ?? '',
    token: localStorage.getItem(NAMES.token) ?? '',
  }
}

// Keeps what differs from the start, so that a server with new keys starts with them.
export function keep(credentials, publishable) {
  const start = { key: publishable ?? '', token: '' }
  for (const [field, name] of Object.entries(NAMES)) {
    if (credentials[field] === start[field]) localStorage.removeItem(name)
    else localStorage.setItem(name, credentials[field])
  }
}

// The credentials as headers, which are the members of a socket's connection_init as well. A key pasted as a token decides
// as a key.
export function headers({ key, token }) {
  if (token.startsWith('sb_')) return { apikey: token }
  return { ...(key && { apikey: key }), ...(token && { Authorization: `Bearer ${token}` }) }
}
