//! The forms in which parameters come: a JSON body, a batch of them, or a query string.

use std::borrow::Cow;

use apollo_compiler::response::serde_json_bytes::value::BytesSeed;
use apollo_compiler::response::{JsonMap, JsonValue};
use bistro_problem::{Code, Problem};
use bytes::Bytes;
use serde::de::DeserializeSeed as _;

use super::amount;
use super::parameters::{Parameters, kind};

/// How many members of a query string are looked at.
const MEMBERS_MAX: usize = 100;

/// What a request holds.
#[derive(Debug, PartialEq)]
pub(super) enum Asked {
    One(Parameters),
    /// A batch: an element that cannot be read does not touch the others.
    Many(Vec<Result<Parameters, Problem>>),
}

/// Reads the body of a POST; a list is refused where it has more than `batch` elements, of which 0 means none at all.
pub(super) fn body(body: &Bytes, batch: usize) -> Result<Asked, Problem> {
    match json(body)? {
        JsonValue::Object(members) => Parameters::read(members).map(Asked::One),
        JsonValue::Array(elements) => many(elements, batch).map(Asked::Many),
        other => Err(Problem::new(Code::Body, format!("The body must be an object, not {}", kind(&other)))
            .hint("Send {\"query\": \"{ … }\"}.")),
    }
}

/// The text as JSON whose strings stay where they are in the body.
fn json(body: &Bytes) -> Result<JsonValue, Problem> {
    amount::check(body)?;
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = BytesSeed::new(body).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        let message = if body.is_empty() {
            "The body is empty".to_owned()
        } else {
            format!("The body is not JSON: {error}")
        };
        Problem::new(Code::Body, message).hint("Send {\"query\": \"{ … }\"}.")
    })
}

fn many(elements: Vec<JsonValue>, most: usize) -> Result<Vec<Result<Parameters, Problem>>, Problem> {
    if most == 0 {
        let message = "Batches are switched off";
        return Err(Problem::new(Code::BadRequest, message).hint(
            "Send one object, several root fields in one document, or set graphql.batch in bistro.toml.",
        ));
    }
    if elements.len() > most {
        let message = format!("The batch has {} operations; at most {most} are taken", elements.len());
        return Err(Problem::new(Code::TooComplex, message).hint("Send fewer, or raise graphql.batch."));
    }
    if elements.is_empty() {
        return Err(Problem::new(Code::BadRequest, "The batch is empty"));
    }
    let read = |element| match element {
        JsonValue::Object(members) => Parameters::read(members),
        other => {
            let message = format!("An element of a batch must be an object, not {}", kind(&other));
            Err(Problem::new(Code::BadRequest, message))
        }
    };
    Ok(elements.into_iter().map(read).collect())
}

/// Reads the query string of a GET: `variables` and `extensions` are JSON.
pub(super) fn query(query: &str) -> Result<Parameters, Problem> {
    let mut members = JsonMap::new();
    for pair in query.split('&').take(MEMBERS_MAX) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(name) = decode(name).and_then(|name| known(&name)) else { continue };
        let bad = |message: String| Problem::new(Code::BadRequest, message);
        let value = decode(value).ok_or_else(|| bad(format!("{name} is not UTF-8")))?;
        if value.is_empty() {
            continue;
        }
        let value = match name {
            "variables" | "extensions" => {
                serde_json::from_str(&value).map_err(|error| bad(format!("{name} is not JSON: {error}")))?
            }
            _ => JsonValue::from(value),
        };
        if members.insert(name, value).is_some() {
            return Err(bad(format!("{name} is given twice")));
        }
    }
    Parameters::read(members)
}

/// The parameter of this name; others are left alone.
fn known(name: &str) -> Option<&'static str> {
    const NAMES: [&str; 6] = ["query", "variables", "operationName", "extensions", "documentId", "doc_id"];
    NAMES.into_iter().find(|known| *known == name)
}

