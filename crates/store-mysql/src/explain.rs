//! What a statement became, for people.

use std::fmt::{self, Write as _};

use bistro_store::StoreError;
use bistro_store_sql::{Batch, Query, Slot, Sql};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Params, Row, Value};

use crate::prepare::{Body, Program};

/// SQL text, binds and the server's plan of a statement and of all that hangs on it, each level indented.
pub(crate) async fn explain(conn: &mut Conn, program: &Program) -> Result<String, StoreError> {
    let mut out = String::new();
    match &program.body {
        Body::Read(_) => {
            for one in levels(&*program.narrow()?) {
                text(conn, &one, &mut out).await;
            }
        }
        Body::Write(write, _) => {
            text(conn, &Text { sql: &write.sql, label: "", batch: None, depth: 0 }, &mut out).await;
        }
    }
    Ok(out)
}

/// One text of a statement.
pub(crate) struct Text<'q> {
    pub(crate) sql: &'q Sql,
    pub(crate) label: &'static str,
    /// How it hangs on the rows of another.
    batch: Option<&'q Batch>,
    pub(crate) depth: usize,
}

/// The texts of a query and of all that hangs on it.
pub(crate) fn levels(query: &Query) -> Vec<Text<'_>> {
    let mut out = Vec::new();
    level(query, 0, &mut out);
    out
}

fn level<'q>(query: &'q Query, depth: usize, out: &mut Vec<Text<'q>>) {
    let batch = query.batch.as_ref();
    out.push(Text { sql: &query.sql, label: "", batch, depth });
    out.extend(query.total.iter().map(|sql| Text { sql, label: "total: ", batch, depth }));
    query.nested.iter().for_each(|nested| level(nested, depth + 1, out));
}

async fn text(conn: &mut Conn, one: &Text<'_>, out: &mut String) {
    let Text { sql, label, batch, depth } = *one;
    let pad = "  ".repeat(depth);
    let _ = writeln!(out, "{pad}{label}{}", sql.text);
    for (at, slot) in sql.slots.iter().enumerate() {
        let (number, what) = (at + 1, slot.said(batch));
        let _ = writeln!(out, "{pad}  ?{number} = {what}");
    }
    match plan(conn, sql).await {
        Ok(accesses) => accesses.iter().for_each(|access| {
            let _ = writeln!(out, "{pad}  {access}");
        }),
        // A plan is advice: the text is worth having without it.
        Err(error) => {
            let _ = writeln!(out, "{pad}  no plan: {error}");
        }
    }
}

/// The plan, as the server makes it for values that it does not know.
pub(crate) async fn plan(conn: &mut Conn, sql: &Sql) -> Result<Vec<Access>, Error> {
    let values = sql.slots.iter().map(stand_in).collect::<Vec<_>>();
    let values = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
    let rows: Vec<Row> = conn.exec(format!("EXPLAIN {}", sql.text), values).await?;
    Ok(rows.iter().map(Access::of).collect())
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

/// One table of a plan: how its rows are found, by which key, about how many.
pub(crate) struct Access {
    /// The part of the statement, where it has several.
    part: Option<String>,
    table: Option<String>,
    how: Option<String>,
    /// The name of the key.
    pub(crate) key: Option<String>,
    with: Option<String>,
    rows: Option<String>,
    more: Option<String>,
}

impl Access {
    fn of(row: &Row) -> Self {
        let said = |name: &str| {
            let at = row.columns_ref().iter().position(|c| c.name_str().eq_ignore_ascii_case(name))?;
            match row.as_ref(at)? {
                Value::NULL => None,
                Value::Bytes(text) => Some(String::from_utf8_lossy(text).into_owned()),
                other => Some(other.as_sql(true)),
            }
        };
        let part = said("select_type").filter(|p| p != "SIMPLE" && p != "PRIMARY");
        Self {
            part: part.map(|p| format!("{} {}", p.to_lowercase(), said("id").unwrap_or_default())),
            table: said("table"),
            how: said("type"),
            key: said("key"),
            with: said("ref"),
            rows: said("rows"),
            more: said("Extra").filter(|m| !m.is_empty()),
        }
    }
}

impl fmt::Display for Access {
    /// As in `derived 2: t2 ref by posts_author_id_idx = func, about 3 rows; Using where`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(part) = &self.part {
            write!(f, "{}: ", part.trim_end())?;
        }
        let table = self.table.as_deref().unwrap_or("no table");
        f.write_str(table)?;
        let reads = |how: &String| if how == "ALL" { "all rows".to_owned() } else { how.clone() };
        if let Some(how) = &self.how {
            write!(f, " {}", reads(how))?;
        }
        if let Some(key) = &self.key {
            write!(f, " by {key}")?;
        }
        if let Some(with) = &self.with {
            write!(f, " = {with}")?;
        }
        if let Some(rows) = &self.rows {
            write!(f, ", about {rows} row{}", if rows == "1" { "" } else { "s" })?;
        }
        self.more.as_ref().map_or(Ok(()), |more| write!(f, "; {more}"))
    }
}
