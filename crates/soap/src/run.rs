//! Compiled operations run, and their rows become replies: reads at once where the store can, writes in a transaction.

use std::sync::Arc;

use bistro_engine::{Outcome, Ready, Session};
use bistro_ir::Input;
use bistro_problem::{Code, Problem};
use bistro_schema::Value;
use bistro_store::Collect;
use bistro_wire::{Answer, Response};

use crate::compile::{Asked, Compiled, Page, Selection, inside, inside_nth, write_cursor};
use crate::describe::{Operation, Verb};
use crate::render::{Caps, Writer};
use crate::reply;
use crate::surface::{Call, Soap};

/// Room for the rows of a reply, in bytes; it grows.
const ROOM: usize = 1 << 10;
/// More than a reply says besides its rows.
const TEXT_MOST: usize = 64 << 10;

/// An operation that is ready to run, and all that its reply needs.
struct Work {
    soap: Arc<Soap>,
    call: Arc<Call>,
    operation: Operation,
    ready: Arc<Ready>,
    input: Input,
    selection: Option<Arc<Selection>>,
    page: Option<Page>,
    total: Option<(Arc<Ready>, Input)>,
}

/// One read of a row by its key, made ready for all values of the key.
pub(crate) struct Finding {
    pub(crate) ready: Arc<Ready>,
    pub(crate) selection: Arc<Selection>,
}

/// Finds a row.
pub(crate) fn find(
    soap: &Arc<Soap>,
    call: Arc<Call>,
    operation: &Operation,
    finding: &Finding,
    key: Vec<Value>,
) -> Answer {
    let (soap, operation) = (Arc::clone(soap), operation.clone());
    let (ready, selection) = (Arc::clone(&finding.ready), Some(Arc::clone(&finding.selection)));
    let input = Input { params: key, ..Input::default() };
    Work { soap, call, operation, ready, input, selection, page: None, total: None }.read()
}

/// Runs an operation.
pub(crate) fn run(
    soap: &Arc<Soap>,
    call: Arc<Call>,
    operation: &Operation,
    compiled: Compiled,
) -> Result<Answer, Problem> {
    let roles = call.cx.caller.roles;
    let Compiled { main: Asked { operation: main, input }, shape: selection, page, total } = compiled;
    let none = operation.verb == Verb::CreateMany && input.rows.is_empty();
    let ready = soap.engine().ready(roles, &main)?;
    let total = match total {
        Some(asked) => Some((soap.engine().ready(roles, &asked.operation)?, asked.input)),
        None => None,
    };
    let (soap, operation) = (Arc::clone(soap), operation.clone());
    let work = Work { soap, call, operation, ready, input, selection, page, total };
    if none {
        // Nothing is there to be made, though the caller might have made it.
        work.soap.engine().permits(&work.call.cx, &work.ready)?;
        let out = work.open();
        return Ok(work.close(out, &Outcome::default(), None).into());
    }
    Ok(match work.ready.writes() {
        true => Answer::later(work.write()),
        false => work.read(),
    })
}

impl Work {
    /// Reads here where that is quick, otherwise aside.
    fn read(self) -> Answer {
        match self.read_now() {
            Ok(Some(response)) => response.into(),
            Ok(None) => Answer::later(async move {
                let answered = self.read_aside().await;
                answered.unwrap_or_else(|problem| self.fault(problem))
            }),
            Err(problem) => self.fault(problem).into(),
        }
    }

    fn read_now(&self) -> Result<Option<Response>, Problem> {
        let (engine, cx) = (self.soap.engine(), &self.call.cx);
        let mut total = None;
        if let Some((ready, input)) = &self.total {
            let mut count = Collect::new();
            if engine.read_now(cx, ready, input, &mut count)?.is_none() {
                return Ok(None);
            }
            total = Some(counted(count)?);
        }
        let Some(mut writer) = self.writer() else {
            let mut count = Collect::new();
            if engine.read_now(cx, &self.ready, &self.input, &mut count)?.is_none() {
                return Ok(None);
            }
            return Ok(Some(self.count(counted(count)?)));
        };
        match engine.read_now(cx, &self.ready, &self.input, &mut writer)? {
            Some(outcome) => self.finish(writer, &outcome, total).map(Some),
            None => Ok(None),
        }
    }

    async fn read_aside(&self) -> Result<Response, Problem> {
        let (engine, cx) = (self.soap.engine(), &self.call.cx);
        let mut total = None;
        if let Some((ready, input)) = &self.total {
            let count = Box::new(Collect::new());
            let (sink, _) = engine.read(cx.clone(), Arc::clone(ready), input.clone(), count).await?;
            total = Some(counted(*sink.into_any().downcast().map_err(|_| other_sink())?)?);
        }
        let (ready, input) = (Arc::clone(&self.ready), self.input.clone());
        let Some(writer) = self.writer() else {
            let (sink, _) = engine.read(cx.clone(), ready, input, Box::new(Collect::new())).await?;
            return Ok(self.count(counted(*sink.into_any().downcast().map_err(|_| other_sink())?)?));
        };
        let (sink, outcome) = engine.read(cx.clone(), ready, input, Box::new(writer)).await?;
        let writer = sink.into_any().downcast::<Writer>().map_err(|_| other_sink())?;
        self.finish(*writer, &outcome, total)
    }

