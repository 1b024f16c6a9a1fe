//! What a statement became, for people.

use std::fmt::Write as _;

use bistro_store_sql::Batch;
use bistro_store_sql::encode::Width;
use tokio_postgres::SimpleQueryMessage;

use crate::execute::Trouble;
use crate::link::Link;
use crate::prepare::{Body, Level, Program, Words};

/// SQL text, binds and the server's plan of a statement and of all that hangs on it, each level indented.
pub(crate) async fn explain(link: &Link, program: &Program) -> Result<String, Trouble> {
    link.client().batch_execute("BEGIN; SET LOCAL plan_cache_mode = force_generic_plan").await?;
    let told = told(link, program).await;
    if told.is_err() {
        link.client().batch_execute("ROLLBACK; DEALLOCATE ALL").await?;
        link.forget();
        return told;
    }
    link.client().batch_execute("ROLLBACK").await?;
    told
}

async fn told(link: &Link, program: &Program) -> Result<String, Trouble> {
    let texts = match &program.body {
        Body::Read(reading) => levels(reading.level(&program.schema, Width::NARROW)?),
        Body::Write(change) => vec![Text { words: &change.words, label: "", batch: None, depth: 0 }],
    };
    let mut out = String::new();
    for Text { words, label, batch, depth } in texts {
        let pad = "  ".repeat(depth);
        let _ = writeln!(out, "{pad}{label}{}", words.text.as_str());
        for (at, slot) in words.slots.iter().enumerate() {
            let (number, what) = (at + 1, slot.said(batch));
            let _ = writeln!(out, "{pad}  ${number} = {what}");
        }
        for line in plan(link, words).await? {
            let _ = writeln!(out, "{pad}  {line}");
        }
    }
    Ok(out)
}

/// One text of a statement.
pub(crate) struct Text<'a> {
    pub(crate) words: &'a Words,
    pub(crate) label: &'static str,
    /// How it hangs on the rows of another.
    batch: Option<&'a Batch>,
    pub(crate) depth: usize,
}

/// The texts of a level and of all that hangs on it.
pub(crate) fn levels(level: &Level) -> Vec<Text<'_>> {
    let mut out = Vec::new();
    gather(level, 0, &mut out);
    out
}

fn gather<'a>(level: &'a Level, depth: usize, out: &mut Vec<Text<'a>>) {
    let batch = level.batch.as_ref();
    out.push(Text { words: &level.words, label: "", batch, depth });
    out.extend(level.total.iter().map(|words| Text { words, label: "total: ", batch, depth }));
    level.nested.iter().for_each(|nested| gather(nested, depth + 1, out));
}

/// The plan for whatever values, in a transaction with `plan_cache_mode = force_generic_plan`: what the server settles on
/// for a statement that it runs often. After an error a prepared statement may be left.
pub(crate) async fn plan(link: &Link, words: &Words) -> Result<Vec<String>, Trouble> {
    let nulls = vec!["NULL"; words.slots.len()].join(", ");
    let values = if nulls.is_empty() { nulls } else { format!("({nulls})") };
    let sql = format!(
        "PREPARE bistro_explained AS {}; EXPLAIN EXECUTE bistro_explained{values}; DEALLOCATE bistro_explained",
        words.text.as_str()
    );
    let line = |m: SimpleQueryMessage| match m {
        SimpleQueryMessage::Row(row) => row.get(0).map(ToOwned::to_owned),
        _ => None,
    };
    Ok(link.client().simple_query(&sql).await?.into_iter().filter_map(line).collect())
}
