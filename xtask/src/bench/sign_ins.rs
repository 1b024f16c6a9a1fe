//! Signing in: as many passwords a second as the processors hash, and nobody else waits for them.
//!
//! Each round runs a bare loop of argon2id on every processor (`hand --hash`), reads by key with nobody signing in, and the
//! same reads while as many sign in as the server takes. Server and load share the processors; the load's part of a sign-in
//! is a request of 300 bytes, and the reads are few, so that both together take about a hundredth of a processor.

use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::binaries::Binaries;
use super::case::{Caller, Template, Workload};
use super::data::mix;
use super::footprint::{Figure, Table};
use super::goals::Bound;
use super::histogram::Histogram;
use super::load::{Bounds, Load};
use super::plan::Server;
use super::rounds::{QUIET, middle};
use super::server::output;
use super::{Scale, http, process};

/// Sign-ins under way for each processor: the server always has the next one to hash.
const A_PROCESSOR: usize = 8;
/// The pause from one read to the next.
const PACE: Duration = Duration::from_millis(4);
/// How the server names the threads that hash.
const THREADS: &str = "password-";

/// One round.
#[derive(Default)]
struct Round {
    /// Passwords that the bare loop hashed a second.
    bare: f64,
    /// Processor time of one of them, in milliseconds.
    bare_cpu: f64,
    /// Sign-ins a second.
    sign_ins: f64,
    /// Time of the hashing threads for one, in milliseconds.
    hashing: f64,
    /// Time of the whole server for one, in milliseconds.
    server: f64,
    /// Latency of a sign-in that 99 of 100 stayed under, in milliseconds.
    sign_in_p99: f64,
    /// That of a read while nobody signs in.
    alone_p99: f64,
    /// That of a read meanwhile.
    read_p99: f64,
    /// The longest of these.
    read_longest: f64,
    /// Processors that something else kept busy.
    noise: f64,
}

/// All figures, medians of the rounds.
pub(super) fn measure(server: &Server, binaries: &Binaries, scale: &Scale) -> Result<Table> {
    let mut rounds = Vec::new();
    // The first sign-ins fill caches and the hashing threads' memory.
    sign_ins(server, scale.warm, 0, &mut Round::default())?;
    for round in 0..scale.rounds {
        let mut best = once(server, binaries, scale.time, u64::from(round) + 1)?;
        for _ in 1..scale.tries {
            if best.noise <= QUIET {
                break;
            }
            let again = once(server, binaries, scale.time, u64::from(round) + 1)?;
            if again.noise < best.noise {
                best = again;
            }
        }
        rounds.push(best);
        eprintln!("sign-ins: round {} of {}", round + 1, scale.rounds);
    }
    Ok(Table {
        title: "accounts: signing in with passwords, beside the bare loop and reads with nobody signing in",
        beside: "beside it",
        figures: figures(&rounds),
    })
}

fn once(server: &Server, binaries: &Binaries, time: Duration, seed: u64) -> Result<Round> {
    let mut round = Round::default();
    bare(binaries, time, &mut round)?;
    let alone = read(server.process.address, server.templates(Workload::ReadOne, Caller::Session), time)?;
    round.alone_p99 = alone.millis_at(0.99);
    sign_ins(server, time, seed, &mut round)?;
    Ok(round)
}

/// A bare loop on every processor.
fn bare(binaries: &Binaries, time: Duration, round: &mut Round) -> Result<()> {
    let mut command = Command::new(&binaries.hand);
    command.args(["--hash", &time.as_secs().to_string()]);
    let (before, busy) = (process::ended_children_seconds(), process::busy_seconds());
    let text = output(command)?;
    let cpu = process::ended_children_seconds() - before;
    let count: f64 = text.trim().parse().with_context(|| format!("`hand --hash` prints `{text}`"))?;
    round.bare = count / time.as_secs_f64();
    round.bare_cpu = cpu / count * 1e3;
    round.noise = ((process::busy_seconds() - busy - cpu) / time.as_secs_f64()).max(0.0);
    Ok(())
}

