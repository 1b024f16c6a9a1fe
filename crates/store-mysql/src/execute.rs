//! Running a statement: slots filled, rows pushed column by column, nested selects once a level.

use std::collections::HashMap;

use bistro_ir::{Bound, ParamId};
use bistro_problem::Code;
use bistro_schema::Value;
use bistro_store::{Sink, StoreError, StoreErrorKind, Summary, Written};
use bistro_store_sql::{Query, Sql, Step, WriteKey};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Params, Row, Value as Cell};

use crate::bind::{element, slots};
use crate::decode::{decode, push};
use crate::error::{from_driver, from_write};
use crate::prepare::{MET, Program};

/// The bytes of rows that a read with nested selects may hold at a time. They are all here before the first is pushed, and
/// 32 such reads have to fit into a small server's memory; replies have a limit of their own, which is far lower by default.
const MOST_HELD: usize = 64 << 20;

/// What is said inside where rows were left unread on the connection.
pub(crate) const CUT_OFF: &str = "a read was cut off: its rows are larger than a read may hold";

/// Begins a read of several statements that see one state.
pub(crate) const SNAPSHOT: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
                                   START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

/// Runs a statement without slots and results.
pub(crate) async fn plain(conn: &mut Conn, sql: &str) -> Result<(), StoreError> {
    conn.query_drop(sql).await.map_err(from_driver)
}

/// Asks whether the server is there.
pub(crate) async fn ping(conn: &mut Conn) -> Result<(), StoreError> {
    conn.ping().await.map_err(from_driver)
}

/// Whether a read takes several statements, which must see one state.
pub(crate) fn several(query: &Query) -> bool {
    query.total.is_some() || !query.nested.is_empty()
}

/// Runs a select or judgement.
pub(crate) async fn read(
    conn: &mut Conn,
    query: &Query,
    binds: &[Value],
    sink: &mut dyn Sink,
) -> Result<Summary, StoreError> {
    let rows = match query.nested.is_empty() {
        true => stream(conn, query, binds, sink).await?,
        false => {
            let level = load(conn, query, binds, &[], &mut Held(0)).await?;
            level.push_all(query, sink)?
        }
    };
    let total = match &query.total {
        None => None,
        Some(sql) => Some(match complete(query, binds, rows) {
            Some(total) => total,
            None => count(conn, sql, binds).await?,
        }),
    };
    Ok(Summary { rows, total })
}

/// The number of all rows, where the rows themselves show it.
fn complete(query: &Query, binds: &[Value], rows: u64) -> Option<u64> {
    let number = |bound: Option<Bound>, absent: u64| match bound {
        None => absent,
        Some(Bound::Fixed(n)) => n,
        Some(Bound::Param(ParamId(id))) => match binds.get(usize::from(id)) {
            Some(Value::Int(n)) => u64::try_from(*n).unwrap_or(absent),
            _ => absent,
        },
    };
    let (limit, offset) = (number(query.limit, u64::MAX), number(query.offset, 0));
    let seen = rows < limit && (rows > 0 || offset == 0);
    if seen { Some(rows + offset) } else { None }
}

