//! What the table of a type takes: the types of its columns, and what values must keep beyond what the schema asks.

use bistro_schema::datetime::DAY;
use bistro_schema::{Field, FieldId, FieldKind, Kind, RelationKind, Schema, Type, TypeId};
use bistro_store::{Column, Limit, Room};

use crate::ddl::{column, unfit};
use crate::dialect::Dialect;

/// The bytes of an entry of PostgreSQL's indexes, less what surrounds the values.
const POSTGRES_ENTRY: usize = 2_690;
/// The levels that MySQL's JSON may have.
const MYSQL_DEPTH: usize = 100;
/// The days of 0001-01-01 and 9999-12-31.
const DAYS: (i64, i64) = (-719_162, 2_932_896);

/// What the table of a type takes.
pub fn room(schema: &Schema, dialect: Dialect, ty: TypeId) -> Room {
    let of = schema.ty(ty);
    let given = |f: &Field| column::stored(f) && f.kind != FieldKind::Generated;
    let columns = of.fields().filter(|(_, f)| given(f));
    let columns = columns.map(|(field, f)| Column {
        field,
        declared: column::column_type(dialect, schema, of, f),
        limits: limits(schema, dialect, of, f),
    });
    let refused = unfit(dialect, schema).into_iter().filter(|u| within(of, u.span));
    Room {
        columns: columns.collect(),
        indexes: if dialect == Dialect::Postgres { entries(of) } else { Vec::new() },
        refused: refused.map(|u| format!("{}; {}", u.message, u.hint)).collect(),
    }
}

fn within(ty: &Type, span: bistro_schema::Span) -> bool {
    ty.span == span || ty.fields.iter().any(|f| f.span == span)
}

/// What a column demands.
fn limits(schema: &Schema, dialect: Dialect, ty: &Type, field: &Field) -> Vec<Limit> {
    let mut out = Vec::new();
    if dialect == Dialect::Sqlite {
        return out;
    }
    let kind = field.scalar.kind;
    match kind {
        Kind::Int => out.push(Limit::Short),
        Kind::Decimal { precision, scale, .. } => out.push(Limit::Digits(precision, scale)),
        Kind::Date => out.push(Limit::Within(DAYS.0, DAYS.1)),
        Kind::Time => out.push(Limit::Within(0, DAY - 1)),
        Kind::DateTime => out.push(Limit::Within(DAYS.0 * DAY, (DAYS.1 + 1) * DAY - 1)),
        _ => {}
    }
    if dialect == Dialect::Postgres && (kind.is_text() || kind == Kind::Json) {
        out.push(Limit::NoNul);
    }
    if dialect == Dialect::Mysql {
        if kind == Kind::Json {
            out.extend([Limit::Depth(MYSQL_DEPTH), Limit::PlainNumbers]);
        }
        if kind.is_text()
            && !field.scalar.list
            && let Some(most) = column::longest(schema, ty, field)
        {
            out.push(Limit::Characters(most));
        }
    }
    out
}

/// The indexes whose entries can grow too long: those over texts, bytes, JSON and lists.
fn entries(ty: &Type) -> Vec<(String, Vec<FieldId>, usize)> {
    let grows = |fields: &Vec<FieldId>| {
        let grows = |f: &FieldId| {
            let scalar = ty.field(*f).scalar;
            scalar.list || scalar.kind.is_text() || matches!(scalar.kind, Kind::Bytes | Kind::Json)
        };
        fields.iter().any(grows)
    };
    let key = std::iter::once((crate::ddl::key_name(ty), ty.key.clone()));
    let uniques = ty.uniques.iter().map(|u| (u.name.clone(), u.fields.clone()));
    let indexes = ty.indexes.iter().map(|i| (i.name.clone(), i.fields.clone()));
    let owned = ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne);
    let foreign = owned.map(|r| (r.constraint.clone(), r.pairs.iter().map(|(near, _)| *near).collect()));
    let all = key.chain(uniques).chain(indexes).chain(foreign);
    all.filter(|(_, fields)| grows(fields)).map(|(name, fields)| (name, fields, POSTGRES_ENTRY)).collect()
}
