//! The tables that are moved: their stored fields, and the order in which they are filled.

use bistro_ir::{Bound, Compare, Expr, Operand, Order, ParamId, Root};
use bistro_schema::text::write_plain;
use bistro_schema::{FieldId, FieldKind, Kind, RelationKind, Schema, TypeId, Value};
use bistro_store::{Cost, NewRow, Output, Select};

/// A table with rows of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    /// The type.
    pub(super) ty: TypeId,
    /// Its name.
    pub(super) name: String,
    /// The stored fields, in order.
    pub(super) fields: Vec<FieldId>,
    /// Where the key's fields stand among them.
    pub(super) key: Vec<usize>,
}

/// The tables of a schema, those that others refer to first as far as there is such an order.
pub(super) fn tables(schema: &Schema) -> Vec<Table> {
    let mut left: Vec<TypeId> = schema.types().filter(|(_, t)| t.writable()).map(|(id, _)| id).collect();
    let mut done = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |id: &TypeId| {
            let owned = schema.ty(*id).relations.iter().filter(|r| r.kind == RelationKind::ToOne);
            owned.map(|r| r.target).any(|to| to != *id && left.contains(&to))
        };
        let next = left.iter().position(|id| !waits(id)).unwrap_or(0);
        done.push(table(schema, left.remove(next)));
    }
    done
}

fn table(schema: &Schema, id: TypeId) -> Table {
    let ty = schema.ty(id);
    let stored =
        ty.fields().filter(|(_, f)| !matches!(f.kind, FieldKind::Computed(_) | FieldKind::Generated));
    let fields: Vec<FieldId> = stored.map(|(id, _)| id).collect();
    let key = ty.key.iter().filter_map(|k| fields.iter().position(|f| f == k)).collect();
    Table { ty: id, name: ty.collection.clone(), fields, key }
}

impl Table {
    /// The values of a row's key.
    pub(super) fn key_of(&self, row: &[Value]) -> Vec<Value> {
        self.key.iter().map(|at| row[*at].clone()).collect()
    }

    /// A row's key for people: `5`, or `(5, de)`.
    pub(super) fn shown_key(&self, row: &[Value]) -> String {
        shown(self.key.iter().map(|at| &row[*at]))
    }

    /// The key's fields.
    pub(super) fn key_fields(&self) -> Vec<FieldId> {
        self.key.iter().map(|at| self.fields[*at]).collect()
    }

    /// A read of some fields in the order of the key.
    pub(super) fn select(
        &self,
        schema: &Schema,
        fields: &[FieldId],
        filter: Expr,
        most: Option<u64>,
    ) -> Select {
        let output = |f: &FieldId| Output::Value(field(*f), schema.ty(self.ty).field(*f).scalar);
        let order = |f: FieldId| Order { operand: field(f), descending: false, nulls_first: false };
        Select {
            ty: self.ty,
            outputs: fields.iter().map(output).collect(),
            filter,
            order: self.key_fields().into_iter().map(order).collect(),
            limit: most.map(Bound::Fixed),
            offset: None,
            total: false,
            new: NewRow::default(),
            lock: false,
            cost: Cost::Unbounded,
        }
    }

    /// The rows after one whose key is bound. The first part alone lets an index of several fields be used.
    pub(super) fn after(&self) -> Expr {
        let keys = self.key_fields();
        let after = keys.iter().enumerate().rev().fold(Expr::FALSE, |rest, (at, f)| {
            let (beyond, equal) = (compare(Compare::Gt, *f, at), compare(Compare::Eq, *f, at));
            Expr::any([beyond, Expr::all([equal, rest])])
        });
        match keys.as_slice() {
            [] | [_] => after,
            [first, ..] => Expr::all([compare(Compare::Ge, *first, 0), after]),
        }
    }

    /// The row whose key is bound.
    pub(super) fn is(&self) -> Expr {
        let keys = self.key_fields();
        Expr::all(keys.iter().enumerate().map(|(at, f)| compare(Compare::Eq, *f, at)))
    }
}

/// A field of the row.
pub(super) fn field(id: FieldId) -> Operand {
    Operand::Field(Root::Scope(0), id)
}

fn compare(how: Compare, id: FieldId, slot: usize) -> Expr {
    Expr::Compare(how, field(id), Operand::Param(ParamId(slot as u16)))
}

/// Values of a key for people; long ones are cut.
pub(super) fn shown<'v>(values: impl Iterator<Item = &'v Value>) -> String {
    let parts: Vec<String> = values
        .map(|value| {
            let mut text = Vec::new();
            write_plain(value.borrow(), &mut text);
            let text = String::from_utf8_lossy(&text).into_owned();
            if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text }
        })
        .collect();
    match parts.as_slice() {
        [one] => one.clone(),
        parts => format!("({})", parts.join(", ")),
    }
}

/// The scalar of a field as the schema file says it.
pub(super) fn kind_name(schema: &Schema, ty: TypeId, id: FieldId) -> String {
    let scalar = schema.ty(ty).field(id).scalar;
    let name = match scalar.kind {
        Kind::Id => "ID".into(),
        Kind::Int => "Int".into(),
        Kind::BigInt => "BigInt".into(),
        Kind::Float => "Float".into(),
        Kind::Decimal { bare: true, .. } => "Decimal".into(),
        Kind::Decimal { precision, scale, .. } => format!("Decimal({precision},{scale})"),
        Kind::String => "String".into(),
        Kind::Boolean => "Boolean".into(),
        Kind::Date => "Date".into(),
        Kind::Time => "Time".into(),
        Kind::DateTime => "DateTime".into(),
        Kind::Json => "JSON".into(),
        Kind::Bytes => "Bytes".into(),
        Kind::Email => "Email".into(),
        Kind::Url => "URL".into(),
        Kind::Uuid => "UUID".into(),
        Kind::Html => "Html".into(),
        Kind::Enum(of) => schema.enum_type(of).name.clone(),
    };
    if scalar.list { format!("[{name}]") } else { name }
}
