//! The exam of every store that is promised, with its matrix.
#![expect(clippy::print_stdout, reason = "the matrix is printed, and what was not run is shouted")]

mod parity;
mod rights;
mod surfaces;

use std::path::Path;
use std::sync::Arc;

use bistro_conformance::ability::{ABILITIES, Mark, exercise};
use bistro_conformance::exam::{Report, sit};
use bistro_conformance::matrix::{Column, failures, table};
use bistro_conformance::place::{PLACES, Place};
use bistro_conformance::runtime;
use bistro_conformance::subject::{Subject, rules};
use bistro_policy::Rules;
use bistro_store_memory::MemoryStore;

/// The matrix's last line.
const EQUAL: &str = "generated operations: the same answers as the oracle";
/// Operations of one history.
const EACH: usize = 500;

/// Operations a store: `BISTRO_TEST_COUNTS=full` runs the acceptance's number.
fn operations() -> usize {
    if std::env::var("BISTRO_TEST_COUNTS").as_deref() == Ok("full") { 20_000 } else { 2_000 }
}

/// The store that alone is examined, while somebody mends it: `BISTRO_TEST_STORE=MariaDB`.
fn only() -> Option<String> {
    std::env::var("BISTRO_TEST_STORE").ok()
}

#[test]
fn every_promised_store_passes_the_exam_and_the_matrix_says_so() {
    let rules = rules();
    let wanted = |place: &Place| only().is_none_or(|only| place.name.eq_ignore_ascii_case(&only));
    let places: Vec<Place> = PLACES.into_iter().filter(wanted).collect();
    assert!(!places.is_empty(), "BISTRO_TEST_STORE names no store");
    let columns: Vec<(Place, Column)> = std::thread::scope(|scope| {
        let rules = &rules;
        let sit = |place: Place| (place, scope.spawn(move || examine(place, rules)));
        let sitting: Vec<_> = places.into_iter().map(sit).collect();
        let column = |thread: std::thread::ScopedJoinHandle<'_, Column>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        sitting.into_iter().map(|(place, thread)| (place, column(thread))).collect()
    });
    let made = table(&columns);
    println!("{made}");
    for (place, _) in columns.iter().filter(|(_, column)| column.is_empty()) {
        let variable = place.variable.unwrap_or_default();
        println!("NOT RUN: {} — no server is named; set {variable} to run it", place.name.to_uppercase());
    }
    let failed = failures(&columns);
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
    if only().is_none() {
        // What the page shows does not depend on which servers happen to be there.
        let named = |(place, column): (Place, Column)| {
            (place, if place.variable.is_some() { vec![] } else { column })
        };
        keep(&table(&columns.into_iter().map(named).collect::<Vec<_>>()));
    }
}

/// One store's column; empty if it is not run.
fn examine(place: Place, rules: &Arc<Rules>) -> Column {
    let _inside = runtime::enter();
    let Some(home) = place.home() else { return Vec::new() };
    let names = ABILITIES.iter().map(|a| a.name.to_owned());
    let mut column: Column = names.zip(exercise(place.name, &home, rules)).collect();
    column.push((EQUAL.to_owned(), generated(place, rules)));
    column
}

fn generated(place: Place, rules: &Arc<Rules>) -> Mark {
    let chosen: Option<u64> = std::env::var("BISTRO_TEST_SEED").ok().and_then(|s| s.parse().ok());
    let seeds = match chosen {
        Some(seed) => seed..seed + 1,
        None => 1..1 + (operations() / EACH) as u64,
    };
    let mut all = Report::default();
    for seed in seeds {
        let Some(home) = place.home() else { return Mark::NotRun };
        let oracle = Subject::new("memory", MemoryStore::new(Arc::clone(rules.schema())), rules);
        let subject = Subject::new(place.name, home.open(rules.schema()), rules);
        let report = sit(&oracle, &subject, seed, EACH);
        if let Some(difference) = report.differences.first() {
            return Mark::Fail(format!("BISTRO_TEST_SEED={seed}\n{difference}"));
        }
        all.cases += report.cases;
        all.answered += report.answered;
        all.filled += report.filled;
        all.commits += report.commits;
    }
    println!(
        "{}: {} operations, {} answered, {} with rows, {} commits told",
        place.name, all.cases, all.answered, all.filled, all.commits
    );
    if chosen.is_none() && all.commits * 10 < all.cases {
        return Mark::Fail(format!("too few commits were told: {} of {}", all.commits, all.cases));
    }
    if chosen.is_none() && all.filled * 4 < all.cases {
        return Mark::Fail(format!("too few operations found something: {} of {}", all.filled, all.cases));
    }
    Mark::Pass
}

/// The matrix in `docs/engines.md` is this one; `BISTRO_WRITE=1` writes it there.
fn keep(made: &str) {
    const FROM: &str = "<!-- matrix -->\n";
    const TO: &str = "<!-- end of the matrix -->";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/engines.md");
    let page = std::fs::read_to_string(&path).expect("docs/engines.md is there");
    let (before, rest) = page.split_once(FROM).expect("the page says where the matrix begins");
    let (there, after) = rest.split_once(TO).expect("the page says where the matrix ends");
    if std::env::var_os("BISTRO_WRITE").is_some() {
        std::fs::write(&path, format!("{before}{FROM}{made}{TO}{after}")).expect("the page can be written");
    } else {
        let how = "BISTRO_WRITE=1 cargo test -p bistro-conformance";
        assert!(there == made, "docs/engines.md is out of date; run: {how}\n{made}");
    }
}