pub(crate) async fn count(conn: &mut Conn, sql: &Sql, binds: &[Value]) -> Result<u64, StoreError> {
    let values = params(slots(sql, binds, &[])?);
    let count: Option<i64> = conn.exec_first(sql.text.as_str(), values).await.map_err(from_driver)?;
    Ok(count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

fn params(values: Vec<Cell>) -> Params {
    if values.is_empty() { Params::Empty } else { Params::Positional(values) }
}

/// Pushes rows as they come; answers how many.
async fn stream(
    conn: &mut Conn,
    query: &Query,
    binds: &[Value],
    sink: &mut dyn Sink,
) -> Result<u64, StoreError> {
    let values = params(slots(&query.sql, binds, &[])?);
    let mut result = conn.exec_iter(query.sql.text.as_str(), values).await.map_err(from_driver)?;
    let (mut taken, mut pushed) = (0, Ok(()));
    while let Some(row) = result.next().await.map_err(from_driver)? {
        sink.begin_row();
        pushed = values_of(&row, query, sink);
        if pushed.is_err() {
            break;
        }
        taken += 1;
        if !sink.end_row() {
            break;
        }
    }
    // Also after a value that cannot be read: nothing may be left on the connection.
    result.drop_result().await.map_err(from_driver)?;
    pushed.map(|()| taken)
}

fn values_of(row: &Row, query: &Query, sink: &mut dyn Sink) -> Result<(), StoreError> {
    for step in &query.steps {
        if let Step::Value { index, column, form } = *step {
            push(cell(row.as_ref(column))?, form, index, sink)?;
        }
    }
    Ok(())
}

fn cell(found: Option<&Cell>) -> Result<&Cell, StoreError> {
    found.ok_or_else(|| StoreError::bug("a row has fewer columns than its statement"))
}

/// The rows of one level with what hangs on them.
struct Level {
    rows: Vec<Vec<Cell>>,
    hanging: Vec<Hanging>,
}

/// What hangs on the rows of a level by one nested select.
struct Hanging {
    level: Level,
    /// The number of each row's key, from 0.
    keys: Vec<Option<usize>>,
    /// The rows of each key, in order.
    groups: Vec<Vec<usize>>,
}

/// The bytes that a read holds so far.
struct Held(usize);

impl Held {
    /// Counts a row.
    fn add(&mut self, row: &[Cell]) -> Result<(), StoreError> {
        let texts = row.iter().map(|cell| if let Cell::Bytes(bytes) = cell { bytes.len() } else { 0 });
        self.0 += size_of::<Vec<Cell>>() + size_of_val(row) + texts.sum::<usize>();
        if self.0 <= MOST_HELD {
            return Ok(());
        }
        let words =
            format!("the reply would be larger than {} MB; ask for fewer rows or columns", MOST_HELD >> 20);
        Err(StoreError::new(StoreErrorKind::Rejected(Code::ReplyTooLarge, words), CUT_OFF))
    }
}

/// Reads a level and all below it.
fn load<'a>(
    conn: &'a mut Conn,
    query: &'a Query,
    binds: &'a [Value],
    keys: &'a [Vec<u8>],
    held: &'a mut Held,
) -> BoxFuture<'a, Result<Level, StoreError>> {
    async move {
        let values = params(slots(&query.sql, binds, keys)?);
        let mut result = conn.exec_iter(query.sql.text.as_str(), values).await.map_err(from_driver)?;
        let mut rows = Vec::new();
        while let Some(row) = result.next().await.map_err(from_driver)? {
            let row: Vec<Cell> = row.unwrap_raw().into_iter().map(|c| c.unwrap_or(Cell::NULL)).collect();
            held.add(&row)?;
            rows.push(row);
        }
        result.drop_result().await.map_err(from_driver)?;
        let mut hanging = Vec::with_capacity(query.nested.len());
        for nested in &query.nested {
            hanging.push(hang(conn, nested, binds, &rows, held).await?);
        }
        Ok(Level { rows, hanging })
    }
    .boxed()
}

async fn hang(
    conn: &mut Conn,
    nested: &Query,
    binds: &[Value],
    rows: &[Vec<Cell>],
    held: &mut Held,
) -> Result<Hanging, StoreError> {
    let batch = nested.batch.as_ref().ok_or_else(|| StoreError::bug("a nested select of another engine"))?;
    let mut known: HashMap<Vec<u8>, usize> = HashMap::new();
    let (mut distinct, mut keys) = (Vec::new(), Vec::with_capacity(rows.len()));
    for row in rows {
        let Some(key) = key(row, &batch.keys, nested.always)? else {
            keys.push(None);
            continue;
        };
        let number = *known.entry(key).or_insert_with_key(|key| {
            distinct.push(key.clone());
            distinct.len() - 1
        });
        keys.push(Some(number));
    }
    let mut groups = vec![Vec::new(); distinct.len()];
    if distinct.is_empty() {
        return Ok(Hanging { level: Level { rows: Vec::new(), hanging: Vec::new() }, keys, groups });
    }
    let level = load(conn, nested, binds, &distinct, held).await?;
    for (at, row) in level.rows.iter().enumerate() {
        let number = match row.first() {
            Some(Cell::Int(n)) => usize::try_from(*n - 1).ok(),
            Some(Cell::UInt(n)) => usize::try_from(*n - 1).ok(),
            _ => None,
        };
        let group = number.and_then(|n| groups.get_mut(n));
        let group = group.ok_or_else(|| StoreError::bug("a nested row belongs to no row"))?;
        if !batch.one || group.is_empty() {
            group.push(at);
        }
    }
    Ok(Hanging { level, keys, groups })
}

/// A row's key as a JSON array of its parts; `None` if a part is null, so that nothing can match.
fn key(
    row: &[Cell],
    parts: &[(usize, bistro_store_sql::Form)],
    always: bool,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut out = vec![b'['];
    for (at, (column, form)) in parts.iter().enumerate() {
        let value = decode(cell(row.get(*column))?, *form)?.to_owned();
        if value.is_null() && !always {
            return Ok(None);
        }
        if at > 0 {
            out.push(b',');
        }
        element(&value, *form, &mut out);
    }
    out.push(b']');
    Ok(Some(out))
}

impl Level {
    /// Pushes the rows of the outermost level; answers how many the sink took.
    fn push_all(&self, query: &Query, sink: &mut dyn Sink) -> Result<u64, StoreError> {
        let mut taken = 0;
        for at in 0..self.rows.len() {
            let more = self.push(query, at, sink)?;
            taken += u64::from(more.is_some());
            if more != Some(true) {
                break;
            }
        }
        Ok(taken)
    }

