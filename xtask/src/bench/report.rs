//! The tables, in Markdown, which a terminal shows well enough too.

use std::fmt::Write as _;

use super::contender::Subject;
use super::database::Engine;
use super::footprint::{Figure, Table};
use super::goals::Verdict;
use super::plan::Side;
use super::rounds::{Measured, QUIET, Sample};
use super::{Args, Scale};

/// All that a run found.
pub(super) struct Report<'a> {
    pub(super) args: &'a Args,
    pub(super) scale: &'a Scale,
    pub(super) groups: &'a [Measured],
    pub(super) tables: &'a [Table],
    pub(super) verdicts: &'a [Verdict],
}

impl Report<'_> {
    /// The whole report.
    pub(super) fn markdown(&self) -> String {
        let mut out = String::new();
        self.preface(&mut out);
        self.disturbance(&mut out);
        self.goals(&mut out);
        self.workloads(&mut out);
        self.figures(&mut out);
        out
    }

    fn preface(&self, out: &mut String) {
        let Scale { rounds, time, conns, rows, growth_rows, .. } = self.scale;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        line(out, &format!("    {}\n", self.command()));
        if self.args.quick {
            line(out, "**A quick run, to see that everything works: its figures mean nothing.**\n");
        }
        line(
            out,
            &format!(
                "{rounds} interleaved rounds of {} s, medians; {conns} keep-alive connections; {rows} posts of 500 \
                 bytes ({growth_rows} in the large data); {processors} processors shared by server, disk and load; \
                 profile `{}`. CPU is user and system time of the server's processes for one request, database that of the database server, noise the \
                 processors that anything else kept busy; a measurement with more noise than {QUIET} is made up to {} \
                 times, of which the quietest counts. Only ratios within this run mean anything.\n",
                time.as_secs(),
                self.args.profile,
                self.scale.tries
            ),
        );
    }

    /// Says so where even the quietest measurements of a case were disturbed.
    fn disturbance(&self, out: &mut String) {
        let samples = || self.groups.iter().flat_map(|measured| &measured.samples);
        let disturbed = samples().filter(|sample| sample.noise > QUIET).count();
        if disturbed > 0 {
            let all = samples().count();
            line(
                out,
                &format!(
                    "**Something else kept the computer busy in {disturbed} of {all} cases (see noise): run it again in a quiet moment before quoting these figures.**\n"
                ),
            );
        }
    }

    /// How to run the same again.
    fn command(&self) -> String {
        let args = self.args;
        let mut command = format!(
            "cargo xtask bench --rounds {} --secs {} --conns {} --rows {} --growth-rows {} --profile {}",
            args.rounds, args.secs, args.conns, args.rows, args.growth_rows, args.profile
        );
        if args.engine != Engine::Sqlite {
            command.push_str(&format!(" --engine {}", args.engine.word()));
        }
        if args.subject == Subject::Hand {
            command.push_str(" --subject hand");
        }
        if args.quick {
            command.push_str(" --quick");
        }
        if !args.only.is_empty() {
            command.push_str(" --only ");
            command.push_str(&args.only.join(","));
        }
        command
    }

    fn goals(&self, out: &mut String) {
        if self.verdicts.is_empty() {
            return;
        }
        let met = self.verdicts.iter().filter(|verdict| verdict.verdict == "met").count();
        line(out, &format!("### Goals: {met} of {} met\n", self.verdicts.len()));
        line(out, "| what | goal | found | verdict |\n|---|---|---|---|");
        for Verdict { what, goal, found, verdict } in self.verdicts {
            line(out, &format!("| {what} | {goal} | {found} | {verdict} |"));
        }
        line(out, "");
    }

    fn workloads(&self, out: &mut String) {
        for Measured { group, samples } in self.groups {
            line(out, &format!("### {}: {}\n", group.name, group.title));
            line(
                out,
                "| | rps | × | CPU µs | × | database µs | × | p50 ms | p99 ms | × | bytes | client µs | noise | errors |\n\
                 |---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
            );
            let Some(base) = samples.first() else { continue };
            for (case, sample) in group.cases.iter().zip(samples) {
                line(out, &self.row(&case.label, case.side, sample, base));
            }
            line(out, "");
        }
    }

    fn row(&self, label: &str, side: Side, sample: &Sample, base: &Sample) -> String {
        let label = match (label, side, self.args.subject) {
            ("subject", Side::Subject, Subject::Bistro) => "Bistro",
            ("subject", Side::Subject, Subject::Hand) => "hand-written again",
            _ => label,
        };
        let database = match base.db > 0.0 {
            true => format!("{:.1} | {:.2}", sample.db, sample.db / base.db),
            false => "– | –".to_owned(),
        };
        format!(
            "| {label} | {:.0} | {:.2} | {:.1} | {:.2} | {} | {:.2} | {:.2} | {:.2} | {:.0} | {:.1} | {:.2} | {} |",
            sample.rps,
            sample.rps / base.rps,
            sample.cpu,
            sample.cpu / base.cpu,
            database,
            sample.p50,
            sample.p99,
            sample.p99 / base.p99,
            sample.bytes,
            sample.client,
            sample.noise,
            sample.errors
        )
    }

    fn figures(&self, out: &mut String) {
        for Table { title, beside, figures } in self.tables {
            line(out, &format!("### {title}\n"));
            line(out, &format!("| what | unit | measured | {beside} |\n|---|---|---|---|"));
            for Figure { what, unit, value, hand, .. } in figures {
                let hand = hand.map_or_else(|| "–".to_owned(), |hand| format!("{hand:.2}"));
                line(out, &format!("| {what} | {unit} | {value:.2} | {hand} |"));
            }
            line(out, "");
        }
    }
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a String takes all that is written");
}
