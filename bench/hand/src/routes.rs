//! The hard-wired routes, under the URLs that Bistro's REST surface has for the same data.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{self, Body};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, Uri, header};
use axum::routing::get;
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::reader::{Question, Reads};
use crate::time;
use crate::token::{Caller, Tokens};
use crate::writer::{Job, Post};

/// The largest body of an insert, in bytes.
const MAX_BODY: usize = 64 * 1024;
const ITEM: &str = "/rest/v1/posts/";
const FEED: &str = "select=id,title,body,status,created_at,author(id,name),comments(id,body,created_at)\
    &comments.order=created_at.desc&comments.limit=3&created_at=lt.";

/// What every request needs.
pub(crate) struct App {
    pub(crate) tokens: Tokens,
    pub(crate) reads: Reads,
    pub(crate) writes: mpsc::Sender<Job>,
}

/// The whole server.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/rest/v1/posts/{id}", get(item))
        .route("/rest/v1/posts", get(list).post(insert))
        .with_state(Arc::new(app))
}

/// Each refusal is a bare status: nobody but the benchmark asks.
type Reply = Result<Response<Body>, StatusCode>;

async fn item(State(app): State<Arc<App>>, request: Request) -> Reply {
    let key = request.uri().path().strip_prefix(ITEM).ok_or(StatusCode::NOT_FOUND)?;
    let id = Uuid::try_parse(key).map_err(|_| StatusCode::BAD_REQUEST)?;
    read(&app, &request, &Question::One(id.as_bytes()), 1024)
}

async fn list(State(app): State<Arc<App>>, request: Request) -> Reply {
    let author;
    let (question, capacity) = match ask(request.uri()).ok_or(StatusCode::BAD_REQUEST)? {
        Ask::OfAuthor(id) => {
            author = id;
            (Question::OfAuthor(author.as_bytes()), 48 * 1024)
        }
        Ask::Page(before) => (Question::Page(before), 20 * 1024),
        Ask::Feed(before) => (Question::Feed(before), 32 * 1024),
    };
    read(&app, &request, &question, capacity)
}

enum Ask {
    OfAuthor(Uuid),
    Page(i64),
    Feed(i64),
}

fn ask(uri: &Uri) -> Option<Ask> {
    let query = uri.query()?;
    let between = |head: &str, tail: &str| query.strip_prefix(head)?.strip_suffix(tail);
    if let Some(author) = between("author_id=eq.", "&order=created_at.desc&limit=50") {
        return Uuid::try_parse(author).ok().map(Ask::OfAuthor);
    }
    let tail = "&order=created_at.desc&limit=20";
    match between("created_at=lt.", tail) {
        Some(before) => time::parse(before).map(Ask::Page),
        None => time::parse(between(FEED, tail)?).map(Ask::Feed),
    }
}

fn read(app: &App, request: &Request, question: &Question<'_>, capacity: usize) -> Reply {
    let caller = app.tokens.caller(request.headers()).ok_or(StatusCode::UNAUTHORIZED)?;
    let mut out = Vec::with_capacity(capacity);
    let found =
        app.reads.answer(question, caller.id(), &mut out).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    if !found {
        return Err(StatusCode::NOT_FOUND);
    }
    let mut response = Response::new(Body::from(out));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    Ok(response)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPost {
    author_id: Uuid,
    title: String,
    body: String,
    status: String,
}

async fn insert(State(app): State<Arc<App>>, request: Request) -> Reply {
    let (head, body) = request.into_parts();
    let caller = app.tokens.caller(&head.headers).ok_or(StatusCode::UNAUTHORIZED)?;
    let bytes = body::to_bytes(body, MAX_BODY).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let new: NewPost = serde_json::from_slice(&bytes).map_err(|_| StatusCode::BAD_REQUEST)?;
    if !matches!(caller, Caller::User(id) if id == new.author_id) {
        return Err(StatusCode::FORBIDDEN);
    }
    let id = Uuid::now_v7();
    let (done, outcome) = oneshot::channel();
    let post = Post {
        id,
        author: new.author_id,
        title: new.title,
        body: new.body,
        status: new.status,
        created_at: now(),
    };
    app.writes.send(Job { post, done }).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    outcome.await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?.map_err(|_| StatusCode::CONFLICT)?;
    Response::builder()
        .status(StatusCode::CREATED)
        .header(header::LOCATION, format!("{ITEM}{id}"))
        .body(Body::empty())
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// Microseconds since 1970.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
