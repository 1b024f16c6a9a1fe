//! Writes: insert, upsert, update, put and delete, each in a transaction of its own or inside a batch.

use std::sync::Arc;

use bistro_engine::{Context, Engine, Outcome, Ready, Session};
use bistro_ir::{Action, Body, Conflict, Input};
use bistro_problem::Problem;
use bistro_schema::{Action as Right, Value};
use bistro_wire::{Answer, Request, Response};
use bytes::Bytes;

use crate::call::{Call, Told};
use crate::compile::{self, Compiled, Verb};
use crate::headers::{PRIVATE, etag};
use crate::item::Guard;
use crate::media::Media;
use crate::prefer::Return;
use crate::read::{not_found, only, style};
use crate::render::{Caps, Shape, Writer};
use crate::router::{Options, Rest};

/// A write made ready.
pub(crate) struct WritePlan {
    work: Work,
    input: Input,
    shape: Option<Arc<Shape>>,
    guard: Option<Guard>,
    caps: Caps,
    reply: Reply,
}

/// What is run.
enum Work {
    /// The write itself.
    Write(Arc<Ready>),
    /// Nothing at all.
    Nothing,
}

/// How the response is made.
struct Reply {
    verb: Verb,
    media: Media,
    item: bool,
    counted: bool,
    merges: bool,
    headers_only: bool,
    applied: Option<String>,
    profile: bool,
    collection: String,
    key_names: Vec<String>,
    /// Whether the caller may read the key, and so be told it in `Location`.
    key_shown: bool,
}

impl WritePlan {
    /// Compiles, authorises and plans.
    pub(crate) fn new(
        engine: &Engine,
        options: &Options,
        cx: &Context,
        call: &Call<'_>,
    ) -> Result<Self, Problem> {
        let roles = cx.caller.roles;
        let view = engine.view(roles);
        let Compiled { ty, operation, input, noop } =
            compile::compile(&view, &call.asked(), &options.limits)?;
        let Body::Write(write) = &operation.body else {
            return Err(Problem::bug("a write was compiled to a read"));
        };
        let schema = engine.schema();
        let returning = write.returning.as_ref();
        let shape = returning.map(|read| Arc::new(Shape::new(schema, read, style(call.media))));
        // A row that is named by its key is found and judged, though nothing of it changes.
        let keyed = matches!(write.action, Action::Update { .. }) && call.item.is_some();
        let work = match noop && !keyed {
            true => Work::Nothing,
            false => Work::Write(engine.ready(roles, &operation)?),
        };
        let guard = Guard::new(engine, options, cx, call)?;
        let t = schema.ty(ty);
        let merges =
            matches!(&write.action, Action::Insert { conflict: Some(Conflict { merge: true, .. }), .. });
        let reply = Reply {
            verb: call.verb,
            media: call.media,
            item: call.item.is_some(),
            counted: call.prefer.count.is_some(),
            merges,
            headers_only: call.prefer.returning == Some(Return::HeadersOnly),
            applied: call.prefer.applied(call.verb),
            profile: call.profile,
            collection: crate::encode::segment(&t.collection),
            key_shown: t.key.iter().all(|f| view.field_allows(ty, *f, Right::Read)),
            key_names: t.key.iter().map(|f| t.field(*f).name.clone()).collect(),
        };
        Ok(Self { work, input, shape, guard, caps: options.caps, reply })
    }

    /// Runs inside a transaction.
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<Response, Problem> {
        let put = self.reply.verb == Verb::Put;
        if let Some(guard) = &self.guard {
            guard.check(session, self.caps, put).await?;
        }
        let represent = self.shape.is_some();
        let mut writer = match self.shape {
            Some(shape) => Writer::new(self.reply.media, shape, self.caps, 512),
            None => Writer::Nothing,
        };
        let outcome = match &self.work {
            Work::Write(ready) => session.run(ready, &self.input, &mut writer).await?,
            Work::Nothing => Outcome::default(),
        };
        if self.reply.item && outcome.affected == 0 {
            return Err(not_found());
        }
        // A reply that is too large, or a cast that fails, rolls the write back.
        let body = writer.finish()?;
        self.reply.respond(represent.then_some(body), &outcome)
    }
}

