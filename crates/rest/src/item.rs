//! Rows by key: the condition of `If-Match`, judged in the transaction of the write.

use bistro_engine::{Context, Engine, Session};
use bistro_ir::Input;
use bistro_problem::{Code, Problem};

use crate::call::Call;
use crate::compile::{Verb, path};
use crate::headers::matches_etag;
use crate::prefer::Prefer;
use crate::read::{ReadPlan, Wanted};
use crate::render::Caps;
use crate::router::Options;

/// `If-Match` of a write to one row.
pub(crate) struct Guard {
    tags: String,
    /// The reads whose ETag the caller may hold: of the whole row, and of what this request selects.
    reads: Vec<(ReadPlan, Input)>,
}

impl Guard {
    /// The guard of a call that has one.
    pub(crate) fn new(
        engine: &Engine,
        options: &Options,
        cx: &Context,
        call: &Call<'_>,
    ) -> Result<Option<Self>, Problem> {
        let (Some(tags), Some(_)) = (call.if_match, call.item) else { return Ok(None) };
        let select = call.query.split('&').find(|p| p.starts_with("select=")).unwrap_or("");
        let mut queries = vec![""];
        if !select.is_empty() {
            queries.push(select);
        }
        let mut reads = Vec::with_capacity(queries.len());
        for query in queries {
            let (_, plan, input) = ReadPlan::new(engine, options, cx, &reading(call, query))?;
            reads.push((plan, input));
        }
        Ok(Some(Self { tags: tags.to_owned(), reads }))
    }

    /// Refuses with 412 unless the row is there with one of the tags. A row that is not there is left to the write,
    /// which doesn't find it, unless the write (`puts`) would make it.
    pub(crate) async fn check(
        &self,
        session: &mut Session<'_>,
        caps: Caps,
        puts: bool,
    ) -> Result<(), Problem> {
        for (plan, input) in &self.reads {
            let response = match plan.run(session, caps, input, Wanted::default()).await {
                Ok(response) => response,
                Err(problem) if problem.status == 404 && !puts => return Ok(()),
                Err(problem) if problem.status == 404 => return Err(changed()),
                Err(problem) => return Err(problem),
            };
            let tag = response.headers.iter().find(|(name, _)| *name == "etag").map(|(_, tag)| tag.as_ref());
            if tag.is_some_and(|tag| matches_etag(&self.tags, tag)) {
                return Ok(());
            }
        }
        Err(changed())
    }
}

fn changed() -> Problem {
    Problem::new(Code::PreconditionFailed, "The row is not the one that If-Match names")
        .hint("Read it again, and repeat the write with its new ETag.")
}

/// The read of the row that a write names.
fn reading<'a>(call: &Call<'a>, query: &'a str) -> Call<'a> {
    Call {
        verb: Verb::Get,
        collection: call.collection.clone(),
        item: call.item,
        query,
        range: None,
        prefer: Prefer::default(),
        media: call.media,
        profile: false,
        content_type: None,
        body: &[],
        if_match: None,
        if_none_match: None,
    }
}

/// The methods that a type takes, for `Allow`.
pub(crate) fn allowed(
    view: &bistro_schema::SchemaView,
    collection: &str,
    item: bool,
) -> Result<String, Problem> {
    let ty = path::collection(view, collection)?;
    let t = view.schema().ty(ty);
    let mut methods = vec!["OPTIONS", "GET", "HEAD"];
    if t.writable() {
        if !item {
            methods.push("POST");
        }
        if !t.key.is_empty() {
            methods.push("PUT");
        }
        methods.extend(["PATCH", "DELETE"]);
    }
    Ok(methods.join(","))
}
