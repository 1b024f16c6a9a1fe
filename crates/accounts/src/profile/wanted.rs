//! What the row of a new person must be given, for the page of signing up.

use bistro_schema::{FieldId, Kind, Scalar, Schema};
use serde_json::Map;
use uuid::Uuid;

use super::fields::is_writable;
use super::person;
use super::row::Row;
use crate::accounts::Accounts;
use crate::flows::signup::like_new;
use crate::visit::Visit;

/// A field that a page asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The field.
    pub name: String,
    /// What the person reads.
    pub label: String,
    /// What the schema says of it; may be empty.
    pub hint: String,
    /// How it is filled in.
    pub input: Input,
}

/// How a field is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A line of text.
    Text,
    /// A number.
    Number,
    /// A day.
    Date,
    /// Yes or no.
    Check,
    /// One of these.
    Choice(Vec<String>),
}

/// The fields of the row that somebody new must bring and may write.
pub fn wanted(accounts: &Accounts, visit: &Visit) -> Vec<Wanted> {
    let Some(row) = Row::of(accounts, visit, Uuid::nil()) else { return Vec::new() };
    let caller = person::caller(row.schema(), visit, &like_new(visit, "", &Map::new()), "aal1");
    let (view, ty) = (row.view(&caller), row.ty());
    let shape = row.schema().ty(ty);
    let needed = |(id, _): &(FieldId, _)| row.needs(*id) && is_writable(&view, ty, *id);
    let wanted = shape.fields().filter(needed).map(|(_, field)| Wanted {
        name: field.name.clone(),
        label: label(&field.name),
        hint: field.description.clone().unwrap_or_default(),
        input: input(row.schema(), field.scalar),
    });
    wanted.collect()
}

fn input(schema: &Schema, scalar: Scalar) -> Input {
    match scalar.kind {
        _ if scalar.list => Input::Text,
        Kind::Int | Kind::BigInt => Input::Number,
        Kind::Date => Input::Date,
        Kind::Boolean => Input::Check,
        Kind::Enum(id) => {
            let values = schema.enums[usize::from(id.0)].values.iter();
            Input::Choice(values.map(|(value, _)| value.clone()).collect())
        }
        _ => Input::Text,
    }
}

/// `display_name` as people write it: "Display name".
fn label(name: &str) -> String {
    let spaced = name.replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
