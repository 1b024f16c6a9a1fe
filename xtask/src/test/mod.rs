//! `cargo xtask test`: format, lints, tidiness, every test, and the real clients. It installs what it needs.
//!
//! Steps are data: a name and what to run. `--full` runs the numbers of the acceptance, without it smoke counts run.

mod clients;
mod servers;
mod step;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::tidy::House;
use step::{Step, cargo};

/// `cargo xtask test`
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run the acceptance's numbers instead of smoke counts (hours, not minutes).
    #[arg(long)]
    full: bool,
    /// Only the steps whose name contains this word.
    #[arg(long, value_name = "WORD")]
    only: Option<String>,
}

/// Runs the steps in order and stops at the first that fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    let house = House::open()?;
    let mut steps = vec![
        Step::new("format", |s| s.run(cargo().args(["fmt", "--all", "--check"]))),
        Step::new("lints", |s| {
            s.run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
        }),
        Step::new("tidy", |_| crate::tidy::run(&crate::tidy::Args {})),
        Step::new("tests", |s| {
            let mut tests = cargo();
            tests.args(["test", "--workspace"]).env("BISTRO_TEST_COUNTS", s.counts());
            tests.envs(s.servers()?);
            // Generated inputs of every parser: schema, rule, filter, select, order, JSON, CSV, configuration.
            // Envelopes are spoiled for a time.
            tests.env("BISTRO_FUZZ_SECONDS", if s.full() { "600" } else { "60" });
            s.run(tests.env("PROPTEST_CASES", if s.full() { "50000" } else { "256" }))
        }),
    ];
    steps.extend(clients::steps());
    let servers = servers::Servers::default();
    let began = Instant::now();
    let mut table = Vec::new();
    for step in steps.iter().filter(|s| args.only.as_ref().is_none_or(|w| s.name.contains(w.as_str()))) {
        println!("── {}", step.name);
        let at = Instant::now();
        let ended = step.go(&house.root, args.full, &servers);
        let seconds = at.elapsed().as_secs();
        table.push(format!(
            "{:<28} {} {seconds:>5} s",
            step.name,
            if ended.is_ok() { "ok    " } else { "FAILED" }
        ));
        if let Err(error) = ended {
            println!("\n{}", table.join("\n"));
            bail!("{}: {error:#}", step.name);
        }
    }
    println!("\n{}\nall of it in {} s", table.join("\n"), began.elapsed().as_secs());
    Ok(())
}
