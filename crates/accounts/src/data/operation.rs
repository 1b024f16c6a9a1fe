//! Records and filters as operations of the engine: names become ids, values wait in parameters.

use bistro_ir::{
    Action, Body, Bound, Compare, Expr, Input, Item, Operand, Operation, Order, Param, ParamId, Read, Root,
    Write,
};
use bistro_schema::{FieldId, Scalar, Schema, Type, TypeId, Value};

use super::filter::{Filter, Test};
use super::record::Record;

/// The most rows of a read that says nothing else.
const ROWS_MOST: u64 = 1_000;

/// An operation under construction.
struct Draft<'s> {
    schema: &'s Schema,
    ty: TypeId,
    params: Vec<Param>,
    values: Vec<Value>,
}

/// An operation with its values.
pub(crate) struct Asked {
    pub(crate) operation: Operation,
    pub(crate) input: Input,
}

/// The rows that a filter finds.
pub(crate) fn find<T: Record>(schema: &Schema, filter: Filter) -> Asked {
    let mut draft = Draft::of::<T>(schema);
    let select = T::COLUMNS.iter().map(|column| draft.item(column)).collect();
    let order = filter.order.iter().map(|(column, descending)| draft.order(column, *descending)).collect();
    let limit = Some(Bound::Fixed(filter.limit.unwrap_or(ROWS_MOST)));
    let offset = (filter.offset > 0).then_some(Bound::Fixed(filter.offset));
    let read =
        Read { ty: draft.ty, select, filter: draft.filter(filter), order, limit, offset, total: false };
    draft.done(Body::Read(read), Vec::new())
}

/// How many rows a filter finds.
pub(crate) fn count<T: Record>(schema: &Schema, filter: Filter) -> Asked {
    let mut draft = Draft::of::<T>(schema);
    let (key, function) = ("count".to_owned(), bistro_ir::Aggregate::Count);
    let select = vec![Item::Aggregate { key, function, operand: None, cast: None }];
    let (order, limit, offset) = (Vec::new(), None, None);
    let read =
        Read { ty: draft.ty, select, filter: draft.filter(filter), order, limit, offset, total: false };
    draft.done(Body::Read(read), Vec::new())
}

/// A new row.
pub(crate) fn insert<T: Record>(schema: &Schema, record: T) -> Asked {
    let draft = Draft::of::<T>(schema);
    let columns = T::COLUMNS.iter().map(|column| draft.field(column)).collect();
    let row = record.into_row().into_iter().map(Some).collect();
    let write = Write { ty: draft.ty, action: Action::Insert { columns, conflict: None }, returning: None };
    draft.done(Body::Write(write), vec![row])
}

/// Other values for the rows that a filter finds.
pub(crate) fn update<T: Record>(schema: &Schema, filter: Filter, set: Vec<(&'static str, Value)>) -> Asked {
    let mut draft = Draft::of::<T>(schema);
    let columns = set.iter().map(|(column, _)| draft.field(column)).collect();
    let row = set.into_iter().map(|(_, value)| Some(value)).collect();
    let filter = draft.filter(filter);
    let write = Write { ty: draft.ty, action: Action::Update { filter, columns }, returning: None };
    draft.done(Body::Write(write), vec![row])
}

/// The rows that a filter finds, away.
pub(crate) fn delete<T: Record>(schema: &Schema, filter: Filter) -> Asked {
    let mut draft = Draft::of::<T>(schema);
    let filter = draft.filter(filter);
    let write = Write { ty: draft.ty, action: Action::Delete { filter }, returning: None };
    draft.done(Body::Write(write), Vec::new())
}

impl<'s> Draft<'s> {
    fn of<T: Record>(schema: &'s Schema) -> Self {
        let (ty, _) =
            schema.types().find(|(_, ty)| ty.name == T::TYPE).expect("each record names a type of the file");
        Self { schema, ty, params: Vec::new(), values: Vec::new() }
    }

    fn ty(&self) -> &'s Type {
        self.schema.ty(self.ty)
    }

    fn field(&self, column: &str) -> FieldId {
        self.ty().field_named(column).expect("each record names fields of its type")
    }

    fn operand(&self, column: &str) -> Operand {
        Operand::Field(Root::Scope(0), self.field(column))
    }

    fn item(&self, column: &str) -> Item {
        Item::Value { key: column.to_owned(), operand: self.operand(column), cast: None }
    }

    fn order(&self, column: &str, descending: bool) -> Order {
        Order { operand: self.operand(column), descending, nulls_first: false }
    }

    fn param(&mut self, scalar: Scalar, value: Value) -> Operand {
        let id = ParamId(self.params.len() as u16);
        self.params.push(Param { scalar });
        self.values.push(value);
        Operand::Param(id)
    }

    fn filter(&mut self, filter: Filter) -> Expr {
        Expr::all(filter.terms.into_iter().map(|(column, test, value)| self.term(column, test, value)))
    }

    fn term(&mut self, column: &str, test: Test, value: Value) -> Expr {
        let own = self.operand(column);
        let scalar = self.ty().field(self.field(column)).scalar;
        match test {
            Test::Is => Expr::Compare(Compare::Eq, own, self.param(scalar, value)),
            Test::IsNot => Expr::Distinct(own, self.param(scalar, value)),
            Test::Before => Expr::Compare(Compare::Lt, own, self.param(scalar, value)),
            Test::NotBefore => Expr::Compare(Compare::Ge, own, self.param(scalar, value)),
            Test::Null => Expr::IsNull(own),
            Test::NotNull => Expr::Not(Box::new(Expr::IsNull(own))),
            Test::Holds => Expr::Like { operand: own, pattern: self.param(scalar, value), fold: false },
            Test::AnyOf => Expr::In(own, self.param(Scalar { list: true, ..scalar }, value)),
        }
    }

    fn done(self, body: Body, rows: Vec<Vec<Option<Value>>>) -> Asked {
        let operation = Operation { body, params: self.params };
        Asked { operation, input: Input { params: self.values, rows, ..Input::default() } }
    }
}
