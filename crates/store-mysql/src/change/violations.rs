//! How many rows stand in a change's way.

use bistro_ir::{Compare, Expr, Function, Operand, Root};
use bistro_schema::{Field, FieldId, Kind, Scalar, Schema, Type, TypeId, Value};
use bistro_store::{Change, Cost, NewRow, Select, StoreError};
use bistro_store_sql::lower;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::MYSQL;
use crate::error::from_driver;
use crate::execute;

/// Rows that break what the change demands.
pub(crate) async fn violations(conn: &mut Conn, next: &Schema, change: &Change) -> Result<u64, StoreError> {
    match change {
        Change::AddUnique(ty, at) => repeated(conn, next.ty(*ty), &next.ty(*ty).uniques[*at].fields).await,
        Change::Narrow(ty, field) => narrowed(conn, next, *ty, *field).await,
        _ => Ok(0),
    }
}

/// Whether all columns are there already; what is new has no rows that break anything.
async fn stored(conn: &mut Conn, ty: &Type, fields: &[FieldId]) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? \
               AND column_name = ?";
    for field in fields {
        let names = (&ty.collection, &ty.field(*field).column);
        let found: Option<i64> = conn.exec_first(sql, names).await.map_err(from_driver)?;
        if found.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Rows that repeat the values of another.
async fn repeated(conn: &mut Conn, ty: &Type, fields: &[FieldId]) -> Result<u64, StoreError> {
    if !stored(conn, ty, fields).await? {
        return Ok(0);
    }
    let columns: Vec<String> = fields.iter().map(|f| MYSQL.quote(&ty.field(*f).column)).collect();
    let known: Vec<String> = columns.iter().map(|c| format!("{c} IS NOT NULL")).collect();
    let sql = format!(
        "SELECT CAST(coalesce(sum(n - 1), 0) AS SIGNED) FROM (SELECT count(*) AS n FROM {} WHERE {} GROUP BY {} \
         HAVING n > 1) AS x",
        MYSQL.quote(&ty.collection),
        known.join(" AND "),
        columns.join(", ")
    );
    count(conn, &sql).await
}

async fn count(conn: &mut Conn, sql: &str) -> Result<u64, StoreError> {
    let count: Option<i64> = conn.query_first(sql).await.map_err(from_driver)?;
    Ok(count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

async fn narrowed(conn: &mut Conn, next: &Schema, id: TypeId, field_id: FieldId) -> Result<u64, StoreError> {
    let ty = next.ty(id);
    let field = ty.field(field_id);
    if !stored(conn, ty, &[field_id]).await? {
        return Ok(0);
    }
    if field.scalar.list {
        return elements(conn, next, ty, field).await;
    }
    let parts = conditions(next, field_id, field);
    if parts.is_empty() {
        return Ok(0);
    }
    let select = Select {
        ty: id,
        outputs: Vec::new(),
        filter: Expr::any(parts),
        order: Vec::new(),
        limit: None,
        offset: None,
        total: true,
        new: NewRow::default(),
        lock: false,
        cost: Cost::Unbounded,
    };
    let query = lower::select(next, MYSQL, &select)?;
    let total = query.total.as_ref().ok_or_else(|| StoreError::bug("a count without its text"))?;
    execute::count(conn, total, &[]).await
}

/// Each way to break the field's conditions.
fn conditions(schema: &Schema, id: FieldId, field: &Field) -> Vec<Expr> {
    let own = || Operand::Field(Root::Scope(0), id);
    let literal = |value: &Value, scalar: Scalar| Operand::Literal(value.clone(), scalar);
    let mut parts = Vec::new();
    if let Kind::Enum(of) = field.scalar.kind {
        let values = schema.enum_type(of).values.iter();
        let none = values
            .map(|(v, _)| Expr::Compare(Compare::Ne, own(), literal(&Value::text(v.as_str()), field.scalar)));
        parts.push(Expr::all(none));
    }
    if let Some((least, most)) = &field.length {
        let size = || Operand::Call(Function::Size, vec![own()]);
        let bound =
            |n: u64| literal(&Value::Int(i64::try_from(n).unwrap_or(i64::MAX)), Scalar::one(Kind::BigInt));
        parts.extend(least.map(|n| Expr::Compare(Compare::Lt, size(), bound(n))));
        parts.extend(most.map(|n| Expr::Compare(Compare::Gt, size(), bound(n))));
    }
    if let Some((least, most)) = &field.range {
        parts.extend(least.as_ref().map(|v| Expr::Compare(Compare::Lt, own(), literal(v, field.scalar))));
        parts.extend(most.as_ref().map(|v| Expr::Compare(Compare::Gt, own(), literal(v, field.scalar))));
    }
    if let Some(pattern) = &field.pattern {
        let pattern = literal(&Value::text(pattern.as_str()), Scalar::one(Kind::String));
        let found = Expr::Match { operand: own(), pattern, fold: false };
        parts.push(Expr::Not(Box::new(found)));
    }
    parts
}

/// Rows with a list that holds what is no value of its enum.
async fn elements(conn: &mut Conn, schema: &Schema, ty: &Type, field: &Field) -> Result<u64, StoreError> {
    let Kind::Enum(of) = field.scalar.kind else { return Ok(0) };
    let values: Vec<String> = schema.enum_type(of).values.iter().map(|(v, _)| MYSQL.text(v)).collect();
    let sql = format!(
        "SELECT count(*) FROM {} AS t WHERE EXISTS (SELECT 1 FROM JSON_TABLE(t.{}, '$[*]' COLUMNS (v LONGTEXT \
         PATH '$')) AS j WHERE BINARY j.v NOT IN ({}))",
        MYSQL.quote(&ty.collection),
        MYSQL.quote(&field.column),
        values.join(", ")
    );
    count(conn, &sql).await
}
