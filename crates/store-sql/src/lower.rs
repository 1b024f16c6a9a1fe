//! From statements to SQL text, slots and column programs.
//!
//! Aliases are `t0`, `t1` … through a whole select with all that hangs on it, so that no two texts of one statement are
//! equal and each has its own prepared statement.

mod expr;
mod operand;
mod relation;
mod select;
mod write;

use bistro_ir::{Bound, ParamId};
use bistro_schema::{FieldId, Schema, TypeId, Value};
use bistro_store::{NewRow, StoreError};

use crate::dialect::Dialect;
use crate::encode::{Encode, Round};
use crate::form::Form;

pub use select::{judge, select};
pub use write::{delete, insert, update};

/// SQL text and what to bind.
#[derive(Clone, Debug, PartialEq)]
pub struct Sql {
    /// The text.
    pub text: String,
    /// What the slots hold, in order.
    pub slots: Vec<Slot>,
}

/// What one slot holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Slot {
    /// A bind of the statement.
    Bind(ParamId, Encode),
    /// A constant of the schema.
    Constant(Value, Encode),
    /// Column number so-and-so of the enclosing row.
    Parent(usize),
}

/// A select with what hangs on its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The text; its slots hold [`Slot::Parent`] if it hangs on another.
    pub sql: Sql,
    /// What to push of each row, in order.
    pub steps: Vec<Step>,
    /// The selects that hang on each row.
    pub nested: Vec<Query>,
    /// How to count all rows that match, if wanted.
    pub total: Option<Sql>,
    /// The limit, to know whether rows are missing.
    pub limit: Option<Bound>,
    /// The offset, for the same.
    pub offset: Option<Bound>,
    /// Whether it answers one row even where nothing matches: aggregates that nothing groups.
    pub always: bool,
}

/// One output of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A column.
    Value {
        /// The output's number.
        index: usize,
        /// The column's number.
        column: usize,
        /// How to read it.
        form: Form,
    },
    /// Related rows.
    Nested {
        /// The output's number.
        index: usize,
        /// Which of [`Query::nested`].
        query: usize,
    },
}

/// An insert, update or delete.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// The type written.
    pub ty: TypeId,
    /// The text.
    pub sql: Sql,
    /// Where an inserted row's key comes from; empty for other writes.
    pub key: Vec<WriteKey>,
}

/// Where a part of an inserted row's key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteKey {
    /// A bind; if it is null, the store counted.
    Bind(ParamId),
    /// The store counted.
    Counted,
}

/// A piece of SQL and the form of its value; `None` where only the bind itself knows.
#[derive(Clone, Debug)]
struct Piece {
    text: String,
    form: Option<Form>,
}

impl Piece {
    fn new(text: impl Into<String>, form: Form) -> Self {
        Self { text: text.into(), form: Some(form) }
    }
}

/// What the place of a value says about its form.
#[derive(Clone, Copy, Debug)]
struct Hint {
    form: Option<Form>,
    round: Round,
}

impl Hint {
    const NONE: Hint = Hint { form: None, round: Round::Exact };

    fn form(form: Option<Form>) -> Self {
        Hint { form, round: Round::Exact }
    }
}

/// A row that names can start from.
#[derive(Clone, Debug)]
struct Scope {
    ty: TypeId,
    alias: String,
}

/// The row as it would be after the write.
struct New<'a> {
    ty: TypeId,
    row: &'a NewRow,
    /// The alias of the stored row, for fields that the write leaves alone.
    stored: Option<String>,
}

/// Writes one text.
struct Emitter<'a> {
    schema: &'a Schema,
    dialect: Dialect,
    slots: Vec<Slot>,
    next_alias: usize,
    scopes: Vec<Scope>,
    new: Option<New<'a>>,
}

impl<'a> Emitter<'a> {
    fn new(schema: &'a Schema, dialect: Dialect, first_alias: usize) -> Self {
        Self { schema, dialect, slots: Vec::new(), next_alias: first_alias, scopes: Vec::new(), new: None }
    }

    /// The slot that holds this; equal ones share.
    fn slot(&mut self, slot: Slot) -> String {
        let found = self.slots.iter().position(|s| *s == slot);
        let index = found.unwrap_or_else(|| {
            self.slots.push(slot);
            self.slots.len() - 1
        });
        self.dialect.slot(index)
    }

    fn alias(&mut self) -> String {
        let alias = format!("t{}", self.next_alias);
        self.next_alias += 1;
        alias
    }

    fn table(&self, ty: TypeId) -> String {
        self.dialect.quote(&self.schema.ty(ty).collection)
    }

    fn column(&self, alias: &str, ty: TypeId, field: FieldId) -> String {
        format!("{alias}.{}", self.dialect.quote(&self.schema.ty(ty).field(field).column))
    }

    fn form_of(&self, ty: TypeId, field: FieldId) -> Form {
        Form::of(self.schema.ty(ty).field(field).scalar)
    }

    fn scope(&self, back: u8) -> Result<&Scope, StoreError> {
        let depth = self.scopes.len().checked_sub(1 + usize::from(back));
        depth
            .map(|at| &self.scopes[at])
            .ok_or_else(|| StoreError::bug("a statement names a row that is not in scope"))
    }

    fn finish(self, text: String) -> Sql {
        Sql { text, slots: self.slots }
    }
}

#[cfg(test)]
mod tests;
