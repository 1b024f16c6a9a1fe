//! The parameters of one request, in the words of GraphQL over HTTP, whichever way they came: a body, a query string, the
//! payload of a socket's `subscribe`.

use apollo_compiler::response::serde_json_bytes::ByteString;
use apollo_compiler::response::{JsonMap, JsonValue};
use bistro_problem::{Code, Problem};

/// What a client asks for: a text, or what names one, and what goes with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parameters {
    /// The text of the document.
    pub(crate) query: Option<ByteString>,
    /// The id of a trusted document: `documentId`, or as Relay's clients say it, `doc_id` or `id`.
    pub(crate) document_id: Option<ByteString>,
    /// The hash of an automatic persisted query, or the id of a trusted document as Apollo's clients send it.
    pub(crate) persisted: Option<ByteString>,
    pub(crate) variables: JsonMap,
    pub(crate) operation_name: Option<ByteString>,
}

impl Parameters {
    /// Reads the members of a request's object. Unknown ones are left alone, as the specification asks. Errors: a member of
    /// another type than its own.
    pub(crate) fn read(mut members: JsonMap) -> Result<Self, Problem> {
        let variables = object(&mut members, "variables")?;
        let extensions = object(&mut members, "extensions")?;
        let query = text(&mut members, "query")?;
        let mut document_id = text(&mut members, "documentId")?;
        // Beside a text these mean something else: some clients number the requests of a batch by `id`.
        for name in ["doc_id", "id"] {
            if query.is_none() && document_id.is_none() {
                document_id = text(&mut members, name)?;
            }
        }
        let parameters = Self {
            query,
            document_id,
            persisted: persisted(&extensions)?,
            variables,
            operation_name: text(&mut members, "operationName")?,
        };
        parameters.judge()
    }

    /// Which operation of the document is meant.
    pub(crate) fn name(&self) -> Option<&str> {
        self.operation_name.as_ref().map(|name| name.as_str())
    }

    /// Refuses what names no document, and what names two.
    fn judge(self) -> Result<Self, Problem> {
        if self.document_id.is_some() && (self.query.is_some() || self.persisted.is_some()) {
            let message =
                "The request names its document twice: by documentId and by query or persistedQuery";
            return Err(Problem::new(Code::BadRequest, message).hint("Send one of them."));
        }
        if self.query.is_none() && self.document_id.is_none() && self.persisted.is_none() {
            let message = "The request has no query";
            let hint = "Send {\"query\": \"{ … }\"}, or the documentId of a trusted document.";
            return Err(Problem::new(Code::BadRequest, message).hint(hint));
        }
        Ok(self)
    }
}

/// A member that is a string, if it is there and not null.
fn text(members: &mut JsonMap, name: &str) -> Result<Option<ByteString>, Problem> {
    match members.remove(name) {
        None | Some(JsonValue::Null) => Ok(None),
        Some(JsonValue::String(text)) => Ok(Some(text)),
        Some(other) => Err(wrong(name, "a string", &other)),
    }
}

/// A member that is an object; empty if it is not there or null.
fn object(members: &mut JsonMap, name: &str) -> Result<JsonMap, Problem> {
    match members.remove(name) {
        None | Some(JsonValue::Null) => Ok(JsonMap::new()),
        Some(JsonValue::Object(object)) => Ok(object),
        Some(other) => Err(wrong(name, "an object", &other)),
    }
}

/// `extensions.persistedQuery`: its hash. Its texts are those of Apollo's servers.
fn persisted(extensions: &JsonMap) -> Result<Option<ByteString>, Problem> {
    let asked = match extensions.get("persistedQuery") {
        None | Some(JsonValue::Null) => return Ok(None),
        Some(asked) => asked,
    };
    if asked.get("version").and_then(JsonValue::as_u64) != Some(1) {
        return Err(Problem::new(Code::BadRequest, "Unsupported persisted query version")
            .hint("Send extensions.persistedQuery with version 1 and sha256Hash."));
    }
    match asked.get("sha256Hash") {
        Some(JsonValue::String(hash)) => Ok(Some(hash.clone())),
        other => {
            Err(wrong("extensions.persistedQuery.sha256Hash", "a string", other.unwrap_or(&JsonValue::Null)))
        }
    }
}