/// Decodes a part of a query string; `None` where it is not UTF-8.
fn decode(text: &str) -> Option<Cow<'_, str>> {
    let spaced = if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    match spaced {
        Cow::Borrowed(text) => percent_encoding::percent_decode_str(text).decode_utf8().ok(),
        Cow::Owned(text) => {
            let decoded = percent_encoding::percent_decode_str(&text).decode_utf8().ok()?;
            Some(Cow::Owned(decoded.into_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str, batch: usize) -> Result<Asked, String> {
        body(&Bytes::copy_from_slice(text.as_bytes()), batch).map_err(|problem| problem.message)
    }

    #[test]
    fn bodies_are_objects_or_batches() {
        let check = |text: &str, batch: usize, message: &str| {
            assert_eq!(of(text, batch).expect_err("it is refused"), message, "{text}");
        };
        check("", 0, "The body is empty");
        check("{ \"not a JSON", 0, "The body is not JSON: EOF while parsing a string at line 1 column 13");
        check("{} {}", 0, "The body is not JSON: trailing characters at line 1 column 4");
        check("\"{ a }\"", 0, "The body must be an object, not a string");
        check("null", 9, "The body must be an object, not null");
        check("[{\"query\":\"{ a }\"}]", 0, "Batches are switched off");
        check("[]", 2, "The batch is empty");
        check("[1,2,3]", 2, "The batch has 3 operations; at most 2 are taken");
        let empty = vec!["{}"; 120_000].join(",");
        let many = format!("{{\"query\":\"{{ a }}\",\"variables\":{{\"f\":{{\"or\":[{empty}]}}}}}}");
        check(&many, 0, "The body holds more than 100000 values");
        check(&format!("[{many}]"), 2, "The body holds more than 100000 values");
        let deep = format!("{{\"variables\":{}", "[".repeat(1_000));
        check(&deep, 0, "The body is not JSON: recursion limit exceeded at line 1 column 140");
        let Ok(Asked::Many(read)) = of("[{\"query\":\"{ a }\"}, 3, {\"query\":4}]", 3) else {
            panic!("a batch is read");
        };
        let shown: Vec<String> = read
            .into_iter()
            .map(|one| {
                one.map_or_else(|p| p.message, |p| p.query.map_or_else(String::new, |q| q.as_str().into()))
            })
            .collect();
        let expected = [
            "{ a }",
            "An element of a batch must be an object, not a number",
            "query must be a string, not a number",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn query_strings_are_decoded() {
        let check = |text: &str, expected: Result<(&str, &str, &str), &str>| {
            let read = query(text);
            let found = read.as_ref().map_err(|p| p.message.as_str()).map(|p| {
                let text = p.query.as_ref().map_or("", |q| q.as_str());
                let name = p.operation_name.as_ref().map_or("", |n| n.as_str());
                (text, serde_json::to_string(&p.variables).expect("a map is JSON"), name)
            });
            let found = found.as_ref().map(|(text, variables, name)| (*text, variables.as_str(), *name));
            assert_eq!(found.map_err(|m| *m), expected, "{text}");
        };
        check("query=%7B+a+%7D", Ok(("{ a }", "{}", "")));
        check("query={a}&variables=%7B%22b%22:1%7D&operationName=A", Ok(("{a}", "{\"b\":1}", "A")));
        check("query={a}&variables=&apikey=1&%FF=%FF", Ok(("{a}", "{}", "")));
        check("", Err("The request has no query"));
        check("query=%FF", Err("query is not UTF-8"));
        check("query={a}&query={b}", Err("query is given twice"));
        check(
            "query={a}&variables={",
            Err("variables is not JSON: EOF while parsing an object at line 1 column 1"),
        );
        check("query={a}&variables=[1]", Err("variables must be an object, not a list"));
        let hash = "extensions=%7B%22persistedQuery%22:%7B%22version%22:1,%22sha256Hash%22:%22f%22%7D%7D";
        check(hash, Ok(("", "{}", "")));
    }

    proptest! {
        #[test]
        fn any_request_is_read_or_refused(
            text in "\\PC*",
            body in r#"(\[|\{|\}|\]|,|:|"(query|variables|extensions|id|\\u[0-9a-f]{4})"|null|1e9|true| ){0,20}"#,
            pairs in "((query|variables|extensions|documentId)=(%[0-9A-F]{2}|[+a{}\"]){0,8}&){0,5}",
        ) {
            for text in [&text, &body] {
                if let Err(message) = of(text, 3) {
                    prop_assert!(!message.is_empty());
                }
            }
            for text in [&text, &pairs] {
                if let Err(problem) = query(text) {
                    prop_assert!(problem.status == 400 && !problem.message.is_empty());
                }
            }
        }
    }
}
