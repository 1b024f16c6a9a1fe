//! Documents and what they compile to, as data: `cases/*.txt`.
//!
//! A case begins with `### title`, has headers (`as`, `schema`, `global ids`, `variables`, `operation`), the document
//! behind an empty line, and ends in `--` and what it compiles to: for each root field the form of its reply (`$` is a
//! value, brackets are rows), its operations and their values. `BISTRO_BLESS=1` writes what the cases compile to now.

mod abuse;
mod asked;
mod generated;
mod printed;
mod written;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use asked::Asked;

#[test]
fn documents_compile_to_operations() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/compile/tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 5, "the cases are missing");
    let bless = std::env::var_os("BISTRO_BLESS").is_some();
    let mut wrong = String::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut blessed = String::new();
        for case in text.split("### ").skip(1) {
            let (request, expected) = case.split_once("\n--\n").unwrap_or((case.trim_end(), ""));
            let actual = check(request.trim_end());
            if actual.trim() != expected.trim() {
                let _ = writeln!(wrong, "### {request}\n-- expected\n{expected}\n-- actual\n{actual}\n");
            }
            let _ = write!(blessed, "### {}\n--\n{}\n\n", request.trim_end(), actual.trim());
        }
        if bless {
            std::fs::write(&file, blessed).unwrap();
        }
    }
    assert!(bless || wrong.is_empty(), "{wrong}");
}

/// What one case compiles to, as text. Whatever is answered once is answered the same by the kept plan.
fn check(case: &str) -> String {
    let asked = Asked::read(case);
    let setting = asked.setting();
    let first = printed::answer(&setting, &asked);
    assert_eq!(first, printed::answer(&setting, &asked), "asked again");
    first
}

#[test]
fn the_largest_document_and_its_plan_are_kept() {
    let padding = " ".repeat(60_000);
    let asked = Asked::read(&format!("large\n\n{{ posts(first: 1) {{ nodes {{ id }} }} }}{padding}"));
    let setting = asked.setting();
    let roles = setting.view.roles();
    let read = || setting.documents.read(&setting.described, roles, &asked.text, &setting.limits).ok();
    let (first, second) = (read().expect("a document"), read().expect("a document"));
    assert!(Arc::ptr_eq(&first, &second), "the document was read twice");
    let plan = || setting.plan(&asked).ok().map(|(plan, _)| plan);
    let (first, second) = (plan().expect("a plan"), plan().expect("a plan"));
    assert!(Arc::ptr_eq(&first, &second), "the plan was made twice");
}

#[test]
fn regress_operations_with_names_that_go_on_as_values_have_plans_of_their_own() {
    let text = "query A($t: Boolean!) { posts { nodes { id @include(if: $t) slug } } } query At { tags { nodes { id } } }";
    let case = |head: &str| Asked::read(&format!("names\n{head}\n\n{text}"));
    let one = case("operation: A\nvariables: {\"t\": true}");
    let other = case("operation: At");
    let setting = one.setting();
    let (posts, tags) = (printed::answer(&setting, &one), printed::answer(&setting, &other));
    assert!(posts.starts_with("\"posts\"") && tags.starts_with("\"tags\""), "{posts}{tags}");
}

#[test]
fn regress_plans_are_kept_though_no_row_of_a_page_is_asked_for() {
    for text in ["{ totalCount }", "{ __typename }", "{ aggregate { __typename } }"] {
        let ask = |variables: &str| {
            let head = format!("page\nvariables: {variables}");
            Asked::read(&format!(
                "{head}\n\nquery($n: Int, $c: String) {{ posts(first: $n, after: $c) {text} }}"
            ))
        };
        let one = ask(r#"{"n": 1, "c": null}"#);
        let setting = one.setting();
        let plan = |asked: &Asked| setting.plan(asked).map(|(plan, _)| plan);
        let (first, second) = (plan(&one).ok(), plan(&ask(r#"{"n": 2, "c": null}"#)).ok());
        let same = first.zip(second).is_some_and(|(first, second)| Arc::ptr_eq(&first, &second));
        assert!(same, "{text}: the plan was made twice");
        assert!(plan(&ask(r#"{"n": 5000, "c": null}"#)).is_err(), "{text}: the page is too large");
    }
}
