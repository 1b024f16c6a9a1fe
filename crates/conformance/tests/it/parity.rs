//! One intent, written for each surface, becomes one operation: the proof that the middle is one.
//!
//! A folder of `parity/<schema>/` is an intent: `request.http` (method and target below `/rest/v1`, `Prefer`, body),
//! `document.graphql` and perhaps `variables.json`, where SOAP can say it `envelope.xml`, and the text of the operation that all
//! become.
//!
//! SOAP answers whole rows and tells the cursor of the last: what the others did not select is left out of its operation before it
//! is compared. It has no words for other names of members, for aggregates, for counts and cuts of related rows, for offsets, for
//! upserts, and for writes by anything but a key.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bistro_engine::Engine;
use bistro_graphql::GraphQl;
use bistro_ir::{Body, Item, Operation, Read, Write, text};
use bistro_schema::Roles;
use bistro_soap::Described;

use crate::surfaces::{engine, rest};

/// The fewest intents that are promised.
const INTENTS: usize = 40;

/// How many of them SOAP says too.
const OF_SOAP: usize = 39;

#[test]
fn every_surface_asks_the_same_of_the_middle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schemas =
        [("blog", "../../examples/blog/schema.graphql"), ("fixture", "../../tests/fixture/schema.graphql")];
    let (mut checked, mut of_soap) = (0, 0);
    let mut wrong = Vec::new();
    for (name, schema) in schemas {
        let schema = fs::read_to_string(root.join(schema)).expect("the schema file is there");
        let engine = engine(&schema);
        let graphql = GraphQl::new(Arc::clone(&engine), bistro_graphql::Options::of(engine.options()));
        for intent in folders(&root.join("parity").join(name)) {
            checked += 1;
            of_soap += usize::from(intent.join("envelope.xml").exists());
            if let Err(why) = check(&engine, &graphql, &intent) {
                wrong.push(format!("{name}/{}: {why}", intent.file_name().unwrap_or_default().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {checked} intents differ:\n\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(checked >= INTENTS, "{checked} intents, fewer than {INTENTS}");
    assert_eq!(of_soap, OF_SOAP, "the intents that SOAP says");
}

fn check(engine: &Engine, graphql: &GraphQl, intent: &Path) -> Result<(), String> {
    let read = |file: &str| fs::read_to_string(intent.join(file)).unwrap_or_default();
    let common = rest(engine, Roles::SERVICE, &read("request.http"));
    let common = common.map_err(|e| format!("REST refuses: {}", e.message))?;
    let rest = text::operation(engine.schema(), &common);
    let asked = graphql.operations(Roles::SERVICE, &read("document.graphql"), &read("variables.json"), None);
    let asked = asked.map_err(|e| format!("GraphQL refuses: {e}"))?;
    let [operation] = asked.as_slice() else {
        return Err(format!("GraphQL asks {} operations", asked.len()));
    };
    let theirs = text::operation(engine.schema(), operation);
    if rest != theirs {
        return Err(format!("REST asks\n{rest}GraphQL asks\n{theirs}"));
    }
    let envelope = read("envelope.xml");
    if !envelope.is_empty() {
        let theirs = text::operation(engine.schema(), &soap(engine, &envelope, &common)?);
        if rest != theirs {
            return Err(format!("REST asks\n{rest}SOAP asks\n{theirs}"));
        }
    }
    let file = intent.join("operation.txt");
    if std::env::var_os("BISTRO_BLESS").is_some() {
        fs::write(&file, &rest).map_err(|e| e.to_string())?;
    }
    if read("operation.txt") != rest {
        return Err(format!("all ask otherwise than {} says:\n{rest}", file.display()));
    }
    Ok(())
}

/// The operation of an envelope, as far as the common one selects.
fn soap(engine: &Engine, envelope: &str, common: &Operation) -> Result<Operation, String> {
    let steps = Described::of(engine, Roles::SERVICE).usual_steps(envelope);
    let steps = steps.map_err(|e| format!("SOAP refuses: {} ({:?})", e.message, e.pointer))?;
    let [step] = steps.as_slice() else { return Err(format!("SOAP asks {} operations", steps.len())) };
    let mut own = step.operation.clone();
    match (&mut own.body, &common.body) {
        (Body::Read(own), Body::Read(common)) => select_as(own, common),
        (
            Body::Write(Write { returning: Some(own), .. }),
            Body::Write(Write { returning: Some(common), .. }),
        ) => {
            select_as(own, common);
        }
        _ => {}
    }
    Ok(own)
}

/// Leaves out what the common read does not select, here and in related rows.
fn select_as(own: &mut Read, common: &Read) {
    let all = std::mem::take(&mut own.select);
    for wanted in &common.select {
        let found = all.iter().find(|item| match (item, wanted) {
            (Item::Value { key, .. }, Item::Value { key: wanted, .. }) => key == wanted,
            (Item::Embed(own), Item::Embed(wanted)) => own.key == wanted.key,
            _ => false,
        });
        let mut found = found.cloned();
        if let (Some(Item::Embed(own)), Item::Embed(wanted)) = (&mut found, wanted) {
            select_as(&mut own.read, &wanted.read);
        }
        own.select.extend(found);
    }
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).expect("the intents are there");
    let mut found: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    found.sort();
    found
}
