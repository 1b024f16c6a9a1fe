//! From a value to the binary form that the server wants for the type it found for a parameter.

use std::borrow::Cow;
use std::error::Error;

use bistro_problem::Code;
use bistro_schema::datetime::DAY;
use bistro_schema::text::{write_json, write_plain};
use bistro_schema::{Decimal, Value};
use bistro_store::{StoreError, StoreErrorKind};
use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{IsNull, Kind as Shape, ToSql, Type};

use crate::decode::{EPOCH_DAYS, EPOCH_MICROS, Wire};

mod numeric;

/// What a slot is filled with.
#[derive(Debug)]
pub(crate) enum Param<'a> {
    /// A value.
    Value(Cow<'a, Value>),
    /// One part of the keys of the enclosing rows, in order: the bytes of a column of this wire form.
    Keys(&'a [Option<&'a [u8]>], Wire),
}

type Answer = Result<IsNull, Box<dyn Error + Sync + Send>>;

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Answer {
        match self {
            Param::Value(value) => put(value, ty, out).map_err(Into::into),
            Param::Keys(keys, wire) => keys_as(keys, *wire, ty, out).map_err(Into::into),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

/// Writes one value as a type; what the type cannot hold is refused.
fn put(value: &Value, ty: &Type, out: &mut BytesMut) -> Result<IsNull, StoreError> {
    if value.is_null() {
        return Ok(IsNull::Yes);
    }
    let wire = Wire::of(ty);
    match (wire, value) {
        (Wire::Text, Value::Text(text)) => out.put_slice(text.as_bytes()),
        (Wire::Uuid, Value::Uuid(uuid)) => out.put_slice(uuid),
        (Wire::Uuid, Value::Text(text)) => {
            let uuid = bistro_store_sql::decode::parse_uuid(text).ok_or_else(|| unfit(value, ty))?;
            out.put_slice(&uuid);
        }
        (Wire::Int2 | Wire::Int4 | Wire::Int8 | Wire::Oid, _) => integer(value, ty, wire, out)?,
        (Wire::Stamp, Value::DateTime(at)) => out.put_i64(at.saturating_sub(EPOCH_MICROS)),
        (Wire::Stamp, Value::Date(day)) => {
            out.put_i64((i64::from(*day) * DAY).saturating_sub(EPOCH_MICROS));
        }
        (Wire::Bool, Value::Bool(truth)) => out.put_u8(u8::from(*truth)),
        (Wire::Bool, Value::Int(int)) => out.put_u8(u8::from(*int != 0)),
        (Wire::Float8, _) => out.put_f64(float(value).ok_or_else(|| unfit(value, ty))?),
        (Wire::Float4, _) => out.put_f32(float(value).ok_or_else(|| unfit(value, ty))? as f32),
        (Wire::Numeric, Value::Float(float)) if !float.is_finite() => numeric::endless(*float, out),
        (Wire::Numeric, _) => numeric::put(exact(value).ok_or_else(|| unfit(value, ty))?, out),
        (Wire::Date, Value::Date(day)) => out.put_i32(day.saturating_sub(EPOCH_DAYS)),
        (Wire::Date, Value::DateTime(at)) => {
            let day = i32::try_from(at.div_euclid(DAY)).map_err(|_| unfit(value, ty))?;
            out.put_i32(day.saturating_sub(EPOCH_DAYS));
        }
        (Wire::Time, Value::Time(at)) => out.put_i64(*at),
        (Wire::TimeTz, Value::Time(at)) => {
            out.put_i64(*at);
            out.put_i32(0);
        }
        (Wire::Bytes, Value::Bytes(bytes)) => out.put_slice(bytes),
        (Wire::Jsonb, _) => {
            out.put_u8(1);
            document(value, out);
        }
        (Wire::Json, _) => document(value, out),
        (Wire::Array, Value::List(items)) => {
            let of = member(ty)?;
            array(of, items.len(), items.contains(&Value::Null), out, |at, out| put(&items[at], of, out))?;
        }
        (Wire::Text | Wire::Char | Wire::Other, _) => {
            let mut text = Vec::new();
            write_plain(value.borrow(), &mut text);
            out.put_slice(&text);
        }
        _ => return Err(unfit(value, ty)),
    }
    Ok(IsNull::No)
}

fn integer(value: &Value, ty: &Type, wire: Wire, out: &mut BytesMut) -> Result<(), StoreError> {
    let int = match value {
        Value::Int(int) => *int,
        Value::Bool(truth) => i64::from(*truth),
        _ => {
            let whole = exact(value).map(Decimal::trimmed).filter(|d| d.scale == 0);
            let whole = whole.ok_or_else(|| unfit(value, ty))?;
            i64::try_from(whole.mantissa).map_err(|_| overflow("bigint"))?
        }
    };
    match wire {
        Wire::Int8 => out.put_i64(int),
        Wire::Int4 => out.put_i32(i32::try_from(int).map_err(|_| overflow("integer"))?),
        Wire::Int2 => out.put_i16(i16::try_from(int).map_err(|_| overflow("smallint"))?),
        _ => out.put_u32(u32::try_from(int).map_err(|_| overflow("oid"))?),
    }
    Ok(())
}

fn exact(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(int) => Some(Decimal::from_int(*int)),
        Value::Decimal(decimal) => Some(*decimal),
        Value::Float(float) => Decimal::parse(&float.to_string()).ok(),
        Value::Text(text) => Decimal::parse(text).ok(),
        _ => None,
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(float) => Some(*float),
        Value::Int(int) => Some(*int as f64),
        Value::Decimal(decimal) => decimal.to_string().parse().ok(),
        _ => None,
    }
}

fn document(value: &Value, out: &mut BytesMut) {
    match value {
        Value::Json(text) => out.put_slice(text.as_bytes()),
        value => {
            let mut text = Vec::new();
            write_json(value.borrow(), &mut text);
            out.put_slice(&text);
        }
    }
}

fn member(ty: &Type) -> Result<&Type, StoreError> {
    match ty.kind() {
        Shape::Array(member) => Ok(member),
        Shape::Domain(inner) => member(inner),
        _ => Err(StoreError::bug(format!("{ty} is no array"))),
    }
}

/// Writes an array of one dimension, or the empty one.
fn array(
    of: &Type,
    count: usize,
    nulls: bool,
    out: &mut BytesMut,
    mut item: impl FnMut(usize, &mut BytesMut) -> Result<IsNull, StoreError>,
) -> Result<(), StoreError> {
    out.put_i32(i32::from(count > 0));
    out.put_i32(i32::from(nulls));
    out.put_u32(of.oid());
    if count == 0 {
        return Ok(());
    }
    out.put_i32(i32::try_from(count).map_err(|_| overflow("list"))?);
    out.put_i32(1);
    for at in 0..count {
        let head = out.len();
        out.put_i32(-1);
        if let IsNull::No = item(at, out)? {
            let length = i32::try_from(out.len() - head - 4).map_err(|_| overflow("list"))?;
            out[head..head + 4].copy_from_slice(&length.to_be_bytes());
        }
    }
    Ok(())
}

/// Keys go back as they came; only whole numbers may be of another size.
fn keys_as(keys: &[Option<&[u8]>], wire: Wire, ty: &Type, out: &mut BytesMut) -> Result<IsNull, StoreError> {
    let of = member(ty)?;
    let same = Wire::of(of) == wire;
    let nulls = keys.iter().any(Option::is_none);
    array(of, keys.len(), nulls, out, |at, out| match keys[at] {
        None => Ok(IsNull::Yes),
        Some(bytes) if same => {
            out.put_slice(bytes);
            Ok(IsNull::No)
        }
        Some(bytes) => put(&crate::decode::natural(bytes, wire)?, of, out),
    })?;
    Ok(IsNull::No)
}

fn unfit(value: &Value, ty: &Type) -> StoreError {
    let mut text = Vec::new();
    write_plain(value.borrow(), &mut text);
    text.truncate(100);
    let words = format!("invalid input for type {ty}: \"{}\"", String::from_utf8_lossy(&text));
    StoreError::new(StoreErrorKind::Rejected(Code::InvalidText, words.clone()), words)
}

fn overflow(what: &str) -> StoreError {
    let words = format!("{what} out of range");
    StoreError::new(StoreErrorKind::Rejected(Code::OutOfRange, words.clone()), words)
}
