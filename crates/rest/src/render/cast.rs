//! `::type` in `select`: a value of one scalar printed as another, as PostgreSQL casts.

use bistro_problem::{Code, Problem};
use bistro_schema::{Decimal, Kind, LiteralErrorKind, Scalar, Schema, Value, ValueRef, literal, text};

const DAY: i64 = 86_400_000_000;

/// The value as the other scalar. Refused with PostgreSQL's code where the text of the value is no value of it.
pub(crate) fn convert(
    schema: &Schema,
    value: ValueRef<'_>,
    from: Scalar,
    to: Scalar,
) -> Result<Value, Problem> {
    if matches!(value, ValueRef::Null) {
        return Ok(Value::Null);
    }
    if to.list || from.list {
        return through_text(schema, value, from, to);
    }
    match (value, to.kind) {
        (ValueRef::Bool(b), Kind::Int | Kind::BigInt) => Ok(Value::Int(b.into())),
        (ValueRef::Int(i), Kind::Boolean) => Ok(Value::Bool(i != 0)),
        (ValueRef::Int(i), Kind::Float) => Ok(Value::Float(i as f64)),
        (ValueRef::Float(f), Kind::Int | Kind::BigInt) => {
            through_text(schema, ValueRef::Float(f.round_ties_even()), from, to)
        }
        (ValueRef::Decimal(d), Kind::Int | Kind::BigInt) => {
            through_text(schema, ValueRef::Decimal(d.rescale(0).unwrap_or(d)), from, to)
        }
        (ValueRef::Decimal(d), Kind::Decimal { bare: true, .. }) => Ok(Value::Decimal(d)),
        (ValueRef::Int(i), Kind::Decimal { bare: true, .. }) => Ok(Value::Decimal(Decimal::from_int(i))),
        (ValueRef::DateTime(t), Kind::Date) => Ok(Value::Date(t.div_euclid(DAY) as i32)),
        (ValueRef::DateTime(t), Kind::Time) => Ok(Value::Time(t.rem_euclid(DAY))),
        (ValueRef::Date(d), Kind::DateTime) => Ok(Value::DateTime(i64::from(d) * DAY)),
        (value, Kind::Json) => Ok(Value::Json(json(value))),
        (ValueRef::Json(document), kind) if !kind.is_text() => {
            let plain: Option<String> = serde_json::from_str(document).ok();
            through_text(schema, ValueRef::Text(plain.as_deref().unwrap_or(document)), from, to)
        }
        (value, _) => through_text(schema, value, from, to),
    }
}

fn json(value: ValueRef<'_>) -> Box<str> {
    let mut out = Vec::new();
    text::write_json(value, &mut out);
    String::from_utf8_lossy(&out).into()
}

fn through_text(schema: &Schema, value: ValueRef<'_>, from: Scalar, to: Scalar) -> Result<Value, Problem> {
    let mut plain = Vec::new();
    match value {
        ValueRef::Decimal(d) => d.write(&mut plain, matches!(from.kind, Kind::Decimal { bare: true, .. })),
        value => text::write_plain(value, &mut plain),
    }
    let plain = String::from_utf8_lossy(&plain);
    if !to.list && to.kind.is_text() && !matches!(to.kind, Kind::Enum(_)) {
        return Ok(Value::text(plain.as_ref()));
    }
    literal::parse(schema, to, &plain).map_err(|e| Problem::new(code(e.kind), e.message))
}

fn code(kind: LiteralErrorKind) -> Code {
    match kind {
        LiteralErrorKind::Syntax => Code::InvalidText,
        LiteralErrorKind::OutOfRange => Code::OutOfRange,
        LiteralErrorKind::DateSyntax => Code::DateSyntax,
        LiteralErrorKind::DateRange => Code::DateRange,
        LiteralErrorKind::Text => Code::BadText,
    }
}
