// The editor's workers, as files of this server.
import EditorWorker from 'monaco-editor/esm/vs/editor/editor.worker.js?worker'
import JsonWorker from 'monaco-editor/esm/vs/language/json/json.worker.js?worker'
import GraphQLWorker from 'monaco-graphql/esm/graphql.worker.js?worker'

const KINDS = { json: JsonWorker, graphql: GraphQLWorker }

globalThis.MonacoEnvironment = { getWorker: (_, label) => new (KINDS[label] ?? EditorWorker)() }
