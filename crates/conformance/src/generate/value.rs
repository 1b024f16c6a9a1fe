//! Values from small sets, so that filters find something and keys clash; and those at the ends of their ranges.

use bistro_schema::{Decimal, Field, Kind, Value};

use super::Maker;
use crate::subject::person;

const WORDS: &[&str] = &[
    "",
    "alpha",
    "alpha ",
    "Beta",
    "beta gamma",
    "gamma, Beta; alpha",
    "ünïcode",
    "Ünïcode",
    "u\u{308}nïcode",
    "100%",
    "a_b",
    "aXb",
    "zeta\\x",
    "O'Brien",
    "line\nbreak",
    "日本",
    "😀 \u{FFFF}",
    "null",
];

const DOCUMENTS: &[&str] = &[
    "{\"a\":1}",
    "{\"a\":{\"b\":[1,2]}}",
    "{\"b\":\"two\",\"a\":\"x\"}",
    "{\"a\":null}",
    "{\"a\":[1,2],\"aa\":true,\"c\":{}}",
    "{\"it's \\\"ü\\\"\":\"日本\"}",
    "[1,2]",
    "[\"x\",null,{\"a\":1.5}]",
    "[]",
    "{}",
    "\"x\"",
    "true",
    "1.5",
    "0",
];

impl Maker<'_> {
    /// A value that the field takes, or null where it may.
    pub(super) fn value(&mut self, field: &Field) -> Value {
        if field.nullable && self.rng.once_in(4) {
            return Value::Null;
        }
        if field.scalar.list {
            let n = self.rng.below(3);
            return Value::List((0..n).map(|_| self.one(field)).collect());
        }
        self.one(field)
    }

    /// One value of the field's kind.
    pub(super) fn one(&mut self, field: &Field) -> Value {
        let rng = &mut *self.rng;
        match field.scalar.kind {
            Kind::Id | Kind::Uuid => Value::Uuid(person(rng.below(6))),
            Kind::Int => {
                let ends = [i64::from(i32::MIN), i64::from(i32::MAX)];
                if rng.once_in(12) {
                    Value::Int(*rng.pick(&ends))
                } else {
                    Value::Int(*rng.pick(&[-1, 0, 1, 2, 3, 5, 8]))
                }
            }
            Kind::BigInt => Value::Int(*rng.pick(&[1, 2, 3, 4, 5, 6, i64::MAX, i64::MIN])),
            Kind::Float => {
                Value::Float(*rng.pick(&[-1.5, 0.0, 0.1, 0.1 + 0.2, 2.0, 1e300, 1e-300, f64::MAX]))
            }
            Kind::Decimal { precision, scale, .. } => {
                let greatest = 10_i128.pow(u32::from(precision)) - 1;
                let mantissa = *rng.pick(&[-150, 0, 1, 1000, 99_999, 123_456_789, greatest, -greatest]);
                Value::Decimal(Decimal { mantissa, scale })
            }
            Kind::Boolean => Value::Bool(rng.once_in(2)),
            // 0001-01-01 and 9999-12-31 are the ends.
            Kind::Date => Value::Date(*rng.pick(&[-719_162, -1, 0, 20_000, 2_932_896])),
            Kind::Time => Value::Time(*rng.pick(&[0, 1, 43_200_000_000, 86_399_999_999])),
            Kind::DateTime => Value::DateTime(*rng.pick(&[
                -62_135_596_800_000_000,
                -1,
                0,
                1_760_000_000_000_000,
                1_760_000_000_000_001,
                253_402_300_799_999_999,
            ])),
            Kind::Json => Value::Json((*rng.pick(DOCUMENTS)).into()),
            Kind::Bytes => Value::Bytes((*rng.pick(&[&b""[..], b"\x00\xff", b"abc"])).into()),
            Kind::Enum(id) => {
                let values = &self.schema.enum_type(id).values;
                Value::text(rng.pick(values).0.as_str())
            }
            Kind::String | Kind::Email | Kind::Url | Kind::Html => Value::text(*rng.pick(WORDS)),
        }
    }
}
