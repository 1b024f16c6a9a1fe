//! The goals, as data, and the verdict on each.

use super::contender::Subject;
use super::data::USERS;
use super::database::Engine;
use super::footprint::Table;
use super::rounds::{Measured, Sample};

/// What of a pair is compared.
#[derive(Clone, Copy)]
enum Metric {
    Cpu,
    Database,
    Rps,
    P99,
}

impl Metric {
    fn name(self) -> &'static str {
        match self {
            Metric::Cpu => "CPU per request",
            Metric::Database => "CPU of the database per request",
            Metric::Rps => "requests a second",
            Metric::P99 => "p99",
        }
    }

    fn of(self, sample: &Sample) -> f64 {
        match self {
            Metric::Cpu => sample.cpu,
            Metric::Database => sample.db,
            Metric::Rps => sample.rps,
            Metric::P99 => sample.p99,
        }
    }
}

/// Which side of the figure is good.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Bound {
    fn text(self, unit: &str) -> String {
        match self {
            Bound::AtMost(limit) => format!("≤ {limit} {unit}"),
            Bound::AtLeast(limit) => format!("≥ {limit} {unit}"),
        }
    }

    /// `met`, or by which part of the goal it was missed.
    fn verdict(self, value: f64) -> String {
        let missed = match self {
            Bound::AtMost(limit) => (value - limit) / limit,
            Bound::AtLeast(limit) => (limit - value) / limit,
        };
        match missed {
            by if by.is_nan() => "not measured".to_owned(),
            by if by <= 0.0 => "met".to_owned(),
            by => format!("missed by {:.1} %", by * 100.0),
        }
    }
}

struct Goal {
    group: &'static str,
    metric: Metric,
    bound: Bound,
}

const fn goal(group: &'static str, metric: Metric, bound: Bound) -> Goal {
    Goal { group, metric, bound }
}

/// Each is a ratio to the first case of its group.
const GOALS: [Goal; 21] = [
    goal("read_one", Metric::Cpu, Bound::AtMost(1.3)),
    goal("read_one", Metric::Rps, Bound::AtLeast(0.8)),
    goal("list50", Metric::Cpu, Bound::AtMost(1.2)),
    goal("list50", Metric::Rps, Bound::AtLeast(0.8)),
    goal("feed20", Metric::Cpu, Bound::AtMost(1.25)),
    goal("feed20", Metric::Rps, Bound::AtLeast(0.8)),
    goal("insert", Metric::Rps, Bound::AtLeast(0.75)),
    goal("insert", Metric::P99, Bound::AtMost(2.0)),
    goal("mixed", Metric::Rps, Bound::AtLeast(0.8)),
    goal("rule", Metric::Cpu, Bound::AtMost(1.1)),
    goal("token", Metric::Cpu, Bound::AtMost(1.15)),
    goal("conns", Metric::Cpu, Bound::AtMost(1.3)),
    goal("growth key", Metric::Cpu, Bound::AtMost(1.15)),
    goal("growth page", Metric::Cpu, Bound::AtMost(1.15)),
    goal("accounts read_one", Metric::Cpu, Bound::AtMost(1.15)),
    goal("accounts list50", Metric::Cpu, Bound::AtMost(1.15)),
    goal("graphql read_one", Metric::Cpu, Bound::AtMost(1.2)),
    goal("graphql list50", Metric::Cpu, Bound::AtMost(1.2)),
    goal("graphql feed20", Metric::Cpu, Bound::AtMost(1.2)),
    goal("soap read_one", Metric::Cpu, Bound::AtMost(1.5)),
    goal("soap list50", Metric::Cpu, Bound::AtMost(1.5)),
];
/// The same where the rows lie on a server.
const ON_SERVERS: [Goal; 20] = [
    goal("read_one", Metric::Cpu, Bound::AtMost(1.25)),
    goal("read_one", Metric::Rps, Bound::AtLeast(0.85)),
    goal("read_one", Metric::Database, Bound::AtMost(1.1)),
    goal("list50", Metric::Cpu, Bound::AtMost(1.25)),
    goal("list50", Metric::Rps, Bound::AtLeast(0.85)),
    goal("list50", Metric::Database, Bound::AtMost(1.1)),
    goal("feed20", Metric::Cpu, Bound::AtMost(1.25)),
    goal("feed20", Metric::Rps, Bound::AtLeast(0.85)),
    goal("feed20", Metric::Database, Bound::AtMost(1.1)),
    goal("insert", Metric::Rps, Bound::AtLeast(0.85)),
    goal("token", Metric::Cpu, Bound::AtMost(1.15)),
    goal("rule", Metric::Cpu, Bound::AtMost(1.1)),
    goal("graphql read_one", Metric::Cpu, Bound::AtMost(1.2)),
    goal("graphql list50", Metric::Cpu, Bound::AtMost(1.2)),
    goal("graphql feed20", Metric::Cpu, Bound::AtMost(1.2)),
    goal("soap read_one", Metric::Cpu, Bound::AtMost(1.5)),
    goal("soap list50", Metric::Cpu, Bound::AtMost(1.5)),
    goal("postgraphile read_one", Metric::Rps, Bound::AtLeast(5.0)),
    goal("postgraphile list50", Metric::Rps, Bound::AtLeast(5.0)),
    goal("postgraphile feed20", Metric::Rps, Bound::AtLeast(5.0)),
];
/// The most microseconds that a further row of a list may cost.
const ROW: f64 = 1.6;
/// Rows by which `list50` differs from `read_one`, if every author has enough of them.
const MORE_ROWS: f64 = 49.0;
/// Posts an author that leave 50 when the drafts are taken off.
const ENOUGH: u64 = 70;

