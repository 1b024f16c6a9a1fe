//! Statements as this store keeps them.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use bistro_ir::Bound;
use bistro_schema::{FieldId, Schema};
use bistro_store::{Cost, Prepared, Statement, StoreError};
use bistro_store_sql::encode::Width;
use bistro_store_sql::lower::{self, Batch};
use bistro_store_sql::{Dialect, Query, Slot, Sql, Step, Write};

use crate::error::{Verb, Writing};
use crate::link::Text;

/// SQL in this engine's words.
pub(crate) const POSTGRES: Dialect = Dialect::Postgres;
/// After a read was slow, so many quick ones show that it is quick again.
const QUICK_AGAIN: u32 = 100;

/// A lowered statement.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) schema: Arc<Schema>,
    pub(crate) body: Body,
}

/// What a statement does.
#[derive(Debug)]
pub(crate) enum Body {
    /// Rows out.
    Read(Box<Reading>),
    /// One row changed.
    Write(Change),
}

/// A select or judgement at each width that its values have asked for.
#[derive(Debug)]
pub(crate) struct Reading {
    statement: Statement,
    widths: [OnceLock<Level>; 4],
    /// Whether it may share a connection with others.
    bounded: bool,
    /// Above zero, a run took too long to share a connection.
    slow: AtomicU32,
}

/// A text and what fills its slots.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) text: Text,
    pub(crate) slots: Vec<Slot>,
}

impl From<Sql> for Words {
    fn from(sql: Sql) -> Self {
        Self { text: Text::new(&sql.text), slots: sql.slots }
    }
}

/// A query with those of what hangs on its rows, each run once for all rows.
#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) words: Words,
    pub(crate) steps: Vec<Step>,
    pub(crate) nested: Vec<Level>,
    pub(crate) total: Option<Words>,
    pub(crate) limit: Option<Bound>,
    pub(crate) offset: Option<Bound>,
    pub(crate) always: bool,
    pub(crate) batch: Option<Batch>,
}

impl From<Query> for Level {
    fn from(query: Query) -> Self {
        Self {
            words: query.sql.into(),
            steps: query.steps,
            nested: query.nested.into_iter().map(Level::from).collect(),
            total: query.total.map(Words::from),
            limit: query.limit,
            offset: query.offset,
            always: query.always,
            batch: query.batch,
        }
    }
}

/// A write of one row.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) words: Words,
    pub(crate) write: Write,
    /// Whether the transaction goes on after a refusal.
    pub(crate) guarded: bool,
    verb: Written,
}

#[derive(Debug)]
enum Written {
    Insert,
    Update(Vec<FieldId>),
    Delete,
}

impl Change {
    fn new(write: Write, verb: Written, guarded: bool) -> Self {
        Self { words: write.sql.clone().into(), write, guarded, verb }
    }

    /// What it writes, for the words of an error.
    pub(crate) fn writing<'a>(&'a self, schema: &'a Schema) -> Writing<'a> {
        let verb = match &self.verb {
            Written::Insert => Verb::Insert,
            Written::Update(set) => Verb::Update(set),
            Written::Delete => Verb::Delete,
        };
        Writing { schema, ty: self.write.ty, verb }
    }
}

impl Program {
    pub(crate) fn new(schema: &Arc<Schema>, statement: &Statement) -> Result<Self, StoreError> {
        let body = match statement {
            Statement::Select(_) | Statement::Judge(_) => {
                Body::Read(Box::new(Reading::new(schema, statement)?))
            }
            Statement::Insert(i) => {
                Body::Write(Change::new(lower::insert(schema, POSTGRES, i)?, Written::Insert, i.guarded))
            }
            Statement::Update(u) => {
                let set = u.set.iter().map(|(field, _)| *field).collect();
                Body::Write(Change::new(lower::update(schema, POSTGRES, u)?, Written::Update(set), false))
            }
            Statement::Delete(d) => {
                Body::Write(Change::new(lower::delete(schema, POSTGRES, d)?, Written::Delete, false))
            }
        };
        Ok(Self { schema: schema.clone(), body })
    }

    /// The program that a store prepared.
    pub(crate) fn of(prepared: &Prepared) -> Result<&Program, StoreError> {
        prepared.downcast_ref().ok_or_else(|| StoreError::bug("a statement of another store"))
    }

    /// The select or judgement.
    pub(crate) fn reading(&self) -> Result<&Reading, StoreError> {
        match &self.body {
            Body::Read(reading) => Ok(reading),
            Body::Write(_) => Err(StoreError::bug("a write was asked to read")),
        }
    }

    /// The write.
    pub(crate) fn change(&self) -> Result<&Change, StoreError> {
        match &self.body {
            Body::Write(change) => Ok(change),
            Body::Read(_) => Err(StoreError::bug("a read was asked to write")),
        }
    }
}

impl Reading {
    fn new(schema: &Schema, statement: &Statement) -> Result<Self, StoreError> {
        let bounded = !matches!(statement, Statement::Select(s) if s.cost == Cost::Unbounded || s.total);
        let widths: [OnceLock<Level>; 4] = Default::default();
        let reading = Self { statement: statement.clone(), widths, bounded, slow: AtomicU32::new(0) };
        reading.level(schema, Width::NARROW)?;
        Ok(reading)
    }

    /// The query at a width.
    pub(crate) fn level(&self, schema: &Schema, width: Width) -> Result<&Level, StoreError> {
        let slot = &self.widths[width.index()];
        if let Some(level) = slot.get() {
            return Ok(level);
        }
        let query = match &self.statement {
            Statement::Select(select) => lower::select_wide(schema, POSTGRES, select, width)?,
            Statement::Judge(judge) => lower::judge_wide(schema, POSTGRES, judge, width)?,
            _ => return Err(StoreError::bug("a write was asked to read")),
        };
        Ok(slot.get_or_init(|| query.into()))
    }

    /// Whether it may share a connection with other reads, who wait for it.
    pub(crate) fn shares(&self) -> bool {
        self.bounded && self.slow.load(Ordering::Relaxed) == 0
    }

    /// Notes how long a run took.
    pub(crate) fn took(&self, slow: bool) {
        if slow {
            self.slow.store(QUICK_AGAIN, Ordering::Relaxed);
        } else if self.slow.load(Ordering::Relaxed) > 0 {
            let _ = self.slow.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        }
    }
}
