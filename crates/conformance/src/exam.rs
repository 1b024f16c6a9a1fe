//! The exam: each case runs on the oracle and on the subject, and what comes back is compared.

use std::sync::Arc;

use bistro_engine::{Context, Engine, Outcome};
use bistro_problem::Problem;
use bistro_store::Collect;
use bistro_store::sink::Row;

use crate::document::canonical;
use crate::ear::Ear;
use crate::generate::{Case, case};
use crate::rng::Rng;
use crate::runtime::wait;
use crate::subject::{Subject, callers};

/// How an exam went.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases that ran.
    pub cases: usize,
    /// Cases that both sides answered with rows or a write, not with a refusal.
    pub answered: usize,
    /// Answers with at least one row.
    pub filled: usize,
    /// Commits that were told of.
    pub commits: usize,
    /// What differed: the seed's case, with both answers.
    pub differences: Vec<String>,
}

/// How many operations of a history fill the tables before others are mixed in.
const FILLING: usize = 100;

/// Runs `cases` operations of a seed on both, in one history; stops after a few differences.
pub fn sit(oracle: &Subject, subject: &Subject, seed: u64, cases: usize) -> Report {
    let mut rng = Rng::new(seed);
    let schema = Arc::clone(oracle.engine.schema());
    let callers = callers(&schema);
    let mut report = Report::default();
    let mut ears = [oracle, subject].map(|side| Ear::to(&side.engine));
    for n in 0..cases {
        let made = case(&schema, &subject.able, &mut rng, n < FILLING);
        // The first operations fill the tables, as the project itself.
        let (name, cx) = if n < 2 * FILLING { &callers[callers.len() - 1] } else { rng.pick(&callers) };
        let (expected, found) = (answer(&oracle.engine, cx, &made), answer(&subject.engine, cx, &made));
        report.cases += 1;
        report.answered += usize::from(expected.is_ok());
        report.filled += usize::from(expected.as_ref().is_ok_and(|(rows, _)| !rows.is_empty()));
        // What is told of a write is part of its answer.
        let [heard, of_subject] = ears.each_mut().map(Ear::heard);
        report.commits += heard.len();
        let parted = told(&expected) != told(&found) && !both_broken(&expected, &found);
        if parted || heard != of_subject {
            let asked = bistro_ir::text::operation(&schema, &made.operation);
            report.differences.push(format!(
                "seed {seed}, case {n}, as {name}\n{asked}\nparams {:?}\nrows {:?}\noracle {} {heard:?}\n{} {} {of_subject:?}\n",
                made.input.params,
                made.input.rows,
                told(&expected),
                subject.name,
                told(&found)
            ));
            // Two histories that have parted tell nothing more.
            return report;
        }
    }
    report
}

type Answer = Result<(Vec<Row>, Outcome), Problem>;

/// What an engine answers.
fn answer(engine: &Arc<Engine>, cx: &Context, case: &Case) -> Answer {
    let (mut rows, outcome) = rows(engine, cx, case)?;
    rows.iter_mut().for_each(canonical);
    Ok((rows, outcome))
}

fn rows(engine: &Arc<Engine>, cx: &Context, case: &Case) -> Answer {
    let ready = engine.ready(cx.caller.roles, &case.operation)?;
    let sink: Box<dyn bistro_store::Sink> = Box::new(Collect::new());
    let (sink, outcome) = if ready.writes() {
        wait(engine.write(cx.clone(), ready, case.input.clone(), sink))?
    } else {
        let mut now = Collect::new();
        match engine.read_now(cx, &ready, &case.input, &mut now)? {
            Some(outcome) => return Ok((now.rows, outcome)),
            None => wait(engine.read(cx.clone(), ready, case.input.clone(), sink))?,
        }
    };
    let collect =
        sink.into_any().downcast::<Collect>().map_err(|_| Problem::bug("another sink came back"))?;
    Ok((collect.rows, outcome))
}

/// A row may break a unique constraint and a foreign key; which of the two an engine meets first is its own affair.
fn both_broken(one: &Answer, other: &Answer) -> bool {
    use bistro_problem::Code::{ForeignKey, UniqueViolation};
    let codes = (one.as_ref().err().map(|p| p.code), other.as_ref().err().map(|p| p.code));
    matches!(codes, (Some(ForeignKey), Some(UniqueViolation)) | (Some(UniqueViolation), Some(ForeignKey)))
}

/// An answer as text: rows and counts, or the code of the refusal.
fn told(answer: &Answer) -> String {
    match answer {
        Ok((rows, outcome)) => format!("{outcome:?} {rows:?}"),
        // A row may break several unique constraints; which one an engine meets first is its own affair.
        Err(problem) if problem.code == bistro_problem::Code::UniqueViolation => {
            problem.code.text().to_owned()
        }
        // Our own mistakes say what happened inside; callers never see that.
        Err(problem) if problem.code == bistro_problem::Code::Bug => format!("{problem:?}"),
        Err(problem) => format!("{} {}", problem.code.text(), problem.message),
    }
}