/// One goal's outcome.
pub(super) struct Verdict {
    pub(super) what: String,
    pub(super) goal: String,
    pub(super) found: String,
    pub(super) verdict: String,
}

/// Judges what was measured; goals of groups that did not run are left out.
pub(super) fn judge(
    engine: Engine,
    subject: Subject,
    rows: u64,
    groups: &[Measured],
    tables: &[Table],
) -> Vec<Verdict> {
    let goals = if engine == Engine::Sqlite { &GOALS[..] } else { &ON_SERVERS[..] };
    let pair = |name: &str| groups.iter().find(|measured| measured.group.name == name)?.pair();
    let mut verdicts = Vec::new();
    if subject == Subject::Hand {
        // The goals are Bistro's; here the ratios only show the noise.
        return verdicts;
    }
    for goal in goals {
        let Some((base, other)) = pair(goal.group) else { continue };
        let ratio = goal.metric.of(other) / goal.metric.of(base);
        let errors = base.errors + other.errors;
        verdicts.push(Verdict {
            what: format!("{}: {}", goal.group, goal.metric.name()),
            goal: goal.bound.text("×"),
            found: format!("{ratio:.2} ×"),
            verdict: match errors {
                0 => goal.bound.verdict(ratio),
                _ => format!("not valid: {errors} wrong answers"),
            },
        });
    }
    let full = rows >= USERS * ENOUGH && engine == Engine::Sqlite;
    if let (Some((_, one)), Some((_, list)), true) = (pair("read_one"), pair("list50"), full) {
        verdicts.push(absolute(
            "CPU of a further row in list50",
            "µs",
            (list.cpu - one.cpu) / MORE_ROWS,
            Bound::AtMost(ROW),
        ));
    }
    for figure in tables.iter().flat_map(|table| &table.figures) {
        if let Some(limit) = figure.limit {
            verdicts.push(absolute(&figure.what, figure.unit, figure.value, limit));
        }
    }
    verdicts
}

fn absolute(what: &str, unit: &str, value: f64, bound: Bound) -> Verdict {
    Verdict {
        what: what.to_owned(),
        goal: bound.text(unit),
        found: format!("{value:.2} {unit}"),
        verdict: bound.verdict(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bound: Bound, value: f64, expected: &str) {
        assert_eq!(bound.verdict(value), expected);
    }

    #[test]
    fn verdicts() {
        check(Bound::AtMost(1.3), 1.3, "met");
        check(Bound::AtMost(1.25), 1.5, "missed by 20.0 %");
        check(Bound::AtLeast(0.8), 0.9, "met");
        check(Bound::AtLeast(0.8), 0.4, "missed by 50.0 %");
        check(Bound::AtMost(1.3), f64::NAN, "not measured");
    }
}
