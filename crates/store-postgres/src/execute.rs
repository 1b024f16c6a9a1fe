//! Running a statement on a connection: slots filled, rows decoded, one statement a level of what hangs on them.

use std::pin::pin;
use std::sync::Arc;

use bistro_ir::{Bound, ParamId};
use bistro_schema::Value;
use bistro_store::{Sink, StoreError, StoreErrorKind, Summary, Written};
use bistro_store_sql::encode::Width;
use bistro_store_sql::fit::{Fit, fit};
use bistro_store_sql::{Slot, Step, WriteKey};
use futures_util::future::{BoxFuture, FutureExt, join, try_join_all};
use futures_util::{StreamExt, TryStreamExt};
use tokio_postgres::{Error, Row, RowStream};

use crate::decode::{natural, push, raw};
use crate::encode::Param;
use crate::error::from_driver;
use crate::link::{Link, Ready};
use crate::prepare::{Change, Level, Words};

mod tree;

use tree::{Keys, Tree};

/// Why a run did not come to its end.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// A value needs wider slots.
    Wide(Width),
    /// The server or the way to it.
    Driver(Error),
    /// Ourselves.
    Store(StoreError),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Trouble::Driver(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Trouble::Store(error)
    }
}

impl Trouble {
    /// As an error of a read.
    pub(crate) fn into_error(self) -> StoreError {
        match self {
            Trouble::Wide(_) => out_of_range(),
            Trouble::Driver(error) => from_driver(&error),
            Trouble::Store(error) => error,
        }
    }
}

/// The bytes that the rows of one level may hold. All of them are here before the first is pushed, and the limits of a reply
/// are looked at only then.
const MOST_HELD: usize = 64 << 20;

/// Takes the rows of a level. What is left of a stream that is given up, the driver throws away.
async fn gather(stream: RowStream) -> Result<Vec<Row>, Trouble> {
    let mut stream = pin!(stream);
    let (mut rows, mut held) = (Vec::new(), 0);
    while let Some(row) = stream.try_next().await? {
        held += row.raw_size_bytes() + size_of::<Row>();
        if held > MOST_HELD {
            let words = format!(
                "the reply would be larger than {} MB; ask for fewer rows or columns",
                MOST_HELD >> 20
            );
            let kind = StoreErrorKind::Rejected(bistro_problem::Code::ReplyTooLarge, words.clone());
            return Err(StoreError::new(kind, words).into());
        }
        rows.push(row);
    }
    Ok(rows)
}

/// No column holds such a number.
pub(crate) fn out_of_range() -> StoreError {
    let text = "numeric field overflow";
    StoreError::new(StoreErrorKind::Rejected(bistro_problem::Code::OutOfRange, text.into()), text)
}

/// A connection and the values of a statement.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) link: &'a Link,
    pub(crate) binds: &'a [Value],
    /// Whether nothing is pushed before everything is there: the sink holds what must not be lost, or pushed twice.
    pub(crate) whole: bool,
}

impl<'a> Run<'a> {
    /// Reads and pushes; the total is counted if asked for and not seen in the rows. Both are of one state only inside a
    /// transaction: see [`Run::snapshot`]. Values that need wider slots are found before anything is pushed.
    pub(crate) async fn read(self, level: &'a Level, sink: &mut dyn Sink) -> Result<Summary, Trouble> {
        if let Some(words) = &level.total {
            fill(&words.slots, self.binds, None)?;
        }
        let (ready, stream) = self.ask(&level.words, None).await?;
        if level.nested.is_empty() && !self.whole {
            let rows = leaves(level, &ready, stream, sink).await?;
            return Ok(Summary { rows, total: self.total(level, rows).await? });
        }
        let rows = gather(stream).await?;
        let tree = self.tree(level, ready, rows).await?;
        let total = self.total(level, tree.rows.len() as u64).await?;
        Ok(Summary { rows: tree.emit(level, sink)?, total })
    }

    /// The number of all rows where that is wanted, given how many came.
    async fn total(self, level: &Level, rows: u64) -> Result<Option<u64>, Trouble> {
        let Some(words) = &level.total else { return Ok(None) };
        match complete(level, self.binds, rows) {
            Some(total) => Ok(Some(total)),
            None => self.count(words).await.map(Some),
        }
    }

    /// As [`Run::read`], all levels and the total of one state.
    pub(crate) async fn snapshot(self, level: &'a Level, sink: &mut dyn Sink) -> Result<Summary, Trouble> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let (begun, read) = join(self.link.client().batch_execute(begin), self.read(level, sink)).await;
        begun?;
        let summary = read?;
        // What comes next on this connection waits for it by itself.
        if let Some(ended) = self.link.client().batch_execute("COMMIT").now_or_never() {
            ended?;
        }
        Ok(summary)
    }

