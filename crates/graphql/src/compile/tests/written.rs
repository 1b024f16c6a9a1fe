//! Writes and their values as text, and what of them is kept.

use std::fmt::Write as _;
use std::sync::Arc;

use bistro_ir::Input;
use bistro_schema::text::write_json;
use bistro_schema::{Schema, Value};

use super::asked::Asked;
use super::printed::level;
use crate::compile::write::{BoundWriting, Kept, Run, Slot, Writing};
use crate::document::BoundRoot;

/// The steps of a write: each operation, and for each of its runs the values.
pub(super) fn write_text(schema: &Schema, writing: &Writing, bound: &BoundWriting, out: &mut String) {
    let mut form = String::new();
    level(&writing.shape, 0, &mut form);
    let _ = writeln!(out, "{form}");
    for (n, (step, inputs)) in writing.steps.iter().zip(&bound.inputs).enumerate() {
        let prints = if step.prints { ", printed" } else { "" };
        let counts = if writing.counts.contains(&n) { ", counted" } else { "" };
        let _ = writeln!(out, "step {n}: {:?}{prints}{counts}", step.must);
        out.push_str(&bistro_ir::text::operation(schema, &step.operation));
        for (run, input) in step.runs.iter().zip(inputs) {
            run_text(run, input, out);
        }
    }
    for page in &bound.pages {
        let _ = writeln!(out, "page {}", page.most);
    }
    let _ = writeln!(out, "rows {}", bound.rows);
}

fn run_text(run: &Run, input: &Input, out: &mut String) {
    let fed = |slot: Slot| run.fed.iter().find(|(at, _)| *at == slot).map(|(_, kept)| kept_text(kept));
    let params = input.params.iter().enumerate().map(|(n, value)| {
        fed(Slot::Param(bistro_ir::ParamId(n as u16))).unwrap_or_else(|| value_text(Some(value)))
    });
    let params: Vec<String> = params.collect();
    if !params.is_empty() {
        let _ = writeln!(out, "values {}", params.join(", "));
    }
    for (row, cells) in input.rows.iter().enumerate() {
        let cells = cells.iter().enumerate().map(|(column, value)| {
            fed(Slot::Cell(row, column)).unwrap_or_else(|| value_text(value.as_ref()))
        });
        let cells: Vec<String> = cells.collect();
        let _ = writeln!(out, "row {} at {}", cells.join(", "), run.places[row]);
    }
}

fn kept_text(kept: &Kept) -> String {
    format!("«step {} row {} value {}»", kept.step, kept.row, kept.at)
}

fn value_text(value: Option<&Value>) -> String {
    let Some(value) = value else { return "default".into() };
    let mut json = Vec::new();
    write_json(value.borrow(), &mut json);
    String::from_utf8(json).unwrap()
}

#[test]
fn the_plan_of_a_write_is_kept_for_all_values_of_its_structure() {
    let ask = |variables: &str| {
        Asked::read(&format!(
            "kept\nas: service\nschema: shapes\nvariables: {variables}\n\nmutation($thing: ThingCreate!) {{ createThing(input: $thing) {{ id }} }}"
        ))
    };
    let thing = |name: &str, big: &str, seats: &str| {
        let plain = format!(r#""name": {name}, "colour": "red", "big": {big}, "ready": true"#);
        ask(&format!(r#"{{"thing": {{{plain}, "seats": {{"create": [{seats}]}}}}}}"#))
    };
    let (one, two) =
        (r#"{"room": "A", "number": 1, "code": "a"}"#, r#"{"room": "B", "number": 2, "code": "b"}"#);
    let first = thing("\"a\"", "1", one);
    let setting = first.setting();
    let cases = [
        (thing("\"b\"", "\"2\"", two), true),
        (thing("\"b\"", "2", &format!("{one}, {two}")), false),
        (thing("\"b\"", "2", ""), false),
        (thing("\"b\"", "2", r#"{"room": "A", "code": "a", "number": 1}"#), false),
    ];
    let plan = |asked: &Asked| setting.plan(asked).expect("a plan");
    let (kept, values) = plan(&first);
    for (asked, same) in cases {
        let (found, other) = plan(&asked);
        assert_eq!(Arc::ptr_eq(&kept, &found), same, "{:?}", asked.variables);
        let name = |bound: &BoundRoot| match bound {
            BoundRoot::Write(bound) => bound.inputs[0][0].rows[0][0].clone(),
            _ => None,
        };
        assert_eq!(name(&values.roots[0]), Some(Value::text("a")));
        assert_eq!(name(&other.roots[0]), Some(Value::text("b")));
    }
}
