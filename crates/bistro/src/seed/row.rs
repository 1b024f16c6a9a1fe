//! One row: from its text to fields and values.

use std::ops::Range;

use bistro_schema::{FieldId, FieldKind, Schema, Type, TypeId, Value, names};

use super::place::{Mistake, Place};
use super::{cell, json_rows};

/// A row as its file has it.
#[derive(Debug)]
pub(super) struct Raw {
    /// Where it stands.
    pub(super) place: Place,
    /// Its text.
    pub(super) text: Text,
}

/// The text of a row.
#[derive(Debug)]
pub(super) enum Text {
    /// A JSON object, as a range of the file.
    Json(Range<usize>),
    /// A record of a CSV file.
    Csv(csv::StringRecord),
}

/// A row's fields, in the order of the type, with their values; `None` asks for the default.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Row {
    /// The fields.
    pub(super) columns: Vec<FieldId>,
    /// Their values.
    pub(super) values: Vec<Option<Value>>,
}

impl Row {
    /// The value of a field, if the row gives one.
    pub(super) fn value(&self, field: FieldId) -> Option<&Value> {
        let at = self.columns.iter().position(|f| *f == field)?;
        self.values[at].as_ref()
    }

    fn from_cells(mut cells: Vec<(FieldId, Option<Value>)>) -> Self {
        cells.sort_by_key(|(field, _)| *field);
        let (columns, values) = cells.into_iter().unzip();
        Self { columns, values }
    }
}

/// Reads a row's text. `file` is the whole file, `header` the columns of a CSV file.
pub(super) fn decode(
    schema: &Schema,
    ty: TypeId,
    raw: &Raw,
    file: &str,
    header: &[FieldId],
) -> Result<Row, Mistake> {
    let line = raw.place.line;
    let ty = schema.ty(ty);
    let mut cells = Vec::with_capacity(ty.fields.len());
    match &raw.text {
        Text::Json(range) => {
            for (name, value) in json_rows::object(&file[range.clone()], line)? {
                let field = field(ty, &name).map_err(|message| Mistake::at(line, message))?;
                if cells.iter().any(|(known, _)| *known == field) {
                    return Err(Mistake::at(line, format!("the row gives {:?} twice", ty.field(field).name)));
                }
                let value = cell::from_json(schema, ty.field(field), value.get());
                cells.push((field, Some(value.map_err(|message| Mistake::at(line, message))?)));
            }
        }
        Text::Csv(record) => {
            for (field, text) in header.iter().zip(record) {
                let value = cell::from_csv(schema, ty.field(*field), text);
                cells.push((*field, value.map_err(|message| Mistake::at(line, message))?));
            }
        }
    }
    Ok(Row::from_cells(cells))
}

/// The field that a member or a column names.
pub(super) fn field(ty: &Type, name: &str) -> Result<FieldId, String> {
    let Some(id) = ty.field_named(name) else {
        let known = ty.fields.iter().map(|f| f.name.as_str());
        let near =
            names::nearest(name, known).map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        return Err(format!("{} has no column {name:?}{near}", ty.collection));
    };
    if matches!(ty.field(id).kind, FieldKind::Computed(_) | FieldKind::Generated) {
        return Err(format!("{}.{name} is computed and cannot be given", ty.collection));
    }
    Ok(id)
}
