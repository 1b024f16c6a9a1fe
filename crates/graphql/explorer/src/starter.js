// The query that an empty editor begins with, made from the schema that the caller sees.
import { getNamedType, getNullableType, isLeafType, isListType, isObjectType, isRequiredArgument } from 'graphql'

const FIELDS = 6

export const WAITING = `# Enter a key or a user's token above:
# a first query is then written here.
`

const HELP = `# Run: Ctrl-Enter. Complete: Ctrl-Space.
# Documentation: the book on the left.

`

export function starter(schema) {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {})
  for (const field of fields.filter(askable)) {
    const rows = getNamedType(field.type)
    const nodes = isObjectType(rows) && rows.getFields().nodes
    const leaves = nodes && leavesOf(getNamedType(nodes.type))
    if (leaves?.length) return HELP + query(field, leaves)
  }
  return `${HELP}{\n  __typename\n}\n`
}

function query(field, leaves) {
  const page = field.args.some(({ name }) => name === 'first') ? '(first: 10)' : ''
  const lines = leaves.map((name) => `      ${name}\n`).join('')
  return `{\n  ${field.name}${page} {\n    nodes {\n${lines}    }\n  }\n}\n`
}

function leavesOf(type) {
  if (!isObjectType(type)) return []
  const plain = Object.values(type.getFields()).filter(
    (field) => askable(field) && !isListType(getNullableType(field.type)) && isLeafType(getNamedType(field.type)),
  )
  return plain.slice(0, FIELDS).map(({ name }) => name)
}

const askable = (field) => !field.args.some(isRequiredArgument) && !field.deprecationReason
