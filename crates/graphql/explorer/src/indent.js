// Indents JSON with comments, in the form that GraphiQL expects of Prettier's plugins.
import { applyEdits, format } from 'jsonc-parser'

const indented = (text) => applyEdits(text, format(text, undefined, { tabSize: 2, insertSpaces: true }))

export const parsers = {
  jsonc: { astFormat: 'text', parse: (text) => ({ text }), locStart: () => 0, locEnd: ({ text }) => text.length },
}

export const printers = {
  text: { print: (path) => indented(path.node.text) },
}
