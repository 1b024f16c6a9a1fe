//! A project's data into another database. Start at [`run`]: both ends are looked at, every value is held against what the
//! target takes, tables are made and filled in the order of their relations, and both sides are compared.
//!
//! Invariants: the source is only read; nothing is written before everything fits; until the end the target is recorded as
//! unfinished, so that nothing serves it; a batch is durable together with the record that counts it.

mod canon;
mod check;
mod compare;
mod copy;
mod history;
mod pages;
mod place;
mod progress;
mod report;
mod source;
mod state;
mod steps;
mod system;
mod table;
mod unreadable;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use bistro_schema::Schema;

pub(crate) use place::UNFINISHED;

use crate::cli::Move;
use crate::database::Place;
use crate::error::Failure;
use crate::migrations::Folders;
use crate::project::Project;
use crate::schema_file::{self, Loaded};
use crate::terminal;
use check::TableReport;
use place::{End, Found};
use progress::Progress;
use source::Source;
use state::State;
use system::System;
use table::Table;

/// A move that is set out: both ends open.
struct Moving {
    loaded: Loaded,
    /// The project's tables, and Bistro's own.
    schema: Arc<Schema>,
    system: Option<System>,
    tables: Vec<Table>,
    from: End,
    to: End,
    source: Arc<Source>,
    data: PathBuf,
    folders: Folders,
    batch: u64,
}

/// Moves a project's data.
pub(crate) async fn run(project: &Project, asked: &Move) -> Result<(), Failure> {
    let began = Instant::now();
    if !asked.yes && !asked.dry_run && !std::io::stdin().is_terminal() {
        let text = "nobody can be asked here: add --yes to move, or --dry-run to see what would be moved";
        return Err(Failure::Usage(text.into()));
    }
    let (moving, found) = set_out(project, asked).await?;
    let state = match found {
        Found::Taken(what) => return Err(moving.taken(&what)),
        Found::Empty if asked.resume => {
            let text =
                format!("there is nothing to resume: {} is empty; leave out --resume", moving.to.shown);
            return Err(Failure::Moving(text));
        }
        Found::Empty => None,
        Found::Unfinished(state) => Some(moving.same_move(state)?),
    };
    let reports = moving.check().await?;
    let sound = reports.iter().all(TableReport::fits);
    if asked.dry_run {
        return moving.dry_run(&reports, sound, state.as_ref());
    }
    if !sound {
        let misfits = report::misfits(&reports);
        let (from, to) = (&moving.from.shown, &moving.to.shown);
        let text = format!(
            "not everything fits into {to}:\n{misfits}nothing was moved; mend the rows in {from} first"
        );
        return Err(Failure::Moving(text));
    }
    moving.confirm(asked, &reports, state.is_some())?;
    let lines = moving.carry_out(state, &reports).await?;
    let late = moving.late(&lines).await?;
    moving.tell(&lines, &late, began);
    Ok(())
}

/// Opens both ends.
async fn set_out(project: &Project, asked: &Move) -> Result<(Moving, Found), Failure> {
    let loaded = schema_file::read(&project.schema_path(), terminal::colour())?.loaded()?;
    let schema = Arc::clone(loaded.rules.schema());
    let to = place::named(project, &asked.to)?;
    let from = Place::of(project)?;
    if !project.settings.database.managed {
        let text =
            format!("{} is not Bistro's own (database.managed is off): it cannot be moved", from.shown());
        return Err(Failure::Moving(text));
    }
    if place::same(&from, &to) {
        return Err(Failure::Moving(format!("{} is where the data lies already", to.shown())));
    }
    let mut source = place::source(project, &from, &schema).await?;
    steps::follows(&source, &loaded).await?;
    let system = System::of(&source.store).await.map_err(|e| source.failed(&e))?;
    let schema = system.as_ref().map_or(schema, |system| Arc::new(system.beside(loaded.rules.schema())));
    source.store = source.store.with_schema(Arc::clone(&schema));
    let target = place::target(project, &to, &schema, !asked.dry_run).await?;
    let found = place::look(&target, &schema).await.map_err(|e| target.failed(&e))?;
    let reading = Source::shared(Arc::clone(&source.store)).await.map_err(|e| source.failed(&e))?;
    let (tables, folders) = (table::tables(&schema), Folders::read(project)?);
    let batch = asked.batch.max(1);
    let (reading, data) = (Arc::new(reading), project.data.clone());
    let moving = Moving {
        loaded,
        schema,
        system,
        tables,
        from: source,
        to: target,
        source: reading,
        data,
        folders,
        batch,
    };
    Ok((moving, found))
}

