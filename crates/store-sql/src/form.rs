//! How a value stands in a database column or in the middle of an expression.

use bistro_schema::{Kind, Scalar};

/// The form of a value inside the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// 0 or 1.
    Bool,
    /// A 64-bit integer.
    Int,
    /// A 64-bit float.
    Real,
    /// Text, compared bytewise.
    Text,
    /// Compact JSON text.
    Json,
    /// Sixteen bytes.
    Uuid,
    /// Bytes.
    Bytes,
    /// Days since 1970-01-01.
    Date,
    /// Microseconds since midnight.
    Time,
    /// Microseconds since the epoch.
    DateTime,
    /// A decimal of at most 18 digits as an integer, times ten to the power of the scale.
    Scaled(u8),
    /// A longer decimal of this scale as 16 bytes that sort as its values do.
    Sortable(u8),
    /// A decimal of any scale, as calculations make it: one byte of scale, then the 16 sortable bytes. Not comparable
    /// as it stands.
    Decimal,
    /// A list as JSON text, elements in their JSON form.
    List(Kind),
}

impl Form {
    /// The form of a column of this scalar.
    pub const fn of(scalar: Scalar) -> Form {
        if scalar.list {
            return Form::List(scalar.kind);
        }
        match scalar.kind {
            Kind::Id | Kind::Uuid => Form::Uuid,
            Kind::Int | Kind::BigInt => Form::Int,
            Kind::Float => Form::Real,
            Kind::Decimal { precision, scale, .. } => {
                if precision <= 18 {
                    Form::Scaled(scale)
                } else {
                    Form::Sortable(scale)
                }
            }
            Kind::String | Kind::Email | Kind::Url | Kind::Html | Kind::Enum(_) => Form::Text,
            Kind::Boolean => Form::Bool,
            Kind::Date => Form::Date,
            Kind::Time => Form::Time,
            Kind::DateTime => Form::DateTime,
            Kind::Json => Form::Json,
            Kind::Bytes => Form::Bytes,
        }
    }

    /// The form of a value of this scalar that no column gave its own: decimals carry their scale.
    pub const fn loose(scalar: Scalar) -> Form {
        match Form::of(scalar) {
            Form::Scaled(_) | Form::Sortable(_) => Form::Decimal,
            form => form,
        }
    }

    /// Whether it is one of the forms of decimals.
    pub const fn is_decimal(self) -> bool {
        matches!(self, Form::Scaled(_) | Form::Sortable(_) | Form::Decimal)
    }

    /// The digits after the point that an exact number of this form has; `None` where the value itself says.
    pub const fn scale(self) -> Option<u8> {
        match self {
            Form::Int => Some(0),
            Form::Scaled(scale) | Form::Sortable(scale) => Some(scale),
            _ => None,
        }
    }

    /// A short name by which functions of the database are told what they get.
    pub fn code(self) -> String {
        match self {
            Form::Bool => "b".into(),
            Form::Int => "i".into(),
            Form::Real => "r".into(),
            Form::Text => "t".into(),
            Form::Json => "j".into(),
            Form::Uuid => "u".into(),
            Form::Bytes => "y".into(),
            Form::Date => "d".into(),
            Form::Time => "m".into(),
            Form::DateTime => "s".into(),
            Form::Scaled(scale) => format!("n{scale}"),
            Form::Sortable(scale) => format!("w{scale}"),
            Form::Decimal => "a".into(),
            Form::List(_) => "l".into(),
        }
    }

    /// The form that [`Form::code`] named; a list is read as one of texts.
    pub fn from_code(code: &str) -> Option<Form> {
        let scale = || code.get(1..)?.parse().ok();
        Some(match code.as_bytes().first()? {
            b'b' => Form::Bool,
            b'i' => Form::Int,
            b'r' => Form::Real,
            b't' => Form::Text,
            b'j' => Form::Json,
            b'u' => Form::Uuid,
            b'y' => Form::Bytes,
            b'd' => Form::Date,
            b'm' => Form::Time,
            b's' => Form::DateTime,
            b'n' => Form::Scaled(scale()?),
            b'w' => Form::Sortable(scale()?),
            b'a' => Form::Decimal,
            b'l' => Form::List(Kind::String),
            _ => return None,
        })
    }
}
