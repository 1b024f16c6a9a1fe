//! What is done to the target, in order: tables, rows, records, references, the comparison, the history.

use std::sync::Arc;

use bistro_auth::Secrets;
use bistro_store::{Loading, StoreError, StoreErrorKind};
use indicatif::HumanCount;
use xxhash_rust::xxh3::xxh3_128;

use super::check::{self, TableReport};
use super::copy::{Broken, Copied};
use super::history::{self, lacks};
use super::place::{End, UNFINISHED};
use super::progress::Progress;
use super::report::{self, Line};
use super::source::Source;
use super::state::{self, SPACE, State};
use super::table::Table;
use super::{Moving, compare, copy};
use crate::clock::{now_s, now_us};
use crate::error::Failure;
use crate::schema_file::Loaded;
use crate::secrets::{Keep, is_secrets};
use crate::terminal;

/// Records that are read and written at once.
const RECORDS: u64 = 500;

/// Whether the tables of the source are those of the schema file.
pub(super) async fn follows(source: &End, loaded: &Loaded) -> Result<(), Failure> {
    let recorded = source.store.recorded().await.map_err(|e| source.failed(&e))?;
    let Some(recorded) = recorded else {
        return Err(Failure::Moving(format!("there is nothing to move: {} has no tables yet", source.shown)));
    };
    if recorded == UNFINISHED {
        return Err(Failure::Moving(format!(
            "{} holds a move that has not come to its end; end it, or take the database it came from",
            source.shown
        )));
    }
    let old = bistro_sdl::read("recorded", &recorded).schema;
    let difference = bistro_migrate::difference(&old, loaded.rules.schema());
    if difference.is_empty() {
        return Ok(());
    }
    let steps = difference.steps.iter().map(|s| &s.text);
    let lines: Vec<String> =
        steps.chain(difference.refused.iter().map(|r| &r.text)).map(|text| format!("  {text}\n")).collect();
    Err(Failure::Moving(format!(
        "the tables of {} do not follow schema.graphql:\n{}bring them together first, with bistro dev or bistro migrate up",
        source.shown,
        lines.concat()
    )))
}

/// What names a schema's text.
pub(super) fn fingerprint(text: &str) -> String {
    format!("{:032x}", xxh3_128(text.as_bytes()))
}

impl Moving {
    /// Fills the target, from the beginning or from where an interrupted move stopped.
    pub(super) async fn carry_out(
        &self,
        state: Option<State>,
        reports: &[TableReport],
    ) -> Result<Vec<Line>, Failure> {
        let failed = |what: &'static str| move |error: StoreError| self.to.failed_at(what, &error);
        let state = match state {
            Some(state) => state,
            None => State {
                from: self.from.shown.clone(),
                schema: fingerprint(&self.loaded.text),
                ..State::default()
            },
        };
        let mut state = self.make(state).await?;
        self.to.store.loading(Loading::Begin).await.map_err(failed("putting foreign keys aside"))?;
        let mut copied = Vec::with_capacity(self.tables.len());
        for (table, report) in self.tables.iter().zip(reports) {
            copied.push(self.copy(table, report.rows, &mut state).await?);
        }
        let secrets = self.records().await.map_err(failed("copying Bistro's own records"))?;
        let end = self.to.store.loading(Loading::End).await;
        end.map_err(failed("all rows are moved; looking at foreign keys and indexes"))?;
        let lines = self.compare(&state, &copied).await?;
        self.secrets(secrets).await?;
        self.finish().await.map_err(failed("all rows are moved; recording that"))?;
        Ok(lines)
    }

    /// Makes the tables, and records that they are not whole yet.
    async fn make(&self, mut state: State) -> Result<State, Failure> {
        if state.made {
            return Ok(state);
        }
        let store = &self.to.store;
        let failed = |error: StoreError| self.to.failed_at("making the tables", &error);
        state::keep(store, vec![state.record()]).await.map_err(failed)?;
        let changes = bistro_migrate::everything(&self.schema).steps.into_iter().map(|s| s.change).collect();
        let empty = store.with_schema(Arc::default());
        // A run that was killed may have made them without a word; or have left its commit with the server, which makes them
        // only now.
        if !self.are_made().await.map_err(failed)?
            && let Err(error) = empty.apply(Arc::clone(&self.schema), changes, UNFINISHED.to_owned()).await
            && !self.are_made().await.map_err(failed)?
        {
            return Err(failed(error));
        }
        state.made = true;
        state::keep(store, vec![state.record()]).await.map_err(failed)?;
        Ok(state)
    }

    async fn are_made(&self) -> Result<bool, StoreError> {
        Ok(self.to.store.recorded().await?.as_deref() == Some(UNFINISHED))
    }

    async fn copy(&self, table: &Table, total: u64, state: &mut State) -> Result<Copied, Failure> {
        let before = state.tables.get(&table.name).cloned().unwrap_or_default();
        if before.whole {
            return Ok(Copied { rows: 0, time: std::time::Duration::ZERO });
        }
        let progress = Progress::new(&table.name, before.rows, total);
        let copied = copy::copy(&self.source, &self.to.store, table, self.batch, state, &progress).await;
        drop(progress);
        let copied = copied.map_err(|broken| {
            let there = state.tables.get(&table.name).map_or(0, |done| done.rows);
            let (place, error) = match &broken {
                Broken::Read(error) => (&self.from.shown, error),
                Broken::Write(error) => (&self.to.shown, error),
            };
            Failure::Moving(stopped(&table.name, there.min(total), total, place, error))
        })?;
        if !terminal::interactive() {
            terminal::err(&format!("{}: {}\n", table.name, report::rows(total)));
        }
        Ok(copied)
    }

