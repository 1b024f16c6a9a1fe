//! One operation on data, in the schema's words.

use bistro_schema::{FieldId, RelationId, Scalar, TypeId, Value};

use crate::expr::{Expr, Operand, ParamId};

/// What is asked, apart from its values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    /// The question.
    pub body: Body,
    /// What each parameter slot holds.
    pub params: Vec<Param>,
}

/// What a parameter slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Param {
    /// The kind of value; a list for `in`.
    pub scalar: Scalar,
}

/// The kinds of operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// Rows out.
    Read(Read),
    /// Rows in, or away.
    Write(Write),
}

/// A read of one type with what hangs on its rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Read {
    /// Whose rows.
    pub ty: TypeId,
    /// What of each row, in the order of the reply.
    pub select: Vec<Item>,
    /// Which rows; scope 0 is the row.
    pub filter: Expr,
    /// In which order.
    pub order: Vec<Order>,
    /// At most so many rows.
    pub limit: Option<Bound>,
    /// After skipping so many.
    pub offset: Option<Bound>,
    /// Whether the number of all rows that match is wanted.
    pub total: bool,
}

/// One item of a reply's row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// A value.
    Value {
        /// Its name in the reply.
        key: String,
        /// The value; scope 0 is the row.
        operand: Operand,
        /// What it is converted to before it is printed.
        cast: Option<Scalar>,
    },
    /// A value over all rows of the group; every plain value and to-one embed beside it makes the groups.
    Aggregate {
        /// Its name in the reply.
        key: String,
        /// Which.
        function: Aggregate,
        /// Of what; `None` counts rows.
        operand: Option<Operand>,
        /// What it is converted to before it is printed.
        cast: Option<Scalar>,
    },
    /// Related rows.
    Embed(Embed),
}

/// Related rows inside a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Embed {
    /// The name in the reply (unused for a spread).
    pub key: String,
    /// The way, from the type of the enclosing read.
    pub relation: RelationId,
    /// What of the related rows.
    pub read: Box<Read>,
    /// From which rows the way is open; scope 0 is the enclosing row, and where it is not true nothing is related. A
    /// surface says [`Expr::TRUE`]; the rules are put here.
    pub when: Box<Expr>,
    /// Over which rows of a many-to-many relation's join type the way goes; scope 0 is such a row. A surface says
    /// [`Expr::TRUE`]; the rules are put here.
    pub link: Box<Expr>,
    /// Whether the related row's items stand in the enclosing row (arrays of them for to-many).
    pub spread: bool,
}

/// A function over rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// How many values that are not null, or rows.
    Count,
    /// The sum; null over nothing.
    Sum,
    /// The mean; null over nothing.
    Avg,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

/// One term of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// The value; scope 0 is the row.
    pub operand: Operand,
    /// Greatest first.
    pub descending: bool,
    /// Nulls before values.
    pub nulls_first: bool,
}

/// A number of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// Part of the shape.
    Fixed(u64),
    /// A BigInt parameter, never negative.
    Param(ParamId),
}

/// A write to one type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Write {
    /// Whose rows.
    pub ty: TypeId,
    /// What happens.
    pub action: Action,
    /// What comes back of the rows written; `filter` is true, `limit` and `total` unset.
    pub returning: Option<Read>,
}

/// What a write does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// New rows, whose values come in [`Input::rows`].
    Insert {
        /// The fields that each row of the input fills, in order.
        columns: Vec<FieldId>,
        /// What to do with a row that exists.
        conflict: Option<Conflict>,
    },
    /// Change of rows; the first row of [`Input::rows`] holds the values.
    Update {
        /// Which rows; scope 0 is the row.
        filter: Expr,
        /// The fields that the input fills, in order.
        columns: Vec<FieldId>,
    },
    /// Removal of rows.
    Delete {
        /// Which rows; scope 0 is the row.
        filter: Expr,
    },
}

/// What an insert does with a row that exists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Conflict {
    /// The key or a unique set.
    pub fields: Vec<FieldId>,
    /// Update the row; otherwise leave it.
    pub merge: bool,
}

/// The values that travel beside an operation.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// One value a parameter slot.
    pub params: Vec<Value>,
    /// Rows of values in the order of `columns`; `None` asks for the default.
    pub rows: Vec<Vec<Option<Value>>>,
    /// At most so many rows may be touched; more is refused and rolled back.
    pub max_affected: Option<u64>,
    /// Exactly one row must be touched or read; otherwise refused and rolled back.
    pub exactly_one: bool,
}
