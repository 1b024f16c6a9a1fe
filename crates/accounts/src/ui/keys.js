'use strict'
const keys = window.PublicKeyCredential
const ready = keys && keys.parseCreationOptionsFromJSON && keys.parseRequestOptionsFromJSON
for (const form of ready ? document.querySelectorAll('form[data-key]') : []) {
  const said = form.querySelector('[role=alert]')
  const field = (name) => form.elements.namedItem(name)
  form.hidden = false
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    said.textContent = ''
    try {
      const use = form.dataset.key
      const body = new URLSearchParams({ use, factor: field('factor').value })
      const reply = await fetch('/auth/v1/ui/keys/options', { method: 'POST', body })
      const asked = await reply.json()
      if (asked.way) return location.assign(asked.way)
      if (!reply.ok) throw new Error(asked.message)
      const credential = use === 'add'
        ? await navigator.credentials.create({ publicKey: keys.parseCreationOptionsFromJSON(asked.options) })
        : await navigator.credentials.get({ publicKey: keys.parseRequestOptionsFromJSON(asked.options) })
      field('challenge').value = asked.challenge_id
      field('credential').value = JSON.stringify(credential)
      form.submit()
    } catch (error) {
      said.textContent = error.name === 'NotAllowedError' ? 'The key did not answer, or was refused.' : error.message
    }
  })
}
