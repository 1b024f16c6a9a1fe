//! Plans and their values as text.

use std::fmt::Write as _;

use bistro_ir::Input;
use bistro_schema::Schema;
use bistro_schema::text::write_json;

use super::asked::{Asked, Setting};
use super::written::write_text;
use crate::document::{BoundRoot, PageNow};
use crate::failure::Failure;
use crate::plan::{Plan, Reading, Work};
use crate::render::{Form, InfoAt, Out, Piece, Shape, Text};

/// What a request comes to.
pub(super) fn answer(setting: &Setting, asked: &Asked) -> String {
    match setting.plan(asked) {
        Ok((plan, bound)) => plan_text(setting.engine.schema(), &plan, &bound.roots),
        Err(failures) => failures.iter().map(failure).collect(),
    }
}

fn failure(failure: &Failure) -> String {
    let problem = &failure.problem;
    let places = failure.places.iter().map(|p| format!(" {}:{}", p.line, p.column)).collect::<String>();
    let hint = problem.hint.as_ref().map_or_else(String::new, |hint| format!("  hint {hint}\n"));
    let pointer = problem.pointer.as_ref().map_or_else(String::new, |at| format!("  at {at}\n"));
    format!("{}{places} {}\n{hint}{pointer}", problem.code.wire_text(), problem.message)
}

fn plan_text(schema: &Schema, plan: &Plan, bound: &[BoundRoot]) -> String {
    let mut out = String::new();
    for (root, bound) in plan.roots.iter().zip(bound) {
        match (&root.work, bound) {
            (Work::Known(json), _) => {
                let json = String::from_utf8_lossy(json);
                let short: String = json.chars().take(300).collect();
                let _ = writeln!(out, "known {short}{}", if short.len() < json.len() { "…" } else { "" });
            }
            (Work::Read(reading) | Work::Live(reading), BoundRoot::Read { inputs, pages }) => {
                read_text(schema, reading, (inputs, pages), &mut out);
            }
            (Work::Entities(entities), BoundRoot::Read { inputs, pages }) => {
                read_text(schema, &entities.reading, (inputs, pages), &mut out);
            }
            (Work::Write(writing), BoundRoot::Write(bound)) => write_text(schema, writing, bound, &mut out),
            (Work::Changes(_), _) => out.push_str("changes\n"),
            _ => panic!("a root is bound to values of another sort"),
        }
    }
    out
}

fn read_text(schema: &Schema, reading: &Reading, (inputs, pages): (&[Input], &[PageNow]), out: &mut String) {
    let mut form = String::new();
    level(&reading.shape, 0, &mut form);
    let _ = writeln!(out, "{form}");
    for (part, input) in reading.parts.iter().zip(inputs) {
        out.push_str(&bistro_ir::text::operation(schema, &part.operation));
        let values = input.params.iter().map(|value| {
            let mut json = Vec::new();
            write_json(value.borrow(), &mut json);
            String::from_utf8(json).unwrap()
        });
        let values = values.collect::<Vec<_>>().join(", ");
        if !values.is_empty() {
            let _ = writeln!(out, "values {values}");
        }
    }
    for page in pages {
        let _ = writeln!(out, "page {}{}", page.most, if page.skipped { " behind others" } else { "" });
    }
}

pub(super) fn level(shape: &Shape, at: usize, form: &mut String) {
    let level = &shape.levels[at];
    for out in &level.outs {
        match out {
            Out::Value { before, print } => {
                text(before, form);
                form.push_str(if print.quoted { "\"$\"" } else { "$" });
            }
            Out::Kept { .. } => form.push('_'),
            Out::Nested { before, form: how, level: inner, page } => {
                text(before, form);
                let (open, close) = if *how == Form::Many { ('[', ']') } else { ('(', ')') };
                form.push(open);
                self::level(shape, *inner, form);
                form.push(close);
                let Some(page) = page else { continue };
                form.push_str(if page.backward { "«turned»" } else { "" });
                form.push_str(if page.printed { "" } else { "«unseen»" });
                if let Some((info, at)) = &page.info {
                    form.push_str(if *at == InfoAt::Mark { "«at mark " } else { "«" });
                    text(info, form);
                    form.push('»');
                }
            }
        }
    }
    text(&level.close, form);
}

fn text(text: &Text, form: &mut String) {
    for piece in &text.0 {
        match piece {
            Piece::Bytes(bytes) => form.push_str(std::str::from_utf8(bytes).unwrap()),
            Piece::Cursor(_) => form.push_str("«cursor»"),
            Piece::GlobalId(name) => form.push_str(&format!("«{name}:…»")),
            Piece::HasNext => form.push_str("«next»"),
            Piece::HasPrevious => form.push_str("«previous»"),
            Piece::StartCursor(_) => form.push_str("«start»"),
            Piece::EndCursor(_) => form.push_str("«end»"),
            Piece::Affected => form.push_str("«affected»"),
            Piece::Mark => form.push_str("«mark»"),
            Piece::Info => form.push_str("«info»"),
        }
    }
}
