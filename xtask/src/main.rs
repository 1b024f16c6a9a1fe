//! The developer's tasks, run as `cargo xtask <task>`; never shipped.
//!
//! Each task is a module of its own with `Args` and `run`; this file only chooses between them. To add one:
//! `mod <task>;`, a variant of [`Task`], and its line in [`main`].
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks on both")]

#[cfg(target_os = "linux")]
mod bench;
mod explorer;
mod services;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The developer's tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", version, about)]
struct Xtask {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure Bistro beside a server written by hand for one schema.
    #[cfg(target_os = "linux")]
    Bench(bench::Args),
    /// Build the page at `/graphql` from its sources.
    Explorer(explorer::Args),
    /// Start, stop or show a PostgreSQL and a MariaDB of one's own.
    Services(services::Args),
    /// Run format, lints, tidiness, every test and the real clients.
    Test(test::Args),
    /// Check layers, drivers, names, sizes and the code map.
    Tidy(tidy::Args),
}

fn main() -> ExitCode {
    let outcome = match Xtask::parse().task {
        #[cfg(target_os = "linux")]
        Task::Bench(args) => bench::run(&args),
        Task::Explorer(args) => explorer::run(&args),
        Task::Services(args) => services::run(&args),
        Task::Test(args) => test::run(&args),
        Task::Tidy(args) => tidy::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