    /// Writes, in a transaction of its own; the reply is made before the commit, so that one that cannot be made takes the
    /// write back.
    async fn write(self) -> Response {
        let work = Arc::new(self);
        let (engine, inner) = (Arc::clone(work.soap.engine()), Arc::clone(&work));
        let done = engine.transact(
            work.call.cx.clone(),
            Box::new(move |session| Box::pin(async move { inner.write_in(session).await })),
        );
        done.await.unwrap_or_else(|problem| work.fault(work.placed(problem)))
    }

    async fn write_in(&self, session: &mut Session<'_>) -> Result<Response, Problem> {
        session.nothing_follows();
        let Some(mut writer) = self.writer() else {
            let outcome = session.run(&self.ready, &self.input, &mut Collect::new()).await?;
            self.check_found(outcome.affected)?;
            return Ok(self.close(self.open(), &outcome, None));
        };
        let outcome = session.run(&self.ready, &self.input, &mut writer).await?;
        self.finish(writer, &outcome, None)
    }

    fn writer(&self) -> Option<Writer> {
        let engine = self.soap.engine().options();
        let caps = Caps {
            records: engine.reply_records,
            bytes: engine.reply_bytes.saturating_sub(TEXT_MOST),
            replaces: self.soap.options().replaces,
        };
        let selection = Arc::clone(self.selection.as_ref()?);
        Some(Writer::new(self.open(), selection, self.page.map(|page| page.rows), caps))
    }

    fn open(&self) -> Vec<u8> {
        let room = self.selection.as_ref().map_or(ROOM, |selection| selection.room());
        reply::open(self.call.version, self.soap.namespace(), &self.operation, room)
    }

    /// The reply with its rows.
    fn finish(&self, writer: Writer, outcome: &Outcome, total: Option<u64>) -> Result<Response, Problem> {
        let found = if self.ready.writes() { outcome.affected } else { outcome.rows };
        self.check_found(found)?;
        let more = writer.more();
        let cursor = self.page.and_then(|page| Some(write_cursor(page.signature, writer.cursor()?)));
        let mut out = writer.finish()?;
        if let Some(selection) = &self.selection {
            selection.note(out.len());
        }
        if self.page.is_some() {
            if let Some(cursor) = cursor {
                reply::element(&mut out, "endCursor", cursor);
            }
            reply::element(&mut out, "hasNextPage", more);
        }
        Ok(self.close(out, outcome, total))
    }

    fn close(&self, mut out: Vec<u8>, outcome: &Outcome, total: Option<u64>) -> Response {
        if let Some(total) = total {
            reply::element(&mut out, "totalCount", total);
        }
        if self.operation.verb == Verb::CreateMany {
            reply::element(&mut out, "count", outcome.affected);
        }
        reply::close(out, self.call.version, &self.operation)
    }

    fn count(&self, count: u64) -> Response {
        let mut out = self.open();
        reply::element(&mut out, "count", count);
        reply::close(out, self.call.version, &self.operation)
    }

    /// A key names one row, which is there and may be seen.
    fn check_found(&self, rows: u64) -> Result<(), Problem> {
        let by_key = matches!(self.operation.verb, Verb::Get | Verb::Update | Verb::Delete);
        if !by_key || rows > 0 {
            return Ok(());
        }
        let of = &self.soap.engine().schema().ty(self.operation.ty).name;
        let message = format!("There is no {of} with this key");
        let problem = Problem::new(Code::NoSuchRow, message).hint(Code::NoSuchRow.mend());
        Err(inside(inside(problem, "key"), &self.operation.name))
    }

    /// Says where in the envelope the row stands that was refused.
    fn placed(&self, mut problem: Problem) -> Problem {
        if problem.pointer.is_some() {
            return problem;
        }
        let (row, column) = (problem.row, problem.column.take());
        if let Some(column) = &column {
            problem = inside(problem, column);
        }
        problem = match (self.operation.verb, row) {
            (Verb::CreateMany, Some(n)) => inside_nth(problem, "input", n),
            (Verb::Create, _) => inside(problem, "input"),
            (Verb::Update, _) if column.is_some() => inside(problem, "set"),
            _ => problem,
        };
        inside(problem, &self.operation.name)
    }

    fn fault(&self, problem: Problem) -> Response {
        self.soap.fault(problem, &self.call)
    }
}

/// The number that a count gave.
fn counted(count: Collect) -> Result<u64, Problem> {
    match count.values().first().map(Vec::as_slice) {
        Some([Value::Int(count)]) => Ok(count.unsigned_abs()),
        _ => Err(Problem::bug("a count gave no number")),
    }
}

fn other_sink() -> Problem {
    Problem::bug("a read gave back another sink")
}
