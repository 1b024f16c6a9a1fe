//! Full-text indexes: a table of its own on SQLite, expressions on PostgreSQL, columns in lower case on MySQL.

use bistro_schema::{Field, FieldId, Type, names};

use crate::ddl::table::row_column;
use crate::dialect::Dialect;
use crate::search::{EVERY, EVERY_WORD, MYSQL_EVERY, expression};

/// The table of the full-text index of a type on SQLite.
pub fn search_table(ty: &Type) -> String {
    format!("bistro_fts_{}", ty.collection)
}

/// The column on MySQL that holds the field in lower case for the full-text index.
pub fn search_column(field: &Field) -> String {
    names::constraint(&["bistro_search", &field.column])
}

/// The names of the indexes of PostgreSQL and MySQL and the fields of each: one a field, and one over all.
pub(crate) fn indexes(ty: &Type) -> Vec<(String, Vec<FieldId>)> {
    let fields = ty.search_fields();
    if !ty.writable() {
        return Vec::new();
    }
    let one =
        |f: &FieldId| (names::constraint(&["bistro_fts", &ty.collection, &ty.field(*f).column]), vec![*f]);
    let mut out: Vec<_> = fields.iter().map(one).collect();
    if fields.len() > 1 {
        out.push((names::constraint(&["bistro_fts", &ty.collection]), fields));
    }
    out
}

/// The columns of MySQL that hold searched fields in lower case.
pub(crate) fn generated(ty: &Type) -> Vec<String> {
    let fields = if ty.writable() { ty.search_fields() } else { Vec::new() };
    fields.into_iter().map(|f| generated_one(ty.field(f))).collect()
}

/// One of them.
pub(crate) fn generated_one(field: &Field) -> String {
    let quote = |name: &str| Dialect::Mysql.quote(name);
    let (name, of) = (quote(&search_column(field)), quote(&field.column));
    // The first word is the same in every row, as a query that only excludes words needs one. A word ends at `_` elsewhere.
    let words = format!("LOWER(CONCAT('{MYSQL_EVERY} ', REPLACE(COALESCE({of}, ''), '_', ' ')))");
    format!("{name} LONGTEXT GENERATED ALWAYS AS ({words}) STORED")
}

/// The full-text index of a type, filled from its rows; nothing if no field asks for it.
pub(crate) fn create_search(dialect: Dialect, ty: &Type) -> Vec<String> {
    match dialect {
        Dialect::Sqlite => create_sqlite(ty),
        Dialect::Postgres => indexes(ty).iter().map(|(name, of)| add_postgres(ty, name, of)).collect(),
        Dialect::Mysql => create_mysql(ty),
    }
}

fn add_postgres(ty: &Type, name: &str, fields: &[FieldId]) -> String {
    let quote = |name: &str| Dialect::Postgres.quote(name);
    format!(
        "CREATE INDEX {} ON {} USING gin ({})",
        quote(name),
        quote(&ty.collection),
        expression(ty, fields, "")
    )
}

fn create_mysql(ty: &Type) -> Vec<String> {
    let quote = |name: &str| Dialect::Mysql.quote(name);
    let table = quote(&ty.collection);
    let columns = generated(ty).into_iter().map(|column| format!("ALTER TABLE {table} ADD COLUMN {column}"));
    let mut out: Vec<String> = columns.collect();
    for (name, fields) in indexes(ty) {
        let over: Vec<String> = fields.iter().map(|f| quote(&search_column(ty.field(*f)))).collect();
        out.push(format!("CREATE FULLTEXT INDEX {} ON {table} ({})", quote(&name), over.join(", ")));
    }
    out
}

fn create_sqlite(ty: &Type) -> Vec<String> {
    let dialect = Dialect::Sqlite;
    let fields = ty.search_fields();
    if fields.is_empty() || !ty.writable() {
        return Vec::new();
    }
    let (index, table) = (dialect.quote(&search_table(ty)), dialect.quote(&ty.collection));
    let row = dialect.quote(&row_column(ty));
    let names: Vec<String> = (0..fields.len()).map(|n| format!("c{n}")).collect();
    let from = |prefix: &str| {
        let parts = fields.iter().map(|f| format!("{prefix}{}", dialect.quote(&ty.field(*f).column)));
        parts.collect::<Vec<_>>().join(", ")
    };
    let into = format!("INSERT INTO {index} (rowid, {EVERY}, {})", names.join(", "));
    let add = format!("{into} VALUES (new.{row}, '{EVERY_WORD}', {})", from("new."));
    let remove = format!("DELETE FROM {index} WHERE rowid = old.{row}");
    let trigger = |what: &str| dialect.quote(&format!("{}_{what}", search_table(ty)));
    vec![
        format!(
            "CREATE VIRTUAL TABLE {index} USING fts5({EVERY}, {}, content='', contentless_delete=1, \
             tokenize='unicode61 remove_diacritics 0')",
            names.join(", ")
        ),
        format!("CREATE TRIGGER {} AFTER INSERT ON {table} BEGIN {add}; END", trigger("insert")),
        format!("CREATE TRIGGER {} AFTER DELETE ON {table} BEGIN {remove}; END", trigger("delete")),
        format!(
            "CREATE TRIGGER {} AFTER UPDATE OF {} ON {table} BEGIN {remove}; {add}; END",
            trigger("update"),
            from("")
        ),
        format!("{into} SELECT {row}, '{EVERY_WORD}', {} FROM {table}", from("")),
    ]
}

/// The full-text index of a type away. On SQLite safe to run where there is none; `gone` tells which columns go anyway.
pub(crate) fn drop_search(
    dialect: Dialect,
    ty: &Type,
    table: &str,
    gone: &dyn Fn(&Field) -> bool,
) -> Vec<String> {
    let trigger = |what: &str| dialect.quote(&format!("{}_{what}", search_table(ty)));
    let names = indexes(ty).into_iter().map(|(name, _)| dialect.quote(&name));
    match dialect {
        Dialect::Sqlite => {
            let triggers = ["insert", "delete", "update"].iter();
            let mut out: Vec<String> =
                triggers.map(|w| format!("DROP TRIGGER IF EXISTS {}", trigger(w))).collect();
            out.push(format!("DROP TABLE IF EXISTS {}", dialect.quote(&search_table(ty))));
            out
        }
        Dialect::Postgres => names.map(|name| format!("DROP INDEX IF EXISTS {name}")).collect(),
        Dialect::Mysql => {
            let table = dialect.quote(table);
            let mut out: Vec<String> = names.map(|name| format!("DROP INDEX {name} ON {table}")).collect();
            for field in ty.search_fields().iter().map(|f| ty.field(*f)).filter(|f| gone(f)) {
                out.push(format!("ALTER TABLE {table} DROP COLUMN {}", dialect.quote(&search_column(field))));
            }
            out
        }
    }
}
