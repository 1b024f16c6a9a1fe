//! Statements as this store keeps them.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use bistro_ir::{Bound, ParamId};
use bistro_schema::{FieldId, Schema, Value};
use bistro_store::{Cost, Output, Prepared, Select, Statement, StoreError};
use bistro_store_sql::encode::Width;
use bistro_store_sql::lower::{self, Batch};
use bistro_store_sql::{Dialect, Query, Slot, Sql, Step, Write};

use crate::error::{Verb, Writing};
use crate::link::Text;

/// SQL in this engine's words.
pub(crate) const POSTGRES: Dialect = Dialect::Postgres;
/// After a read was slow, so many quick ones show that it is quick again.
const QUICK_AGAIN: u32 = 100;
/// So many lengths of lists have a text of their own; callers choose them, and texts are kept.
const LENGTHS: usize = 8;

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
    /// The parameters that say how long lists are.
    bounds: Vec<ParamId>,
    /// The narrow text for the first few lengths that were asked for, written into it: the server keeps one plan of such a
    /// text, and makes a new one each time where the length is a parameter.
    lengths: [OnceLock<(Vec<i64>, Level)>; LENGTHS],
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

/// Looks at, or changes, the limits of a select and of all that hangs on its rows.
fn limits(select: &mut Select, look: &mut impl FnMut(&mut Bound)) {
    if let Some(limit) = &mut select.limit {
        look(limit);
    }
    for output in &mut select.outputs {
        if let Output::Nested(nested) = output {
            limits(&mut nested.select, look);
        }
    }
}

impl Reading {
    fn new(schema: &Schema, statement: &Statement) -> Result<Self, StoreError> {
        let bounded = !matches!(statement, Statement::Select(s) if s.cost == Cost::Unbounded || s.total);
        let mut bounds = Vec::new();
        if let Statement::Select(select) = statement {
            limits(&mut select.clone(), &mut |limit| {
                if let Bound::Param(id) = limit {
                    bounds.push(*id);
                }
            });
        }
        let (widths, lengths) = Default::default();
        let (statement, slow) = (statement.clone(), AtomicU32::new(0));
        let reading = Self { statement, widths, bounds, lengths, bounded, slow };
        reading.level(schema, Width::NARROW)?;
        Ok(reading)
    }

    /// The query at a width, for these values.
    pub(crate) fn level_for(
        &self,
        schema: &Schema,
        width: Width,
        binds: &[Value],
    ) -> Result<&Level, StoreError> {
        let (Statement::Select(select), false) = (&self.statement, self.bounds.is_empty()) else {
            return self.level(schema, width);
        };
        let asked = |id: &ParamId| match binds.get(usize::from(id.0)) {
            Some(Value::Int(n @ 0..)) => Some(*n),
            _ => None,
        };
        if width != Width::NARROW || !self.bounds.iter().all(|id| asked(id).is_some()) {
            return self.level(schema, width);
        }
        let same = |lengths: &[i64]| self.bounds.iter().zip(lengths).all(|(id, n)| asked(id) == Some(*n));
        for place in &self.lengths {
            if let Some((lengths, level)) = place.get() {
                if same(lengths) {
                    return Ok(level);
                }
                continue;
            }
            let mut fixed = select.clone();
            limits(&mut fixed, &mut |limit| {
                if let Bound::Param(id) = limit {
                    *limit = Bound::Fixed(asked(id).map_or(0, i64::unsigned_abs));
                }
            });
            let query = lower::select_wide(schema, POSTGRES, &fixed, width)?;
            let lengths = self.bounds.iter().filter_map(asked).collect();
            // Another may have taken the place meanwhile.
            let (lengths, level) = place.get_or_init(|| (lengths, query.into()));
            if same(lengths) {
                return Ok(level);
            }
        }
        self.level(schema, width)
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

#[cfg(test)]
mod tests;
