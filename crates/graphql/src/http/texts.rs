//! Which text a request means: its own, a trusted document, or one that was sent before with its hash.

use std::sync::Arc;

use apollo_compiler::response::serde_json_bytes::ByteString;
use bistro_problem::{Code, Problem};

use super::digest::{self, Hash, hash};
use super::parameters::Parameters;
use super::persisted::Persisted;
use super::trusted::Trusted;

/// Where texts come from.
#[derive(Debug)]
pub(crate) struct Texts {
    trusted: Arc<Trusted>,
    /// Whether trusted documents are all that is run.
    only_trusted: bool,
    /// `None` where automatic persisted queries are switched off.
    persisted: Option<Persisted>,
}

/// The text that a request means.
#[derive(Debug)]
pub(crate) struct Text {
    text: ByteString,
    /// Under which hash to keep it, if it turns out to be a document.
    new: Option<Hash>,
}

impl Text {
    pub(crate) fn as_str(&self) -> &str {
        self.text.as_str()
    }
}

impl Texts {
    pub(crate) fn new(trusted: Arc<Trusted>, only_trusted: bool, automatic: bool) -> Self {
        let persisted = (automatic && !only_trusted).then(Persisted::new);
        Self { trusted, only_trusted, persisted }
    }

    /// The text that a request means. Errors: a document that is not trusted where only trusted ones are run; an id or a hash
    /// that nobody knows; a hash that is not the text's.
    pub(crate) fn text(&self, asked: &Parameters) -> Result<Text, Problem> {
        let named = asked.document_id.as_ref().or(asked.persisted.as_ref());
        if let Some(text) = named.and_then(|id| self.trusted.text(id.as_str())) {
            return Ok(Text { text, new: None });
        }
        if self.only_trusted {
            return Err(untrusted(named.map(ByteString::as_str)));
        }
        match (&asked.query, &asked.persisted, &asked.document_id) {
            (Some(query), None, _) => Ok(Text { text: query.clone(), new: None }),
            (query, Some(hash), _) => self.persisted(query.as_ref(), hash.as_str()),
            (None, None, id) => {
                let id = id.as_ref().map_or("", ByteString::as_str);
                Err(Problem::new(
                    Code::PersistedNotFound,
                    format!("No trusted document has the id {}", shown(id)),
                )
                .hint("Add it to graphql/trusted.json, or send its text as query."))
            }
        }
    }

    /// Keeps a text that came with its hash and turned out to be a document that the caller may run.
    pub(crate) fn keep(&self, text: &Text) {
        if let (Some(persisted), Some(hash)) = (&self.persisted, text.new) {
            persisted.keep(hash, text.as_str());
        }
    }

    fn persisted(&self, query: Option<&ByteString>, name: &str) -> Result<Text, Problem> {
        let parsed = digest::parse(name);
        if let Some(query) = query {
            if parsed != Some(hash(query.as_str())) {
                return Err(Problem::new(Code::BadRequest, "provided sha does not match query")
                    .hint("sha256Hash is the SHA-256 of query, byte for byte, in hexadecimal digits."));
            }
            return Ok(Text { text: query.clone(), new: parsed });
        }
        let Some(persisted) = &self.persisted else {
            return Err(Problem::new(Code::PersistedOff, "PersistedQueryNotSupported"));
        };
        let kept = parsed.and_then(|hash| persisted.get(&hash));
        kept.map(|text| Text { text, new: None })
            .ok_or_else(|| Problem::new(Code::PersistedNotFound, "PersistedQueryNotFound"))
    }
}

fn untrusted(id: Option<&str>) -> Problem {
    let message = match id {
        Some(id) => format!("No trusted document has the id {}", shown(id)),
        None => "Only trusted documents are run, by their documentId".to_owned(),
    };
    Problem::new(Code::NotTrusted, message)
        .hint("Send the documentId of a document in graphql/trusted.json; graphql.only_trusted asks for it.")
}

