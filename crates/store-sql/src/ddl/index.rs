//! Unique sets and indexes.

use bistro_schema::{Field, FieldId, Kind, Schema, Type, names};

use crate::ddl::table::columns;
use crate::ddl::{column, foreign, search};
use crate::dialect::Dialect;

/// The bytes that one index may have on MySQL.
const INDEX_BYTES: u64 = 3_072;
/// A text of more characters than this is hashed where an index would be too long.
const HASHED_FROM: u64 = 32;

/// The column that carries the SHA-256 of a text or of bytes that no index of MySQL can hold.
pub fn hash_column(field: &Field) -> String {
    names::constraint(&["bistro_hash", &field.column])
}

/// The bytes that a field takes in an index of MySQL; `None` where it has no bound.
pub(crate) fn index_bytes(schema: &Schema, ty: &Type, field: &Field) -> Option<u64> {
    match field.scalar.kind {
        _ if field.scalar.list => None,
        kind if kind.is_text() => column::longest(schema, ty, field).map(|n| n * 4),
        Kind::Json | Kind::Bytes => None,
        Kind::Decimal { .. } => Some(18),
        Kind::Id | Kind::Uuid => Some(16),
        _ => Some(8),
    }
}

/// Whether the fields fit into one index of MySQL.
pub(crate) fn fits(schema: &Schema, ty: &Type, fields: &[FieldId]) -> bool {
    let sizes = fields.iter().map(|f| index_bytes(schema, ty, ty.field(*f)));
    sizes.sum::<Option<u64>>().is_some_and(|all| all <= INDEX_BYTES)
}

/// The fields of unique sets that MySQL keeps by their hash.
pub(crate) fn hashed<'t>(schema: &Schema, ty: &'t Type) -> Vec<&'t Field> {
    let too_long = ty.uniques.iter().filter(|u| !fits(schema, ty, &u.fields));
    let fields = too_long.flat_map(|u| u.fields.iter().copied());
    let all: Vec<FieldId> = fields.filter(|f| is_hashed(schema, ty, *f)).collect();
    ty.fields().filter(|(id, _)| all.contains(id)).map(|(_, f)| f).collect()
}

fn is_hashed(schema: &Schema, ty: &Type, id: FieldId) -> bool {
    index_bytes(schema, ty, ty.field(id)).is_none_or(|bytes| bytes > HASHED_FROM * 4)
}

/// The definition of a hash column.
pub(crate) fn hash_definition(field: &Field) -> String {
    let quote = |name: &str| Dialect::Mysql.quote(name);
    let (name, of) = (quote(&hash_column(field)), quote(&field.column));
    format!("{name} BINARY(32) GENERATED ALWAYS AS (UNHEX(SHA2({of}, 256))) STORED")
}

/// What a unique set lies over.
fn unique_columns(schema: &Schema, dialect: Dialect, ty: &Type, fields: &[FieldId]) -> String {
    if dialect != Dialect::Mysql || fits(schema, ty, fields) {
        return columns(dialect, ty, fields);
    }
    let over = fields.iter().map(|f| {
        let field = ty.field(*f);
        let own = if is_hashed(schema, ty, *f) { hash_column(field) } else { field.column.clone() };
        dialect.quote(&own)
    });
    over.collect::<Vec<_>>().join(", ")
}

/// A unique set, by position.
pub(crate) fn add_unique(schema: &Schema, dialect: Dialect, ty: &Type, at: usize) -> String {
    let unique = &ty.uniques[at];
    let (name, table) = (dialect.quote(&unique.name), dialect.quote(&ty.collection));
    let over = unique_columns(schema, dialect, ty, &unique.fields);
    format!("CREATE UNIQUE INDEX {name} ON {table} ({over})")
}

/// An index, by position.
pub(crate) fn add_index(dialect: Dialect, ty: &Type, at: usize) -> String {
    let index = &ty.indexes[at];
    let (name, table) = (dialect.quote(&index.name), dialect.quote(&ty.collection));
    format!("CREATE INDEX {name} ON {table} ({})", columns(dialect, ty, &index.fields))
}

/// An index or unique set that is gone.
pub(crate) fn drop_index(dialect: Dialect, ty: &Type, name: &str) -> String {
    match dialect {
        Dialect::Sqlite | Dialect::Postgres => format!("DROP INDEX IF EXISTS {}", dialect.quote(name)),
        Dialect::Mysql => format!("DROP INDEX {} ON {}", dialect.quote(name), dialect.quote(&ty.collection)),
    }
}

/// Everything beside columns, key and foreign keys in a new table of MySQL.
pub(crate) fn inline(schema: &Schema, ty: &Type) -> Vec<String> {
    let quote = |name: &str| Dialect::Mysql.quote(name);
    let mut out: Vec<String> = hashed(schema, ty).into_iter().map(hash_definition).collect();
    out.extend(search::generated(ty));
    for unique in &ty.uniques {
        let over = unique_columns(schema, Dialect::Mysql, ty, &unique.fields);
        out.push(format!("UNIQUE KEY {} ({over})", quote(&unique.name)));
    }
    for index in &ty.indexes {
        let over = columns(Dialect::Mysql, ty, &index.fields);
        out.push(format!("KEY {} ({over})", quote(&index.name)));
    }
    for (name, near) in foreign::own_indexes(ty) {
        out.push(format!("KEY {} ({})", quote(&name), columns(Dialect::Mysql, ty, &near)));
    }
    for (name, over) in search::indexes(ty) {
        let over: Vec<String> = over.iter().map(|f| quote(&search::search_column(ty.field(*f)))).collect();
        out.push(format!("FULLTEXT KEY {} ({})", quote(&name), over.join(", ")));
    }
    out
}

/// The index or unique set of this name, if the type has it.
pub(crate) fn named(schema: &Schema, dialect: Dialect, ty: &Type, name: &str) -> Option<String> {
    let unique = ty.uniques.iter().position(|u| u.name == name);
    let index = ty.indexes.iter().position(|i| i.name == name);
    unique.map(|n| add_unique(schema, dialect, ty, n)).or_else(|| index.map(|n| add_index(dialect, ty, n)))
}
