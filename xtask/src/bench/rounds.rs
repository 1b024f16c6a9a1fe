//! The measuring: every round runs every case of a group in turn, in an order that rotates, so that whatever
//! disturbs the computer disturbs all of them.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::Scale;
use super::load::{Bounds, Load};
use super::plan::{Case, Field, Group, Server};
use super::process;

/// More requests than any case makes in its time.
const MOST: u64 = 50_000_000;
/// Processors that something else may keep busy before a measurement counts as disturbed.
pub(super) const QUIET: f64 = 0.15;

/// What one measurement of a case gave, or the medians of several.
#[derive(Clone, Default)]
pub(super) struct Sample {
    /// Answers a second.
    pub(super) rps: f64,
    /// User and system time of the server's processes an answer, in microseconds.
    pub(super) cpu: f64,
    /// The same of the database server, where there is one.
    pub(super) db: f64,
    /// Latency in milliseconds that half of the requests stayed under.
    pub(super) p50: f64,
    /// The same for 99 of 100.
    pub(super) p99: f64,
    /// Bytes an answer.
    pub(super) bytes: f64,
    /// User and system time of the load generator an answer, in microseconds.
    pub(super) client: f64,
    /// Processors that something else kept busy meanwhile.
    pub(super) noise: f64,
    /// Wrong or missing answers, summed over the rounds.
    pub(super) errors: u64,
}

/// A group with the medians of its cases.
pub(super) struct Measured {
    pub(super) group: Group,
    pub(super) samples: Vec<Sample>,
}

impl Measured {
    /// The baseline and what is compared with it.
    pub(super) fn pair(&self) -> Option<(&Sample, &Sample)> {
        Some((self.samples.first()?, self.samples.get(1)?))
    }
}

/// Warms up, then measures all groups: first those that only read, then those that write.
pub(super) fn measure(
    field: &Field,
    database: Option<u32>,
    groups: Vec<Group>,
    scale: &Scale,
) -> Result<Vec<Measured>> {
    let field = &Watched { field, database };
    let (writing, reading): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(Group::writes);
    let mut measured = Vec::new();
    for (name, phase) in [("reads", reading), ("writes", writing)] {
        measured.extend(measure_phase(field, name, phase, scale)?);
    }
    Ok(measured)
}

/// The servers, and the database whose time is watched too.
struct Watched<'f> {
    field: &'f Field,
    database: Option<u32>,
}

fn measure_phase(
    field: &Watched<'_>,
    name: &str,
    groups: Vec<Group>,
    scale: &Scale,
) -> Result<Vec<Measured>> {
    for case in groups.iter().flat_map(|group| &group.cases) {
        let (warm, error) = sample(field, case, scale.warm, 0)?;
        let error = error.unwrap_or_default();
        ensure!(warm.errors == 0, "{}: {} wrong answers; the first: {error}", case.label, warm.errors);
    }
    let mut all: Vec<Vec<Vec<Sample>>> =
        groups.iter().map(|group| vec![Vec::new(); group.cases.len()]).collect();
    for round in 0..scale.rounds {
        for (group, taken) in groups.iter().zip(&mut all) {
            for nth in 0..group.cases.len() {
                let at = (nth + round as usize) % group.cases.len();
                let case = &group.cases[at];
                let (sample, error) = quiet_sample(field, case, scale, u64::from(round) + 1)
                    .with_context(|| format!("{}, {}", group.name, case.label))?;
                if let Some(error) = error {
                    eprintln!("{}, {}: {} errors; the first: {error}", group.name, case.label, sample.errors);
                }
                taken[at].push(sample);
            }
        }
        if !groups.is_empty() {
            eprintln!("{name}: round {} of {}", round + 1, scale.rounds);
        }
    }
    let medians = all.into_iter().map(|cases| cases.iter().map(|taken| median(taken)).collect());
    Ok(groups.into_iter().zip(medians).map(|(group, samples)| Measured { group, samples }).collect())
}

/// The least disturbed of a few measurements; the first quiet one ends them. Only the noise chooses, never the
/// outcome, and the wrong answers of all of them count.
fn quiet_sample(
    field: &Watched<'_>,
    case: &Case,
    scale: &Scale,
    seed: u64,
) -> Result<(Sample, Option<String>)> {
    let (mut best, mut error) = sample(field, case, scale.time, seed)?;
    for _ in 1..scale.tries {
        if best.noise <= QUIET {
            break;
        }
        let (again, also) = sample(field, case, scale.time, seed)?;
        let errors = best.errors + again.errors;
        error = error.or(also);
        if again.noise < best.noise {
            best = again;
        }
        best.errors = errors;
    }
    Ok((best, error))
}

fn sample(field: &Watched<'_>, case: &Case, time: Duration, seed: u64) -> Result<(Sample, Option<String>)> {
    let server: &Server = field.field.server(case.side).context("a case's server does not run")?;
    let templates = server.templates(case.workload, case.caller);
    let mut load = Load::connect(server.process.address, case.conns)?;
    let own = std::process::id();
    let before = Clock::read(server.process.id(), field.database, own);
    let outcome = load.run(&templates, Bounds { time, requests: MOST }, seed)?;
    let after = Clock::read(server.process.id(), field.database, own);
    let requests = outcome.requests.max(1) as f64;
    let elapsed = outcome.elapsed.as_secs_f64().max(1e-3);
    let (cpu, client) = (after.server - before.server, after.client - before.client);
    let db = after.database - before.database;
    let sample = Sample {
        rps: outcome.requests as f64 / elapsed,
        cpu: cpu / requests * 1e6,
        db: db / requests * 1e6,
        p50: outcome.latency.millis_at(0.5),
        p99: outcome.latency.millis_at(0.99),
        bytes: outcome.bytes as f64 / requests,
        client: client / requests * 1e6,
        noise: (after.machine - before.machine - cpu - db - client).max(0.0) / elapsed,
        errors: outcome.errors,
    };
    Ok((sample, outcome.first_error))
}

/// Seconds of processor time so far.
struct Clock {
    server: f64,
    database: f64,
    client: f64,
    machine: f64,
}

impl Clock {
    fn read(server: u32, database: Option<u32>, client: u32) -> Self {
        Self {
            server: process::cpu_seconds(server),
            database: database.map_or(0.0, process::cpu_seconds),
            client: process::own_cpu_seconds(client),
            machine: process::busy_seconds(),
        }
    }
}

fn median(samples: &[Sample]) -> Sample {
    let of = |figure: fn(&Sample) -> f64| middle(samples.iter().map(figure).collect());
    Sample {
        rps: of(|sample| sample.rps),
        cpu: of(|sample| sample.cpu),
        db: of(|sample| sample.db),
        p50: of(|sample| sample.p50),
        p99: of(|sample| sample.p99),
        bytes: of(|sample| sample.bytes),
        client: of(|sample| sample.client),
        noise: of(|sample| sample.noise),
        errors: samples.iter().map(|sample| sample.errors).sum(),
    }
}

/// The median; of an even number, the mean of the middle two; 0 of none.
pub(super) fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let half = figures.len() / 2;
    match figures.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => figures[half],
        _ => (figures[half - 1] + figures[half]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::middle;

    #[test]
    fn medians() {
        for (figures, expected) in
            [(vec![], 0.0), (vec![3.0], 3.0), (vec![9.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0, 2.0, 9.0], 3.0)]
        {
            assert_eq!(middle(figures), expected);
        }
    }
}
