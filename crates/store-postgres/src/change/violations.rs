//! How many rows stand in a change's way.

use std::sync::Arc;

use bistro_ir::{Compare, Expr, Function, Operand, Root};
use bistro_schema::{Field, FieldId, Kind, Scalar, Schema, Type, TypeId, Value};
use bistro_store::{Change, Cost, NewRow, Select, StoreError};
use bistro_store_sql::encode::Width;
use bistro_store_sql::lower;

use crate::execute::{Run, Trouble};
use crate::link::Link;
use crate::prepare::{Level, POSTGRES};

/// Rows that break what the change demands.
pub(crate) async fn violations(link: &Link, next: &Arc<Schema>, change: &Change) -> Result<u64, Trouble> {
    match change {
        Change::AddUnique(ty, at) => repeated(link, next.ty(*ty), &next.ty(*ty).uniques[*at].fields).await,
        Change::Narrow(ty, field) => narrowed(link, next, *ty, *field).await,
        _ => Ok(0),
    }
}

/// Whether all columns are there already; what is new has no rows that break anything.
async fn stored(link: &Link, ty: &Type, fields: &[FieldId]) -> Result<bool, Trouble> {
    let sql = "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = ANY ($2) \
               AND attnum > 0 AND NOT attisdropped";
    let columns: Vec<&str> = fields.iter().map(|f| ty.field(*f).column.as_str()).collect();
    let table = POSTGRES.quote(&ty.collection);
    let row = link.client().query_one(sql, &[&table, &columns]).await?;
    Ok(usize::try_from(row.try_get::<_, i64>(0)?) == Ok(fields.len()))
}

/// Rows that repeat the values of another.
async fn repeated(link: &Link, ty: &Type, fields: &[FieldId]) -> Result<u64, Trouble> {
    if !stored(link, ty, fields).await? {
        return Ok(0);
    }
    let columns: Vec<String> = fields.iter().map(|f| POSTGRES.quote(&ty.field(*f).column)).collect();
    let known: Vec<String> = columns.iter().map(|c| format!("{c} IS NOT NULL")).collect();
    let sql = format!(
        "SELECT coalesce(sum(n - 1), 0)::int8 FROM (SELECT count(*) AS n FROM {} WHERE {} GROUP BY {} \
         HAVING count(*) > 1) AS x",
        POSTGRES.quote(&ty.collection),
        known.join(" AND "),
        columns.join(", ")
    );
    count(link, &sql).await
}

async fn count(link: &Link, sql: &str) -> Result<u64, Trouble> {
    let row = link.client().query_one(sql, &[]).await?;
    Ok(u64::try_from(row.try_get::<_, i64>(0)?).unwrap_or(0))
}

async fn narrowed(link: &Link, next: &Schema, id: TypeId, field_id: FieldId) -> Result<u64, Trouble> {
    let ty = next.ty(id);
    let field = ty.field(field_id);
    if !stored(link, ty, &[field_id]).await? {
        return Ok(0);
    }
    if field.scalar.list {
        return elements(link, next, ty, field).await;
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
    let mut width = Width::NARROW;
    loop {
        let level = Level::from(lower::select_wide(next, POSTGRES, &select, width)?);
        let total = level.total.as_ref().ok_or_else(|| StoreError::bug("a count without its text"))?;
        match (Run { link, binds: &[], whole: true }).count(total).await {
            Err(Trouble::Wide(wider)) if width.or(wider) != width => width = width.or(wider),
            counted => return counted,
        }
    }
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
async fn elements(link: &Link, schema: &Schema, ty: &Type, field: &Field) -> Result<u64, Trouble> {
    let Kind::Enum(of) = field.scalar.kind else { return Ok(0) };
    let values: Vec<String> = schema.enum_type(of).values.iter().map(|(v, _)| POSTGRES.text(v)).collect();
    let sql = format!(
        "SELECT count(*) FROM {} WHERE EXISTS (SELECT 1 FROM unnest({}) AS e (v) WHERE v::text NOT IN ({}))",
        POSTGRES.quote(&ty.collection),
        POSTGRES.quote(&field.column),
        values.join(", ")
    );
    count(link, &sql).await
}
