// GraphiQL on this server's own endpoint.
import './workers.js'
import '@graphiql/react/style.css'
import '@graphiql/plugin-doc-explorer/style.css'
import '@graphiql/plugin-history/style.css'
import 'graphiql/graphiql.css'
import './explorer.css'
import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from '@graphiql/plugin-doc-explorer'
import { HISTORY_PLUGIN, HistoryStore } from '@graphiql/plugin-history'
import { GraphiQLProvider, pick, useGraphiQL } from '@graphiql/react'
import { GraphiQL, GraphiQLInterface } from 'graphiql'
import { useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { Bar } from './bar.jsx'
import { keep, kept } from './credentials.js'
import { connect } from './fetcher.js'
import { WAITING, starter } from './starter.js'

const PLUGINS = [DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN]

// Writes a first query as soon as the schema is known, where nothing has been written.
function FirstQuery() {
  const { schema, queryEditor } = useGraphiQL(pick('schema', 'queryEditor'))
  useEffect(() => {
    if (schema && queryEditor?.getValue() === WAITING) queryEditor.setValue(starter(schema))
  }, [schema, queryEditor])
  return null
}

function Explorer({ title, publishable }) {
  let credentials = kept(publishable)
  const { fetcher, reconnect } = connect(() => credentials)
  const asked = new URLSearchParams(location.search)
  return (
    <GraphiQLProvider
      fetcher={fetcher}
      plugins={PLUGINS}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      defaultQuery={WAITING}
      initialQuery={asked.get('query') ?? undefined}
      initialVariables={asked.get('variables') ?? undefined}
      operationName={asked.get('operationName') ?? undefined}
      shouldPersistHeaders={false}
    >
      <HistoryStore>
        <DocExplorerStore>
          <Bar
            title={title}
            credentials={credentials}
            publishable={publishable}
            onChange={(entered) => {
              credentials = entered
              keep(entered, publishable)
              reconnect()
            }}
          />
          <FirstQuery />
          <GraphiQLInterface showPersistHeadersSettings={false}>
            <GraphiQL.Logo />
          </GraphiQLInterface>
        </DocExplorerStore>
      </HistoryStore>
    </GraphiQLProvider>
  )
}

const answer = await fetch('graphql/assets/config.json')
const { title, publishable } = answer.ok ? await answer.json() : {}
if (title) document.title = `${title} · GraphQL`
createRoot(document.getElementById('explorer')).render(Explorer({ title: title ?? 'GraphQL', publishable }))