/// Signs in as often as the server lets anybody, and reads meanwhile.
fn sign_ins(server: &Server, time: Duration, seed: u64, round: &mut Round) -> Result<()> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let mut load = Load::connect(server.process.address, processors * A_PROCESSOR)?;
    let (id, own) = (server.process.id(), std::process::id());
    let clock = || {
        let (server, own) = (process::cpu_seconds(id), process::own_cpu_seconds(own));
        (server, process::threads_seconds(id, THREADS), process::busy_seconds() - server - own)
    };
    let before = clock();
    let reads = server.templates(Workload::ReadOne, Caller::Session);
    let address = server.process.address;
    let reader = thread::spawn(move || read(address, reads, time));
    let outcome = load.run(&server.sign_in(), Bounds { time, requests: u64::MAX }, seed)?;
    let after = clock();
    let reads = reader.join().ok().context("the reads ended early")??;
    let first = outcome.first_error.unwrap_or_default();
    ensure!(outcome.errors == 0, "{} wrong answers to sign-ins; the first: {first}", outcome.errors);
    let (count, elapsed) = (outcome.requests.max(1) as f64, outcome.elapsed.as_secs_f64().max(1e-3));
    round.sign_ins = outcome.requests as f64 / elapsed;
    round.server = (after.0 - before.0) / count * 1e3;
    round.hashing = (after.1 - before.1) / count * 1e3;
    round.sign_in_p99 = outcome.latency.millis_at(0.99);
    round.read_p99 = reads.millis_at(0.99);
    round.read_longest = reads.millis_at(1.0);
    round.noise = round.noise.max((after.2 - before.2) / elapsed);
    Ok(())
}

/// Reads over one connection at an even pace. A read that waits for the one before it has begun when it was due.
fn read(server: SocketAddr, templates: Vec<Template>, time: Duration) -> Result<Histogram> {
    let template = templates.first().context("a workload has a request")?;
    let mut stream = http::connect(server)?;
    let mut histogram = Histogram::new();
    let start = Instant::now();
    let mut due = start;
    while due - start < time {
        let now = Instant::now();
        let begun = if due > now {
            thread::sleep(due - now);
            Instant::now()
        } else {
            due
        };
        let answer = ask(&mut stream, template, due - start)?;
        ensure!(answer.status == template.expected, "a read answers {}", answer.status);
        histogram.record(begun.elapsed());
        due += PACE;
    }
    Ok(histogram)
}

fn ask(stream: &mut TcpStream, template: &Template, at: Duration) -> Result<http::Answer> {
    let random = mix(u64::try_from(at.as_nanos()).unwrap_or(u64::MAX));
    http::ask_over(stream, &template.rendered(random))
}

fn figures(rounds: &[Round]) -> Vec<Figure> {
    let of = |figure: fn(&Round) -> f64| middle(rounds.iter().map(figure).collect());
    let figure =
        |what: &str, unit, value, hand, limit| Figure { what: what.to_owned(), unit, value, hand, limit };
    vec![
        figure(
            "Logins, beside hashes of the bare loop",
            "/s",
            of(|r| r.sign_ins),
            Some(of(|r| r.bare)),
            None,
        ),
        figure(
            "Logins for each hash of the bare loop",
            "×",
            // Other work takes turns with the loop and with the server as it comes: such a ratio says nothing.
            of(|r| if r.noise > QUIET { f64::NAN } else { r.sign_ins / r.bare }),
            None,
            Some(Bound::AtLeast(0.9)),
        ),
        figure("CPU of the hashing threads a login", "ms", of(|r| r.hashing), Some(of(|r| r.bare_cpu)), None),
        figure("CPU of the whole server a login", "ms", of(|r| r.server), None, None),
        // What else runs on the computer takes turns with both, so this one stays true where the rate does not.
        figure(
            "CPU of a hash of the bare loop for that of a login",
            "×",
            of(|r| r.bare_cpu / r.server),
            None,
            Some(Bound::AtLeast(0.9)),
        ),
        figure("p99 of a login", "ms", of(|r| r.sign_in_p99), None, None),
        figure(
            "p99 of a key read while logins saturate",
            "ms",
            of(|r| r.read_p99),
            Some(of(|r| r.alone_p99)),
            Some(Bound::AtMost(50.0)),
        ),
        figure("Longest of these reads", "ms", of(|r| r.read_longest), None, None),
        figure("Noise", "processors", of(|r| r.noise), None, None),
    ]
}
