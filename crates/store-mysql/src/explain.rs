//! What a statement became, for people.

use std::fmt::Write as _;

use bistro_store::StoreError;
use bistro_store_sql::{Query, Slot, Sql};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Row, Value};

use crate::prepare::{Body, Program};

/// SQL text, binds and the server's plan of a statement and of all that hangs on it, each level indented.
pub(crate) async fn explain(conn: &mut Conn, program: &Program) -> Result<String, StoreError> {
    let mut out = String::new();
    match &program.body {
        Body::Read(_) => {
            let query = program.narrow()?;
            let mut levels = Vec::new();
            level(&query, 0, &mut levels);
            for (label, sql, depth) in levels {
                text(conn, label, sql, depth, &mut out).await;
            }
        }
        Body::Write(write, _) => text(conn, "", &write.sql, 0, &mut out).await,
    }
    Ok(out)
}

fn level<'q>(query: &'q Query, depth: usize, out: &mut Vec<(&'static str, &'q Sql, usize)>) {
    out.push(("", &query.sql, depth));
    out.extend(query.total.iter().map(|total| ("total: ", total, depth)));
    query.nested.iter().for_each(|nested| level(nested, depth + 1, out));
}

async fn text(conn: &mut Conn, label: &str, sql: &Sql, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    let _ = writeln!(out, "{pad}{label}{}", sql.text);
    for (at, slot) in sql.slots.iter().enumerate() {
        let (number, what) = (at + 1, said(slot));
        let _ = writeln!(out, "{pad}  ?{number} = {what}");
    }
    match plan(conn, sql).await {
        Ok(lines) => lines.iter().for_each(|line| {
            let _ = writeln!(out, "{pad}  {line}");
        }),
        // A plan is advice: the text is worth having without it.
        Err(error) => {
            let _ = writeln!(out, "{pad}  no plan: {error}");
        }
    }
}

/// The plan, as the server makes it for values that it does not know.
async fn plan(conn: &mut Conn, sql: &Sql) -> Result<Vec<String>, mysql_async::Error> {
    let values = sql.slots.iter().map(stand_in).collect::<Vec<_>>();
    let values = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
    let rows: Vec<Row> = conn.exec(format!("EXPLAIN {}", sql.text), values).await?;
    Ok(rows.iter().map(line).collect())
}

/// A value that looks like those that come.
fn stand_in(slot: &Slot) -> Value {
    use bistro_store_sql::{Encode, Form};
    let how = match slot {
        Slot::KeyRows(_) => return Value::Bytes(b"[[1]]".to_vec()),
        Slot::Bind(_, how) | Slot::Constant(_, how) => how,
        Slot::Parent(_) | Slot::Keys(..) => return Value::NULL,
    };
    match how {
        Encode::Each(_) | Encode::JsonEach => Value::Bytes(b"[1]".to_vec()),
        Encode::Limit => Value::Int(100),
        Encode::Offset => Value::Int(0),
        Encode::As(Form::Int | Form::Bool, _) => Value::Int(1),
        Encode::As(Form::Real, _) => Value::Double(1.0),
        Encode::As(Form::Uuid, _) => Value::Bytes(vec![0; 16]),
        Encode::As(Form::Date | Form::DateTime, _) => Value::Date(2024, 1, 1, 0, 0, 0, 0),
        Encode::As(Form::Time, _) => Value::Time(false, 0, 0, 0, 0, 0),
        _ => Value::Bytes(b"1".to_vec()),
    }
}

/// One table of a plan: what is read, by which key, about how many rows.
fn line(row: &Row) -> String {
    let mut out = String::new();
    for column in row.columns_ref() {
        let name = column.name_str();
        let value = row.get_opt::<Value, _>(name.as_ref()).and_then(Result::ok).unwrap_or(Value::NULL);
        if matches!(value, Value::NULL) || name.as_ref() == "id" {
            continue;
        }
        let value = match &value {
            Value::Bytes(text) => String::from_utf8_lossy(text).into_owned(),
            other => other.as_sql(true),
        };
        let _ = write!(out, "{}{name}={value}", if out.is_empty() { "" } else { " " });
    }
    out
}

fn said(slot: &Slot) -> String {
    match slot {
        Slot::Bind(id, how) => format!("bind {} as {how:?}", id.0),
        Slot::Constant(value, how) => format!("{value:?} as {how:?}"),
        Slot::Parent(column) => format!("column {column} of the enclosing row"),
        Slot::Keys(part, form) => format!("part {part} of the keys of the enclosing rows as {form:?}"),
        Slot::KeyRows(_) => "the keys of the enclosing rows".to_owned(),
    }
}
