//! `POST /batch/v1`: several operations in one transaction, later ones referring to earlier results.
//!
//! All succeed or none happens. With an `Idempotency-Key` the answer is kept for a day in the same transaction, so that
//! a repeated request is answered with it and runs nothing.

mod body;
mod refs;

use std::sync::Arc;

use bistro_engine::{Context, Session};
use bistro_ir::CallerKind;
use bistro_problem::{Code, Problem};
use bistro_wire::{Answer, Request, Response};
use xxhash_rust::xxh3::xxh3_128;

use crate::call::{Call, Told};
use crate::compile::{Path, Verb, path};
use crate::headers::{JSON, PRIVATE};
use crate::prefer::Return;
use crate::read::{ReadPlan, Wanted};
use crate::router::{Options, Rest, unsupported, verb};
use crate::write::WritePlan;
use body::{Batch, Operation, write_result};

/// The space of our own records that the answers lie in.
const SPACE: &str = "batch";
/// How long an answer is kept, in microseconds.
const KEPT: i64 = 24 * 60 * 60 * 1_000_000;
/// The longest idempotency key, in bytes.
const KEY_MAX: usize = 255;

/// The idempotency key of a request, as it is kept.
struct Key {
    /// Whose key, and which.
    name: String,
    /// The hash of the request's body.
    hash: [u8; 16],
}

impl Rest {
    /// Answers a batch, once it is durable.
    pub(crate) fn batch(&self, request: &Request<'_>, cx: Context) -> Result<Answer, Problem> {
        match request.method {
            "POST" => {}
            "OPTIONS" => return Ok(Response::new(200, "").header("allow", "OPTIONS,POST").into()),
            other => return Err(unsupported(other).hint("Send the batch with POST.")),
        }
        let batch = Batch::read(request)?;
        let key = Key::of(request, &cx)?;
        let told = Told::new(request, &cx);
        let (engine, options) = (Arc::clone(self.engine()), Arc::clone(self.options()));
        Ok(Answer::later(async move {
            let done = engine
                .transact(cx, Box::new(move |session| Box::pin(run(session, options, batch, key))))
                .await;
            told.answer(done.map(|body| {
                Response::new(200, body).header("content-type", JSON).header("cache-control", PRIVATE)
            }))
        }))
    }
}

/// The answer's body, made or found.
async fn run(
    session: &mut Session<'_>,
    options: Arc<Options>,
    batch: Batch,
    key: Option<Key>,
) -> Result<Vec<u8>, Problem> {
    if let Some(key) = &key
        && let Some(kept) = session.record_get(SPACE, &key.name).await?
    {
        return key.open(kept);
    }
    let body = all(session, &options, batch).await?;
    if let Some(key) = &key {
        let expires = session.context().now.saturating_add(KEPT);
        session.record_put(SPACE, &key.name, &key.seal(&body), expires).await?;
    }
    Ok(body)
}

/// Runs the operations one after the other.
async fn all(session: &mut Session<'_>, options: &Options, batch: Batch) -> Result<Vec<u8>, Problem> {
    let mut results: Vec<Response> = Vec::with_capacity(batch.operations.len());
    let mut body = b"{\"results\":[".to_vec();
    for (index, operation) in batch.operations.iter().enumerate() {
        let wanted = batch.refers_to(index);
        let result = one(session, options, operation, &results, wanted).await.map_err(|p| p.index(index))?;
        if index > 0 {
            body.push(b',');
        }
        write_result(&result, &mut body);
        if body.len() > options.caps.bytes {
            let text = format!("The reply would be larger than {} bytes", options.caps.bytes);
            return Err(Problem::new(Code::ReplyTooLarge, text).index(index));
        }
        results.push(result);
    }
    body.extend_from_slice(b"]}");
    Ok(body)
}

