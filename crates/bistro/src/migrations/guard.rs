//! What stands in a migration's way: data that would be lost, rows that break what it demands.

use std::sync::Arc;

use bistro_migrate::{Class, Difference, Step, difference};
use bistro_schema::Schema;
use bistro_store::{Change, Direction};

use super::count::count;
use super::folder::{Folder, split};
use super::run::Leave;
use super::state::Site;
use super::write;
use crate::clock::now_us;
use crate::error::Failure;
use crate::{schema_file, tables};

/// Refuses to run a folder on tables that follow `seen`, where data would be lost or rows are in the way.
pub(crate) async fn judge(
    site: &Site<'_>,
    seen: &Arc<Schema>,
    folder: &Folder,
    direction: Direction,
    leave: &Leave,
) -> Result<(), Failure> {
    let nothing = Arc::new(Schema::default());
    let before = site.folders.before(&folder.name).map_or(&nothing, |f| &f.schema);
    let (from, to) = match direction {
        Direction::Up => (before, &folder.schema),
        Direction::Down => (&folder.schema, before),
    };
    let way = difference(from, to);
    losses(site, &way, from, seen, (&folder.name, leave)).await?;
    // Statements by hand may mend the rows first; then only the database itself can judge.
    if !as_written(site, folder, direction, from, to) {
        return Ok(());
    }
    let reasons = obstacles(site, &way, from, seen, folder, direction).await?;
    if reasons.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = reasons.iter().map(|r| format!("  {r}\n")).collect();
    let file = folder.file(site.engine, direction);
    let text = format!(
        "{} cannot be applied to these rows:\n{}mend them first, or write the statements that do it into {}; nothing was \
         changed",
        folder.name,
        lines.concat(),
        file.display()
    );
    Err(Failure::Tables(text))
}

/// Refuses what loses data, unless it may.
pub(crate) async fn losses(
    site: &Site<'_>,
    way: &Difference,
    from: &Schema,
    seen: &Arc<Schema>,
    (name, leave): (&str, &Leave),
) -> Result<(), Failure> {
    if leave.destructive {
        return Ok(());
    }
    let mut lines = Vec::new();
    for step in way.destructive() {
        lines.push(format!("  {}: {}\n", step.text, lost(site, step, from, seen).await?));
    }
    if lines.is_empty() {
        return Ok(());
    }
    let text = format!(
        "{name} loses data for good:\n{}nothing was changed; if that is meant, add --allow-destructive",
        lines.concat()
    );
    Err(Failure::Tables(text))
}

/// What a destructive step loses, with the number of rows where it can be counted.
pub(crate) async fn lost(
    site: &Site<'_>,
    step: &Step,
    from: &Schema,
    seen: &Arc<Schema>,
) -> Result<String, Failure> {
    let Class::Destructive { loses } = &step.class else { return Ok(String::new()) };
    let rows = counted(site, step, from, seen).await?;
    Ok(rows.map_or_else(|| loses.clone(), |rows| format!("{loses} ({})", rows_text(rows))))
}

/// The rows that a step is about.
pub(crate) async fn counted(
    site: &Site<'_>,
    step: &Step,
    from: &Schema,
    seen: &Arc<Schema>,
) -> Result<Option<u64>, Failure> {
    let Some(what) = step.count else { return Ok(None) };
    count(&site.store, seen, from, what).await.map_err(|error| tables::data(site.project, &error))
}

fn rows_text(rows: u64) -> String {
    if rows == 1 { "1 row".into() } else { format!("{rows} rows") }
}

/// Rows that break what the steps demand.
async fn obstacles(
    site: &Site<'_>,
    way: &Difference,
    from: &Schema,
    seen: &Arc<Schema>,
    folder: &Folder,
    direction: Direction,
) -> Result<Vec<String>, Failure> {
    let mut reasons = Vec::new();
    for step in way.steps.iter().filter(|s| s.blocks) {
        if let Some(rows @ 1..) = counted(site, step, from, seen).await? {
            reasons.push(format!("{}: {} in its way", step.text, rows_text(rows)));
        }
    }
    if direction == Direction::Up {
        reasons.extend(broken(site, way, folder, seen).await?);
    }
    Ok(reasons)
}

/// Conditions of the new schema that rows break.
async fn broken(
    site: &Site<'_>,
    way: &Difference,
    folder: &Folder,
    seen: &Arc<Schema>,
) -> Result<Vec<String>, Failure> {
    let demands = |c: &Change| matches!(c, Change::AddUnique(..) | Change::Narrow(..) | Change::AddCheck(..));
    let mut reasons = Vec::new();
    if !way.steps.iter().any(|s| demands(&s.change)) {
        return Ok(reasons);
    }
    let (rules, _) = schema_file::compile(&folder.name, &folder.text);
    let store = site.store.with_schema(Arc::clone(seen));
    for step in way.steps.iter().filter(|s| demands(&s.change)) {
        match bistro_engine::violations(&store, &rules, &step.change, now_us()).await {
            Ok(0) => {}
            Ok(rows) => reasons.push(format!("{}: {} it", step.text, breaks_text(rows))),
            // Its columns may be there only afterwards; then the database or the check after it judges.
            Err(error) => {
                tracing::debug!(%error, step = step.text, "rows cannot be judged before the migration")
            }
        }
    }
    Ok(reasons)
}

fn breaks_text(rows: u64) -> String {
    if rows == 1 { "1 row breaks".into() } else { format!("{rows} rows break") }
}

/// What rows break after a migration that people wrote statements for; it is done, and they should know.
pub(crate) async fn after(site: &Site<'_>, before: &Arc<Schema>, folder: &Folder) -> Vec<String> {
    let way = difference(before, &folder.schema);
    let reasons = broken(site, &way, folder, &folder.schema).await.unwrap_or_default();
    reasons
        .into_iter()
        .map(|r| format!("warning: {r}; reads go on, writes of such rows are refused"))
        .collect()
}

/// Whether a file still has the statements that `new` wrote.
fn as_written(site: &Site<'_>, folder: &Folder, direction: Direction, from: &Schema, to: &Schema) -> bool {
    let written = write::body(site.engine, from, to).ok().and_then(|sql| split(site.engine, &sql).ok());
    let there = folder.sql(site.engine, direction).ok().and_then(|sql| split(site.engine, &sql).ok());
    written.is_some() && written == there
}
