//! Up, down and redo.

use std::sync::Arc;
use std::time::Instant;

use bistro_migrate::difference;
use bistro_schema::Schema;
use bistro_store::{AppliedState, Direction, Migration, Progress};
use serde::{Deserialize, Serialize};

use super::folder::{Folder, split};
use super::state::{Entry, Seen, Site, State, leads_nowhere, names};
use super::{drift, guard, lock, progress};
use crate::clock::now_us;
use crate::error::Failure;
use crate::tables;

/// What may be done.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Leave {
    /// Data may be lost.
    pub(crate) destructive: bool,
    /// The database may differ from its history.
    pub(crate) drift: bool,
    /// Tables that `dev` changed may be led to the last schema by other statements than the folders'.
    pub(crate) adapt: bool,
}

/// What was done, in lines for people.
pub(crate) type Lines = Vec<String>;

impl Site<'_> {
    /// Runs what is pending, as far as `to`.
    pub(crate) async fn up(&self, to: Option<&str>, leave: &Leave) -> Result<Lines, Failure> {
        let _lock = lock::take(self.project, &self.store).await?;
        self.up_locked(to, leave).await
    }

    async fn up_locked(&self, to: Option<&str>, leave: &Leave) -> Result<Lines, Failure> {
        let to = to.map(|word| self.folders.meant(word)).transpose()?;
        let mut lines = self.resume().await?;
        let adopted = self.adopt(leave).await?;
        let seen = self.look().await?;
        let entries = self.entries(&seen)?;
        refuse_changed(&entries)?;
        let pending = self.pending(&entries, to)?;
        if pending.is_empty() && adopted.is_empty() {
            lines.push(nothing_to_do(&entries));
        }
        lines.extend(adopted);
        if pending.is_empty() {
            return Ok(lines);
        }
        if !leave.drift {
            drift::refuse(self, &seen).await?;
        }
        let mut base = self.base(&entries);
        let mut rest = pending.as_slice();
        if !leads_nowhere(&base, &seen.schema) {
            let Some(at) = rest.iter().position(|f| leads_nowhere(&seen.schema, &f.schema)) else {
                lines.extend(self.adapt(&seen, rest, leave).await?);
                return Ok(lines);
            };
            lines.extend(self.record(&seen, &rest[..=at]).await?);
            base = Arc::clone(&rest[at].schema);
            rest = &rest[at + 1..];
        }
        for folder in rest {
            guard::judge(self, &base, folder, Direction::Up, leave).await?;
            lines.push(self.run(folder, &folder.text, Direction::Up).await?);
            lines.extend(guard::after(self, &base, folder).await);
            base = Arc::clone(&folder.schema);
        }
        Ok(lines)
    }

    /// Undoes the last `count` migrations.
    pub(crate) async fn down(&self, count: usize, leave: &Leave) -> Result<Lines, Failure> {
        let _lock = lock::take(self.project, &self.store).await?;
        self.down_locked(count, leave).await
    }

    async fn down_locked(&self, count: usize, leave: &Leave) -> Result<Lines, Failure> {
        let mut lines = self.resume().await?;
        for _ in 0..count {
            let seen = self.look().await?;
            let Some(last) = seen.history.last() else {
                lines.push("no migration is applied".into());
                break;
            };
            let folder = self.folders.named(&last.name).ok_or_else(|| missing(&last.name))?;
            if !leave.drift {
                drift::refuse(self, &seen).await?;
            }
            if !leads_nowhere(&folder.schema, &seen.schema) {
                return Err(Failure::Tables(changed_by_dev(&folder.schema, &seen, &folder.name)));
            }
            guard::judge(self, &folder.schema, folder, Direction::Down, leave).await?;
            let before = self.folders.before(&folder.name).map_or("", |f| f.text.as_str());
            lines.push(self.run(folder, before, Direction::Down).await?);
        }
        Ok(lines)
    }

    /// Undoes the last migration and runs it again.
    pub(crate) async fn redo(&self, leave: &Leave) -> Result<Lines, Failure> {
        // One lock over both: nobody may find the tables in between.
        let _lock = lock::take(self.project, &self.store).await?;
        let last = self.look().await?.history.last().map(|a| a.name.clone());
        let Some(last) = last else { return Ok(vec!["no migration is applied".into()]) };
        let mut lines = self.down_locked(1, leave).await?;
        lines.extend(self.up_locked(Some(&last), leave).await?);
        Ok(lines)
    }

    /// Ends what an interruption left in the middle.
    pub(crate) async fn resume(&self) -> Result<Lines, Failure> {
        let mut lines = Vec::new();
        for applied in self.look().await?.history {
            let AppliedState::Begun { direction, .. } = applied.state else { continue };
            let folder = self.folders.named(&applied.name).ok_or_else(|| missing(&applied.name))?;
            let after = match direction {
                Direction::Up => folder.text.as_str(),
                Direction::Down => self.folders.before(&folder.name).map_or("", |f| f.text.as_str()),
            };
            lines.push(self.run(folder, after, direction).await?);
        }
        Ok(lines)
    }

    /// The folders to run, in order.
    fn pending(&self, entries: &[Entry], to: Option<&Folder>) -> Result<Vec<&Folder>, Failure> {
        let within = |f: &&Folder| to.is_none_or(|to| f.number <= to.number);
        let waits = |f: &&Folder| entries.iter().any(|e| e.name == f.name && e.state == State::Pending);
        let pending: Vec<&Folder> = self.folders.all.iter().filter(waits).filter(within).collect();
        let run = entries.iter().rev().find(|e| e.state != State::Pending);
        if let (Some(first), Some(last)) = (pending.first(), run)
            && first.name < last.name
        {
            let text = format!(
                "{} comes before {}, which is applied already: its SQL does not begin at these tables; remove its folder \
                 and write it again: bistro migrate new NAME",
                first.name, last.name
            );
            return Err(Failure::Tables(text));
        }
        Ok(pending)
    }

    /// Takes folders whose end the tables have reached already into the history.
    pub(super) async fn record(&self, seen: &Seen, folders: &[&Folder]) -> Result<Lines, Failure> {
        let mut lines = Vec::new();
        let there = seen.recorded.clone().unwrap_or_default();
        for (n, folder) in folders.iter().enumerate() {
            // Until the last one is recorded, the tables still follow what they followed.
            let schema = if n + 1 == folders.len() { &folder.text } else { &there };
            self.migrate(folder, schema, Direction::Up, Vec::new()).await?;
            lines.push(format!("{} recorded as applied: the tables have it already", folder.name));
        }
        Ok(lines)
    }

    /// Leads tables that follow a schema of no migration to the last one's.
    async fn adapt(&self, seen: &Seen, folders: &[&Folder], leave: &Leave) -> Result<Lines, Failure> {
        let Some((last, before)) = folders.split_last() else { return Ok(Vec::new()) };
        if !leave.adapt {
            let base =
                self.folders.before(&folders[0].name).map_or_else(Arc::default, |f| Arc::clone(&f.schema));
            return Err(Failure::Tables(changed_by_dev(&base, seen, &folders[0].name)));
        }
        let step = difference(&seen.schema, &last.schema);
        guard::losses(self, &step, &seen.schema, &seen.schema, (&last.name, leave)).await?;
        let sql = super::write::body(self.engine, &seen.schema, &last.schema);
        let sql = sql.map_err(|reason| Failure::Tables(format!("the tables cannot be adapted: {reason}")))?;
        let statements = split(self.engine, &sql).map_err(Failure::Tables)?;
        let mut lines = Vec::new();
        let there = seen.recorded.clone().unwrap_or_default();
        for folder in before {
            self.migrate(folder, &there, Direction::Up, Vec::new()).await?;
            lines.push(format!("{} recorded as applied", folder.name));
        }
        self.migrate(last, &last.text, Direction::Up, statements).await?;
        let steps: Vec<&str> = step.steps.iter().map(|s| s.text.as_str()).collect();
        lines.push(format!("{} recorded as applied, after: {}", last.name, steps.join("; ")));
        Ok(lines)
    }

    /// Runs a folder's statements one way; `schema` is what the tables follow afterwards.
    async fn run(&self, folder: &Folder, schema: &str, direction: Direction) -> Result<String, Failure> {
        let statements = folder.statements(self.engine, direction)?;
        let (count, began) = (statements.len(), Instant::now());
        self.migrate(folder, schema, direction, statements).await?;
        let done = if direction == Direction::Up { "applied" } else { "undone" };
        let many = if count == 1 { "statement" } else { "statements" };
        let time = match began.elapsed().as_secs() {
            0 => String::new(),
            seconds => format!(", {seconds} s"),
        };
        Ok(format!("{} {done} ({count} {many}{time})", folder.name))
    }

    async fn migrate(
        &self,
        folder: &Folder,
        schema: &str,
        direction: Direction,
        statements: Vec<String>,
    ) -> Result<(), Failure> {
        let (count, done) = (statements.len(), Progress::default());
        let migration = Migration {
            name: folder.name.clone(),
            checksum: folder.checksum(self.engine)?,
            direction,
            statements,
            schema: schema.to_owned(),
            at: now_us(),
            progress: done.clone(),
        };
        let ran = progress::watch(&folder.name, count, &done, self.store.migrate(migration)).await;
        ran.map_err(|error| {
            let end = if self.store.capabilities().whole_changes {
                "nothing of it was changed".to_owned()
            } else {
                format!(
                    "it stopped after {} of {count} statements; mend the cause, then run bistro migrate up: it goes on \
                     from there",
                    done.done()
                )
            };
            let place = tables::data(self.project, &error);
            Failure::Tables(format!("{} failed: {place}\n{end}", folder.name))
        })
    }
}

