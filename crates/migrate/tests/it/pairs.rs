//! Pairs of schemas and the steps between them, there and back. `UPDATE=1` writes them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use bistro_migrate::{Class, Difference, difference};
use bistro_schema::Schema;

pub(crate) fn read(text: &str) -> Schema {
    let checked = bistro_sdl::read("schema.graphql", text);
    let report = bistro_sdl::report("schema.graphql", text, &checked.diagnostics, false);
    assert!(!checked.has_errors(), "{report}");
    checked.schema
}

fn show(found: &Difference) -> String {
    let mut out = String::new();
    for step in &found.steps {
        let class = match &step.class {
            Class::Safe => "safe".to_owned(),
            Class::Backfill => "backfill".to_owned(),
            Class::Destructive { loses } => format!("loses {loses}"),
        };
        let by_itself = if step.additive { ", additive" } else { "" };
        let count = step.count.map_or_else(String::new, |c| {
            format!(", {} {c:?}", if step.blocks { "blocked by" } else { "counts" })
        });
        let locks = step.locks();
        writeln!(out, "{} [{class}{by_itself}{count}]", step.text).unwrap();
        writeln!(out, "    {:?} / {:?} / {:?}", locks.sqlite, locks.postgres, locks.mysql).unwrap();
    }
    found.refused.iter().for_each(|r| writeln!(out, "refused {}: {}", r.text, r.reason).unwrap());
    found.notes.iter().for_each(|n| writeln!(out, "note {n}").unwrap());
    out
}

fn check(case: &Path) -> Option<String> {
    let text = std::fs::read_to_string(case).unwrap();
    let (old, new) = text.split_once("# becomes\n").unwrap_or(("", &text));
    let (old, new) = (if old.trim().is_empty() { Schema::default() } else { read(old) }, read(new));
    let (up, down) = (difference(&old, &new), difference(&new, &old));
    for schema in [&old, &new] {
        assert_eq!(difference(schema, schema), Difference::default(), "{}", case.display());
    }
    let actual = format!("== up\n{}== down\n{}", show(&up), show(&down));
    let expected = case.with_extension("steps");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&expected, &actual).unwrap();
        return None;
    }
    let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
    (wanted != actual).then(|| format!("{}\n--- wanted\n{wanted}\n--- got\n{actual}", expected.display()))
}

fn all(folder: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    cases.retain(|p| p.extension().is_some_and(|e| e == "graphql"));
    cases.sort();
    assert!(!cases.is_empty());
    let failed: Vec<String> = cases.iter().filter_map(|c| check(c)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn steps_are_as_pinned() {
    all("pairs");
}

#[test]
fn what_cannot_be_done_is_refused() {
    all("refused");
}
