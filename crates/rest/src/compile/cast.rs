//! Casts in `select`: PostgreSQL's type names, and which values become which.

use bistro_problem::{Code, Problem};
use bistro_schema::{Kind, Scalar, Schema};

use super::column::type_name;

/// What the type name of a cast converts `from` to; 42704 for an unknown name, 42846 where there is no way.
pub(crate) fn cast(schema: &Schema, from: Scalar, name: &str) -> Result<Scalar, Problem> {
    let to = named(name)
        .ok_or_else(|| Problem::new(Code::UnknownType, format!("type \"{name}\" does not exist")))?;
    if possible(from, to) {
        return Ok(to);
    }
    let (from, to) = (type_name(schema, from), type_name(schema, to));
    Err(Problem::new(Code::CannotCast, format!("cannot cast type {from} to {to}")))
}

fn named(name: &str) -> Option<Scalar> {
    if let Some(element) = name.strip_suffix("[]") {
        return named(element.trim_end()).filter(|s| !s.list).map(|s| Scalar::list(s.kind));
    }
    let kind = match name.to_ascii_lowercase().as_str() {
        "text" | "varchar" | "character varying" | "char" | "character" | "bpchar" | "name" | "citext" => {
            Kind::String
        }
        "int" | "integer" | "int4" | "int2" | "smallint" => Kind::Int,
        "bigint" | "int8" => Kind::BigInt,
        "float" | "float4" | "float8" | "real" | "double precision" => Kind::Float,
        "numeric" | "decimal" => Kind::Decimal { precision: 38, scale: 9, bare: true },
        "bool" | "boolean" => Kind::Boolean,
        "date" => Kind::Date,
        "time" | "time without time zone" => Kind::Time,
        "timestamp" | "timestamptz" | "timestamp with time zone" | "timestamp without time zone" => {
            Kind::DateTime
        }
        "json" | "jsonb" => Kind::Json,
        "uuid" => Kind::Uuid,
        "bytea" => Kind::Bytes,
        // An enum's name would tell of types that the caller may not see.
        _ => return None,
    };
    Some(Scalar::one(kind))
}

fn possible(from: Scalar, to: Scalar) -> bool {
    if to == Scalar::one(Kind::String) {
        return true;
    }
    if from.list || to.list {
        return from.list == to.list && single(from.kind, to.kind);
    }
    single(from.kind, to.kind)
}

/// Text reads as anything, as PostgreSQL's input functions do; the rest follows its table of casts.
fn single(from: Kind, to: Kind) -> bool {
    match (from, to) {
        _ if from == to || from.is_text() || (from.is_number() && to.is_number()) => true,
        (Kind::Id | Kind::Uuid, Kind::Id | Kind::Uuid) => true,
        (Kind::Int, Kind::Boolean) | (Kind::Boolean, Kind::Int) => true,
        (Kind::DateTime, Kind::Date | Kind::Time) | (Kind::Date, Kind::DateTime) => true,
        (Kind::Json, to) => to.is_number() || to == Kind::Boolean,
        (_, to) => to == Kind::String,
    }
}