fn nothing_to_do(entries: &[Entry]) -> String {
    let ahead = names(entries, |s| *s == State::Missing);
    match ahead.as_slice() {
        [] => "nothing to do: every migration is applied".into(),
        ahead => format!("nothing to do: the database is ahead of this folder, by {}", ahead.join(", ")),
    }
}

fn refuse_changed(entries: &[Entry]) -> Result<(), Failure> {
    let changed = names(entries, |s| *s == State::Changed);
    if changed.is_empty() {
        return Ok(());
    }
    let text = format!(
        "{} changed after it was applied; put its files back as they were and write a further migration, or, where the \
         data may be lost, run it anew: bistro migrate redo",
        changed.join(", ")
    );
    Err(Failure::Tables(text))
}

fn missing(name: &str) -> Failure {
    Failure::Tables(format!(
        "{name} is applied and its folder is not in migrations/; use the version of the project that has it"
    ))
}

fn changed_by_dev(base: &Schema, seen: &Seen, name: &str) -> String {
    let way = difference(base, &seen.schema);
    let lines = way.steps.iter().map(|s| s.text.clone()).chain(way.refused.iter().map(|r| r.text.clone()));
    let lines: Vec<String> = lines.map(|line| format!("  {line}\n")).collect();
    format!(
        "the tables are not where {name} begins, nor where a pending migration ends; what bistro dev (or a Bistro before \
         the first migration) did to them stands in no migration:\n{}write it down with bistro migrate new NAME, or lead \
         these tables to the last migration's schema without its SQL: bistro migrate up --adapt",
        lines.concat()
    )
}
