//! From statements to SQL text, slots and column programs.
//!
//! Aliases are `t0`, `t1` … through a whole select with all that hangs on it, so that no two texts of one statement are
//! equal and each has its own prepared statement.

mod expr;
mod operand;
mod relation;
mod said;
mod select;
mod write;

use bistro_ir::{Bound, ParamId};
use bistro_schema::{EnumId, Field, FieldId, Schema, TypeId, Value};
use bistro_store::{NewRow, StoreError};

use crate::dialect::Dialect;
use crate::encode::{Encode, Round, Width};
use crate::form::Form;
use crate::words::Words;

pub use select::{judge, judge_wide, select, select_wide};
pub use write::{delete, insert, recount, update};

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
    /// Part so-and-so of the keys of all rows of the enclosing level ([`Batch::keys`]), as one array of this form.
    Keys(usize, Form),
    /// The keys of all rows of the enclosing level as a JSON array with an array of the parts of each, in these forms.
    KeyRows(Vec<Form>),
}

/// How a nested select runs once for all rows of the enclosing level. Its first column is the number of the row, from 1
/// in the order of the keys that were bound; [`Step`]s count columns with it. Rows of one number keep the order that was
/// asked for, rows of different ones may be mixed.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The parts of a key: the column of the enclosing level's row (as [`Step::Value`] counts) and its form. A row with
    /// a null among them has no related rows and is left out, unless [`Query::always`].
    pub keys: Vec<(usize, Form)>,
    /// At most one row belongs to each key: what comes after the first is to be passed over.
    pub one: bool,
    /// What a key without rows answers, one value a [`Step`], where the statement itself does not answer it.
    pub empty: Option<Vec<Value>>,
}

/// A select with what hangs on its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The text; its slots hold [`Slot::Parent`], [`Slot::Keys`] or [`Slot::KeyRows`] if it hangs on another.
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
    /// How it runs for all rows of the enclosing level at once; `None` where it runs for each, or hangs on nothing.
    pub batch: Option<Batch>,
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
    /// Which parts of the key the insert answers, one a column; empty where it answers no row.
    pub returning: Vec<usize>,
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
    /// The enumeration whose labels a column holds.
    label: Option<EnumId>,
}

impl Piece {
    fn new(text: impl Into<String>, form: Form) -> Self {
        Self::of(text, Some(form))
    }

    fn of(text: impl Into<String>, form: Option<Form>) -> Self {
        Self { text: text.into(), form, label: None }
    }
}

/// What the place of a value says about its form.
#[derive(Clone, Copy, Debug)]
struct Hint {
    form: Option<Form>,
    round: Round,
    label: Option<EnumId>,
}

impl Hint {
    const NONE: Hint = Hint { form: None, round: Round::Exact, label: None };

    fn form(form: Option<Form>) -> Self {
        Hint { form, ..Hint::NONE }
    }

    /// What stands beside this.
    fn beside(piece: &Piece, round: Round) -> Self {
        Hint { form: piece.form, round, label: piece.label }
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
    words: &'static dyn Words,
    width: Width,
    slots: Vec<Slot>,
    next_alias: usize,
    /// How many conditions ask whether there is a row.
    exists: usize,
    scopes: Vec<Scope>,
    new: Option<New<'a>>,
}

impl<'a> Emitter<'a> {
    fn new(schema: &'a Schema, dialect: Dialect, width: Width, first_alias: usize) -> Self {
        let words = dialect.words();
        let (slots, scopes) = (Vec::new(), Vec::new());
        Self { schema, dialect, words, width, slots, next_alias: first_alias, exists: 0, scopes, new: None }
    }

    /// The slot that holds this; equal ones share.
    fn slot(&mut self, slot: Slot) -> String {
        let index = self.index(slot);
        self.words.slot(index, &self.slots[index])
    }

    fn index(&mut self, slot: Slot) -> usize {
        let found = self.slots.iter().position(|s| *s == slot);
        found.unwrap_or_else(|| {
            self.slots.push(slot);
            self.slots.len() - 1
        })
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
        let declared = self.schema.ty(ty).field(field);
        self.known(format!("{alias}.{}", self.dialect.quote(&declared.column)), declared)
    }

    /// A column in Bistro's form, whoever made the table.
    fn known(&self, column: String, field: &Field) -> String {
        match &field.declared {
            Some(declared) => self.words.read(column, field.scalar, declared),
            None => column,
        }
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
        if self.words.positional() { placed(&text, &self.slots) } else { Sql { text, slots: self.slots } }
    }
}

/// The text with a question mark for each marked slot, and the slots as often and in the order as they stand in it.
fn placed(text: &str, slots: &[Slot]) -> Sql {
    let mut out = Sql { text: String::with_capacity(text.len()), slots: Vec::with_capacity(slots.len()) };
    for (at, part) in text.split(MARK).enumerate() {
        match part.parse::<usize>().ok().filter(|_| at % 2 == 1).and_then(|index| slots.get(index)) {
            Some(slot) => {
                out.text.push('?');
                out.slots.push(slot.clone());
            }
            None => out.text.push_str(part),
        }
    }
    out
}

/// Stands before and after the number of a slot that is known by its place; no name and no constant holds it.
pub(crate) const MARK: char = '\u{1}';

#[cfg(test)]
mod tests;
