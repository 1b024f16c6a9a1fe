use std::path::{Path, PathBuf};

use bistro_sdl::{Checked, read, report};

use crate::dump::dump;

/// Compares `actual` with the file `expected`, or writes it with `UPDATE=1`; answers what differs.
fn compare(expected: &Path, actual: &str) -> Option<String> {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(expected, actual).expect("the snapshot is writable");
        return None;
    }
    let wanted = std::fs::read_to_string(expected).unwrap_or_default();
    (wanted != actual).then(|| format!("{}\n--- wanted\n{wanted}\n--- got\n{actual}", expected.display()))
}

/// Runs every schema file of a folder under `tests/` through `shown` and compares the text beside it.
fn check(folder: &str, extension: &str, shown: impl Fn(&str, &str, &Checked) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder exists")
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "graphql"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no cases in {}", folder.display());
    let failed: Vec<String> = files
        .iter()
        .filter_map(|file| {
            let text = std::fs::read_to_string(file).expect("the case is readable");
            let name = file.file_name().expect("a file has a name").to_string_lossy();
            compare(&file.with_extension(extension), &shown(&name, &text, &read(&name, &text)))
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn mistakes_are_reported_with_place_and_mend() {
    check("cases", "report", |name, text, checked| {
        assert!(!checked.diagnostics.is_empty(), "{name} has no mistakes");
        for d in &checked.diagnostics {
            let place = text.get(d.span.0 as usize..d.span.1 as usize);
            assert!(place.is_some(), "{name}: {} stands outside the file", d.message);
            assert!(bistro_sdl::codes::ALL.iter().any(|r| r.code == d.code), "{} is in no table", d.code);
            assert!(
                d.hint.is_some() || d.code == bistro_sdl::codes::LIMIT,
                "{name}: no hint for: {}",
                d.message
            );
        }
        report(name, text, &checked.diagnostics, false)
    });
}

#[test]
fn valid_files_become_the_schemas_beside_them() {
    check("models", "model", |name, text, checked| {
        assert!(!checked.has_errors(), "{}", report(name, text, &checked.diagnostics, false));
        dump(&checked.schema)
    });
}

#[test]
fn the_examples_have_no_mistakes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = ["examples/blog", "examples/todo", "examples/chinook", "bench"];
    for file in files.map(|folder| root.join(folder).join("schema.graphql")) {
        let text = std::fs::read_to_string(&file).expect("the example is readable");
        let checked = read("schema.graphql", &text);
        let told = report("schema.graphql", &text, &checked.diagnostics, false);
        assert!(told.is_empty(), "{}\n{told}", file.display());
    }
}

#[test]
fn every_kind_of_mistake_has_a_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let reports: String = std::fs::read_dir(folder)
        .expect("the folder exists")
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "report"))
        .map(|path| std::fs::read_to_string(path).expect("the report is readable"))
        .collect();
    let missing: Vec<&str> =
        bistro_sdl::codes::ALL.iter().map(|r| r.code).filter(|code| !reports.contains(code)).collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}