impl Moving {
    fn taken(&self, what: &str) -> Failure {
        Failure::Moving(format!("{} is not empty: {what}; name an empty database with --to", self.to.shown))
    }

    /// The state of an interrupted move, if it is of this source and schema.
    fn same_move(&self, state: State) -> Result<State, Failure> {
        let (from, to) = (&self.from.shown, &self.to.shown);
        if state.from != *from {
            let other = &state.from;
            return Err(self.taken(&format!("a move from {other} has not come to its end there")));
        }
        if state.schema != steps::fingerprint(&self.loaded.text) {
            let text = format!(
                "schema.graphql has changed since the move to {to} was interrupted; restore it, or begin again with an empty database"
            );
            return Err(Failure::Moving(text));
        }
        Ok(state)
    }

    /// Holds every value against the target.
    async fn check(&self) -> Result<Vec<TableReport>, Failure> {
        let mut reports = Vec::with_capacity(self.tables.len());
        for table in &self.tables {
            let count = check::count(&self.source, table).await.map_err(|e| self.reading(table, &e))?;
            let progress = Progress::new(&format!("checking {}", table.name), 0, count);
            let report = check::table(&self.source, &self.to.store, table, self.batch, &progress).await;
            let report = report.map_err(|e| self.reading(table, &e))?;
            if report.rows != count {
                let text = format!(
                    "{}: {} are counted, {} are read; did something write to {} meanwhile?",
                    table.name,
                    report::rows(count),
                    report.rows,
                    self.from.shown
                );
                return Err(Failure::Moving(text));
            }
            reports.push(report);
        }
        Ok(reports)
    }

    /// A failure to read a table of the source.
    fn reading(&self, table: &Table, error: &bistro_store::StoreError) -> Failure {
        Failure::Data { place: self.from.shown.clone(), message: format!("{}: {}", table.name, error.cause) }
    }

    fn dry_run(&self, reports: &[TableReport], sound: bool, state: Option<&State>) -> Result<(), Failure> {
        terminal::line(&format!("from {}\nto   {}\n", self.from.shown, self.to.shown));
        terminal::out(&report::types(reports));
        if state.is_some() {
            terminal::line("an interrupted move lies there; it would go on where it stopped");
        }
        if sound {
            let rows: u64 = reports.iter().map(|r| r.rows).sum();
            terminal::line(&format!(
                "everything fits: {} in {}; nothing was moved",
                report::rows(rows),
                report::tables(reports.len())
            ));
            return Ok(());
        }
        let text = format!("not everything fits into {}; nothing was moved", self.to.shown);
        Err(Failure::Moving(text))
    }

    /// Asks whoever typed the command.
    fn confirm(&self, asked: &Move, reports: &[TableReport], resumed: bool) -> Result<(), Failure> {
        if asked.yes {
            return Ok(());
        }
        let rows: u64 = reports.iter().map(|r| r.rows).sum();
        let what = if resumed { "Go on moving" } else { "Move" };
        terminal::err(&format!(
            "{what} {} in {}\n  from {}\n  to   {}\n[y/N] ",
            report::rows(rows),
            report::tables(reports.len()),
            self.from.shown,
            self.to.shown
        ));
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        read.map_err(|source| Failure::System { action: "read the answer".into(), source })?;
        if matches!(answer.trim(), "y" | "Y" | "yes") {
            Ok(())
        } else {
            Err(Failure::Moving("nothing was moved".into()))
        }
    }

    /// Tells what was done, and what is left to do.
    fn tell(&self, lines: &[report::Line], late: &[String], began: Instant) {
        terminal::out(&report::done(lines));
        let rows: u64 = lines.iter().map(|l| l.rows).sum();
        let seconds = began.elapsed().as_secs_f64();
        terminal::line(&format!(
            "\n{} in {} moved to {} in {seconds:.1} s; {} is as it was.",
            report::rows(rows),
            report::tables(lines.len()),
            self.to.shown,
            self.from.shown,
        ));
        if !late.is_empty() {
            terminal::line(&format!(
                "{} has changed meanwhile, in {} at least: what was written since the move began is not in {}.",
                self.from.shown,
                late.join(", "),
                self.to.shown
            ));
        }
        let lines = self.to.settings(&self.data);
        terminal::line(&format!("To use it, write in bistro.toml:\n\n{lines}"));
        if lines.contains("***") {
            terminal::line(
                "\nwith the password in place of the stars, or the whole URL in BISTRO_DATABASE__URL.",
            );
        }
    }
}
