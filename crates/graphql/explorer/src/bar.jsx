// The bar above the editors: what is served, who asks, and where the other pages are.
import { useGraphiQLActions } from '@graphiql/react'
import { useState } from 'react'

export function Bar({ title, credentials, publishable, onChange }) {
  const { introspect } = useGraphiQLActions()
  const [entered, enter] = useState(credentials)
  const [used, use] = useState(credentials)

  function apply(event) {
    event?.preventDefault()
    if (entered.key === used.key && entered.token === used.token) return
    use(entered)
    onChange(entered)
    introspect()
  }

  const field = (name, label, hint) => (
    <label>
      {label}
      <input
        name={name}
        type="password"
        autoComplete="off"
        spellCheck={false}
        placeholder={hint}
        value={entered[name]}
        onChange={({ target }) => enter({ ...entered, [name]: target.value.trim() })}
        onBlur={() => apply()}
      />
    </label>
  )

  return (
    <header className="bistro">
      <strong>{title}</strong>
      <form onSubmit={apply} title="Each caller sees what their roles may see">
        {field('key', 'API key', 'sb_…')}
        {field('token', 'User token', 'none')}
        <button type="submit" hidden>Use</button>
        <output>{caller(used, publishable)}</output>
      </form>
      <nav>
        <a href="docs">REST</a>
        <a href="docs/errors">Error codes</a>
      </nav>
    </header>
  )
}

function caller({ key, token }, publishable) {
  if (token.startsWith('sb_secret_') || (!token && key.startsWith('sb_secret_'))) return 'passes every rule'
  if (token && !token.startsWith('sb_')) return 'sees what this user may see'
  if (key) return key === publishable ? 'sees what anybody may see (publishable key)' : 'sees what anybody may see'
  return 'a key is needed'
}
