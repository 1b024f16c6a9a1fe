//! `plan` and `status`: what is to be done and what was done, for people and as JSON.

use std::fmt::Write as _;
use std::sync::Arc;

use bistro_migrate::{Class, Difference, Step, difference};
use bistro_schema::Schema;
use serde_json::{Value, json};

use super::folder::Folders;
use super::state::{Entry, Seen, Site, State, leads_nowhere, names};
use super::write::class_word;
use super::{drift, guard};
use crate::error::Failure;
use crate::project::{Project, SCHEMA_FILE};
use crate::schema_file::Loaded;

/// The database of a plan, if there is one to look into.
pub(crate) type Reached<'a, 'p> = Option<(&'a Site<'p>, &'a Seen)>;

/// What lies before a project: what is in no migration yet, and what waits for the database; one that is `absent` has
/// everything before it.
pub(crate) async fn plan(
    project: &Project,
    loaded: &Loaded,
    reached: Reached<'_, '_>,
    (absent, as_json): (bool, bool),
) -> Result<String, Failure> {
    let folders = Folders::read(project)?;
    let last = folders.last();
    let base = last.map_or_else(Arc::default, |f| Arc::clone(&f.schema));
    let way = difference(&base, loaded.rules.schema());
    let mut out = Out::default();
    let unwritten = part(&mut out, &way, &base, reached).await?;
    let unwritten_text = std::mem::take(&mut out.text);
    let (waiting, waiting_text) = pending(&folders, reached, absent).await?;
    if as_json {
        let whole = json!({
            "last": last.map(|f| &f.name),
            "unwritten": unwritten,
            "pending": waiting,
            "database": reached.map(|(site, _)| site.engine.word()),
        });
        return Ok(format!("{whole:#}\n"));
    }
    let mut text = String::new();
    if !way.is_empty() {
        let since = last.map_or_else(|| "the whole schema".to_owned(), |f| format!("since {}", f.name));
        let _ = write!(text, "In {SCHEMA_FILE} and in no migration yet, {since}:\n{unwritten_text}");
        text.push_str(if way.refused.is_empty() {
            "write it down with: bistro migrate new NAME\n"
        } else {
            "change what is refused, then write the rest down with: bistro migrate new NAME\n"
        });
    }
    if !waiting_text.is_empty() {
        let gap = if text.is_empty() { "" } else { "\n" };
        let _ = write!(
            text,
            "{gap}Not applied to the database yet:\n{waiting_text}apply it with: bistro migrate up\n"
        );
    }
    if text.is_empty() {
        let known = absent || reached.is_some();
        text.push_str(if known { "nothing to do\n" } else { "nothing to write\n" });
    }
    Ok(text)
}

#[derive(Default)]
struct Out {
    text: String,
}

/// The steps of one difference.
async fn part(
    out: &mut Out,
    way: &Difference,
    from: &Arc<Schema>,
    reached: Reached<'_, '_>,
) -> Result<Value, Failure> {
    let mut steps = Vec::new();
    for step in &way.steps {
        let rows = match reached {
            Some((site, seen)) => guard::counted(site, step, from, &seen.schema).await?,
            None => None,
        };
        let lock = locks(step, reached);
        let _ =
            writeln!(out.text, "  {:<12} {}{}", class_word(&step.class), step.text, said(step, rows, &lock));
        let loses = match &step.class {
            Class::Destructive { loses } => Some(loses),
            _ => None,
        };
        steps.push(json!({
            "text": step.text, "class": class_word(&step.class), "loses": loses, "rows": rows,
            "blocks": step.blocks && rows.is_some_and(|n| n > 0), "lock": lock,
        }));
    }
    for refused in &way.refused {
        let _ = writeln!(out.text, "  {:<12} {}: {}", "refused", refused.text, refused.reason);
    }
    for note in &way.notes {
        let _ = writeln!(out.text, "  {:<12} {note}", "no tables");
    }
    let refused: Vec<Value> =
        way.refused.iter().map(|r| json!({ "text": r.text, "reason": r.reason })).collect();
    Ok(json!({ "steps": steps, "refused": refused, "notes": way.notes }))
}

/// What others notice on the engine at hand; without one, each engine's words where they differ.
fn locks(step: &Step, reached: Reached<'_, '_>) -> String {
    let all = step.locks();
    let engine = reached.map(|(site, _)| site.engine.word());
    if let Some(lock) = engine.and_then(|e| all.of(e)) {
        return lock.words().to_owned();
    }
    if all.sqlite == all.postgres && all.postgres == all.mysql {
        return all.sqlite.words().to_owned();
    }
    format!(
        "SQLite: {}. PostgreSQL: {}. MySQL: {}",
        all.sqlite.words(),
        all.postgres.words(),
        all.mysql.words()
    )
}

/// What else there is to say of a step.
fn said(step: &Step, rows: Option<u64>, lock: &str) -> String {
    let many = |n: u64| if n == 1 { "1 row".to_owned() } else { format!("{n} rows") };
    let mut parts = Vec::new();
    match (&step.class, rows) {
        (Class::Destructive { loses }, Some(n)) => parts.push(format!("loses {loses}: {}", many(n))),
        (Class::Destructive { loses }, None) => parts.push(format!("loses {loses}")),
        (_, Some(n)) if step.blocks && n > 0 => parts.push(format!("{} in its way", many(n))),
        (Class::Backfill, Some(n)) => parts.push(format!("fills {}", many(n))),
        _ => {}
    }
    parts.push(lock.to_owned());
    format!(" ({})", parts.join("; "))
}

/// The migrations that wait for the database.
async fn pending(
    folders: &Folders,
    reached: Reached<'_, '_>,
    absent: bool,
) -> Result<(Vec<Value>, String), Failure> {
    let (mut values, mut out) = (Vec::new(), Out::default());
    let waiting = match reached {
        Some((site, seen)) => names(&site.entries(seen)?, |s| *s == State::Pending),
        None if absent => folders.all.iter().map(|f| f.name.clone()).collect(),
        None => return Ok((values, out.text)),
    };
    let nothing = Arc::new(Schema::default());
    let seen = reached.map_or(&nothing, |(_, seen)| &seen.schema);
    for name in waiting {
        let Some(folder) = folders.named(&name) else { continue };
        let from = folders.before(&name).map_or_else(Arc::default, |f| Arc::clone(&f.schema));
        let there = !leads_nowhere(&from, seen) && leads_nowhere(seen, &folder.schema);
        let mark = if there { " (the tables have it already)" } else { "" };
        let _ = writeln!(out.text, "{name}{mark}");
        let way = difference(&from, &folder.schema);
        let steps = part(&mut out, &way, &from, reached).await?;
        values.push(json!({ "name": name, "steps": steps["steps"], "there": there }));
    }
    Ok((values, out.text))
}

/// How each migration stands, and what is odd.
pub(crate) async fn status(site: &Site<'_>, as_json: bool) -> Result<String, Failure> {
    let seen = site.look().await?;
    let entries = site.entries(&seen)?;
    let drifts = drift::find(site, &seen).await?;
    let mut remarks = remarks(site, &seen, &entries);
    remarks.extend(drifts.iter().map(|d| d.text.clone()));
    Ok(table(&entries, &remarks, as_json))
}

/// The table of all migrations, and the remarks below it.
pub(crate) fn table(entries: &[Entry], remarks: &[String], as_json: bool) -> String {
    if as_json {
        let list: Vec<Value> = entries.iter().map(entry_json).collect();
        return format!("{:#}\n", json!({ "migrations": list, "remarks": remarks }));
    }
    let width = entries.iter().map(|e| e.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for entry in entries {
        let at = entry.at.map(when).unwrap_or_default();
        let line = format!("{:<width$}  {:<8} {at}", entry.name, entry.state.word());
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if entries.is_empty() {
        text.push_str("there are no migrations; bistro migrate new NAME writes the first\n");
    }
    for remark in remarks {
        let _ = writeln!(text, "note: {remark}");
    }
    text
}

fn entry_json(entry: &Entry) -> Value {
    let mut value = json!({ "name": entry.name, "state": entry.state.word(), "at": entry.at.map(when) });
    if let State::Begun { done, of, .. } = entry.state {
        value["done"] = json!(done);
        value["of"] = json!(of);
    }
    value
}

/// What people should know beside the table.
fn remarks(site: &Site<'_>, seen: &Seen, entries: &[Entry]) -> Vec<String> {
    let mut out = Vec::new();
    for entry in entries {
        match &entry.state {
            State::Begun { done, of, .. } => out.push(format!(
                "{} stopped after {done} of {of} statements; bistro migrate up goes on from there",
                entry.name
            )),
            State::Changed => out.push(format!(
                "{} changed after it was applied; put its files back, or run it anew: bistro migrate redo",
                entry.name
            )),
            State::Missing => {
                out.push(format!(
                    "{} is applied and its folder is not here: a newer version has it",
                    entry.name
                ));
            }
            State::Applied | State::Pending => {}
        }
    }
    let base = site.base(entries);
    let odd = entries.iter().any(|e| matches!(e.state, State::Missing | State::Begun { .. }));
    if !odd && !leads_nowhere(&base, &seen.schema) {
        let ends = |e: &&Entry| {
            let folder = site.folders.named(&e.name);
            e.state == State::Pending && folder.is_some_and(|f| leads_nowhere(&seen.schema, &f.schema))
        };
        out.push(match entries.iter().find(ends) {
            Some(end) => format!("the tables have {} already; bistro migrate up records it", end.name),
            None => "the tables have changes that are in no migration; bistro migrate plan shows them".into(),
        });
    }
    out
}

/// A time for people, to the second.
fn when(at: i64) -> String {
    let mut text = Vec::new();
    bistro_schema::datetime::write_datetime_z(&mut text, at - at.rem_euclid(1_000_000));
    String::from_utf8_lossy(&text).replace('T', " ").replace('Z', " UTC")
}
