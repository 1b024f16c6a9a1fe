//! Building the page at `/graphql`, whose files are kept beside its sources. Needs Node; nothing else of the project does.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

/// Where the sources are.
const FOLDER: &str = "crates/graphql/explorer";

/// No choices.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// Installs what the lock file names, and builds.
pub(crate) fn run(_: &Args) -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(FOLDER);
    for words in
        [&["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"][..], &["run", "build"]]
    {
        let status = Command::new("npm").args(words).current_dir(&folder).status()?;
        ensure!(status.success(), "npm {} ended with {status}", words.join(" "));
    }
    Ok(())
}
