//! `cargo xtask services`: a PostgreSQL and a MariaDB of one's own, in a folder, on free ports.
//!
//! They stay until they are stopped, and keep their data. [`install`] brings in what is missing, for the tests too.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use bistro_testkit::{Engine, Lasting};

use crate::tidy::House;

/// `cargo xtask services`
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to do.
    #[arg(value_enum, default_value = "start")]
    action: Action,
    /// Where they lie; `target/services` unless it is said. Give another where their accounts cannot reach the checkout.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Only this one: `postgres` or `mysql`.
    #[arg(long, value_name = "ENGINE")]
    only: Option<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Action {
    /// Start what does not run, and print the lines to export.
    Start,
    /// Stop what runs; the data stays.
    Stop,
    /// Say what runs.
    Status,
}

/// Runs the action on each server.
pub(crate) fn run(args: &Args) -> Result<()> {
    let folder = match &args.folder {
        Some(folder) => std::path::absolute(folder)?,
        None => House::open()?.root.join("target/services"),
    };
    let wanted = |engine: &Engine| args.only.as_deref().is_none_or(|only| only == engine.word());
    let engines: Vec<Engine> = Engine::ALL.into_iter().filter(wanted).collect();
    if engines.is_empty() {
        bail!("--only takes postgres or mysql");
    }
    for engine in engines {
        let server = Lasting::new(engine, &folder);
        match args.action {
            Action::Start => {
                install(engine)?;
                println!("export {}={}", engine.variable(), server.start()?);
            }
            Action::Stop if server.stop()? => println!("{} stopped", engine.word()),
            Action::Stop => println!("{} was not running", engine.word()),
            Action::Status => match server.url() {
                Some(url) => println!("{} runs at {url}", engine.word()),
                None => println!("{} is not running", engine.word()),
            },
        }
    }
    Ok(())
}

/// Debian asks this program whether a package may start its service; 101 says no.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Installs a server's package where it is missing and we may; its own service is not started.
pub(crate) fn install(engine: Engine) -> Result<()> {
    if engine.is_installed() || std::env::var_os(engine.variable()).is_some() {
        return Ok(());
    }
    let script = format!(
        "set -e
         policy={POLICY}
         if [ ! -e $policy ]; then printf '#!/bin/sh\\nexit 101\\n' >$policy; chmod 755 $policy; trap 'rm -f $policy' EXIT; fi
         mkdir -p /etc/postgresql-common
         [ -e /etc/postgresql-common/createcluster.conf ] ||
           echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
         apt-get update -qq
         DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends {package}",
        package = engine.package()
    );
    let status = Command::new("sh").args(["-c", &script]).status()?;
    if !status.success() || !engine.is_installed() {
        let (package, variable) = (engine.package(), engine.variable());
        bail!(
            "{package} is missing; install it: apt-get install --no-install-recommends {package}\n\
             (or let {variable} name a server)"
        );
    }
    Ok(())
}
