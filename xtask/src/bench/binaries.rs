//! Builds both servers alike.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::contender::Subject;

/// The built files.
pub(super) struct Binaries {
    pub(super) hand: PathBuf,
    bistro: Option<PathBuf>,
    /// The cargo profile of both.
    pub(super) profile: String,
}

impl Binaries {
    /// Bistro's, which is built only where Bistro is the subject.
    pub(super) fn bistro(&self) -> Result<&Path> {
        self.bistro.as_deref().context("Bistro was not built for this run")
    }
}

/// Builds what the run needs, in one cargo call, so that shared crates have the same features.
pub(super) fn build(profile: &str, subject: Subject) -> Result<Binaries> {
    let mut packages = vec!["hand"];
    if subject == Subject::Bistro {
        packages.push("bistro");
    }
    eprintln!("building {} (profile {profile})", packages.join(" and "));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(super::project()).args(["build", "--profile", profile]);
    command.args(["--message-format", "json-render-diagnostics"]);
    for package in &packages {
        command.args(["--package", package, "--bin", package]);
    }
    let output = command.stderr(std::process::Stdio::inherit()).output().context("cannot start cargo")?;
    ensure!(output.status.success(), "the build failed");
    let built = String::from_utf8_lossy(&output.stdout);
    let find = |name: &str| executable(&built, name).with_context(|| format!("cargo built no `{name}`"));
    let bistro = if subject == Subject::Bistro { Some(find("bistro")?) } else { None };
    Ok(Binaries { hand: find("hand")?, bistro, profile: profile.to_owned() })
}

/// The file of a program in cargo's messages.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        if message["reason"] != "compiler-artifact" || message["target"]["name"] != name {
            return None;
        }
        message["executable"].as_str().map(PathBuf::from)
    })
}
