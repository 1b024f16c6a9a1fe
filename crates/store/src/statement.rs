//! What the planner asks of a store. Every [`ParamId`] here indexes one flat list of values, the binds: `auth`, `now`
//! and constants have become binds, rules have become plain conditions, and only fields and relations are left.

use bistro_ir::{Aggregate, Bound, Expr, Operand, Order, ParamId};
use bistro_schema::{FieldId, RelationId, Scalar, TypeId};

/// One prepared unit of work.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// Rows out.
    Select(Select),
    /// Conditions on a row that is not stored yet.
    Judge(Judge),
    /// One row in.
    Insert(Insert),
    /// One row changed, by key.
    Update(Update),
    /// One row away, by key.
    Delete(Delete),
}

/// What a plan may cost, judged from keys, indexes and limits alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// By a key or an index, with a limit: may run at once on the calling thread.
    Bounded,
    /// Anything else: runs aside, under the statement deadline.
    Unbounded,
}

/// Rows of one type with what hangs on them.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// Whose rows.
    pub ty: TypeId,
    /// What of each, in order. With an [`Output::Aggregate`] among them, the plain values make the groups.
    pub outputs: Vec<Output>,
    /// Which rows; scope 0 is the row.
    pub filter: Expr,
    /// In which order.
    pub order: Vec<Order>,
    /// At most so many.
    pub limit: Option<Bound>,
    /// After skipping so many.
    pub offset: Option<Bound>,
    /// Whether [`crate::Summary::total`] is wanted: rows that match without limit and offset, in the same snapshot.
    pub total: bool,
    /// What [`bistro_ir::Root::New`] means inside, when an update is judged.
    pub new: NewRow,
    /// The transaction is about to write the rows of the outermost level: nobody else may until it ends.
    pub lock: bool,
    /// What it may cost.
    pub cost: Cost,
}

/// One output of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A value of this scalar.
    Value(Operand, Scalar),
    /// A value over the group.
    Aggregate {
        /// Which.
        function: Aggregate,
        /// Of what, and of which scalar; `None` counts rows.
        operand: Option<(Operand, Scalar)>,
    },
    /// Related rows.
    Nested(Box<Nested>),
}

/// Related rows of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Nested {
    /// The way from the enclosing type.
    pub relation: RelationId,
    /// What of the related rows; its filter's scope 0 is the related row, and nothing in it refers to the enclosing one.
    pub select: Select,
    /// From which rows the way is open; scope 0 is the enclosing row. Where it is not true nothing is related, and the row
    /// counts as one whose columns of the way are null: for aggregates over nothing, and for groups.
    pub when: Expr,
    /// Over which rows of a many-to-many relation's join type the way goes; scope 0 is such a row. True for other relations.
    pub link: Expr,
    /// How the rows stand in the enclosing row; for the sink's owner, the store treats all alike.
    pub form: NestedForm,
}

/// How nested rows stand in the enclosing row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NestedForm {
    /// An object, or null.
    One,
    /// A list.
    Many,
    /// The items of the one row, in the enclosing row.
    LiftOne,
    /// Lists of the items of all rows, in the enclosing row.
    LiftMany,
}

/// Where the fields of [`bistro_ir::Root::New`] come from: a bind, or for fields not listed the stored row (in the
/// outermost scope) of a select, and null in a [`Judge`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRow(pub Vec<(FieldId, ParamId)>);

/// Conditions on a row that is not stored yet; the store answers one row with one Boolean (or null) each.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge {
    /// The row's type.
    pub ty: TypeId,
    /// The row.
    pub new: NewRow,
    /// The conditions.
    pub conditions: Vec<Expr>,
}

/// One row in. The store answers the row's key.
#[derive(Clone, Debug, PartialEq)]
pub struct Insert {
    /// The type.
    pub ty: TypeId,
    /// The fields and their binds; others become null, a counter key counts up.
    pub values: Vec<(FieldId, ParamId)>,
    /// After a refusal the transaction goes on, as if the insert had not been tried.
    pub guarded: bool,
}

/// One row changed, by key.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The type.
    pub ty: TypeId,
    /// The fields and their binds.
    pub set: Vec<(FieldId, ParamId)>,
    /// The binds of the key, in the key's order.
    pub key: Vec<ParamId>,
}

/// One row away, by key.
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    /// The type.
    pub ty: TypeId,
    /// The binds of the key, in the key's order.
    pub key: Vec<ParamId>,
}
