//! One form of bytes for values, the same whatever store they come from: the checksums of both sides are made of it.

use bistro_schema::literal::{json, json_order};
use bistro_schema::{Value, ValueRef};
use xxhash_rust::xxh3::xxh3_128;

/// The checksum of rows: the sum of the hashes of each. Every row has a key of its own, so that two sides with the same
/// sum and the same count hold the same rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Checksum {
    /// How many rows.
    pub(super) rows: u64,
    /// The sum of their hashes.
    pub(super) sum: u128,
}

impl Checksum {
    /// Takes a row in; `scratch` is any buffer.
    pub(super) fn add(&mut self, row: &[Value], scratch: &mut Vec<u8>) {
        self.rows += 1;
        self.sum = self.sum.wrapping_add(hash(row, scratch));
    }

    /// Takes another's rows in.
    pub(super) fn join(&mut self, other: Checksum) {
        self.rows += other.rows;
        self.sum = self.sum.wrapping_add(other.sum);
    }

    /// Sixteen letters, for people.
    pub(super) fn shown(self) -> String {
        format!("{:016x}", (self.sum >> 64) as u64 ^ self.sum as u64)
    }
}

/// The hash of a row.
pub(super) fn hash(row: &[Value], scratch: &mut Vec<u8>) -> u128 {
    scratch.clear();
    row.iter().for_each(|value| push(value.borrow(), scratch));
    xxh3_128(scratch)
}

/// Appends a value: a byte for its variant, then what it is. Decimals and the numbers of JSON count by value, floats by
/// bits, the members of JSON objects in one order.
fn push(value: ValueRef<'_>, out: &mut Vec<u8>) {
    match value {
        ValueRef::Null => out.push(0),
        ValueRef::Bool(b) => out.extend([1, u8::from(b)]),
        ValueRef::Int(i) => fixed(2, &i.to_be_bytes(), out),
        ValueRef::Float(f) => fixed(3, &f.to_bits().to_be_bytes(), out),
        ValueRef::Decimal(d) => {
            let d = d.trimmed();
            fixed(4, &[d.scale], out);
            out.extend(d.mantissa.to_be_bytes());
        }
        ValueRef::Text(text) => long(5, text.as_bytes(), out),
        ValueRef::Uuid(uuid) => fixed(6, uuid, out),
        ValueRef::Date(days) => fixed(7, &days.to_be_bytes(), out),
        ValueRef::Time(micros) => fixed(8, &micros.to_be_bytes(), out),
        ValueRef::DateTime(micros) => fixed(9, &micros.to_be_bytes(), out),
        ValueRef::Json(text) => match json::compact(text) {
            Ok(text) => long(10, &json_order::sort_key(&text), out),
            Err(_) => long(11, text.as_bytes(), out),
        },
        ValueRef::Bytes(bytes) => long(12, bytes, out),
        ValueRef::List(items) => {
            fixed(13, &(items.len() as u64).to_be_bytes(), out);
            items.iter().for_each(|item| push(item.borrow(), out));
        }
    }
}

fn fixed(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    out.extend(bytes);
}

fn long(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    fixed(tag, &(bytes.len() as u64).to_be_bytes(), out);
    out.extend(bytes);
}

#[cfg(test)]
mod tests {
    use bistro_schema::Decimal;

    use super::{Checksum, Value, hash};

    #[test]
    fn what_is_the_same_has_the_same_hash_and_nothing_else_has() {
        let decimal = |text: &str| Value::Decimal(Decimal::parse(text).expect("a decimal"));
        let json = |text: &str| Value::Json(text.into());
        let check = |a: &[Value], b: &[Value], same: bool| {
            let (a, b) = (hash(a, &mut Vec::new()), hash(b, &mut vec![1]));
            assert_eq!(a == b, same);
        };
        check(&[decimal("1.50")], &[decimal("1.5")], true);
        check(&[decimal("1.50")], &[decimal("15")], false);
        check(&[json(r#"{"b":1.0,"a":[1e2]}"#)], &[json(r#"{"a": [100], "b": 1}"#)], true);
        check(&[json(r#"{"a":"1"}"#)], &[json(r#"{"a":1}"#)], false);
        check(&[json("null")], &[Value::Null], false);
        check(&[Value::Float(0.0)], &[Value::Float(-0.0)], false);
        check(&[Value::text("ab"), Value::text("c")], &[Value::text("a"), Value::text("bc")], false);
        check(&[Value::text("")], &[Value::Null], false);
        check(&[Value::List(vec![])], &[Value::List(vec![Value::Null])], false);
        check(&[Value::List(vec![decimal("2.0")])], &[Value::List(vec![decimal("2")])], true);
    }

    #[test]
    fn a_checksum_does_not_depend_on_pages() {
        let rows: Vec<Vec<Value>> = (0..10).map(|n| vec![Value::Int(n)]).collect();
        let of = |rows: &[Vec<Value>]| {
            let mut sum = Checksum::default();
            rows.iter().for_each(|row| sum.add(row, &mut Vec::new()));
            sum
        };
        let mut joined = of(&rows[..3]);
        joined.join(of(&rows[3..]));
        assert_eq!(joined, of(&rows));
        assert_ne!(joined.sum, of(&rows[1..]).sum);
    }
}
