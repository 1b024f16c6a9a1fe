//! Statements as this store keeps them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bistro_schema::Schema;
use bistro_store::{Cost, Prepared, Statement, StoreError};
use bistro_store_sql::{Dialect, Query, Write, lower};

/// A lowered statement and what it has shown of itself.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) schema: Arc<Schema>,
    pub(crate) body: Body,
}

/// What a statement does.
#[derive(Debug)]
pub(crate) enum Body {
    /// Rows out; `slow` is whether it belongs in the pool, learnt from its cost or from a run that took too long.
    Read { query: Query, slow: AtomicBool },
    /// One row changed.
    Write(Write),
}

impl Program {
    pub(crate) fn new(schema: &Arc<Schema>, statement: &Statement) -> Result<Self, StoreError> {
        let dialect = Dialect::Sqlite;
        let read = |query, slow| Body::Read { query, slow: AtomicBool::new(slow) };
        let body = match statement {
            Statement::Select(s) => read(lower::select(schema, dialect, s)?, s.cost == Cost::Unbounded),
            Statement::Judge(j) => read(lower::judge(schema, dialect, j)?, false),
            Statement::Insert(i) => Body::Write(lower::insert(schema, dialect, i)?),
            Statement::Update(u) => Body::Write(lower::update(schema, dialect, u)?),
            Statement::Delete(d) => Body::Write(lower::delete(schema, dialect, d)?),
        };
        Ok(Self { schema: schema.clone(), body })
    }

    /// The program that a store prepared.
    pub(crate) fn of(prepared: &Prepared) -> Result<&Program, StoreError> {
        prepared.downcast_ref().ok_or_else(|| StoreError::bug("a statement of another store"))
    }

    /// The select or judgement.
    pub(crate) fn query(&self) -> Result<(&Query, &AtomicBool), StoreError> {
        match &self.body {
            Body::Read { query, slow } => Ok((query, slow)),
            Body::Write(_) => Err(StoreError::bug("a write was asked to read")),
        }
    }
}
