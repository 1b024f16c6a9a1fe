// The documents of relay.test.js; the compiler reads them here, nothing runs this file.
import { graphql } from 'relay-runtime'

graphql`
  query blogTagsQuery($count: Int!) {
    ...blogTagList @arguments(count: $count)
  }
`

graphql`
  fragment blogTagList on Query
    @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" })
    @refetchable(queryName: "blogTagListQuery") {
    tags(orderBy: [{ slug: ASC }], first: $count, after: $cursor) @connection(key: "blog_tags") {
      __id
      edges { node { id key slug name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`

graphql`
  query blogPostQuery($slug: String!) {
    postBy(key: { slug: $slug }) { id key ...blogPost }
  }
`

graphql`
  fragment blogPost on Post
    @argumentDefinitions(long: { type: "Boolean", defaultValue: false })
    @refetchable(queryName: "blogPostAgainQuery") {
    title
    body @include(if: $long)
    author { id handle }
  }
`

graphql`
  query blogNodeQuery($id: ID!) {
    node(id: $id) { __typename id ... on Tag { slug } ... on User { handle } }
  }
`

graphql`
  mutation blogAddTagMutation($input: TagCreate!, $connections: [ID!]!) {
    createTag(input: $input) @appendNode(connections: $connections, edgeTypeName: "TagEdge") { id slug name }
  }
`

graphql`
  mutation blogRenameTagMutation($id: ID!, $name: String!) {
    updateTag(id: $id, set: { name: $name }) { id name }
  }
`

graphql`
  mutation blogDropTagMutation($id: ID!, $connections: [ID!]!) {
    deleteTag(id: $id) { id @deleteEdge(connections: $connections) }
  }
`

graphql`
  subscription blogTagsSubscription {
    tagChanges(events: [UPDATE]) { event nodeId key { key } node { id key name } }
  }
`

graphql`
  subscription blogGoneTagsSubscription {
    tagChanges(events: [DELETE]) { nodeId @deleteRecord }
  }
`

graphql`
  query blogTagQuery($id: ID!) {
    tag(id: $id) { id name }
  }
`
