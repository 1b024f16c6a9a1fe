//! How the values of columns and of records become each other.

use bistro_schema::Value;
use uuid::Uuid;

/// A point in time: microseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// So many seconds later (or, negative, earlier).
    #[must_use]
    pub fn plus_s(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Whole seconds since the epoch.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// RFC 3339 in UTC, as the dialect prints times.
    pub fn text(self) -> String {
        let mut out = Vec::with_capacity(32);
        bistro_schema::text::write_plain(bistro_schema::ValueRef::DateTime(self.0), &mut out);
        let text = String::from_utf8_lossy(&out).into_owned();
        match text.strip_suffix("+00:00") {
            Some(local) => format!("{local}Z"),
            None => text,
        }
    }
}

/// A type that a column can hold.
pub trait Column: Sized {
    /// From the column's value; `None` if it is of another kind.
    fn take(value: Value) -> Option<Self>;
    /// As the column's value.
    fn give(self) -> Value;
}

macro_rules! column {
    ($type:ty, $take:pat => $from:expr, $self:ident => $into:expr) => {
        impl Column for $type {
            fn take(value: Value) -> Option<Self> {
                match value {
                    $take => $from,
                    _ => None,
                }
            }

            fn give($self) -> Value {
                $into
            }
        }
    };
}

column!(Uuid, Value::Uuid(bytes) => Some(Uuid::from_bytes(bytes)), self => Value::Uuid(self.into_bytes()));
column!(String, Value::Text(text) => Some(text.into()), self => Value::text(self));
column!(i64, Value::Int(number) => Some(number), self => Value::Int(self));
column!(bool, Value::Bool(truth) => Some(truth), self => Value::Bool(self));
column!(Time, Value::DateTime(at) => Some(Time(at)), self => Value::DateTime(self.0));
column!(Vec<u8>, Value::Bytes(bytes) => Some(bytes.into()), self => Value::Bytes(self.into()));
column!(serde_json::Value, Value::Json(text) => serde_json::from_str(&text).ok(), self => Value::Json(self.to_string().into()));
column!(serde_json::Map<String, serde_json::Value>, Value::Json(text) => serde_json::from_str(&text).ok(),
    self => Value::Json(serde_json::Value::Object(self).to_string().into()));
column!(Vec<String>, Value::List(items) => items.into_iter().map(String::take).collect(),
    self => Value::List(self.into_iter().map(Value::text).collect()));

impl Column for &str {
    fn take(_: Value) -> Option<Self> {
        None
    }

    fn give(self) -> Value {
        Value::text(self)
    }
}

impl<T: Column> Column for Option<T> {
    fn take(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::take(value).map(Some),
        }
    }

    fn give(self) -> Value {
        self.map_or(Value::Null, T::give)
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn times_are_printed_as_rfc_3339() {
        let check = |micros: i64, expected: &str| assert_eq!(Time(micros).text(), expected);
        check(0, "1970-01-01T00:00:00Z");
        check(1_795_400_000_123_456, "2026-11-23T02:13:20.123456Z");
    }
}
