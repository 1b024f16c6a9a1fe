//! The GraphQL documents of the workloads: Bistro's, and the same questions in PostGraphile's names.

use super::case::{Slots, Template};

/// What is asked of a GraphQL server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Graph {
    /// One post by its key.
    One,
    /// The newest 50 posts of an author.
    List50,
    /// 20 posts before a moment, each with its author and its newest three comments.
    Feed20,
    /// The newest 20 posts of an author, each with its author and its newest three comments.
    FeedOf,
}

/// Whose names a document uses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Ours.
    Bistro,
    /// PostGraphile's, as it makes them of the tables.
    PostGraphile,
}

/// The document, whose one variable is `$v`.
fn document(graph: Graph, dialect: Dialect) -> &'static str {
    use Dialect::{Bistro, PostGraphile};
    match (graph, dialect) {
        (Graph::One, Bistro) => {
            "query One($v: ID!) { post(id: $v) { id author_id title body status created_at } }"
        }
        (Graph::One, PostGraphile) => {
            "query One($v: UUID!) { post: postByRowId(rowId: $v) \
             { rowId authorId title body status createdAt } }"
        }
        (Graph::List50, Bistro) => {
            "query List($v: ID!) { posts(filter: {author_id: {eq: $v}}, orderBy: [{created_at: DESC}], \
             first: 50) { nodes { id author_id title body status created_at } } }"
        }
        (Graph::List50, PostGraphile) => {
            "query List($v: UUID!) { posts: allPosts(condition: {authorId: $v}, \
             orderBy: [CREATED_AT_DESC], first: 50) \
             { nodes { rowId authorId title body status createdAt } } }"
        }
        // PostGraphile filters by equality alone without a plugin, so this one is asked of Bistro only.
        (Graph::Feed20, _) => {
            "query Feed($v: DateTime!) { posts(filter: {created_at: {lt: $v}}, \
             orderBy: [{created_at: DESC}], first: 20) { nodes { id title body status created_at \
             author { id name } comments(orderBy: [{created_at: DESC}], first: 3) \
             { nodes { id body created_at } } } } }"
        }
        (Graph::FeedOf, Bistro) => {
            "query FeedOf($v: ID!) { posts(filter: {author_id: {eq: $v}}, \
             orderBy: [{created_at: DESC}], first: 20) { nodes { id title body status created_at \
             author { id name } comments(orderBy: [{created_at: DESC}], first: 3) \
             { nodes { id body created_at } } } } }"
        }
        (Graph::FeedOf, PostGraphile) => {
            "query FeedOf($v: UUID!) { posts: allPosts(condition: {authorId: $v}, \
             orderBy: [CREATED_AT_DESC], first: 20) { nodes { rowId title body status createdAt \
             userByAuthorId { rowId name } commentsByPostId(orderBy: [CREATED_AT_DESC], first: 3) \
             { nodes { rowId body createdAt } } } } }"
        }
    }
}

/// The requests of a document: the value of `$v` is the gap.
pub(super) fn template(
    graph: Graph,
    dialect: Dialect,
    values: &std::sync::Arc<Slots>,
    lines: &str,
) -> Template {
    let (start, end) = (format!(r#"{{"query":"{}","variables":{{"v":""#, document(graph, dialect)), r#""}}"#);
    let length = start.len() + values.width() + end.len();
    let head = format!(
        "POST /graphql/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}Content-Type: application/json\r\n\
         Accept: application/json\r\nContent-Length: {length}\r\n\r\n{start}"
    );
    Template {
        head: head.into_bytes(),
        gap: Some(values.clone()),
        tail: end.as_bytes().to_vec(),
        expected: 200,
        share: 100,
    }
}
