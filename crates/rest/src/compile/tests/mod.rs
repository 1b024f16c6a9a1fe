//! Requests and what they compile to, as data: `cases/*.txt`.
//!
//! A case begins with `### METHOD /path?query`, may have headers and a body behind an empty line, and ends in `--` and
//! what it compiles to. `BISTRO_BLESS=1` writes what the cases compile to now.

mod generated;
mod sizes;

use std::fmt::Write as _;
use std::path::Path as FilePath;
use std::sync::Arc;

use bistro_problem::{Details, Problem};
use bistro_schema::text::write_json;
use bistro_schema::{Roles, Schema, SchemaView, Value};

use super::{Compiled, Limits, Path, Request, Verb, compile, path};
use crate::media;
use crate::prefer::Prefer;

fn schema() -> Arc<Schema> {
    let checked = bistro_sdl::read("schema.graphql", include_str!("schema.graphql"));
    assert!(!checked.has_errors(), "{:#?}", checked.diagnostics);
    Arc::new(checked.schema)
}

fn view(roles: Roles) -> SchemaView {
    SchemaView::new(schema(), roles)
}

#[test]
fn requests_compile_to_operations() {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("src/compile/tests/cases");
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

/// What one case compiles to, as text.
fn check(case: &str) -> String {
    let (head, body) = case.split_once("\n\n").unwrap_or((case, ""));
    let mut lines = head.lines();
    let (verb, target) = lines.next().unwrap().split_once(' ').unwrap();
    let headers: Vec<(String, &str)> =
        lines.map(|l| l.split_once(": ").unwrap()).map(|(n, v)| (n.to_lowercase(), v)).collect();
    let all = |name: &str| headers.iter().filter(|(n, _)| n == name).map(|(_, v)| *v).collect::<Vec<_>>();
    let one = |name: &str| all(name).first().copied();
    let roles = match one("as") {
        Some("anon") => Roles::ANON,
        Some("user") => Roles::AUTHENTICATED,
        _ => Roles::SERVICE,
    };
    let view = view(roles);
    let result = (|| {
        let prefer = Prefer::parse(&all("prefer"))?;
        let media = media::negotiate(one("accept"))?;
        let (target, query) = target.split_once('?').unwrap_or((target, ""));
        let path = path::split(target)?;
        let (collection, item) = match &path {
            Path::Collection(name) => (name, None),
            Path::Item(name, key) => (name, Some(*key)),
            other => return Ok(format!("{other:?}")),
        };
        let request = Request {
            verb: verb_named(verb),
            collection,
            item,
            query,
            range: one("range"),
            prefer: &prefer,
            content_type: one("content-type"),
            body: body.as_bytes(),
            singular: media.singular(),
        };
        let limits = Limits { aggregates: one("aggregates") != Some("off"), ..Limits::default() };
        compile(&view, &request, &limits).map(|compiled| print(view.schema(), &compiled))
    })();
    result.unwrap_or_else(|problem| print_problem(&problem))
}

fn verb_named(word: &str) -> Verb {
    match word {
        "GET" => Verb::Get,
        "HEAD" => Verb::Head,
        "POST" => Verb::Post,
        "PATCH" => Verb::Patch,
        "PUT" => Verb::Put,
        "DELETE" => Verb::Delete,
        other => panic!("{other} is no verb"),
    }
}

fn print(schema: &Schema, compiled: &Compiled) -> String {
    let mut out = bistro_ir::text::operation(schema, &compiled.operation);
    let input = &compiled.input;
    if !input.params.is_empty() {
        let _ = writeln!(out, "values {}", values(input.params.iter().map(Some)));
    }
    for row in &input.rows {
        let _ = writeln!(out, "row {}", values(row.iter().map(Option::as_ref)));
    }
    if let Some(most) = input.max_affected {
        let _ = writeln!(out, "at most {most}");
    }
    if input.exactly_one {
        out.push_str("exactly one\n");
    }
    if compiled.noop {
        out.push_str("nothing to do\n");
    }
    out
}

fn values<'v>(values: impl Iterator<Item = Option<&'v Value>>) -> String {
    let texts = values.map(|value| match value {
        None => "default".to_owned(),
        Some(value) => {
            let mut out = Vec::new();
            write_json(value.borrow(), &mut out);
            String::from_utf8(out).unwrap()
        }
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn print_problem(problem: &Problem) -> String {
    let mut out = format!("{} {} {}\n", problem.status, problem.code.wire_text(), problem.message);
    match &problem.details {
        Details::None => {}
        Details::Text(text) | Details::Json(text) => {
            let _ = writeln!(out, "  details {text}");
        }
    }
    if let Some(hint) = &problem.hint {
        let _ = writeln!(out, "  hint {hint}");
    }
    if let Some(pointer) = &problem.pointer {
        let _ = writeln!(out, "  pointer {pointer}");
    }
    out
}
