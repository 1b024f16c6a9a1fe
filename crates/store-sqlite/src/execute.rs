//! Running a statement: slots filled, rows pushed column by column, nested selects once a row.

use bistro_ir::{Bound, ParamId};
use bistro_schema::{Schema, Value, ValueRef};
use bistro_store::{Sink, StoreError, Summary, Written};
use bistro_store_sql::{
    Cell, Encode, Form, Query, Slot, Sql, SqlValue, Step, Write, WriteKey, decode, encode, parse_list,
};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef as Raw};
use rusqlite::{CachedStatement, Connection, Row};

use crate::error::{from_driver, from_write};
use crate::watch::{Allowance, Watch};

/// Runs a select or judgement on a connection, within what its watch allows.
pub(crate) fn read(
    conn: &Connection,
    watch: &Watch,
    query: &Query,
    binds: &[Value],
    sink: &mut dyn Sink,
) -> Result<Summary, StoreError> {
    let Some(total) = &query.total else {
        let rows = rows(conn, query, binds, sink)?;
        return Ok(Summary { rows, total: None });
    };
    let snapshot = Snapshot::take(conn, watch)?;
    let result = rows(conn, query, binds, sink).and_then(|rows| {
        let total = match complete(query, binds, rows) {
            Some(total) => total,
            None => count(conn, total, binds)?,
        };
        Ok(Summary { rows, total: Some(total) })
    });
    snapshot.end()?;
    result
}

/// Rows and their number come of one state. It is let go however the read ends, a sink's panic included: a transaction
/// left open would show the thread this state for ever.
struct Snapshot<'c> {
    conn: &'c Connection,
    watch: &'c Watch,
    /// Inside a transaction of somebody else's nothing is needed.
    own: bool,
}

impl<'c> Snapshot<'c> {
    fn take(conn: &'c Connection, watch: &'c Watch) -> Result<Self, StoreError> {
        let own = conn.is_autocommit();
        if own {
            conn.prepare_cached("BEGIN").and_then(|mut s| s.raw_execute()).map_err(from_driver)?;
        }
        Ok(Self { conn, watch, own })
    }

    fn end(mut self) -> Result<(), StoreError> {
        self.close()
    }

    fn close(&mut self) -> Result<(), StoreError> {
        if !std::mem::take(&mut self.own) {
            return Ok(());
        }
        // The watch may have run out.
        self.watch.set(Allowance::Free);
        self.conn.prepare_cached("COMMIT").and_then(|mut s| s.raw_execute()).map(drop).map_err(from_driver)
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(%error, "a read's snapshot was not let go");
        }
    }
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

pub(crate) fn count(conn: &Connection, sql: &Sql, binds: &[Value]) -> Result<u64, StoreError> {
    let mut statement = conn.prepare_cached(&sql.text).map_err(from_driver)?;
    bind(&mut statement, sql, binds)?;
    let mut rows = statement.raw_query();
    let row = rows.next().map_err(from_driver)?;
    let count: i64 = match row {
        Some(row) => row.get(0).map_err(from_driver)?,
        None => 0,
    };
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The longest text whose statement is kept prepared, in bytes.
const KEPT_TEXT: usize = 16 << 10;

/// A query's statement and those of what hangs on it, held while the whole read runs.
struct Level<'c> {
    statement: CachedStatement<'c>,
    nested: Vec<Level<'c>>,
}

impl<'c> Level<'c> {
    fn new(conn: &'c Connection, query: &Query, binds: &[Value]) -> Result<Self, StoreError> {
        let mut statement = conn.prepare_cached(&query.sql.text).map_err(from_driver)?;
        bind(&mut statement, &query.sql, binds)?;
        let nested = query.nested.iter().map(|n| Level::new(conn, n, binds)).collect::<Result<_, _>>()?;
        Ok(Self { statement, nested })
    }

    /// Pushes the rows; answers how many, and whether the sink wants more.
    fn run(&mut self, query: &Query, sink: &mut dyn Sink) -> Result<(u64, bool), StoreError> {
        let Level { statement, nested } = self;
        let mut rows = statement.raw_query();
        let mut taken = 0;
        while let Some(row) = rows.next().map_err(from_driver)? {
            sink.begin_row();
            for step in &query.steps {
                match *step {
                    Step::Value { index, column, form } => push(row, index, column, form, sink)?,
                    Step::Nested { index, query: at } => {
                        sink.begin_nested(index);
                        let (level, inner) = (&mut nested[at], &query.nested[at]);
                        if level.enter(inner, row)? && !level.run(inner, sink)?.1 {
                            return Ok((taken, false));
                        }
                        sink.end_nested(index);
                    }
                }
            }
            taken += 1;
            if !sink.end_row() {
                return Ok((taken, false));
            }
        }
        Ok((taken, true))
    }