fn shown(id: &str) -> String {
    id.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bistro_problem::Problem;
    use serde_json::{Value, json};

    use super::{Texts, Trusted};
    use crate::http::digest::{hash, hex};
    use crate::http::parameters::Parameters;

    fn texts(only_trusted: bool, automatic: bool) -> Texts {
        let trusted = Trusted::read(r#"{"a1":"{ trusted }"}"#).expect("it is a manifest");
        Texts::new(Arc::new(trusted), only_trusted, automatic)
    }

    /// Asks as a surface does that finds every text valid.
    fn ask(texts: &Texts, members: &Value) -> Result<String, Problem> {
        let members = serde_json::from_value(members.clone()).expect("an object");
        let text = texts.text(&Parameters::read(members)?)?;
        texts.keep(&text);
        Ok(text.as_str().to_owned())
    }

    fn check(texts: &Texts, members: &Value, expected: Result<&str, &str>) {
        let found = ask(texts, members).map_err(|p| format!("{} {}", p.code.graphql(), p.message));
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{members}");
    }

    fn persisted(hash: &str) -> Value {
        json!({"persistedQuery": {"version": 1, "sha256Hash": hash}})
    }

    #[test]
    fn a_text_with_its_hash_is_known_by_the_hash_afterwards() {
        let texts = texts(false, true);
        let hash = hex(&hash("{ a }"));
        let alone = json!({"extensions": persisted(&hash)});
        check(&texts, &alone, Err("PERSISTED_QUERY_NOT_FOUND PersistedQueryNotFound"));
        let wrong = json!({"query": "{ b }", "extensions": persisted(&hash)});
        check(&texts, &wrong, Err("BAD_REQUEST provided sha does not match query"));
        check(&texts, &alone, Err("PERSISTED_QUERY_NOT_FOUND PersistedQueryNotFound"));
        check(&texts, &json!({"query": "{ a }", "extensions": persisted(&hash)}), Ok("{ a }"));
        check(&texts, &alone, Ok("{ a }"));
        check(&texts, &json!({"extensions": persisted(&hash.to_uppercase())}), Ok("{ a }"));
        let odd = json!({"extensions": persisted("no hash")});
        check(&texts, &odd, Err("PERSISTED_QUERY_NOT_FOUND PersistedQueryNotFound"));
    }

    #[test]
    fn a_text_that_is_no_document_is_not_kept() {
        let texts = texts(false, true);
        let hash = hex(&hash("{ a }"));
        let members = json!({"query": "{ a }", "extensions": persisted(&hash)});
        let members = serde_json::from_value(members).expect("an object");
        let asked = Parameters::read(members).expect("it is a request");
        texts.text(&asked).expect("the hash is right");
        let alone = json!({"extensions": persisted(&hash)});
        check(&texts, &alone, Err("PERSISTED_QUERY_NOT_FOUND PersistedQueryNotFound"));
    }

    #[test]
    fn switched_off_hashes_are_not_looked_up() {
        let texts = texts(false, false);
        let hash = hex(&hash("{ a }"));
        check(&texts, &json!({"query": "{ a }", "extensions": persisted(&hash)}), Ok("{ a }"));
        let off = Err("PERSISTED_QUERY_NOT_SUPPORTED PersistedQueryNotSupported");
        check(&texts, &json!({"extensions": persisted(&hash)}), off);
    }

    #[test]
    fn trusted_documents_are_run_by_their_id() {
        let hash = hex(&hash("{ trusted }"));
        for only in [false, true] {
            let texts = texts(only, true);
            for name in ["documentId", "doc_id", "id"] {
                check(&texts, &json!({name: "a1"}), Ok("{ trusted }"));
            }
            check(&texts, &json!({"documentId": format!("sha256:{hash}")}), Ok("{ trusted }"));
            check(&texts, &json!({"extensions": persisted("a1")}), Ok("{ trusted }"));
            check(&texts, &json!({"extensions": persisted(&hash)}), Ok("{ trusted }"));
        }
    }

    #[test]
    fn only_trusted_documents_are_run_where_asked() {
        let texts = texts(true, true);
        let hash = hex(&hash("{ a }"));
        let alone = "NOT_TRUSTED Only trusted documents are run, by their documentId";
        check(&texts, &json!({"query": "{ trusted }"}), Err(alone));
        check(&texts, &json!({"documentId": "a2"}), Err("NOT_TRUSTED No trusted document has the id a2"));
        let unknown = format!("NOT_TRUSTED No trusted document has the id {hash}");
        check(&texts, &json!({"extensions": persisted(&hash)}), Err(&unknown));
        check(&texts, &json!({"query": "{ a }", "extensions": persisted(&hash)}), Err(&unknown));
        let unknown = "PERSISTED_QUERY_NOT_FOUND No trusted document has the id a2";
        check(&self::texts(false, true), &json!({"documentId": "a2"}), Err(unknown));
    }
}
