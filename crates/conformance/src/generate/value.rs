//! Values from small sets, so that filters find something and keys clash.

use bistro_schema::{Decimal, Field, Kind, Schema, Value};

use crate::rng::Rng;
use crate::subject::person;

const WORDS: &[&str] = &[
    "",
    "alpha",
    "Beta",
    "beta gamma",
    "ünïcode",
    "100%",
    "a_b",
    "zeta\\x",
    "O'Brien",
    "line\nbreak",
    "日本",
];

/// A value that the field takes, or null where it may.
pub(super) fn value(schema: &Schema, field: &Field, rng: &mut Rng) -> Value {
    if field.nullable && rng.once_in(4) {
        return Value::Null;
    }
    if field.scalar.list {
        let n = rng.below(3);
        return Value::List((0..n).map(|_| one(schema, field, rng)).collect());
    }
    one(schema, field, rng)
}

/// One value of the field's kind.
pub(super) fn one(schema: &Schema, field: &Field, rng: &mut Rng) -> Value {
    match field.scalar.kind {
        Kind::Id | Kind::Uuid => Value::Uuid(person(rng.below(6))),
        Kind::Int => Value::Int(*rng.pick(&[-1, 0, 1, 2, 3, 5, 8])),
        Kind::BigInt => Value::Int(*rng.pick(&[1, 2, 3, 4, 5, 6, i64::MAX, i64::MIN])),
        Kind::Float => Value::Float(*rng.pick(&[-1.5, 0.0, 0.1, 2.0, 1e300])),
        Kind::Decimal { scale, .. } => {
            let mantissa = *rng.pick(&[-150, 0, 1, 1000, 99_999, 123_456_789]);
            Value::Decimal(Decimal { mantissa, scale })
        }
        Kind::Boolean => Value::Bool(rng.once_in(2)),
        Kind::Date => Value::Date(*rng.pick(&[-719_162, -1, 0, 20_000])),
        Kind::Time => Value::Time(*rng.pick(&[0, 1, 43_200_000_000])),
        Kind::DateTime => Value::DateTime(*rng.pick(&[-1, 0, 1_760_000_000_000_000, 1_760_000_000_000_001])),
        Kind::Json => {
            Value::Json((*rng.pick(&["{\"a\":1}", "{\"a\":{\"b\":[1,2]}}", "[1,2]", "\"x\"", "true"])).into())
        }
        Kind::Bytes => Value::Bytes((*rng.pick(&[&b""[..], b"\x00\xff", b"abc"])).into()),
        Kind::Enum(id) => {
            let values = &schema.enum_type(id).values;
            Value::text(rng.pick(values).0.as_str())
        }
        Kind::String | Kind::Email | Kind::Url | Kind::Html => Value::text(*rng.pick(WORDS)),
    }
}
