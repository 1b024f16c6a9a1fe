//! Whole tables at once: rows as they are, with keys, as a move between stores needs them.

use bistro_schema::{Decimal, FieldId, TypeId, Value, ValueRef};

/// Rows for [`crate::Store::load`]: durable all or nothing, the record included.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// The type.
    pub ty: TypeId,
    /// The fields that each row gives, in order; the key's are among them.
    pub fields: Vec<FieldId>,
    /// The values.
    pub rows: Vec<Vec<Value>>,
    /// What is kept in the same transaction, so that an interrupted loading knows how far it came.
    pub record: Option<Record>,
}

/// A record of Bistro's own, see [`crate::Transaction::record_put`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose it is.
    pub space: String,
    /// Its name there.
    pub key: String,
    /// What it holds.
    pub value: Vec<u8>,
    /// Until when it holds, in microseconds since the epoch.
    pub expires: i64,
}

/// The two ends of a loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loading {
    /// From now on [`crate::Store::load`] takes rows in any order: a row that is referred to may come later.
    Begin,
    /// All rows are there: references hold again from now on, counters stand above the greatest key, the engine knows
    /// the new sizes. Safe to run again; fails with [`crate::StoreErrorKind::ForeignKey`] if a row refers to nothing.
    End,
}

/// What the column of a field takes in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The field.
    pub field: FieldId,
    /// The column's type in the engine's words.
    pub declared: String,
    /// What values must keep.
    pub limits: Vec<Limit>,
}

/// What the table of a type takes in a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// The stored fields, in order.
    pub columns: Vec<Column>,
    /// The name and fields of each index whose entries have a greatest size, and that size in bytes.
    pub indexes: Vec<(String, Vec<FieldId>, usize)>,
    /// Why the table cannot be made at all.
    pub refused: Vec<String>,
}

/// What a column demands of its values; nulls are not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Text and JSON without U+0000.
    NoNul,
    /// At most so many characters.
    Characters(u64),
    /// At most so many bytes.
    Bytes(u64),
    /// A decimal of so many digits in all, and so many of them after the point.
    Digits(u8, u8),
    /// An integer of 32 bits.
    Short,
    /// Days since 1970-01-01, or microseconds since the epoch: from, to.
    Within(i64, i64),
    /// JSON whose objects and lists stand at most so deep in each other.
    Depth(usize),
    /// JSON whose numbers come back as they were from a 64-bit integer or float.
    PlainNumbers,
}

impl Limit {
    /// Whether the value keeps it; elements of lists each.
    pub fn admits(self, value: ValueRef<'_>) -> bool {
        if let ValueRef::List(items) = value {
            return items.iter().all(|item| self.admits(item.borrow()));
        }
        match (self, value) {
            (Limit::NoNul, ValueRef::Text(text)) => !text.contains('\0'),
            (Limit::NoNul, ValueRef::Json(text)) => !has_nul(text),
            (Limit::Characters(most), ValueRef::Text(text)) => {
                text.len() as u64 <= most || text.chars().count() as u64 <= most
            }
            (Limit::Bytes(most), ValueRef::Text(text) | ValueRef::Json(text)) => text.len() as u64 <= most,
            (Limit::Bytes(most), ValueRef::Bytes(bytes)) => bytes.len() as u64 <= most,
            (Limit::Digits(precision, scale), ValueRef::Decimal(decimal)) => exact(decimal, precision, scale),
            (Limit::Short, ValueRef::Int(int)) => i32::try_from(int).is_ok(),
            (Limit::Within(from, to), ValueRef::Date(days)) => (from..=to).contains(&i64::from(days)),
            (Limit::Within(from, to), ValueRef::DateTime(micros) | ValueRef::Time(micros)) => {
                (from..=to).contains(&micros)
            }
            (Limit::Depth(most), ValueRef::Json(text)) => depth(text) <= most,
            (Limit::PlainNumbers, ValueRef::Json(text)) => numbers(text).all(plain),
            _ => true,
        }
    }

    /// What a value that breaks it is: `longer than 255 characters`.
    pub fn broken(self) -> String {
        match self {
            Limit::NoNul => "holds U+0000".into(),
            Limit::Characters(most) => format!("is longer than {most} characters"),
            Limit::Bytes(most) => format!("is longer than {most} bytes"),
            Limit::Digits(precision, scale) => {
                format!("has more than {precision} digits, or more than {scale} after the point")
            }
            Limit::Short => "is no integer of 32 bits".into(),
            Limit::Within(..) => "is beyond the range of dates and times".into(),
            Limit::Depth(most) => format!("is nested deeper than {most} levels"),
            Limit::PlainNumbers => "holds a number that would be rounded".into(),
        }
    }
}

/// Whether a decimal is stored as it is.
fn exact(decimal: Decimal, precision: u8, scale: u8) -> bool {
    decimal.trimmed().scale <= scale && decimal.fits(precision, scale)
}