/// Runs one operation. `wanted` says that a later one refers to its result.
async fn one(
    session: &mut Session<'_>,
    options: &Options,
    operation: &Operation,
    results: &[Response],
    wanted: bool,
) -> Result<Response, Problem> {
    let verb =
        verb(&operation.method).filter(|v| *v != Verb::Head).ok_or_else(|| unsupported(&operation.method))?;
    let target = refs::path(&operation.path, results)?;
    let (place, query) = target.split_once('?').unwrap_or((&target, ""));
    let rest = place.strip_prefix("/rest/v1").ok_or_else(|| foreign(place))?;
    let (collection, item) = match path::split(rest)? {
        Path::Collection(name) if name != "openapi.json" => (name, None),
        Path::Item(name, key) => (name, Some(key)),
        Path::Function(_) | Path::Collection(_) | Path::Root => return Err(foreign(place)),
    };
    let body = refs::body(operation, results)?;
    let headers = operation.lower_headers();
    let mut call = Call::new(verb, (collection, item), query, &headers, &body)?;
    // Whoever selects, or refers to the result later, wants to see it.
    let selects = query.split('&').any(|p| p.starts_with("select="));
    if !verb.reads() && call.prefer.returning.is_none() && (wanted || selects) {
        call.prefer.returning = Some(Return::Representation);
    }
    let (engine, cx) = (Arc::clone(session.engine()), session.context().clone());
    if verb.reads() {
        let (_, plan, input) = ReadPlan::new(&engine, options, &cx, &call)?;
        plan.run(session, options.caps, &input, Wanted::new(&call)).await
    } else {
        WritePlan::new(&engine, options, &cx, &call)?.run(session).await
    }
}

fn foreign(place: &str) -> Problem {
    Problem::new(Code::Batch, format!("A batch reaches collections and their rows alone, not {place}"))
        .hint("Write paths such as /rest/v1/posts or /rest/v1/posts/<key>.")
}

impl Key {
    /// The key of a request that has one; refused if it is empty or too long.
    fn of(request: &Request<'_>, cx: &Context) -> Result<Option<Self>, Problem> {
        let Some(text) = request.headers.get("idempotency-key") else { return Ok(None) };
        if text.is_empty() || text.len() > KEY_MAX {
            let message = format!("Idempotency-Key needs 1 to {KEY_MAX} bytes; this has {}", text.len());
            return Err(Problem::new(Code::BadRequest, message));
        }
        let name = format!("{}{}\n{text}", owner(cx), application(cx));
        Ok(Some(Self { name, hash: xxh3_128(request.body).to_be_bytes() }))
    }

    /// The answer as it is kept: the hash of the request, then the body.
    fn seal(&self, body: &[u8]) -> Vec<u8> {
        [&self.hash, body].concat()
    }

    /// The kept answer, if it is the answer of this very request.
    fn open(&self, mut kept: Vec<u8>) -> Result<Vec<u8>, Problem> {
        if kept.get(..self.hash.len()) != Some(&self.hash[..]) {
            let message = "The idempotency key was used with another body";
            return Err(
                Problem::new(Code::IdempotencyMismatch, message).hint("Use a new key for a new request.")
            );
        }
        Ok(kept.split_off(self.hash.len()))
    }
}

/// Whose keys they are: those of a user, of one machine's key, of the project's key, or of all who have none of these.
/// Who has a subject is somebody, whatever the role.
fn owner(cx: &Context) -> String {
    let caller = &cx.caller;
    let claims = || serde_json::from_str::<serde_json::Value>(&caller.claims).unwrap_or_default();
    match (caller.kind, caller.id) {
        (CallerKind::Service, _) => "service".into(),
        (kind, Some(id)) => {
            format!("{kind:?}\n{}", String::from_utf8_lossy(&bistro_schema::text::uuid_text(&id)))
        }
        (CallerKind::Anonymous, None) if claims().get("sub").is_none() => "anonymous".into(),
        (kind, None) => {
            let claims = claims();
            let [issuer, subject, key] = ["iss", "sub", "key_id"].map(|name| &claims[name]);
            format!("{kind:?}\n{issuer}\n{subject}\n{key}")
        }
    }
}

/// The application that asks for somebody, with what it may: what another was answered is not for it.
fn application(cx: &Context) -> String {
    let Some(scopes) = &cx.caller.scopes else { return String::new() };
    let claims = serde_json::from_str::<serde_json::Value>(&cx.caller.claims).unwrap_or_default();
    format!("\n{}\n{scopes:?}", claims["client_id"])
}

#[cfg(test)]
mod tests;
