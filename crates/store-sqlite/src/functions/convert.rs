//! `bistro_convert(value, from, to)`: values of one kind as values of another, for migrations.

use bistro_schema::Scalar;
use bistro_store_sql::ddl::convert;
use bistro_store_sql::encode::{Encode, Round, SqlValue, encode};
use bistro_store_sql::{Form, decode};
use rusqlite::types::Value;
use rusqlite::{Error, Result};

use super::{On, broken, define, refuse, text_at};
use crate::execute::cell;

pub(super) fn register(on: &On<'_>) -> Result<()> {
    define(on, "bistro_convert", 3, |c| {
        let kind = |at| -> Result<_> {
            let code = text_at(c, at)?.unwrap_or_default();
            convert::kind(code).ok_or_else(|| broken("an unknown kind"))
        };
        let (from, to) = (kind(1)?, kind(2)?);
        let value = decode(cell(c.get_raw(0)), Form::of(Scalar::one(from))).map_err(broken)?;
        let converted = convert::convert(value, from, to).map_err(refused)?;
        let how = Encode::As(Form::of(Scalar::one(to)), Round::Store);
        Ok(match encode(&converted, &how).map_err(refused)? {
            SqlValue::Int(i) => Value::Integer(i),
            SqlValue::Real(f) => Value::Real(f),
            SqlValue::Text(t) => Value::Text(t.into_owned()),
            SqlValue::Blob(b) => Value::Blob(b.into_owned()),
            _ => Value::Null,
        })
    })
}

fn refused(error: bistro_store::StoreError) -> Error {
    match error.kind {
        bistro_store::StoreErrorKind::Rejected(code, text) => refuse(code, text),
        _ => broken(error),
    }
}
