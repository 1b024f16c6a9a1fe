//! Trusted documents: the manifest of a build, whose documents are run by their id alone.

use std::collections::HashMap;
use std::sync::Arc;

use apollo_compiler::response::serde_json_bytes::ByteString;
use bistro_ir::Caller;
use bistro_schema::{Schema, SchemaView};
use serde_json::{Map, Value};

use super::digest::{hash, hex};
use crate::describe::Described;
use crate::document::Documents;
use crate::failure::Failure;
use crate::surface::Options;

/// The name of Apollo's form.
const APOLLO: &str = "apollo-persisted-query-manifest";

/// The documents of a manifest.
#[derive(Debug, Default, PartialEq)]
pub struct Trusted {
    documents: Vec<Document>,
    /// Ids as the manifest says them, and `sha256:` with the hash of the text.
    ids: HashMap<Box<str>, usize>,
}

/// One document of a manifest.
#[derive(Debug, PartialEq)]
struct Document {
    /// What messages call it.
    name: String,
    text: ByteString,
}

impl Trusted {
    /// Reads a manifest: Apollo's (`{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id", "name",
    /// "type", "body"}]}`) or Relay's (`{"<id>": "<text>"}`). An error says what is wrong, without the file's name.
    pub fn read(manifest: &str) -> Result<Self, String> {
        let members: Map<String, Value> =
            serde_json::from_str(manifest).map_err(|error| format!("it is no JSON object: {error}"))?;
        let mut trusted = Self::default();
        match members.get("format") {
            Some(Value::String(format)) if format == APOLLO => trusted.apollo(&members)?,
            Some(Value::String(format)) if members.contains_key("operations") => {
                return Err(format!("its format is {format:?}; {APOLLO} and Relay's are read"));
            }
            _ => trusted.relay(&members)?,
        }
        Ok(trusted)
    }

    fn apollo(&mut self, members: &Map<String, Value>) -> Result<(), String> {
        if members.get("version").and_then(Value::as_u64) != Some(1) {
            return Err(format!("of {APOLLO} only version 1 is read"));
        }
        let operations = members.get("operations").and_then(Value::as_array);
        let operations = operations.ok_or("it has no list of operations")?;
        for (n, operation) in operations.iter().enumerate() {
            let member = |name: &str| operation.get(name).and_then(Value::as_str);
            let missing = |name: &str| format!("operations[{n}] has no {name}, which is a string");
            let (id, body) =
                (member("id").ok_or_else(|| missing("id"))?, member("body").ok_or_else(|| missing("body"))?);
            let name = member("name").map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"));
            self.add(id, name, body)?;
        }
        Ok(())
    }

    fn relay(&mut self, members: &Map<String, Value>) -> Result<(), String> {
        for (id, text) in members {
            let text = text.as_str().ok_or_else(|| format!("{id} is no text of a document"))?;
            self.add(id, id.clone(), text)?;
        }
        Ok(())
    }

    fn add(&mut self, id: &str, name: String, text: &str) -> Result<(), String> {
        let place = self.documents.len();
        if let Some(other) = self.ids.insert(id.into(), place) {
            return Err(format!("{} and {name} have one id, {id}", self.documents[other].name));
        }
        self.ids.entry(format!("sha256:{}", hex(&hash(text))).into()).or_insert(place);
        self.documents.push(Document { name, text: ByteString::from(text) });
        Ok(())
    }

    /// Judges every document by what the service sees of a schema, which is all there is. An error has a line for each mistake,
    /// which names the document and the place in it.
    pub fn check(&self, schema: &Arc<Schema>, options: &Options) -> Result<(), String> {
        if self.documents.is_empty() {
            return Ok(());
        }
        let roles = Caller::service().roles;
        let view = SchemaView::new(Arc::clone(schema), roles);
        let described = Described::limited(&view, options.describe, &options.limits);
        let described = Arc::new(described.map_err(|problem| problem.message)?);
        let documents = Documents::new();
        let mistakes = self.documents.iter().flat_map(|document| {
            let read = documents.read(&described, roles, document.text.as_str(), &options.limits);
            read.err().unwrap_or_default().into_iter().map(|failure| line(&document.name, &failure))
        });
        let mistakes: Vec<String> = mistakes.collect();
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes.join("\n")) }
    }

    /// The text of the document with this id, which clients may say with or without `sha256:` before it.
    pub(crate) fn text(&self, id: &str) -> Option<ByteString> {
        let place = self.ids.get(id).or_else(|| match id.strip_prefix("sha256:") {
            Some(bare) => self.ids.get(bare),
            None if id.len() == 64 => self.ids.get(format!("sha256:{}", id.to_ascii_lowercase()).as_str()),
            None => None,
        });
        place.map(|place| self.documents[*place].text.clone())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }
}

/// One mistake: the document, the place in its text, and what is wrong there.
fn line(name: &str, failure: &Failure) -> String {
    let place = failure.places.first().map_or_else(String::new, |p| format!(":{}:{}", p.line, p.column));
    format!("{name}{place}: {}", failure.problem.message)
}

#[cfg(test)]
mod tests {
    use super::Trusted;

    const HASH: &str = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";

    #[test]
    fn both_forms_of_manifests_are_read() {
        let check = |manifest: &str, id: &str, found: bool| {
            let trusted = Trusted::read(manifest).expect("it is a manifest");
            let text = trusted.text(id);
            assert_eq!(
                text.as_ref().map(|t| t.as_str()),
                found.then_some("{__typename}"),
                "{id} in {manifest}"
            );
        };
        let apollo = |id: &str| {
            format!(
                r#"{{"format":"apollo-persisted-query-manifest","version":1,"operations":
                [{{"id":"{id}","name":"A","type":"query","body":"{{__typename}}"}}]}}"#
            )
        };
        for manifest in
            [apollo(HASH), apollo(&format!("sha256:{HASH}")), format!(r#"{{"{HASH}":"{{__typename}}"}}"#)]
        {
            check(&manifest, HASH, true);
            check(&manifest, &format!("sha256:{HASH}"), true);
            check(&manifest, "other", false);
        }
        let relay = r#"{"7f0c":"{__typename}"}"#;
        check(relay, "7f0c", true);
        check(relay, &format!("sha256:{HASH}"), true);
        check(relay, HASH, true);
        check(relay, &HASH.replace('e', "f"), false);
        assert!(Trusted::read("{}").expect("it is a manifest").is_empty());
    }

    #[test]
    fn mistakes_of_a_manifest_are_named() {
        let check = |manifest: &str, message: &str| {
            assert_eq!(Trusted::read(manifest).expect_err("it is refused"), message, "{manifest}");
        };
        check("[]", "it is no JSON object: invalid type: sequence, expected a map at line 1 column 0");
        check(r#"{"a":1}"#, "a is no text of a document");
        check(
            r#"{"format":"other","operations":[]}"#,
            "its format is \"other\"; apollo-persisted-query-manifest and Relay's are read",
        );
        check(
            r#"{"format":"apollo-persisted-query-manifest","version":2}"#,
            "of apollo-persisted-query-manifest only version 1 is read",
        );
        let apollo =
            |rest: &str| format!(r#"{{"format":"apollo-persisted-query-manifest","version":1{rest}}}"#);
        check(&apollo(""), "it has no list of operations");
        check(&apollo(r#","operations":[{"id":"a"}]"#), "operations[0] has no body, which is a string");
        check(
            &apollo(
                r#","operations":[{"id":"a","name":"A","body":"{a}"},{"id":"a","name":"B","body":"{b}"}]"#,
            ),
            "A (a) and B (a) have one id, a",
        );
    }
}
