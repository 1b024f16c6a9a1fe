//! Functions of ours inside SQLite: what SQL text of `bistro-store-sql` calls by a name that starts with `bistro_`.

mod aggregate;
mod convert;
mod foreign;
mod json;
mod like;
mod list;
mod number;
mod regex;
mod text;

use bistro_problem::Code;
use rusqlite::functions::{Context, FunctionFlags, SqlFnOutput};
use rusqlite::types::{FromSqlError, ValueRef};
use rusqlite::{Connection, Error, Result, ffi};

use crate::error::REFUSED;
use crate::watch::Watch;

/// Gives a connection all functions.
pub(crate) fn register(conn: &Connection, watch: &Watch) -> Result<()> {
    let on = On { conn, watch };
    convert::register(&on)?;
    foreign::register(&on)?;
    text::register(&on)?;
    like::register(&on)?;
    regex::register(&on)?;
    json::register(&on)?;
    json::register_keys(&on)?;
    list::register(&on)?;
    number::register(&on)?;
    aggregate::register(conn)
}

/// Functions answer the same for the same arguments, and only statements of ours call them.
const FLAGS: FunctionFlags = FunctionFlags::SQLITE_UTF8.union(FunctionFlags::SQLITE_DETERMINISTIC);

/// Where functions are registered: the connection, and the watch over what runs on it.
struct On<'c> {
    conn: &'c Connection,
    watch: &'c Watch,
}

/// Registers one function. It looks at the watch before it works: SQLite itself looks only between steps, and many calls
/// over long texts fit between two looks.
fn define<T: SqlFnOutput + 'static>(
    on: &On<'_>,
    name: &str,
    arguments: i32,
    run: impl Fn(&Context<'_>) -> Result<T> + Send + 'static,
) -> Result<()> {
    let watch = on.watch.clone();
    on.conn.create_scalar_function(name, arguments, FLAGS, move |context| {
        if watch.over() {
            return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_INTERRUPT), None));
        }
        run(context)
    })
}

/// A refusal that the caller reads.
fn refuse(code: Code, text: impl std::fmt::Display) -> Error {
    Error::UserFunctionError(format!("{REFUSED}{} {text}", code.text()).into())
}

/// A text argument; `None` for null.
fn text_at<'c>(context: &'c Context<'_>, at: usize) -> Result<Option<&'c str>> {
    match context.get_raw(at) {
        ValueRef::Null => Ok(None),
        ValueRef::Text(text) => std::str::from_utf8(text).map(Some).map_err(|e| Error::Utf8Error(at, e)),
        other => Err(Error::InvalidFunctionParameterType(at, other.data_type())),
    }
}

/// An error for a column that holds what it should not.
fn broken(error: impl std::fmt::Display) -> Error {
    Error::FromSqlConversionFailure(
        0,
        rusqlite::types::Type::Text,
        FromSqlError::Other(error.to_string().into()).into(),
    )
}
