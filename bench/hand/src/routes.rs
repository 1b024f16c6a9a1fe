//! The hard-wired routes, under the URLs that Bistro's REST surface has for the same data.

use std::error::Error;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{self, Body};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, Uri, header};
use axum::routing::get;
use serde::Deserialize;
use uuid::Uuid;

use crate::backend::{Backend, Post, Question};
use crate::time;
use crate::token::{Caller, Tokens};

/// The largest body of an insert, in bytes.
const MAX_BODY: usize = 64 * 1024;
const ITEM: &str = "/rest/v1/posts/";
const FEED: &str = "select=id,title,body,status,created_at,author(id,name),comments(id,body,created_at)\
    &comments.order=created_at.desc&comments.limit=3&created_at=lt.";

/// What every request needs.
pub(crate) struct App {
    pub(crate) tokens: Tokens,
    pub(crate) backend: Backend,
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
    read(&app, app.tokens.caller(request.headers()), Question::One(id), 1024).await
}

async fn list(State(app): State<Arc<App>>, request: Request) -> Reply {
    let question = ask(request.uri()).ok_or(StatusCode::BAD_REQUEST)?;
    let capacity = match question {
        Question::OfAuthor(_) => 48 * 1024,
        Question::Feed(_) => 32 * 1024,
        Question::One(_) | Question::Page(_) => 20 * 1024,
    };
    read(&app, app.tokens.caller(request.headers()), question, capacity).await
}

fn ask(uri: &Uri) -> Option<Question> {
    let query = uri.query()?;
    let between = |head: &str, tail: &str| query.strip_prefix(head)?.strip_suffix(tail);
    if let Some(author) = between("author_id=eq.", "&order=created_at.desc&limit=50") {
        return Uuid::try_parse(author).ok().map(Question::OfAuthor);
    }
    let tail = "&order=created_at.desc&limit=20";
    match between("created_at=lt.", tail) {
        Some(before) => time::parse(before).map(Question::Page),
        None => time::parse(between(FEED, tail)?).map(Question::Feed),
    }
}

async fn read(app: &App, caller: Option<Caller>, question: Question, capacity: usize) -> Reply {
    let caller = caller.ok_or(StatusCode::UNAUTHORIZED)?;
    let mut out = Vec::with_capacity(capacity);
    let found = app.backend.answer(question, caller.id(), &mut out).await.map_err(failed)?;
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
    let post = Post {
        id,
        author: new.author_id,
        title: new.title,
        body: new.body,
        status: new.status,
        created_at: now(),
    };
    app.backend.insert(post).await.map_err(failed)?;
    Response::builder()
        .status(StatusCode::CREATED)
        .header(header::LOCATION, format!("{ITEM}{id}"))
        .body(Body::empty())
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// What went wrong is told to whoever runs the benchmark.
fn failed(cause: Box<dyn Error + Send + Sync>) -> StatusCode {
    eprintln!("{cause}");
    StatusCode::INTERNAL_SERVER_ERROR
}

/// Microseconds since 1970.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
