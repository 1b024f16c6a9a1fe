//! What changes made, taken away again after one of them failed: the engine ends a transaction with each of them.

use bistro_schema::Schema;
use bistro_store::Change;
use bistro_store_sql::ddl;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::MYSQL;

/// Takes away what the changes made whose statements are all among the first `done`. As far as it goes: what stays is
/// logged, and stands in the way of the same change.
pub(crate) async fn undo(
    conn: &mut Conn,
    old: &Schema,
    next: &Schema,
    changes: &[Change],
    statements: &[ddl::Statement],
    done: usize,
) {
    let whole = |at: usize| {
        let mut own = statements.iter().enumerate().filter(|(_, s)| s.changes.contains(&at)).map(|(n, _)| n);
        own.next().is_some_and(|first| first < done) && own.all(|n| n < done)
    };
    let gone = changes.iter().enumerate().rev().filter(|(at, _)| whole(*at));
    let inverse = gone.flat_map(|(_, change)| inverse(next, change));
    for sql in inverse.chain(views(old)).collect::<Vec<_>>() {
        if let Err(error) = conn.query_drop(&sql).await {
            tracing::warn!(%error, sql, "a change that failed left something behind");
        }
    }
}

/// What makes the views again, which are away while tables change.
fn views(old: &Schema) -> Vec<String> {
    let Some((view, _)) = old.types().find(|(_, ty)| !ty.writable()) else { return Vec::new() };
    let script = ddl::script(MYSQL, old, old, &[Change::CreateType(view)]);
    script.map_or_else(|_| Vec::new(), |s| s.statements.into_iter().map(|s| s.sql).collect())
}

/// What takes away what a change made.
fn inverse(next: &Schema, change: &Change) -> Vec<String> {
    let table = |id| MYSQL.quote(&next.ty(id).collection);
    match change {
        Change::CreateType(id) if next.ty(*id).writable() => vec![format!("DROP TABLE {}", table(*id))],
        Change::CreateType(id) => vec![format!("DROP VIEW IF EXISTS {}", table(*id))],
        Change::AddField(id, field) => {
            let column = MYSQL.quote(&next.ty(*id).field(*field).column);
            vec![format!("ALTER TABLE {} DROP COLUMN {column}", table(*id))]
        }
        Change::AddRelation(id, relation) => {
            let relation = next.ty(*id).relation(*relation);
            let mut parts = vec![format!("DROP FOREIGN KEY {}", MYSQL.quote(&relation.constraint))];
            let near = relation.pairs.iter().map(|(near, _)| MYSQL.quote(&next.ty(*id).field(*near).column));
            parts.extend(near.map(|column| format!("DROP COLUMN {column}")));
            vec![format!("ALTER TABLE {} {}", table(*id), parts.join(", "))]
        }
        Change::AddIndex(id, at) => {
            vec![format!("DROP INDEX {} ON {}", MYSQL.quote(&next.ty(*id).indexes[*at].name), table(*id))]
        }
        Change::AddUnique(id, at) => {
            vec![format!("DROP INDEX {} ON {}", MYSQL.quote(&next.ty(*id).uniques[*at].name), table(*id))]
        }
        _ => Vec::new(),
    }
}
