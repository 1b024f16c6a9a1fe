//! Whether a server may begin: with what its project's migrations and the database's history say of each other.

use std::sync::Arc;

use bistro_migrate::difference;
use bistro_schema::Schema;
use bistro_store::{Store, StoreErrorKind};

use super::folder::Folders;
use super::run::Leave;
use super::state::{Entry, Seen, Site, State, leads_nowhere, names};
use super::{ahead, drift, lock};
use crate::error::Failure;
use crate::project::{Project, SCHEMA_FILE};
use crate::schema_file::Loaded;

/// What the gate says.
#[derive(Debug)]
pub(crate) enum Gate {
    /// The project has no migrations and the database no history: tables are held to the schema file itself.
    NoMigrations,
    /// The tables serve the schema; they are left as they are.
    Open,
}

/// Judges whether `loaded` may be served. With `migrate`, what is pending is run first, by one node while others wait.
pub(crate) async fn gate(
    project: &Project,
    store: &Arc<dyn Store>,
    loaded: &Loaded,
    migrate: bool,
) -> Result<Gate, Failure> {
    if store.capabilities().sql.is_none() {
        return Ok(Gate::NoMigrations);
    }
    let site = Site::new(project, Arc::clone(store))?;
    let (mut seen, mut entries) = look(&site).await?;
    if entries.is_empty() {
        return Ok(Gate::NoMigrations);
    }
    if entries.iter().any(|e| matches!(e.state, State::Begun { .. })) {
        // Whoever began it asked for it; nothing is served before it is done.
        let _lock = lock::take(project, store).await?;
        tell(site.resume().await?);
        (seen, entries) = look(&site).await?;
    }
    let pending = names(&entries, |s| *s == State::Pending);
    if !pending.is_empty() {
        if !migrate {
            return Err(waiting(&site, &seen, &pending));
        }
        tell(site.up(None, &Leave::default()).await?);
        (seen, entries) = look(&site).await?;
    }
    judge(&site, &seen, &entries, loaded).await?;
    for drift in drift::find(&site, &seen).await?.iter().filter(|d| d.blocks) {
        tracing::warn!("the database is not as its history left it: {}", drift.text);
    }
    Ok(Gate::Open)
}

/// A store that keeps no history has none.
async fn look(site: &Site<'_>) -> Result<(Seen, Vec<Entry>), Failure> {
    match site.store.history().await {
        Err(error) if matches!(error.kind, StoreErrorKind::Unsupported(_)) => {
            let seen = Seen { history: Vec::new(), recorded: None, schema: Arc::default() };
            return Ok((seen, Vec::new()));
        }
        _ => {}
    }
    let seen = site.look().await?;
    let entries = site.entries(&seen)?;
    Ok((seen, entries))
}

fn tell(lines: Vec<String>) {
    for line in lines {
        tracing::info!("{line}");
    }
}

/// Nothing is pending: whether the tables serve the schema file.
async fn judge(site: &Site<'_>, seen: &Seen, entries: &[Entry], loaded: &Loaded) -> Result<(), Failure> {
    for name in names(entries, |s| *s == State::Changed) {
        tracing::warn!("{name} changed after it was applied; bistro migrate status says what to do");
    }
    let own = loaded.rules.schema();
    if leads_nowhere(&seen.schema, own) && leads_nowhere(own, &seen.schema) {
        return Ok(());
    }
    let newer = names(entries, |s| *s == State::Missing);
    if newer.is_empty() {
        if leads_nowhere(&seen.schema, own) {
            return Ok(());
        }
        return Err(Failure::Tables(unwritten(site, &seen.schema, own)));
    }
    let catalogue = site.store.catalogue().await.ok();
    let reasons = ahead::in_the_way(own, &seen.schema, catalogue.as_ref());
    if reasons.is_empty() {
        tracing::info!(
            "the database is ahead of this version by {}; it serves its own schema",
            newer.join(", ")
        );
        return Ok(());
    }
    let lines: Vec<String> = reasons.iter().map(|r| format!("  {r}\n")).collect();
    let text = format!(
        "the database is ahead of this version by {}, and what was done there is in this version's way:\n{}start a version \
         that has these migrations",
        newer.join(", "),
        lines.concat()
    );
    Err(Failure::Tables(text))
}

fn unwritten(site: &Site<'_>, seen: &Schema, own: &Schema) -> String {
    let way = difference(seen, own);
    let steps = way.steps.iter().map(|s| s.text.clone());
    let refused = way.refused.iter().map(|r| format!("{} ({})", r.text, r.reason));
    let lines: Vec<String> = steps.chain(refused).map(|line| format!("  {line}\n")).collect();
    format!(
        "{} has changes that are in no migration, and serve changes no tables:\n{}write them down with bistro migrate new \
         NAME, then run bistro migrate up",
        site.project.schema_path().display(),
        lines.concat()
    )
}

fn waiting(site: &Site<'_>, seen: &Seen, pending: &[String]) -> Failure {
    // A baseline's tables may be there before anything is recorded.
    let empty = seen.recorded.is_none() && !site.folders.begin_with_theirs();
    let empty = if empty { "; the database is empty" } else { "" };
    let last = pending.last().and_then(|n| site.folders.named(n));
    let there = last.is_some_and(|f| seen.recorded.is_some() && leads_nowhere(&seen.schema, &f.schema));
    let there = if there { "; its tables have them already, so that nothing would be run" } else { "" };
    let (are, many) = if pending.len() == 1 { ("is", "migration") } else { ("are", "migrations") };
    Failure::Tables(format!(
        "{} {many} {are} not applied: {}{empty}{there}; run bistro migrate up, or start with --migrate",
        pending.len(),
        pending.join(", ")
    ))
}

/// In development: refuses to begin where the history goes on in folders that were not run, a colleague's for example.
/// Following the schema file would make their tables and leave out what they do to rows.
pub(crate) async fn refuse_pending(project: &Project, store: &Arc<dyn Store>) -> Result<(), Failure> {
    if store.capabilities().sql.is_none() {
        return Ok(());
    }
    let site = Site::new(project, Arc::clone(store))?;
    let (seen, entries) = look(&site).await?;
    let pending = names(&entries, |s| *s == State::Pending);
    let base = site.base(&entries);
    let begun = !seen.history.is_empty() && leads_nowhere(&base, &seen.schema);
    let last = pending.last().and_then(|n| site.folders.named(n));
    if !begun || last.is_none() {
        return Ok(());
    }
    Err(waiting(&site, &seen, &pending))
}

/// A line that offers to write down what a reload changed, if no folder has it.
pub(crate) fn offer(project: &Project, schema: &Schema) -> Option<String> {
    let folders = match Folders::read(project) {
        Ok(folders) => folders,
        Err(failure) => return Some(format!("migrations: {failure}")),
    };
    let last = folders.last()?;
    let way = difference(&last.schema, schema);
    let many = way.steps.len() + way.refused.len();
    let changes = if many == 1 { "1 change".to_owned() } else { format!("{many} changes") };
    (many > 0).then(|| {
        format!("{SCHEMA_FILE} has {changes} since {}; bistro migrate new NAME writes a migration", last.name)
    })
}
