//! The scalar kinds of the schema language and the names that clients know them by.

use crate::model::EnumId;

/// One scalar kind, with what its values must obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A UUID made by the server (version 7) unless given; `ID` in the schema file.
    Id,
    /// A 32-bit signed integer.
    Int,
    /// A 64-bit signed integer.
    BigInt,
    /// A 64-bit float; never NaN or infinite.
    Float,
    /// An exact decimal with `precision` digits in all (1–38), `scale` of them after the point (0–18).
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: u8,
        /// A bare `Decimal` prints without trailing zeros.
        bare: bool,
    },
    /// Text without NUL.
    String,
    /// True or false.
    Boolean,
    /// A calendar day, years 0001–9999.
    Date,
    /// A time of day with microseconds.
    Time,
    /// An instant in UTC with microseconds, years 0001–9999.
    DateTime,
    /// Any JSON document, kept as compact text.
    Json,
    /// Raw bytes.
    Bytes,
    /// Text that looks like an e-mail address.
    Email,
    /// Text that is an absolute URL.
    Url,
    /// A UUID that the caller gives.
    Uuid,
    /// Text whose HTML is sanitised on the way in.
    Html,
    /// One of the values of an enum of the schema.
    Enum(EnumId),
}

/// A scalar kind, or a list of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scalar {
    /// What one value is.
    pub kind: Kind,
    /// Whether the field holds a list of such values.
    pub list: bool,
}

impl Scalar {
    /// A single value of `kind`.
    pub const fn one(kind: Kind) -> Self {
        Self { kind, list: false }
    }

    /// A list of values of `kind`.
    pub const fn list(kind: Kind) -> Self {
        Self { kind, list: true }
    }

    /// The element of a list, or the scalar itself.
    pub const fn element(self) -> Self {
        Self { kind: self.kind, list: false }
    }

    /// What values are compared as: what a checked text must look like matters on the way in alone.
    pub const fn compared(self) -> Self {
        match self.kind {
            Kind::Email | Kind::Url | Kind::Html => Self { kind: Kind::String, list: self.list },
            _ => self,
        }
    }

    /// The PostgreSQL type name that clients see in messages and in `format`, for example `timestamp with time zone`.
    /// Enums answer their type's name from [`crate::Schema::enum_type`]; here they are `text`.
    pub const fn postgres_name(self) -> &'static str {
        match (self.kind, self.list) {
            (Kind::Id | Kind::Uuid, false) => "uuid",
            (Kind::Id | Kind::Uuid, true) => "uuid[]",
            (Kind::Int, false) => "integer",
            (Kind::Int, true) => "integer[]",
            (Kind::BigInt, false) => "bigint",
            (Kind::BigInt, true) => "bigint[]",
            (Kind::Float, false) => "double precision",
            (Kind::Float, true) => "double precision[]",
            (Kind::Decimal { .. }, false) => "numeric",
            (Kind::Decimal { .. }, true) => "numeric[]",
            (Kind::Boolean, false) => "boolean",
            (Kind::Boolean, true) => "boolean[]",
            (Kind::Date, false) => "date",
            (Kind::Date, true) => "date[]",
            (Kind::Time, false) => "time without time zone",
            (Kind::Time, true) => "time without time zone[]",
            (Kind::DateTime, false) => "timestamp with time zone",
            (Kind::DateTime, true) => "timestamp with time zone[]",
            (Kind::Json, false) => "jsonb",
            (Kind::Json, true) => "jsonb[]",
            (Kind::Bytes, false) => "bytea",
            (Kind::Bytes, true) => "bytea[]",
            (Kind::String | Kind::Email | Kind::Url | Kind::Html | Kind::Enum(_), false) => "text",
            (Kind::String | Kind::Email | Kind::Url | Kind::Html | Kind::Enum(_), true) => "text[]",
        }
    }
}

impl Kind {
    /// What the schema language calls it; `None` for enums, which the file names.
    pub const fn word(self) -> Option<&'static str> {
        Some(match self {
            Kind::Id => "ID",
            Kind::Int => "Int",
            Kind::BigInt => "BigInt",
            Kind::Float => "Float",
            Kind::Decimal { .. } => "Decimal",
            Kind::String => "String",
            Kind::Boolean => "Boolean",
            Kind::Date => "Date",
            Kind::Time => "Time",
            Kind::DateTime => "DateTime",
            Kind::Json => "JSON",
            Kind::Bytes => "Bytes",
            Kind::Email => "Email",
            Kind::Url => "URL",
            Kind::Uuid => "UUID",
            Kind::Html => "Html",
            Kind::Enum(_) => return None,
        })
    }

    /// Whether values are text to the store (and so may be matched with patterns).
    pub const fn is_text(self) -> bool {
        matches!(self, Kind::String | Kind::Email | Kind::Url | Kind::Html | Kind::Enum(_))
    }

    /// Whether values are numbers (and so may be summed).
    pub const fn is_number(self) -> bool {
        matches!(self, Kind::Int | Kind::BigInt | Kind::Float | Kind::Decimal { .. })
    }

    /// Whether values are 16-byte UUIDs.
    pub const fn is_uuid(self) -> bool {
        matches!(self, Kind::Id | Kind::Uuid)
    }
}
