//! The pairs of schemas of `crates/migrate/tests/pairs`, and the scripts that lead from one to the other and back, in each
//! dialect. `UPDATE=1` writes them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use bistro_migrate::difference;
use bistro_schema::Schema;
use bistro_store_sql::{Dialect, ddl};

const DIALECTS: [(Dialect, &str); 3] =
    [(Dialect::Sqlite, "sqlite"), (Dialect::Postgres, "postgres"), (Dialect::Mysql, "mysql")];

fn read(text: &str) -> Schema {
    let checked = bistro_sdl::read("schema.graphql", text);
    let report = bistro_sdl::report("schema.graphql", text, &checked.diagnostics, false);
    assert!(!checked.has_errors(), "{report}");
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
        Ok(script) => {
            let text = script.text(&titles);
            let statements: Vec<String> = script.statements.into_iter().map(|s| s.sql).collect();
            let again: Vec<String> =
                ddl::split(dialect, &text).unwrap().iter().map(|s| without_remarks(s)).collect();
            assert_eq!(again, statements, "a script's text is not split as it was joined");
            out.push_str(&text);
        }
        Err(error) => writeln!(out, "-- {}", error.cause).unwrap(),
    }
    out
}

fn without_remarks(statement: &str) -> String {
    let lines: Vec<&str> = statement.lines().skip_while(|l| l.starts_with("--")).collect();
    lines.join("\n")
}

fn check(case: &Path, expected: &Path) -> Option<String> {
    let text = std::fs::read_to_string(case).unwrap();
    let (old, new) = text.split_once("# becomes\n").unwrap_or(("", &text));
    let (old, new) = (if old.trim().is_empty() { Schema::default() } else { read(old) }, read(new));
    let mut actual = String::new();
    for (dialect, name) in DIALECTS {
        write!(actual, "== up, {name}\n{}", script(dialect, &old, &new)).unwrap();
        if !old.types.is_empty() {
            write!(actual, "== down, {name}\n{}", script(dialect, &new, &old)).unwrap();
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(expected, &actual).unwrap();
        return None;
    }
    let wanted = std::fs::read_to_string(expected).unwrap_or_default();
    (wanted != actual).then(|| format!("{}\n--- wanted\n{wanted}\n--- got\n{actual}", expected.display()))
}

#[test]
fn scripts_are_as_pinned() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(root.join("../migrate/tests/pairs")).unwrap();
    let mut cases: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    cases.retain(|p| p.extension().is_some_and(|e| e == "graphql"));
    cases.sort();
    assert!(cases.len() > 25);
    let expected =
        |case: &Path| root.join("tests/scripts").join(case.file_name().unwrap()).with_extension("sql");
    let failed: Vec<String> = cases.iter().filter_map(|c| check(c, &expected(c))).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
