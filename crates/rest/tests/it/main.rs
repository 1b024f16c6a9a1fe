//! The REST surface as a client meets it: requests and their answers, as data in `cases/*.txt`, on every store.
//!
//! A scenario begins with `### what it says`. Its steps are `> caller METHOD target`, headers, and a body behind an
//! empty line; then `< status`, the headers that matter (`-name` for one that must be absent), and the body behind an
//! empty line. The body of a refusal is written `! CODE message` with `details:`, `hint:`, `pointer:` and `index:`; its
//! other members follow from these. `$name` in an expected header keeps its value for later steps, `<ada>` is the id of
//! that person. A title may end in what only some stores do: `(not in memory)` for full text and patterns, which the store in
//! memory knows in a simpler form; `(short words)`, `(documents as written)` and `(documents in order)` are
//! capabilities by these names.
//! `BISTRO_BLESS=1` writes what the steps answer now, for review.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod case;
mod mutated;
mod once;
mod seat;
mod server;
mod unseen;

use std::fmt::Write as _;
use std::path::Path;

use case::Scenario;
use seat::{Backend, Seat};

#[test]
fn requests_answer_as_the_contract_says_on_every_store() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let only = std::env::var("BISTRO_CASES").unwrap_or_default();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let seat = Seat::new();
    let mut wrong = String::new();
    let mut steps = 0;
    for file in files.iter().filter(|f| f.to_string_lossy().contains(&only)) {
        let text = std::fs::read_to_string(file).unwrap();
        let (intro, scenarios) = case::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let mut blessed = intro;
        for scenario in &scenarios {
            steps += scenario.steps.len();
            let stores = Backend::ALL
                .into_iter()
                .filter(|b| seat.able(*b, |durable, able| scenario.suits(durable, able)));
            let actual: Vec<_> = stores.map(|backend| (backend, check(&seat, backend, scenario))).collect();
            for (backend, (differences, _)) in &actual {
                for difference in differences {
                    let name = file.file_name().unwrap().to_string_lossy();
                    let _ = writeln!(wrong, "{name}: {} ({backend:?})\n{difference}\n", scenario.title);
                }
            }
            blessed.push_str(&actual[0].1.1);
        }
        if std::env::var_os("BISTRO_BLESS").is_some() {
            std::fs::write(file, blessed.trim_end().to_owned() + "\n").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(!only.is_empty() || steps > 1_500, "only {steps} steps were found");
}

/// Runs a scenario; what differs, and the scenario as it went.
fn check(seat: &Seat, backend: Backend, scenario: &Scenario) -> (Vec<String>, String) {
    let running = seat.take(backend, scenario.steps.iter().any(case::Step::writes));
    let mut kept = case::Kept::default();
    let mut differences = Vec::new();
    let mut went = format!("### {}\n", scenario.title);
    for step in &scenario.steps {
        let response = running.ask(step, &kept);
        differences.extend(case::compare(step, &response, &mut kept));
        if !step.writes() {
            // The second time the shape of the request is known, and takes the short way.
            let again = running.ask(step, &kept);
            let same = (again.status, &again.headers, &again.body)
                == (response.status, &response.headers, &response.body);
            differences.extend(
                (!same).then(|| format!("{} answers otherwise the second time: {again:?}", step.target)),
            );
        }
        went.push_str(&case::write(step, &response));
        went.push('\n');
    }
    seat.give_back(running);
    (differences, went)
}