/// Whether a JSON text holds the character U+0000, which it can only say as an escape.
fn has_nul(json: &str) -> bool {
    let mut from = 0;
    while let Some(at) = json[from..].find("\\u0000") {
        let at = from + at;
        let slashes = json[..at].bytes().rev().take_while(|b| *b == b'\\').count();
        if slashes.is_multiple_of(2) {
            return true;
        }
        from = at + 1;
    }
    false
}

/// How deep the objects and lists of a JSON text stand in each other.
fn depth(json: &str) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    for part in outside_texts(json) {
        for byte in part.bytes() {
            match byte {
                b'[' | b'{' => {
                    now += 1;
                    most = most.max(now);
                }
                b']' | b'}' => now = now.saturating_sub(1),
                _ => {}
            }
        }
    }
    most
}

/// The numbers of a JSON text.
fn numbers(json: &str) -> impl Iterator<Item = &str> {
    let separators = |c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
    outside_texts(json)
        .flat_map(move |part| part.split(separators))
        .filter(|word| word.bytes().any(|b| b.is_ascii_digit()))
}

/// What stands between the strings of a JSON text.
fn outside_texts(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(json);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(open) = text.find('"') else {
            rest = None;
            return Some(text);
        };
        let bytes = text.as_bytes();
        let mut at = open + 1;
        while at < bytes.len() && bytes[at] != b'"' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        rest = text.get(at + 1..);
        Some(&text[..open])
    })
}

/// Whether the number, kept as a 64-bit integer or float, is printed as an equal one again.
fn plain(number: &str) -> bool {
    if number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok() {
        return true;
    }
    let Ok(float) = number.parse::<f64>() else { return false };
    if !float.is_finite() {
        return false;
    }
    let shortest =
        if float.abs() < 1e-5 || float.abs() > 1e17 { format!("{float:e}") } else { float.to_string() };
    same(number, &shortest)
}

/// Whether two numbers in decimal notation are equal.
fn same(a: &str, b: &str) -> bool {
    parts(a) == parts(b)
}

/// Sign, digits without zeros around them, and the power of ten of the last one.
fn parts(number: &str) -> (bool, String, i64) {
    let (negative, number) = number.strip_prefix('-').map_or((false, number), |rest| (true, rest));
    let (digits, power) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let power = power.parse::<i64>().unwrap_or(i64::MAX / 2) - after.len() as i64;
    let all = format!("{before}{after}");
    let significant = all.trim_start_matches('0');
    let trimmed = significant.trim_end_matches('0');
    if trimmed.is_empty() {
        return (false, String::new(), 0);
    }
    (negative, trimmed.to_owned(), power + (significant.len() - trimmed.len()) as i64)
}

#[cfg(test)]
mod tests {
    use super::{Limit, Value};
    use bistro_schema::Decimal;

    #[test]
    fn limits_admit_what_fits() {
        let check = |limit: Limit, value: Value, admitted: bool| {
            assert_eq!(limit.admits(value.borrow()), admitted, "{limit:?} {value:?}");
        };
        let json = |text: &str| Value::Json(text.into());
        let decimal = |text: &str| Value::Decimal(Decimal::parse(text).expect("a decimal"));
        check(Limit::NoNul, Value::text("a\0b"), false);
        check(Limit::NoNul, Value::text("a\\u0000"), true);
        check(Limit::NoNul, json(r#"{"a":"x\u0000"}"#), false);
        check(Limit::NoNul, json(r#"{"a":"x\\u0000"}"#), true);
        check(Limit::NoNul, json(r#"{"a":"\\\u0000"}"#), false);
        check(Limit::NoNul, Value::List(vec![Value::text("a"), Value::text("\0")]), false);
        check(Limit::Characters(3), Value::text("äöü"), true);
        check(Limit::Characters(3), Value::text("äöüß"), false);
        check(Limit::Bytes(3), Value::text("äö"), false);
        check(Limit::Bytes(2), Value::Bytes([0, 1].into()), true);
        check(Limit::Digits(4, 2), decimal("12.34"), true);
        check(Limit::Digits(4, 2), decimal("12.3400"), true);
        check(Limit::Digits(4, 2), decimal("12.345"), false);
        check(Limit::Digits(4, 2), decimal("123.4"), false);
        check(Limit::Short, Value::Int(1 << 31), false);
        check(Limit::Short, Value::Int(-(1 << 31)), true);
        check(Limit::Within(0, 9), Value::Date(10), false);
        check(Limit::Depth(2), json(r#"{"a":[1,"[[["]}"#), true);
        check(Limit::Depth(2), json(r#"{"a":[[1]]}"#), false);
        check(Limit::PlainNumbers, json("[1,-0.5,1e3,1.10,18446744073709551615,0.1,1E-7,-0.0]"), true);
        check(Limit::PlainNumbers, json("[18446744073709551616]"), false);
        check(Limit::PlainNumbers, json("[1e19]"), true);
        check(Limit::PlainNumbers, json("[0.1000000000000000055]"), false);
        check(Limit::PlainNumbers, json("1e400"), false);
        check(Limit::PlainNumbers, json(r#"{"1e400":"1e400"}"#), true);
        check(Limit::NoNul, Value::Null, true);
    }
}
