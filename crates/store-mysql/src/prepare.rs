//! Statements as this store keeps them.

use std::sync::{Arc, OnceLock};

use bistro_ir::ParamId;
use bistro_problem::Code;
use bistro_schema::{Schema, Value};
use bistro_store::{Prepared, Statement, StoreError, StoreErrorKind};
use bistro_store_sql::encode::Width;
use bistro_store_sql::fit::{Fit, fit};
use bistro_store_sql::{Dialect, Query, Slot, Write, lower};

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
    Read(Box<Read>),
    /// One row changed; for an insert after whose refusal the transaction goes on, the text that tries it first.
    Write(Write, Option<String>),
}

/// A select or judgement at each width that was needed so far.
#[derive(Debug)]
pub(crate) struct Read {
    statement: Statement,
    queries: [OnceLock<Arc<Query>>; 4],
}

impl Program {
    pub(crate) fn new(schema: &Arc<Schema>, statement: &Statement) -> Result<Self, StoreError> {
        let dialect = Dialect::Mysql;
        let body = match statement {
            Statement::Select(_) | Statement::Judge(_) => {
                let read = Read { statement: statement.clone(), queries: Default::default() };
                // A statement that cannot be lowered is refused when it is prepared.
                read.at(schema, Width::NARROW)?;
                Body::Read(Box::new(read))
            }
            Statement::Insert(i) => {
                let write = lower::insert(schema, dialect, i)?;
                let trial = i.guarded.then(|| trial(schema, &write));
                Body::Write(write, trial)
            }
            Statement::Update(u) => Body::Write(lower::update(schema, dialect, u)?, None),
            Statement::Delete(d) => Body::Write(lower::delete(schema, dialect, d)?, None),
        };
        Ok(Self { schema: schema.clone(), body })
    }

    /// The program that a store prepared.
    pub(crate) fn of(prepared: &Prepared) -> Result<&Program, StoreError> {
        prepared.downcast_ref().ok_or_else(|| StoreError::bug("a statement of another store"))
    }

    /// The select or judgement as these binds need it.
    pub(crate) fn query(&self, binds: &[Value]) -> Result<Arc<Query>, StoreError> {
        let Body::Read(read) = &self.body else { return Err(StoreError::bug("a write was asked to read")) };
        let mut width = Width::NARROW;
        loop {
            let query = read.at(&self.schema, width)?;
            match wanted(&query, binds)? {
                None => return Ok(query),
                Some(more) if width.or(more) == width => return Err(out_of_range()),
                Some(more) => width = width.or(more),
            }
        }
    }

    /// The select or judgement as it is lowered first.
    pub(crate) fn narrow(&self) -> Result<Arc<Query>, StoreError> {
        match &self.body {
            Body::Read(read) => read.at(&self.schema, Width::NARROW),
            Body::Write(..) => Err(StoreError::bug("a write was asked to read")),
        }
    }

    /// Whether the transaction goes on after the statement was refused.
    pub(crate) fn guarded(&self) -> bool {
        self.trial().is_some()
    }

    /// What is tried before a guarded insert.
    pub(crate) fn trial(&self) -> Option<&str> {
        match &self.body {
            Body::Write(_, trial) => trial.as_deref(),
            Body::Read(_) => None,
        }
    }

    /// The write.
    pub(crate) fn write(&self) -> Result<&Write, StoreError> {
        match &self.body {
            Body::Write(write, _) => Ok(write),
            Body::Read(_) => Err(StoreError::bug("a read was asked to write")),
        }
    }
}

/// What the server calls the last counted key if a trial met a row that is there.
pub(crate) const MET: u64 = 0x7fff_ffff_ffff_fff1;

/// An insert that locks a row in its way for writing, and says so. A plain insert that is refused holds a lock for
/// reading, and two who then want to write wait for each other.
fn trial(schema: &Schema, write: &Write) -> String {
    let ty = schema.ty(write.ty);
    let key = ty.key.first().map_or_else(String::new, |f| Dialect::Mysql.quote(&ty.field(*f).column));
    format!("{} ON DUPLICATE KEY UPDATE {key} = IF(LAST_INSERT_ID({MET}) = 0, {key}, {key})", write.sql.text)
}

impl Read {
    fn at(&self, schema: &Schema, width: Width) -> Result<Arc<Query>, StoreError> {
        let kept = &self.queries[width.index()];
        if let Some(query) = kept.get() {
            return Ok(query.clone());
        }
        let query = match &self.statement {
            Statement::Judge(judge) => lower::judge_wide(schema, Dialect::Mysql, judge, width)?,
            Statement::Select(select) => lower::select_wide(schema, Dialect::Mysql, select, width)?,
            _ => return Err(StoreError::bug("a write is not lowered at widths")),
        };
        Ok(kept.get_or_init(|| Arc::new(query)).clone())
    }
}

/// How much wider the statement must be for these binds.
fn wanted(query: &Query, binds: &[Value]) -> Result<Option<Width>, StoreError> {
    let total = query.total.iter().flat_map(|t| &t.slots);
    let mut wider = None::<Width>;
    for slot in query.sql.slots.iter().chain(total) {
        let fitted = match slot {
            Slot::Bind(id, how) => fit(bind(binds, *id)?, how)?,
            Slot::Constant(value, how) => fit(value, how)?,
            _ => continue,
        };
        if let Fit::Wide(width) = fitted {
            wider = Some(wider.map_or(width, |w| w.or(width)));
        }
    }
    for nested in &query.nested {
        if let Some(width) = wanted(nested, binds)? {
            wider = Some(wider.map_or(width, |w| w.or(width)));
        }
    }
    Ok(wider)
}

/// A bind of the statement.
pub(crate) fn bind(binds: &[Value], ParamId(id): ParamId) -> Result<&Value, StoreError> {
    binds.get(usize::from(id)).ok_or_else(|| StoreError::bug(format!("bind {id} is missing")))
}

/// A number that no slot holds.
pub(crate) fn out_of_range() -> StoreError {
    let text = "integer out of range";
    StoreError::new(StoreErrorKind::Rejected(Code::OutOfRange, text.into()), text)
}
