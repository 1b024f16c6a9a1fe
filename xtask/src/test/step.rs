//! One step of the test run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::servers::Servers;

/// A name and what to run.
pub(crate) struct Step {
    /// The name in the table.
    pub(crate) name: &'static str,
    work: fn(&Site<'_>) -> Result<()>,
}

/// Where a step runs.
pub(crate) struct Site<'a> {
    /// The checkout.
    pub(crate) root: PathBuf,
    full: bool,
    servers: &'a Servers,
}

impl Step {
    /// A step.
    pub(crate) const fn new(name: &'static str, work: fn(&Site<'_>) -> Result<()>) -> Self {
        Self { name, work }
    }

    /// Runs it.
    pub(crate) fn go(&self, root: &Path, full: bool, servers: &Servers) -> Result<()> {
        (self.work)(&Site { root: root.to_owned(), full, servers })
    }
}

impl Site<'_> {
    /// Whether the acceptance's numbers are run.
    pub(crate) fn full(&self) -> bool {
        self.full
    }

    /// `full` or `smoke`: how often generated tests go round.
    pub(crate) fn counts(&self) -> &'static str {
        if self.full { "full" } else { "smoke" }
    }

    /// The variables that name the database servers of this run, which are started when they are first wanted.
    pub(crate) fn servers(&self) -> Result<Vec<(&'static str, String)>> {
        self.servers.variables()
    }

    /// Runs a command in the checkout; its output is the reader's.
    pub(crate) fn run(&self, command: &mut Command) -> Result<()> {
        let shown = format!("{command:?}");
        let status = command.current_dir(&self.root).status().with_context(|| shown.clone())?;
        if !status.success() {
            bail!("{shown} ended with {status}");
        }
        Ok(())
    }

    /// Runs a command in a folder of the checkout.
    pub(crate) fn run_in(&self, folder: &str, command: &mut Command) -> Result<()> {
        let site = Site { root: self.root.join(folder), full: self.full, servers: self.servers };
        site.run(command)
    }

    /// The folder that cargo builds into.
    pub(crate) fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), PathBuf::from)
    }

    /// The binary under test, as `cargo test` has built it.
    pub(crate) fn binary(&self) -> PathBuf {
        self.target().join("debug").join("bistro")
    }
}

/// The cargo that runs this tool.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
