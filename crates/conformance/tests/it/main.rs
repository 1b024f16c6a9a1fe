//! The exam of every store that is promised, with its matrix.

use std::sync::Arc;

use bistro_conformance::exam::sit;
use bistro_conformance::subject::{Subject, rules};
use bistro_store_memory::MemoryStore;
use bistro_store_sqlite::SqliteStore;

/// Operations a run: `BISTRO_TEST_COUNTS=full` runs the acceptance's number.
fn operations() -> usize {
    if std::env::var("BISTRO_TEST_COUNTS").as_deref() == Ok("full") { 20_000 } else { 2_000 }
}

#[test]
fn sqlite_answers_as_the_oracle_does() {
    let rules = rules();
    let first: u64 = std::env::var("BISTRO_TEST_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    let each = 500;
    let (mut cases, mut answered, mut filled) = (0, 0, 0);
    for seed in first..first + (operations() / each) as u64 {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let oracle = Subject::new("memory", MemoryStore::new(Arc::clone(rules.schema())), &rules);
        let sqlite = SqliteStore::open(folder.path(), Arc::clone(rules.schema()), Default::default());
        let subject = Subject::new("sqlite", sqlite.expect("an empty folder opens"), &rules);
        let report = sit(&oracle, &subject, seed, each);
        assert!(report.differences.is_empty(), "{}", report.differences.join("\n"));
        cases += report.cases;
        answered += report.answered;
        filled += report.filled;
    }
    println!("| store | operations | answered | with rows | result |\n|---|---|---|---|---|");
    println!("| sqlite | {cases} | {answered} | {filled} | pass |");
    assert!(filled * 4 > cases, "too few operations found something: {filled} of {cases}");
}
