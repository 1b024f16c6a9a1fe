//! Rows by name, so that they outlive a changed schema.

use std::collections::HashMap;

use bistro_schema::{Field, Schema, Type, TypeId, Value};

/// A row: values by field name; a field without one is null.
pub(crate) type Row = HashMap<String, Value>;

/// Everything the store holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Data {
    pub(crate) tables: HashMap<String, Table>,
    pub(crate) records: HashMap<(String, String), (Vec<u8>, i64)>,
    pub(crate) recorded: HashMap<&'static str, String>,
}

/// The rows of one type in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    pub(crate) counter: i64,
}

impl Data {
    /// The rows of a type.
    pub(crate) fn rows(&self, schema: &Schema, ty: TypeId) -> &[Row] {
        self.tables.get(&schema.ty(ty).collection).map_or(&[], |t| &t.rows)
    }

    /// The table of a type.
    pub(crate) fn table(&mut self, ty: &Type) -> &mut Table {
        self.tables.entry(ty.collection.clone()).or_default()
    }
}

/// A row's value of a field.
pub(crate) fn cell(row: &Row, field: &Field) -> Value {
    row.get(&field.name).cloned().unwrap_or(Value::Null)
}
