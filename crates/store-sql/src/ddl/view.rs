//! Views.

use bistro_schema::{Schema, Type, TypeKind};

use crate::dialect::Dialect;

/// The view of a type that is one.
pub(crate) fn create(dialect: Dialect, ty: &Type) -> Option<String> {
    let TypeKind::View { sql, postgres, mysql } = &ty.kind else { return None };
    let own = match dialect {
        Dialect::Sqlite => None,
        Dialect::Postgres => postgres.as_ref(),
        Dialect::Mysql => mysql.as_ref(),
    };
    let sql = own.unwrap_or(sql).trim().trim_end_matches(';');
    // Without a query the view is there already.
    (!sql.is_empty()).then(|| format!("CREATE VIEW {} AS {sql}", dialect.quote(&ty.collection)))
}

/// A view away.
pub(crate) fn remove(dialect: Dialect, name: &str) -> String {
    format!("DROP VIEW IF EXISTS {}", dialect.quote(name))
}

/// The names of a schema's views, the last first: one may read those before it.
pub(crate) fn names(schema: &Schema) -> Vec<&str> {
    let views = schema.types.iter().rev().filter(|t| matches!(t.kind, TypeKind::View { .. }));
    views.map(|t| t.collection.as_str()).collect()
}