    /// Pushes a row with what hangs on it; answers whether the sink wants more, or nothing if it stopped within the row.
    fn push(&self, query: &Query, at: usize, sink: &mut dyn Sink) -> Result<Option<bool>, StoreError> {
        sink.begin_row();
        for step in &query.steps {
            match *step {
                Step::Value { index, column, form } => {
                    push(cell(self.rows[at].get(column))?, form, index, sink)?;
                }
                Step::Nested { index, query: which } => {
                    sink.begin_nested(index);
                    if !self.hanging[which].push(&query.nested[which], at, sink)? {
                        return Ok(None);
                    }
                    sink.end_nested(index);
                }
            }
        }
        Ok(Some(sink.end_row()))
    }
}

impl Hanging {
    /// Pushes what hangs on row `at` of the level above; answers whether the sink wants more.
    fn push(&self, query: &Query, at: usize, sink: &mut dyn Sink) -> Result<bool, StoreError> {
        let Some(number) = self.keys[at] else { return Ok(true) };
        let group = &self.groups[number];
        if group.is_empty()
            && let Some(empty) = query.batch.as_ref().and_then(|b| b.empty.as_ref())
        {
            return Ok(nothing(query, empty, sink));
        }
        for row in group {
            if self.level.push(query, *row, sink)? != Some(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Pushes what aggregates over nothing answer.
fn nothing(query: &Query, values: &[Value], sink: &mut dyn Sink) -> bool {
    sink.begin_row();
    for (step, value) in query.steps.iter().zip(values) {
        match step {
            Step::Value { index, .. } => sink.value(*index, value.borrow()),
            Step::Nested { index, .. } => {
                sink.begin_nested(*index);
                sink.end_nested(*index);
            }
        }
    }
    sink.end_row()
}

/// Runs an insert, update or delete; `alone` if it commits by itself.
pub(crate) async fn write(
    conn: &mut Conn,
    program: &Program,
    binds: &[Value],
    alone: bool,
) -> Result<Written, StoreError> {
    let write = program.write()?;
    let values = params(slots(&write.sql, binds, &[])?);
    let again = values.clone();
    let mut done = match program.trial() {
        Some(trial) => execute(conn, trial, values.clone()).await,
        None => execute(conn, &write.sql.text, values.clone()).await,
    };
    if matches!(done, Ok((_, Some(MET)))) {
        // The same again, for its refusal: that names the constraint.
        done = execute(conn, &write.sql.text, values).await;
    }
    let (touched, last) = match done {
        Ok(done) => done,
        Err(error) => return Err(refusal(conn, program, error, &write.sql.text, again, alone).await?),
    };
    let counted = || {
        let last = last.and_then(|id| i64::try_from(id).ok());
        last.map(Value::Int).ok_or_else(|| StoreError::bug("the server did not say which key it counted"))
    };
    let part = |part: &WriteKey| match part {
        WriteKey::Bind(ParamId(id)) => match binds.get(usize::from(*id)) {
            None | Some(Value::Null) => counted(),
            Some(value) => Ok(value.clone()),
        },
        WriteKey::Counted => counted(),
    };
    let key = write.key.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    Ok(Written { key, touched: touched > 0 })
}

async fn execute(conn: &mut Conn, sql: &str, values: Params) -> Result<(u64, Option<u64>), Error> {
    let result = conn.exec_iter(sql, values).await?;
    let done = (result.affected_rows(), result.last_insert_id());
    result.drop_result().await?;
    Ok(done)
}

/// Why a write was refused. A new key of a row that others refer to may also be the key of another row; the server tells
/// of the reference first, other engines of the key. So the update is tried without a look at references, and taken back.
async fn refusal(
    conn: &mut Conn,
    program: &Program,
    error: Error,
    sql: &str,
    values: Params,
    alone: bool,
) -> Result<StoreError, StoreError> {
    let ty = program.write()?.ty;
    let error = from_write(error, &program.schema, ty);
    let referred = matches!(&error.kind, StoreErrorKind::ForeignKey(Some(broken)) if broken.still_referenced);
    if !referred || !sql.starts_with("UPDATE") {
        return Ok(error);
    }
    let (begin, end) = match alone {
        true => ("START TRANSACTION", "ROLLBACK"),
        false => ("SAVEPOINT bistro_write", "ROLLBACK TO SAVEPOINT bistro_write"),
    };
    plain(conn, &format!("{begin}; SET foreign_key_checks = 0")).await?;
    let tried = execute(conn, sql, values).await;
    plain(conn, &format!("SET foreign_key_checks = 1; {end}")).await?;
    let repeated = tried.err().map(|e| from_write(e, &program.schema, ty));
    Ok(repeated.filter(|e| matches!(e.kind, StoreErrorKind::Unique { .. })).unwrap_or(error))
}
