//! Pairs of schemas and the scripts that lead from one to the other and back, in each dialect. `UPDATE=1` writes them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use bistro_migrate::difference;
use bistro_schema::Schema;
use bistro_store_sql::{Dialect, ddl};

fn read(text: &str) -> Schema {
    let checked = bistro_sdl::read("schema.graphql", text);
    assert!(!checked.has_errors(), "{}", bistro_sdl::report("schema.graphql", text, &checked.diagnostics, false));
    checked.schema
}

/// The script from one schema to the other as text, a remark for each step.
fn script(dialect: Dialect, old: &Schema, new: &Schema) -> String {
    let found = difference(old, new);
    let mut out = String::new();
    found.refused.iter().for_each(|r| writeln!(out, "-- refused {}: {}", r.text, r.reason).unwrap());
    let changes: Vec<_> = found.steps.iter().map(|s| s.change.clone()).collect();
    let titles: Vec<&str> = found.steps.iter().map(|s| s.text.as_str()).collect();
    match ddl::script(dialect, old, new, &changes) {
        Ok(script) => out.push_str(&script.text(&titles)),
        Err(error) => writeln!(out, "-- {}", error.cause).unwrap(),
    }
    out
}

fn check(case: &Path) -> Option<String> {
    let text = std::fs::read_to_string(case).unwrap();
    let (old, new) = text.split_once("# becomes\n").unwrap_or(("", &text));
    let old = if old.trim().is_empty() { Schema::default() } else { read(old) };
    let new = read(new);
    let mut actual = String::new();
    for (dialect, name) in [(Dialect::Sqlite, "sqlite"), (Dialect::Postgres, "postgres"), (Dialect::Mysql, "mysql")] {
        write!(actual, "== up, {name}\n{}", script(dialect, &old, &new)).unwrap();
        if !old.types.is_empty() {
            write!(actual, "== down, {name}\n{}", script(dialect, &new, &old)).unwrap();
        }
    }
    let expected = case.with_extension("sql");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&expected, &actual).unwrap();
        return None;
    }
    let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
    (wanted != actual).then(|| format!("{}\n--- wanted\n{wanted}\n--- got\n{actual}", expected.display()))
}

#[test]
fn scripts_are_as_pinned() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "graphql")).collect();
    cases.sort();
    assert!(!cases.is_empty());
    let failed: Vec<String> = cases.iter().filter_map(|c| check(c)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
