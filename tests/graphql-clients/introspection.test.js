// What the server tells of its schema is what the command prints, and what tools make of it compiles.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codegen } from '@graphql-codegen/core'
import * as operations from '@graphql-codegen/typescript-operations'
import * as types from '@graphql-codegen/typescript'
import {
  buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, parse, printSchema, validate, validateSchema,
} from 'graphql'
import typescript from 'typescript'
import { amara, lucja, site } from './site.js'

const kinds = {
  'the blog': ['examples/blog', {}],
  'the blog with global ids': ['examples/blog', { BISTRO_GRAPHQL__GLOBAL_IDS: 'true' }],
  'the fixture': ['tests/fixture', {}],
}

// Callers by the word of the command: headers for the server.
const callers = {
  authenticated: (here) => here.as(amara),
  service: (here) => here.service,
}

async function introspected(here, headers) {
  const options = {
    inputValueDeprecation: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, oneOf: true,
  }
  const answer = await fetch(here.endpoint, {
    method: 'POST', headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ query: getIntrospectionQuery(options) }),
  })
  const { data, errors } = await answer.json()
  assert.equal(errors, undefined, JSON.stringify(errors))
  return buildClientSchema(data)
}

const sorted = (schema) => printSchema(lexicographicSortSchema(schema))

for (const [what, [project, settings]] of Object.entries(kinds)) {
  const here = site(project, { BISTRO_GRAPHQL__INTROSPECTION: 'on', ...settings })
  for (const [caller, headers] of Object.entries(callers)) {
    test(`${what} for ${caller}: introspection says what the command prints`, async () => {
      const told = await introspected(here, headers(here))
      const printed = buildSchema(here.server.bistro('graphql', 'schema', '--as', caller))
      for (const schema of [told, printed]) assert.deepEqual(validateSchema(schema), [])
      assert.equal(sorted(told), sorted(printed))
    })
  }
}

const blog = site('examples/blog')

test('in serve, the schema is told to people, not to strangers', async () => {
  const shown = await introspected(blog, blog.as(lucja, 'editor'))
  assert.ok(shown.getType('Post').getFields().note, 'an editor is shown the note')
  await assert.rejects(introspected(blog, blog.stranger))
})

const documents = parse(`
  query Posts($filter: PostFilter, $after: String) {
    posts(filter: $filter, orderBy: [{ published_at: DESC }], first: 10, after: $after) {
      edges { node { ...Card } } pageInfo { hasNextPage endCursor } aggregate { count sum { reading_seconds } }
    }
  }
  fragment Card on Post { id title status published_at author { name website } tags { nodes { slug } } }
  mutation Write($post: PostCreate!) { createPost(input: $post) { ...Card } }
  subscription Changes { postChanges(events: [INSERT]) { event key { id } node { ...Card } } }
`)

const plugins = {
  'typescript': [types, ['Post', 'PostFilter', 'PostConnection', 'MutationCreatePostArgs']],
  'typescript-operations': [operations, ['PostsQuery', 'WriteMutationVariables', 'ChangesSubscription']],
}

for (const [plugin, [made, names]] of Object.entries(plugins)) {
  test(`graphql-codegen: what ${plugin} makes compiles`, async () => {
    const schema = blog.server.bistro('graphql', 'schema', '--as', 'authenticated')
    assert.deepEqual(validate(buildSchema(schema), documents), [])
    const text = await codegen({
      schema: parse(schema), documents: [{ document: documents, location: 'blog.graphql' }], config: {},
      filename: 'blog.ts', plugins: [{ [plugin]: {} }], pluginMap: { [plugin]: made },
    })
    for (const name of names) assert.match(text, new RegExp(`export type ${name}\\b`))
    assert.deepEqual(complaints('blog.ts', text), [])
  })
}

// What the compiler of TypeScript says of a file.
function complaints(name, text) {
  const options = { strict: true, noEmit: true, target: typescript.ScriptTarget.ES2022, skipLibCheck: true, types: [] }
  const host = typescript.createCompilerHost(options)
  const { getSourceFile, readFile, fileExists } = host
  host.getSourceFile = (file, ...rest) => file === name ? typescript.createSourceFile(file, text, rest[0]) : getSourceFile.call(host, file, ...rest)
  host.readFile = (file) => file === name ? text : readFile.call(host, file)
  host.fileExists = (file) => file === name || fileExists.call(host, file)
  const said = typescript.getPreEmitDiagnostics(typescript.createProgram([name], options, host))
  return said.map(({ messageText }) => typescript.flattenDiagnosticMessageText(messageText, '\n'))
}