    /// Lets go of the statements: each connection keeps many, so that long ones would add up to much memory.
    fn end(self, query: &Query) {
        if query.sql.text.len() > KEPT_TEXT {
            self.statement.discard();
        }
        self.nested.into_iter().zip(&query.nested).for_each(|(level, query)| level.end(query));
    }

    /// Ties the statement to an enclosing row; `false` if a column of it is null, so that nothing can match.
    fn enter(&mut self, query: &Query, row: &Row<'_>) -> Result<bool, StoreError> {
        for (at, slot) in query.sql.slots.iter().enumerate() {
            if let Slot::Parent(column) = slot {
                let value = row.get_ref(*column).map_err(from_driver)?;
                if matches!(value, Raw::Null) && !query.always {
                    return Ok(false);
                }
                self.statement.raw_bind_parameter(at + 1, Borrowed(value)).map_err(from_driver)?;
            }
        }
        Ok(true)
    }
}

fn rows(conn: &Connection, query: &Query, binds: &[Value], sink: &mut dyn Sink) -> Result<u64, StoreError> {
    let mut level = Level::new(conn, query, binds)?;
    let ran = level.run(query, sink);
    level.end(query);
    Ok(ran?.0)
}

#[inline]
fn push(
    row: &Row<'_>,
    index: usize,
    column: usize,
    form: Form,
    sink: &mut dyn Sink,
) -> Result<(), StoreError> {
    let cell = cell(row.get_ref(column).map_err(from_driver)?);
    match (form, cell) {
        (Form::List(kind), Cell::Text(text)) => sink.value(index, ValueRef::List(&parse_list(text, kind)?)),
        _ => sink.value(index, decode(cell, form)?),
    }
    Ok(())
}

/// The driver's view of a column as ours.
#[inline]
pub(crate) fn cell(raw: Raw<'_>) -> Cell<'_> {
    match raw {
        Raw::Null => Cell::Null,
        Raw::Integer(i) => Cell::Int(i),
        Raw::Real(f) => Cell::Real(f),
        Raw::Text(t) => Cell::Text(t),
        Raw::Blob(b) => Cell::Blob(b),
    }
}

/// Fills the slots; those of the enclosing row stay for [`Level::enter`].
fn bind(statement: &mut CachedStatement<'_>, sql: &Sql, binds: &[Value]) -> Result<(), StoreError> {
    for (at, slot) in sql.slots.iter().enumerate() {
        let (value, how): (&Value, &Encode) = match slot {
            Slot::Bind(ParamId(id), how) => {
                let value = binds.get(usize::from(*id));
                (value.ok_or_else(|| StoreError::bug(format!("bind {id} is missing")))?, how)
            }
            Slot::Constant(value, how) => (value, how),
            Slot::Parent(_) => continue,
            Slot::Keys(..) | Slot::KeyRows(_) => {
                return Err(StoreError::bug("a level of embeds was lowered for many rows at once"));
            }
        };
        let encoded = encode(value, how)?;
        statement.raw_bind_parameter(at + 1, Borrowed(raw(&encoded))).map_err(from_driver)?;
    }
    Ok(())
}

/// Our value as the driver's.
pub(crate) fn raw<'a>(value: &'a SqlValue<'_>) -> Raw<'a> {
    match value {
        SqlValue::Null => Raw::Null,
        SqlValue::Int(i) => Raw::Integer(*i),
        SqlValue::Real(f) => Raw::Real(*f),
        SqlValue::Text(t) => Raw::Text(t.as_bytes()),
        SqlValue::Blob(b) => Raw::Blob(b),
    }
}

/// Binds without a copy of ours.
struct Borrowed<'a>(Raw<'a>);

impl ToSql for Borrowed<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

/// Runs an insert, update or delete.
pub(crate) fn write(
    conn: &Connection,
    schema: &Schema,
    write: &Write,
    binds: &[Value],
) -> Result<Written, StoreError> {
    let mut statement = conn.prepare_cached(&write.sql.text).map_err(from_driver)?;
    bind(&mut statement, &write.sql, binds)?;
    let touched = statement.raw_execute().map_err(|e| from_write(e, schema, write.ty))?;
    let part = |part: &WriteKey| match part {
        WriteKey::Bind(ParamId(id)) => match binds.get(usize::from(*id)) {
            None | Some(Value::Null) => Value::Int(conn.last_insert_rowid()),
            Some(value) => value.clone(),
        },
        WriteKey::Counted => Value::Int(conn.last_insert_rowid()),
    };
    Ok(Written { key: write.key.iter().map(part).collect(), touched: touched > 0 })
}