    /// Copies the records of Bistro's own: what sessions, keys of idempotency and the like are kept in. Answers the
    /// secrets, where they have to lie elsewhere from now on.
    async fn records(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let (from, to) = (&self.from.store, &self.to.store);
        let shared = !from.capabilities().embedded && !to.capabilities().embedded;
        let (mut after, mut secrets) = (None, None);
        loop {
            let page = lacks(from.records(after.take(), RECORDS).await)?;
            let Some(last) = page.last() else { return Ok(secrets) };
            after = Some((last.space.clone(), last.key.clone()));
            let now = now_us();
            let mut wanted = Vec::with_capacity(page.len());
            for record in page.into_iter().filter(|r| r.space != SPACE && r.expires > now) {
                if shared || !is_secrets(&record) {
                    wanted.push(record);
                } else {
                    secrets = Some(record.value);
                }
            }
            state::keep(to, wanted).await?;
        }
    }

    /// Secrets lie in the data folder beside a file, and in the database of a server: they are kept either way.
    async fn secrets(&self, found: Option<Vec<u8>>) -> Result<(), Failure> {
        let folder_has = Secrets::load(&self.data)?;
        let Some(there) = &self.to.folder else {
            if self.from.folder.is_some() && folder_has.is_some() {
                let keep = Keep::in_database(Arc::clone(&self.to.store), self.data.clone());
                keep.load_or_create().await?;
            }
            return Ok(());
        };
        let own = there.canonicalize().ok() == self.data.canonicalize().ok();
        let kept = match (found, folder_has) {
            (Some(found), _) => Secrets::parse(&found)?,
            (None, Some(secrets)) if !own => secrets,
            (None, _) => return Ok(()),
        };
        // The secrets of another project's folder are not ours to change.
        if own || Secrets::load(there)?.is_none() {
            Secrets::update(there, now_s(), move |secrets| {
                *secrets = kept;
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Reads the target back and compares it with what was read of the source.
    async fn compare(&self, state: &State, copied: &[Copied]) -> Result<Vec<Line>, Failure> {
        let target = Arc::new(Source::alone(Arc::clone(&self.to.store)));
        let mut lines = Vec::with_capacity(self.tables.len());
        for (table, copied) in self.tables.iter().zip(copied) {
            let sent = state.tables.get(&table.name).cloned().unwrap_or_default().checksum();
            let count = check::count(&self.source, table).await.map_err(|e| self.reading(table, &e))?;
            let progress = Progress::new(&format!("comparing {}", table.name), 0, count);
            let back = compare::checksum(&target, table, self.batch, &progress).await;
            let back = back.map_err(|e| self.to.failed_at("all rows are moved; reading them back", &e))?;
            drop(progress);
            if back != sent || back.rows != count {
                return Err(self.differs(&target, table, back.rows, count).await?);
            }
            let seconds = copied.time.as_secs_f64();
            let speed = (copied.rows > 0 && seconds > 0.0).then(|| (copied.rows as f64 / seconds) as u64);
            lines.push(Line { name: table.name.clone(), rows: count, speed, checksum: back.shown() });
        }
        Ok(lines)
    }

    /// Tables of the source that others have changed since the move began, with their rows then and now. A file is ours
    /// alone; what a server holds is counted again, past the snapshot.
    pub(super) async fn late(&self, lines: &[Line]) -> Result<Vec<String>, Failure> {
        let mut out = Vec::new();
        if self.from.folder.is_some() {
            return Ok(out);
        }
        let now = Source::alone(Arc::clone(&self.from.store));
        for (table, line) in self.tables.iter().zip(lines) {
            let count = check::count(&now, table).await.map_err(|e| self.reading(table, &e))?;
            if count != line.rows {
                out.push(format!(
                    "{} ({} then, {} now)",
                    table.name,
                    HumanCount(line.rows),
                    HumanCount(count)
                ));
            }
        }
        Ok(out)
    }

    /// The failure that names the first difference.
    async fn differs(
        &self,
        target: &Arc<Source>,
        table: &Table,
        there: u64,
        here: u64,
    ) -> Result<Failure, Failure> {
        let found = compare::difference(&self.source, target, table, self.batch).await;
        let found = found.map_err(|e| self.reading(table, &e))?;
        let what = found.unwrap_or_else(|| "the source has changed since its rows were read".into());
        let (name, from, to) = (&table.name, &self.from.shown, &self.to.shown);
        Ok(Failure::Moving(format!(
            "{name} is not the same on both sides: {what} ({} in {from}, {} in {to})\nthe target is not used; begin again \
             with an empty database, and let nothing write to {from} meanwhile",
            report::rows(here),
            report::rows(there),
        )))
    }

    /// Records the history as applied and the schema as followed; from now on the target can be served.
    async fn finish(&self) -> Result<(), StoreError> {
        let to = &self.to.store;
        history::copy(&self.from.store, to, &self.folders).await?;
        if let Some(system) = &self.system {
            system.record(to).await?;
        }
        // The record comes first: without it and without the state, an interrupted end could not be told from a stranger's.
        to.apply(Arc::clone(&self.schema), Vec::new(), self.loaded.text.clone()).await?;
        state::forget(to).await
    }
}

/// What an interruption left behind.
fn stopped(table: &str, there: u64, total: u64, place: &str, error: &StoreError) -> String {
    let why = match error.kind {
        StoreErrorKind::Full => "there is no room left",
        StoreErrorKind::Unavailable => "it cannot be reached",
        StoreErrorKind::ReadOnly => "it may only be read",
        _ => "it refused",
    };
    format!(
        "{table}: {there} of {} are moved, then {place} stopped it: {why} ({})\nmend that and run the same command again: it \
         goes on where it stopped",
        report::rows(total),
        error.cause
    )
}