    /// The rows' nested rows, all selects of a level at once.
    fn tree(
        self,
        level: &'a Level,
        ready: Arc<Ready>,
        rows: Vec<Row>,
    ) -> BoxFuture<'a, Result<Tree, Trouble>> {
        Box::pin(async move {
            let branches = level.nested.iter().map(|nested| self.branch(nested, &ready, &rows));
            let branches = try_join_all(branches).await?;
            Ok(Tree { ready, rows, branches })
        })
    }

    async fn branch(self, level: &'a Level, ready: &Ready, rows: &[Row]) -> Result<tree::Branch, Trouble> {
        let keys = Keys::gather(level, ready, rows)?;
        if keys.count == 0 {
            return Ok(keys.nothing());
        }
        let (ready, stream) = self.ask(&level.words, Some(&keys)).await?;
        let found = gather(stream).await?;
        let (of, count) = keys.release();
        let tree = self.tree(level, ready, found).await?;
        Ok(tree::Branch::new(of, count, tree)?)
    }

    /// Sends a statement.
    async fn ask(self, words: &Words, keys: Option<&Keys<'_>>) -> Result<(Arc<Ready>, RowStream), Trouble> {
        let ready = match self.link.kept(&words.text) {
            Some(ready) => ready,
            None => self.link.prepare(&words.text).await?,
        };
        let params = fill(&words.slots, self.binds, keys)?;
        let stream = self.link.client().query_raw(&ready.statement, params).await.map_err(narrow)?;
        Ok((ready, stream))
    }

    /// The one number that a text answers.
    pub(crate) async fn count(self, words: &Words) -> Result<u64, Trouble> {
        let (ready, stream) = self.ask(words, None).await?;
        let rows: Vec<Row> = stream.try_collect().await?;
        let Some(row) = rows.first() else { return Ok(0) };
        match raw(row, 0)?.map(|bytes| natural(bytes, ready.columns[0])).transpose()? {
            Some(Value::Int(count)) => Ok(u64::try_from(count).unwrap_or(0)),
            _ => Err(StoreError::bug("a count that is no number").into()),
        }
    }

    /// Inserts, updates or deletes.
    pub(crate) async fn write(self, change: &Change) -> Result<Written, Trouble> {
        let (ready, stream) = self.ask(&change.words, None).await?;
        let mut stream = pin!(stream);
        let mut first = None;
        while let Some(row) = stream.next().await {
            first.get_or_insert(row?);
        }
        let touched = stream.rows_affected().unwrap_or(0) > 0;
        let mut key = Vec::with_capacity(change.write.key.len());
        for (at, part) in change.write.key.iter().enumerate() {
            let answered = change.write.returning.iter().position(|r| *r == at);
            key.push(match (answered, &first, part) {
                (Some(column), Some(row), _) => match raw(row, column)? {
                    Some(bytes) => natural(bytes, ready.columns[column])?,
                    None => Value::Null,
                },
                (_, _, WriteKey::Bind(ParamId(id))) => {
                    self.binds.get(usize::from(*id)).cloned().unwrap_or(Value::Null)
                }
                _ => return Err(StoreError::bug("an insert did not answer its key").into()),
            });
        }
        Ok(Written { key, touched })
    }
}

/// A value that its slot has no room for asks for a wider one.
fn narrow(error: Error) -> Trouble {
    match std::error::Error::source(&error).and_then(|s| s.downcast_ref::<StoreError>()) {
        Some(refused) if refused.kind == out_of_range_kind(refused) => {
            Trouble::Wide(Width { numbers: true, ..Width::NARROW })
        }
        _ => Trouble::Driver(error),
    }
}

fn out_of_range_kind(refused: &StoreError) -> StoreErrorKind {
    StoreErrorKind::Rejected(bistro_problem::Code::OutOfRange, refused.cause.clone())
}

/// Rows without nested ones go on as they come.
async fn leaves(
    level: &Level,
    ready: &Ready,
    stream: RowStream,
    sink: &mut dyn Sink,
) -> Result<u64, Trouble> {
    let mut stream = pin!(stream);
    let mut taken = 0;
    while let Some(row) = stream.next().await {
        let row = row?;
        sink.begin_row();
        for step in &level.steps {
            if let Step::Value { index, column, form } = *step {
                push(&row, column, form, ready.columns[column], index, sink)?;
            }
        }
        taken += 1;
        if !sink.end_row() {
            break;
        }
    }
    Ok(taken)
}

/// What the slots of a text hold.
fn fill<'p>(
    slots: &'p [Slot],
    binds: &'p [Value],
    keys: Option<&'p Keys<'_>>,
) -> Result<Vec<Param<'p>>, Trouble> {
    let mut params = Vec::with_capacity(slots.len());
    for slot in slots {
        let (value, how) = match slot {
            Slot::Bind(ParamId(id), how) => {
                let value = binds.get(usize::from(*id));
                (value.ok_or_else(|| StoreError::bug(format!("bind {id} is missing")))?, how)
            }
            Slot::Constant(value, how) => (value, how),
            Slot::Keys(part, _) => {
                let keys = keys.ok_or_else(|| StoreError::bug("keys for a select that hangs on nothing"))?;
                params.push(keys.part(*part));
                continue;
            }
            Slot::Parent(_) | Slot::KeyRows(_) => {
                return Err(StoreError::bug("a slot of another engine").into());
            }
        };
        match fit(value, how)? {
            Fit::Value(value) => params.push(Param::Value(value)),
            Fit::Wide(width) => return Err(Trouble::Wide(width)),
        }
    }
    Ok(params)
}

/// The number of all rows, where the rows themselves show it.
fn complete(level: &Level, binds: &[Value], rows: u64) -> Option<u64> {
    let number = |bound: Option<Bound>, absent: u64| match bound {
        None => absent,
        Some(Bound::Fixed(n)) => n,
        Some(Bound::Param(ParamId(id))) => match binds.get(usize::from(id)) {
            Some(Value::Int(n)) => u64::try_from(*n).unwrap_or(absent),
            _ => absent,
        },
    };
    let (limit, offset) = (number(level.limit, u64::MAX), number(level.offset, 0));
    let seen = rows < limit && (rows > 0 || offset == 0);
    seen.then(|| rows + offset)
}
