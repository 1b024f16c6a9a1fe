//! The binary: commands, configuration and wiring. The only crate that names everything.
//!
//! Start reading at [`run`]. A project's folder is [`project`], its settings [`config`]; the life of a server is
//! [`running`], what a schema serves [`site`], how tables follow it [`tables`]; commands beside a running server go
//! through [`control`].
//!
//! Deliberately without knowledge of any dialect, rule or statement: those are the crates below.
//!
//! Invariants: standard output is written in [`terminal`] alone; one process holds a data folder; a schema with errors is
//! never served; a command that says no ends with 1, one that was misused with 2.

mod account;
mod accounts;
mod advise;
mod applications;
mod by_nature;
mod caller;
mod cli;
mod clock;
mod commands;
mod config;
mod control;
mod database;
mod dev;
mod error;
mod explain;
mod key_set;
mod lock;
mod logging;
mod migrations;
mod moving;
mod offline;
mod project;
mod running;
mod schema_file;
mod secrets;
mod seed;
mod serve;
mod signals;
mod site;
mod soap;
mod subgraph;
mod tables;
mod terminal;
mod trusted;
mod unmanaged;
mod upkeep;
mod users;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command, Keys, Listen};
use crate::config::Overrides;
use crate::error::Failure;
use crate::project::Project;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::err(&format!("error: {failure}\n"));
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Does what was typed.
fn run(cli: Cli) -> Result<(), Failure> {
    if let Some(folder) = &cli.folder {
        std::env::set_current_dir(folder).map_err(Failure::file("open the folder", folder))?;
    }
    let data = cli.data;
    let open = |dir: &Path, listen: Option<&Listen>| {
        let flags = Overrides {
            listen: listen.and_then(|l| l.listen),
            data: data.clone(),
            only_trusted: listen.is_some_and(|l| l.only_trusted),
        };
        Project::open(dir, &flags)
    };
    let here = || open(Path::new("."), None);
    match cli.command {
        Command::New(args) => commands::new(&args.name),
        Command::Dev(args) => {
            let project = open(&args.listen.dir, Some(&args.listen))?;
            logging::start(&project.settings)?;
            many_threads(dev::dev(project, args.open, args.browser))
        }
        Command::Serve(args) => {
            let project = open(&args.listen.dir, Some(&args.listen))?;
            logging::start(&project.settings)?;
            many_threads(serve::serve(project, args.migrate))
        }
        Command::Check(args) => one_thread(commands::check(&open(&args.dir, None)?)),
        Command::Explain(args) => one_thread(commands::explain(here()?, &args)),
        Command::Advise(args) => commands::advise(&here()?, &args),
        Command::Openapi(args) => commands::openapi(&open(&args.dir, None)?, &args.caller),
        Command::Graphql(args) => {
            let cli::Graphql::Schema { dir, caller } = args.command;
            commands::graphql(&open(&dir, None)?, &caller)
        }
        Command::Wsdl(args) => commands::wsdl(&open(&args.dir, None)?, &args),
        Command::Keys(args) => {
            let command = args.command.unwrap_or(Keys::List { json: args.json });
            one_thread(commands::keys(&here()?, &command))
        }
        Command::OauthApp(args) => {
            let project = here()?;
            many_threads(async { commands::oauth_app(&project, args.command).await })
        }
        Command::User(args) => {
            let project = here()?;
            many_threads(async { commands::user(&project, args.command).await })
        }
        Command::Seed(args) => one_thread(commands::seed(&here()?, &args)),
        Command::Move(args) => {
            let project = here()?;
            many_threads(async { commands::move_(&project, &args).await })
        }
        Command::Pull(args) => {
            // A URL needs no project around it, but its settings hold where there is one.
            let project = if args.url.is_some() && !args.write { here().ok() } else { Some(here()?) };
            one_thread(commands::pull(project.as_ref(), &args))
        }
        Command::Migrate(args) => one_thread(commands::migrate(&here()?, &args.command)),
        Command::Config(args) => commands::config(args.what.as_ref(), here),
        Command::Completions { shell } => {
            commands::completions(shell);
            Ok(())
        }
    }
}

/// Runs a server, with a worker for each core.
fn many_threads(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    on(tokio::runtime::Builder::new_multi_thread(), work)
}

/// Runs a command.
fn one_thread(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    on(tokio::runtime::Builder::new_current_thread(), work)
}

fn on(
    mut builder: tokio::runtime::Builder,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let runtime = builder.enable_all().thread_name("bistro").build();
    let runtime = runtime.map_err(|source| Failure::System { action: "start the runtime".into(), source })?;
    runtime.block_on(work)
}
