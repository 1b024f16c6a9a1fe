//! What source files may hold, be called, and measure.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::House;

/// Names that say nothing.
const EMPTY_NAMES: &[&str] =
    &["common", "util", "utils", "helper", "helpers", "core", "types", "shared", "misc"];

/// Code that must not land, outside tests.
const BANNED: &[(&str, &str)] = &[
    ("#[ignore", "an ignored test tells nothing; mend it or remove it"),
    ("todo!(", "a feature that is not there is a defect"),
    ("unimplemented!(", "a feature that is not there is a defect"),
    ("dbg!(", "left from a search"),
    (".unwrap()", "say the invariant with expect, or answer an error"),
];

/// Looks at every Rust file of the project.
pub(crate) fn check(house: &House, complaints: &mut Vec<String>) -> Result<()> {
    let long = house.layers.get("long").and_then(|l| l.as_table()).cloned().unwrap_or_default();
    let pure = house.list("pure", "crates");
    let banned_in_pure = house.list("pure", "banned");
    for file in rust_files(&house.root)? {
        let shown = file.strip_prefix(&house.root).unwrap_or(&file).display().to_string();
        let text = std::fs::read_to_string(&file).with_context(|| shown.clone())?;
        let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        if EMPTY_NAMES.contains(&stem) {
            complaints.push(format!("{shown}: the name says nothing"));
        }
        let code = code_lines(&text);
        if code.len() > 800 && !long.contains_key(&shown) && !is_test(&shown) {
            complaints.push(format!(
                "{shown}: {} lines of code; split it by subject, or list it in layers.toml [long]",
                code.len()
            ));
        }
        if is_test(&shown) || shown.starts_with("xtask") {
            continue;
        }
        for (word, why) in BANNED {
            if let Some((line, _)) = code.iter().find(|(_, l)| l.contains(word)) {
                complaints.push(format!("{shown}:{line}: {word}: {why}"));
            }
        }
        let owner = shown.strip_prefix("crates/").and_then(|s| s.split('/').next()).unwrap_or_default();
        if pure.iter().any(|p| p == owner) {
            for word in &banned_in_pure {
                if let Some((line, _)) = code.iter().find(|(_, l)| l.contains(word.as_str())) {
                    complaints.push(format!("{shown}:{line}: {word} in a crate that does no I/O"));
                }
            }
        }
    }
    Ok(())
}

fn is_test(shown: &str) -> bool {
    shown.contains("/tests/")
        || shown.ends_with("tests.rs")
        || shown.contains("/benches/")
        || shown.contains("/examples/")
}

/// Lines that are code, with their numbers, up to the unit tests of the file.
fn code_lines(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().enumerate().map(|(n, l)| (n + 1, l.trim()));
    let before_tests = lines.take_while(|(_, l)| *l != "#[cfg(test)]");
    before_tests.filter(|(_, l)| !l.is_empty() && !l.starts_with("//")).collect()
}

fn rust_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut folders: Vec<PathBuf> = ["crates", "xtask", "bench"].iter().map(|f| root.join(f)).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            if path.is_dir() && name != "target" && name != "node_modules" {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