fn wrong(name: &str, wanted: &str, given: &JsonValue) -> Problem {
    Problem::new(Code::BadRequest, format!("{name} must be {wanted}, not {}", kind(given)))
}

/// What a JSON value is, for messages.
pub(super) fn kind(value: &JsonValue) -> &'static str {
    match value {
        JsonValue::Null => "null",
        JsonValue::Bool(_) => "a Boolean",
        JsonValue::Number(_) => "a number",
        JsonValue::String(_) => "a string",
        JsonValue::Array(_) => "a list",
        JsonValue::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use apollo_compiler::response::JsonMap;
    use serde_json::{Value, json};

    use super::Parameters;

    fn read(members: Value) -> Result<Parameters, String> {
        let members: JsonMap = serde_json::from_value(members).expect("an object");
        Parameters::read(members).map_err(|problem| problem.message)
    }

    #[test]
    fn parameters_have_their_types() {
        let check = |members: Value, message: &str| {
            assert_eq!(read(members.clone()).expect_err("it is refused"), message, "{members}");
        };
        check(json!({}), "The request has no query");
        check(json!({"query": null}), "The request has no query");
        check(json!({"qeury": "{ a }"}), "The request has no query");
        check(json!({"query": {"a": 1}}), "query must be a string, not an object");
        check(json!({"query": 0}), "query must be a string, not a number");
        check(json!({"query": "{ a }", "variables": "{}"}), "variables must be an object, not a string");
        check(json!({"query": "{ a }", "variables": [1]}), "variables must be an object, not a list");
        check(
            json!({"query": "{ a }", "operationName": false}),
            "operationName must be a string, not a Boolean",
        );
        check(json!({"query": "{ a }", "extensions": 7}), "extensions must be an object, not a number");
        check(json!({"documentId": 7}), "documentId must be a string, not a number");
        check(json!({"id": 7}), "id must be a string, not a number");
        let twice = "The request names its document twice: by documentId and by query or persistedQuery";
        check(json!({"query": "{ a }", "documentId": "a"}), twice);
        let version = "Unsupported persisted query version";
        check(json!({"extensions": {"persistedQuery": {"sha256Hash": "a"}}}), version);
        check(json!({"extensions": {"persistedQuery": "a"}}), version);
        check(
            json!({"extensions": {"persistedQuery": {"version": 1}}}),
            "extensions.persistedQuery.sha256Hash must be a string, not null",
        );
    }

    #[test]
    fn every_way_to_name_a_document_is_read() {
        let check = |members: Value, query: &str, id: &str, hash: &str| {
            let read = read(members.clone()).expect("it is read");
            let shown = [&read.query, &read.document_id, &read.persisted];
            let shown = shown.map(|text| text.as_ref().map_or("", |t| t.as_str()));
            assert_eq!(shown, [query, id, hash], "{members}");
        };
        check(json!({"query": "{ a }", "variables": null, "operationName": null}), "{ a }", "", "");
        check(json!({"query": "{ a }", "extensions": {"any": "thing"}, "other": 1}), "{ a }", "", "");
        check(json!({"documentId": "sha256:1"}), "", "sha256:1", "");
        check(json!({"doc_id": "1", "query": null}), "", "1", "");
        check(json!({"id": "1"}), "", "1", "");
        check(json!({"id": "q1", "query": "{ a }"}), "{ a }", "", "");
        check(json!({"id": 7, "documentId": "1"}), "", "1", "");
        check(json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "f"}}}), "", "", "f");
    }
}
