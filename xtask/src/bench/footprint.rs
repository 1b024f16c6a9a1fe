//! What a server costs before anybody asks: memory, time to start, size.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::binaries::Binaries;
use super::case::{Caller, Workload};
use super::contender::{Contender, Subject};
use super::goals::Bound;
use super::load::{Bounds, Load};
use super::plan::{Field, MANY, Server};
use super::process::private_kib;
use super::rounds::middle;
use super::schemas::Schema;

/// Starts whose median is taken.
const STARTS: usize = 7;
/// How long a server is left alone before its memory is read.
const SETTLE: Duration = Duration::from_millis(500);

/// One figure with its goal and what it is compared with: the hand-written server's, mostly.
pub(super) struct Figure {
    pub(super) what: String,
    pub(super) unit: &'static str,
    pub(super) value: f64,
    pub(super) hand: Option<f64>,
    /// What it should be; none where no goal is set.
    pub(super) limit: Option<Bound>,
}

/// Figures of a kind.
pub(super) struct Table {
    pub(super) title: &'static str,
    /// What stands beside the figures.
    pub(super) beside: &'static str,
    pub(super) figures: Vec<Figure>,
}

/// All figures; the two main servers are restarted on the way.
pub(super) fn measure(
    folder: &Path,
    binaries: &Binaries,
    field: &mut Field,
    subject: Subject,
) -> Result<Table> {
    eprintln!("measuring memory, start and size");
    let mut figures = Vec::new();
    if subject == Subject::Bistro {
        figures.push(Figure {
            what: "Idle memory with 50 types".into(),
            unit: "MiB",
            value: idle_mib(folder, binaries)?,
            hand: None,
            limit: Some(Bound::AtMost(20.0)),
        });
    }
    let (hand, main) = (starts(&mut field.hand)?, starts(&mut field.subject)?);
    figures.push(Figure {
        what: "Start to first answer".into(),
        unit: "ms",
        value: main.first_answer,
        hand: Some(hand.first_answer),
        limit: Some(Bound::AtMost(50.0)),
    });
    figures.push(Figure {
        what: "Idle memory with the benchmark's schema".into(),
        unit: "MiB",
        value: main.idle,
        hand: Some(hand.idle),
        limit: None,
    });
    figures.push(Figure {
        what: "Memory of an idle connection".into(),
        unit: "KiB",
        value: connection_kib(&field.subject)?,
        hand: Some(connection_kib(&field.hand)?),
        limit: Some(Bound::AtMost(12.0)),
    });
    figures.push(Figure {
        what: format!("Binary (profile {})", binaries.profile),
        unit: "MB",
        value: megabytes(field.subject.contender.program())?,
        hand: Some(megabytes(field.hand.contender.program())?),
        limit: Some(Bound::AtMost(25.0)),
    });
    if let Some((took, posts)) = field.seeding {
        figures.push(Figure {
            what: format!("Seeding, for 100,000 rows (measured on {posts})"),
            unit: "s",
            value: took.as_secs_f64() * 100_000.0 / posts as f64,
            hand: None,
            limit: Some(Bound::AtMost(5.0)),
        });
    }
    Ok(Table { title: "footprint: before anybody asks", beside: "hand-written", figures })
}

fn idle_mib(folder: &Path, binaries: &Binaries) -> Result<f64> {
    let contender =
        Contender::prepare(Subject::Bistro, binaries, folder.join("fifty"), Schema::FiftyTypes, None)?;
    let process = contender.start()?;
    std::thread::sleep(SETTLE);
    Ok(private_kib(process.id())? as f64 / 1024.0)
}

/// What restarting showed.
struct Starts {
    /// Milliseconds.
    first_answer: f64,
    /// MiB.
    idle: f64,
}

fn starts(server: &mut Server) -> Result<Starts> {
    let mut times = Vec::new();
    let mut memory = Vec::new();
    for _ in 0..STARTS {
        server.restart()?;
        let request = server.templates(Workload::ReadOne, Caller::Known)[0].rendered(0);
        times.push(server.process.first_answer(&request)?.as_secs_f64() * 1e3);
        std::thread::sleep(SETTLE);
        memory.push(private_kib(server.process.id())? as f64 / 1024.0);
    }
    Ok(Starts { first_answer: middle(times), idle: middle(memory) })
}

/// The growth of private memory by a connection that has asked once and is kept open.
fn connection_kib(server: &Server) -> Result<f64> {
    let address = server.process.address;
    let templates = server.templates(Workload::ReadOne, Caller::Known);
    let warm = Bounds { time: Duration::from_secs(1), requests: u64::MAX };
    Load::connect(address, 32)?.run(&templates, warm, 1)?;
    std::thread::sleep(SETTLE);
    let before = private_kib(server.process.id())?;
    let mut load = Load::connect(address, MANY)?;
    let outcome = load.run(&templates, Bounds { time: Duration::from_secs(10), requests: MANY as u64 }, 2)?;
    ensure!(outcome.errors == 0, "{}", outcome.first_error.unwrap_or_default());
    std::thread::sleep(SETTLE);
    let after = private_kib(server.process.id())?;
    Ok(after.saturating_sub(before) as f64 / MANY as f64)
}

fn megabytes(file: &Path) -> Result<f64> {
    let size = fs::metadata(file).with_context(|| format!("cannot find {}", file.display()))?.len();
    Ok(size as f64 / 1e6)
}
