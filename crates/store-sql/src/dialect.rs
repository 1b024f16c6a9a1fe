//! What differs between SQL engines: quoting, column types, the names of functions that a store must offer.

use crate::form::Form;

/// A SQL engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.51 or later, with the functions of `bistro-store-sqlite`.
    Sqlite,
}

impl Dialect {
    /// An identifier as it stands in SQL text.
    pub fn quote(self, name: &str) -> String {
        match self {
            Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    /// A text constant as it stands in a table definition.
    pub fn text(self, text: &str) -> String {
        match self {
            Dialect::Sqlite => format!("'{}'", text.replace('\'', "''")),
        }
    }

    /// The slot of bind number `index`, counted from 0.
    pub fn slot(self, index: usize) -> String {
        match self {
            Dialect::Sqlite => format!("?{}", index + 1),
        }
    }

    /// The type of a column that holds values of this form.
    pub fn column_type(self, form: Form) -> &'static str {
        match self {
            Dialect::Sqlite => match form {
                Form::Bool | Form::Int | Form::Date | Form::Time | Form::DateTime | Form::Scaled(_) => {
                    "INTEGER"
                }
                Form::Real => "REAL",
                Form::Text | Form::Json | Form::List(_) => "TEXT",
                Form::Uuid | Form::Bytes | Form::Sortable(_) | Form::Decimal => "BLOB",
            },
        }
    }
}
