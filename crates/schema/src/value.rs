//! Values: owned, as they wait in parameters and rows, and borrowed, as stores push them into sinks.

use std::hash::{Hash, Hasher};

use crate::decimal::Decimal;

/// One typed value. Its variant follows the [`crate::Kind`] of the field or parameter that holds it.
#[derive(Clone, Debug)]
pub enum Value {
    /// Absent, of any kind.
    Null,
    /// `Boolean`.
    Bool(bool),
    /// `Int` and `BigInt`.
    Int(i64),
    /// `Float`.
    Float(f64),
    /// `Decimal`.
    Decimal(Decimal),
    /// `String`, `Email`, `URL`, `Html` and enums.
    Text(Box<str>),
    /// `ID` and `UUID`.
    Uuid([u8; 16]),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since 1970-01-01T00:00:00Z.
    DateTime(i64),
    /// Compact JSON text.
    Json(Box<str>),
    /// Raw bytes.
    Bytes(Box<[u8]>),
    /// A list of one kind.
    List(Vec<Value>),
}

/// A [`Value`] borrowed from a row.
#[derive(Clone, Copy, Debug)]
pub enum ValueRef<'a> {
    /// Absent.
    Null,
    /// `Boolean`.
    Bool(bool),
    /// `Int` and `BigInt`.
    Int(i64),
    /// `Float`.
    Float(f64),
    /// `Decimal`.
    Decimal(Decimal),
    /// `String` and its relatives.
    Text(&'a str),
    /// `ID` and `UUID`.
    Uuid(&'a [u8; 16]),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since the epoch.
    DateTime(i64),
    /// Compact JSON text.
    Json(&'a str),
    /// Raw bytes.
    Bytes(&'a [u8]),
    /// A list of one kind.
    List(&'a [Value]),
}

impl Value {
    /// Borrows the value.
    pub fn borrow(&self) -> ValueRef<'_> {
        match self {
            Value::Null => ValueRef::Null,
            Value::Bool(b) => ValueRef::Bool(*b),
            Value::Int(i) => ValueRef::Int(*i),
            Value::Float(f) => ValueRef::Float(*f),
            Value::Decimal(d) => ValueRef::Decimal(*d),
            Value::Text(t) => ValueRef::Text(t),
            Value::Uuid(u) => ValueRef::Uuid(u),
            Value::Date(d) => ValueRef::Date(*d),
            Value::Time(t) => ValueRef::Time(*t),
            Value::DateTime(t) => ValueRef::DateTime(*t),
            Value::Json(t) => ValueRef::Json(t),
            Value::Bytes(b) => ValueRef::Bytes(b),
            Value::List(l) => ValueRef::List(l),
        }
    }

    /// Whether this is [`Value::Null`].
    pub const fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Text from anything string-like.
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Value::Text(text.into())
    }
}

impl ValueRef<'_> {
    /// An owned copy.
    pub fn to_owned(self) -> Value {
        match self {
            ValueRef::Null => Value::Null,
            ValueRef::Bool(b) => Value::Bool(b),
            ValueRef::Int(i) => Value::Int(i),
            ValueRef::Float(f) => Value::Float(f),
            ValueRef::Decimal(d) => Value::Decimal(d),
            ValueRef::Text(t) => Value::Text(t.into()),
            ValueRef::Uuid(u) => Value::Uuid(*u),
            ValueRef::Date(d) => Value::Date(d),
            ValueRef::Time(t) => Value::Time(t),
            ValueRef::DateTime(t) => Value::DateTime(t),
            ValueRef::Json(t) => Value::Json(t.into()),
            ValueRef::Bytes(b) => Value::Bytes(b.into()),
            ValueRef::List(l) => Value::List(l.to_vec()),
        }
    }
}

/// Equality of representation (floats by bits), so that values may key a cache; comparison of data is the stores' work.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b))
            | (Value::Time(a), Value::Time(b))
            | (Value::DateTime(a), Value::DateTime(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Decimal(a), Value::Decimal(b)) => a == b,
            (Value::Text(a), Value::Text(b)) | (Value::Json(a), Value::Json(b)) => a == b,
            (Value::Uuid(a), Value::Uuid(b)) => a == b,
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::List(a), Value::List(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Value::Null => {}
            Value::Bool(b) => b.hash(state),
            Value::Int(i) | Value::Time(i) | Value::DateTime(i) => i.hash(state),
            Value::Float(f) => f.to_bits().hash(state),
            Value::Decimal(d) => d.hash(state),
            Value::Text(t) | Value::Json(t) => t.hash(state),
            Value::Uuid(u) => u.hash(state),
            Value::Date(d) => d.hash(state),
            Value::Bytes(b) => b.hash(state),
            Value::List(l) => l.hash(state),
        }
    }
}
