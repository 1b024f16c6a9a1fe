//! `cargo xtask bench`: Bistro beside the server in `bench/hand`, in interleaved rounds of one run.
//!
//! The ratios are what counts: both servers, their disk and the load generator share one computer, so a figure
//! of one run must never be compared with a figure of another. Bistro is driven only through its command line
//! and HTTP. Start reading at [`run`]. Linux only: CPU time and memory come from `/proc`.

mod accounts;
mod binaries;
mod case;
mod contender;
mod data;
mod database;
mod footprint;
mod goals;
mod graphql;
mod histogram;
mod http;
mod load;
mod plan;
mod probe;
mod process;
mod report;
mod rounds;
mod schemas;
mod server;
mod sign_ins;
mod soap;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};

use self::contender::Subject;
use self::data::DataSet;
use self::database::{Engine, Shared};

/// What `cargo xtask bench` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where the rows lie: in files, or on a server that both sides share.
    #[arg(long, value_enum, default_value_t = Engine::Sqlite)]
    engine: Engine,
    /// How often each case is measured; the table shows medians.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// How long each measurement takes, in seconds.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=120))]
    secs: u32,
    /// Keep-alive connections of the load.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=5000))]
    conns: u32,
    /// Only these groups: read_one, list50, feed20, insert, mixed, token, rule, conns, growth,
    /// footprint, accounts, graphql, soap, postgraphile.
    #[arg(long, value_delimiter = ',', value_name = "WORKLOADS")]
    only: Vec<String>,
    /// One short round over little data, to see that everything runs; its figures mean nothing.
    #[arg(long)]
    quick: bool,
    /// Posts in the data; three comments come with each.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=10_000_000))]
    rows: u64,
    /// Posts in the larger data of the growth group.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=10_000_000))]
    growth_rows: u64,
    /// The cargo profile of both servers.
    #[arg(long, default_value = "dist")]
    profile: String,
    /// What to measure; `hand` measures the hand-written server against itself, which shows the noise.
    #[arg(long, value_enum, default_value_t = Subject::Bistro)]
    subject: Subject,
    /// Write the report as Markdown too.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The measure of a run after `--quick` has had its say.
struct Scale {
    rounds: u32,
    time: Duration,
    warm: Duration,
    /// How often a disturbed measurement is made, at most.
    tries: u32,
    conns: usize,
    rows: u64,
    growth_rows: u64,
}

impl Scale {
    fn of(args: &Args) -> Self {
        let secs = |n: u32| Duration::from_secs(n.into());
        if args.quick {
            let conns = args.conns.min(32) as usize;
            return Self {
                rounds: 1,
                time: secs(1),
                warm: secs(1),
                tries: 1,
                conns,
                rows: 10_000,
                growth_rows: 20_000,
            };
        }
        Self {
            rounds: args.rounds,
            time: secs(args.secs),
            warm: secs(2),
            tries: 3,
            conns: args.conns as usize,
            rows: args.rows,
            growth_rows: args.growth_rows,
        }
    }
}

/// The whole benchmark: build, seed, start, probe, measure, judge, print.
pub(crate) fn run(args: &Args) -> Result<()> {
    let wanted = plan::Wanted::parse(&args.only, args.engine, args.subject)?;
    let scale = Scale::of(args);
    process::allow_many_files(scale.conns.max(plan::MANY) as u64 + 500)?;
    let folder = fresh_folder(&project().join("bench/run"))?;
    let binaries = binaries::build(&args.profile, args.subject)?;
    let shared = Shared::start(args.engine)?;

    eprintln!("making {} posts", scale.rows);
    let small = DataSet::write(&folder.join("small"), scale.rows, true)?;
    let mut field = plan::Field::start(&folder, &binaries, args.subject, &small, &wanted, &shared)?;
    if wanted.growth {
        eprintln!("making {} posts", scale.growth_rows);
        let large = DataSet::write(&folder.join("large"), scale.growth_rows, false)?;
        field.add_large(&folder, &binaries, args.subject, &large)?;
    }
    probe::compare(&field, &small, wanted.accounts)?;
    let mut tables = Vec::new();
    if wanted.footprint {
        tables.push(footprint::measure(&folder, &binaries, &mut field, args.subject)?);
    }
    let groups = rounds::measure(&field, shared.process(), plan::groups(&wanted, scale.conns), &scale)?;
    if wanted.accounts {
        tables.push(sign_ins::measure(&field.subject, &binaries, &scale)?);
    }
    let verdicts = goals::judge(args.engine, args.subject, scale.rows, &groups, &tables);
    let report =
        report::Report { args, scale: &scale, groups: &groups, tables: &tables, verdicts: &verdicts };
    let markdown = report.markdown();
    println!("{markdown}");
    if let Some(file) = &args.out {
        fs::write(file, &markdown).with_context(|| format!("cannot write {}", file.display()))?;
    }
    drop(field);
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))
}

/// The project's own folder.
fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// An empty folder on the project's disk: a memory disk would make durable writes free.
fn fresh_folder(path: &Path) -> Result<PathBuf> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("cannot empty {}", path.display()))?;
    }
    fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))?;
    path.canonicalize().with_context(|| format!("cannot find {}", path.display()))
}
