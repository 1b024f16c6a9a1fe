//! What PostgreSQL says of the tables of the current schema (the first of the search path that is there). Tables of
//! extensions, partitions of tables, and Bistro's own are left out.

use std::collections::BTreeMap;

use bistro_schema::OnDelete;
use bistro_store::catalogue::{Catalogue, Column, ColumnSet, Reference, Table};
use tokio_postgres::{Client, Error};

mod declared;

use declared::Types;

/// Tables and views: name, whether a view, comment.
const TABLES: &str = "
SELECT c.relname::text, c.relkind IN ('v', 'm'), obj_description(c.oid, 'pg_class')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND left(c.relname::text, 7) <> 'bistro_'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d
    WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
ORDER BY c.relname::text COLLATE \"C\"";

/// Columns, in order: table, name, type (id and modifier), not null, default, identity, generated, comment.
const COLUMNS: &str = "
SELECT c.relname::text, a.attname::text, a.atttypid::oid, a.atttypmod, format_type(a.atttypid, a.atttypmod),
  a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity <> '', a.attgenerated <> '',
  col_description(c.oid, a.attnum::int)
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.oid, a.attnum";

/// Constraints: table, name, what it is, its columns, the table there (null in another schema), the columns there, what
/// a delete does, the condition.
const CONSTRAINTS: &str = "
SELECT c.relname::text, o.conname::text, o.contype::text,
  ARRAY(SELECT a.attname::text FROM generate_subscripts(o.conkey, 1) AS k(n)
    JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = o.conkey[k.n] ORDER BY k.n),
  (SELECT f.relname::text FROM pg_class f WHERE f.oid = o.confrelid AND f.relnamespace = c.relnamespace),
  ARRAY(SELECT a.attname::text FROM generate_subscripts(o.confkey, 1) AS k(n)
    JOIN pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = o.confkey[k.n] ORDER BY k.n),
  o.confdeltype::text, pg_get_expr(o.conbin, o.conrelid)
FROM pg_constraint o
JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND o.contype IN ('p', 'u', 'f', 'c')
ORDER BY c.oid, o.conname::text COLLATE \"C\"";

/// Whole indexes over plain columns that carry no constraint: table, name, whether unique, columns.
const INDEXES: &str = "
SELECT c.relname::text, i.relname::text, x.indisunique,
  ARRAY(SELECT a.attname::text FROM generate_series(1, x.indnkeyatts::int) AS k(n)
    JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[k.n - 1] ORDER BY k.n)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am m ON m.oid = i.relam
WHERE n.nspname = current_schema() AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL
  AND m.amname IN ('btree', 'hash', 'prefix') AND left(i.relname::text, 7) <> 'bistro_'
  AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = x.indexrelid AND o.contype IN ('p', 'u', 'x'))
ORDER BY c.oid, i.relname::text COLLATE \"C\"";

/// Reads the tables and views of the current schema.
///
/// # Errors
/// What the server says.
pub(crate) async fn read(client: &Client) -> Result<Catalogue, Error> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for row in client.query(TABLES, &[]).await? {
        let name: String = row.get(0);
        let table = Table { name: name.clone(), view: row.get(1), comment: row.get(2), ..Table::default() };
        tables.insert(name, table);
    }
    let types = Types::read(client).await?;
    columns(client, &types, &mut tables).await?;
    constraints(client, &mut tables).await?;
    for row in client.query(INDEXES, &[]).await? {
        let Some(table) = tables.get_mut(&row.get::<_, String>(0)) else { continue };
        let set = ColumnSet { name: row.get(1), columns: row.get(3) };
        if row.get(2) { table.uniques.push(set) } else { table.indexes.push(set) }
    }
    let mut tables: Vec<Table> = tables.into_values().collect();
    tables.iter_mut().for_each(|t| t.uniques.sort_by(|a, b| a.name.cmp(&b.name)));
    Ok(Catalogue { tables })
}

async fn columns(client: &Client, types: &Types, tables: &mut BTreeMap<String, Table>) -> Result<(), Error> {
    for row in client.query(COLUMNS, &[]).await? {
        let Some(table) = tables.get_mut(&row.get::<_, String>(0)) else { continue };
        let meant = types.meaning(row.get(2), row.get(3));
        let default: Option<String> = row.get(6);
        let (identity, generated): (bool, bool) = (row.get(7), row.get(8));
        let serial = default.as_deref().is_some_and(|d| d.starts_with("nextval("));
        let name: String = row.get(1);
        if name.starts_with("bistro_") {
            continue;
        }
        table.columns.push(Column {
            name,
            declared: row.get(4),
            nature: meant.nature,
            list: meant.list,
            length: meant.length,
            nullable: !row.get::<_, bool>(5) && !meant.required,
            default: default.or(meant.default).filter(|_| !generated && !serial),
            counted: identity || serial,
            generated,
            comment: row.get(9),
        });
        // A domain's condition speaks of its value; here that is the column.
        let quoted = format!("\"{}\"", row.get::<_, &str>(1).replace('"', "\"\""));
        let checks = meant.checks.into_iter();
        table.checks.extend(checks.map(|(name, text)| (name, text.replace("VALUE", &quoted))));
    }
    Ok(())
}

async fn constraints(client: &Client, tables: &mut BTreeMap<String, Table>) -> Result<(), Error> {
    for row in client.query(CONSTRAINTS, &[]).await? {
        let Some(table) = tables.get_mut(&row.get::<_, String>(0)) else { continue };
        let (name, columns): (String, Vec<String>) = (row.get(1), row.get(3));
        match row.get::<_, &str>(2) {
            "p" => table.key = columns,
            "u" => table.uniques.push(ColumnSet { name, columns }),
            "f" => {
                let Some(there) = row.get::<_, Option<String>>(4) else { continue };
                let on_delete = match row.get::<_, &str>(6) {
                    "c" => OnDelete::Cascade,
                    "r" => OnDelete::Restrict,
                    "n" => OnDelete::SetNull,
                    _ => OnDelete::NoAction,
                };
                let to = row.get(5);
                table.references.push(Reference { name: Some(name), columns, table: there, to, on_delete });
            }
            _ => table.checks.push((name, row.get::<_, Option<String>>(7).unwrap_or_default())),
        }
    }
    Ok(())
}