impl Reply {
    fn respond(&self, body: Option<Vec<u8>>, outcome: &Outcome) -> Result<Response, Problem> {
        let mut response = match body {
            Some(body) => self.representation(body, outcome)?,
            None => self.empty(outcome),
        };
        response.headers.push(("cache-control", PRIVATE.into()));
        if !self.item {
            response.headers.push(("content-range", self.range(outcome).into()));
        }
        if let (Verb::Post, Some(key), true) = (self.verb, &outcome.key, self.key_shown) {
            response.headers.push(("location", self.location(key).into()));
        }
        if let Some(applied) = &self.applied {
            response.headers.push(("preference-applied", applied.clone().into()));
        }
        if self.profile && !response.body.is_empty() {
            response.headers.push(("content-profile", "public".into()));
        }
        Ok(response)
    }

    fn representation(&self, body: Vec<u8>, outcome: &Outcome) -> Result<Response, Problem> {
        let status = match self.verb {
            Verb::Post => self.created(outcome),
            Verb::Put if outcome.inserted > 0 => 201,
            _ => 200,
        };
        let one = self.media.singular() || (self.item && self.media != Media::Csv);
        let body = if one { only(body, outcome.rows)? } else { Bytes::from(body) };
        let tag = (self.item && self.verb != Verb::Delete).then(|| etag(&body));
        let mut response = Response::new(status, body).header("content-type", self.media.content_type());
        if let Some(tag) = tag {
            response.headers.push(("etag", tag.into()));
        }
        Ok(response)
    }

    fn empty(&self, outcome: &Outcome) -> Response {
        match self.verb {
            // The type is named so that the answer is one that the description declares.
            Verb::Post => Response::new(self.created(outcome), Bytes::new())
                .header("content-type", "text/plain; charset=utf-8"),
            _ => Response::new(204, Bytes::new()),
        }
    }

    /// An upsert that made nothing new is 200.
    fn created(&self, outcome: &Outcome) -> u16 {
        if self.merges && outcome.inserted == 0 { 200 } else { 201 }
    }

    fn range(&self, outcome: &Outcome) -> String {
        let n = outcome.affected;
        let total = if self.counted { n.to_string() } else { "*".into() };
        match (self.verb, n) {
            (Verb::Patch, 1..) => format!("0-{}/{total}", n - 1),
            _ => format!("*/{total}"),
        }
    }

    /// Where the new row lies: its own path, or with `return=headers-only` the filter that finds it.
    fn location(&self, key: &[Value]) -> String {
        let mut text = format!("{}/{}", if self.headers_only { "" } else { "/rest/v1" }, self.collection);
        for (n, value) in key.iter().enumerate() {
            let mut plain = Vec::new();
            bistro_schema::text::write_plain(value.borrow(), &mut plain);
            let plain = String::from_utf8_lossy(&plain);
            if self.headers_only {
                text.push(if n == 0 { '?' } else { '&' });
                crate::encode::push(&self.key_names[n], &mut text);
                text.push_str("=eq.");
            } else {
                text.push(if n == 0 { '/' } else { ',' });
            }
            crate::encode::push(&plain, &mut text);
        }
        text
    }
}

impl Rest {
    /// Answers a write, once it is durable.
    pub(crate) fn write(
        &self,
        request: &Request<'_>,
        cx: Context,
        call: &Call<'_>,
    ) -> Result<Answer, Problem> {
        let plan = WritePlan::new(self.engine(), self.options(), &cx, call)?;
        let told = Told::new(request, &cx);
        let engine = Arc::clone(self.engine());
        Ok(Answer::later(async move {
            let done = engine
                .transact(
                    cx,
                    Box::new(move |session| {
                        session.nothing_follows();
                        Box::pin(plan.run(session))
                    }),
                )
                .await;
            told.answer(done)
        }))
    }
}
