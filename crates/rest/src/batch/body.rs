//! The body of a batch, and what its results look like.

use std::collections::HashMap;

use bistro_problem::{Code, Problem};
use bistro_schema::text::write_json_string;
use bistro_wire::{Request, Response};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::refs;

/// The most operations of a batch.
const MOST: usize = 100;
/// The longest path of an operation, in bytes: as long as that of a request.
pub(super) const PATH_MAX: usize = 64 << 10;

/// The operations as the client sent them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Batch {
    pub(super) operations: Vec<Operation>,
}

/// One operation. Its body stays text: nothing inside it is interpreted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    pub(super) body: Option<Box<RawValue>>,
    #[serde(default)]
    pub(super) refs: HashMap<String, String>,
}

impl Batch {
    /// Reads the body of a request.
    pub(super) fn read(request: &Request<'_>) -> Result<Self, Problem> {
        let kind = request.headers.get("content-type").map(|t| t.split(';').next().unwrap_or(t).trim());
        if let Some(kind) = kind.filter(|k| !k.eq_ignore_ascii_case("application/json")) {
            let text = format!("A batch is application/json, not {kind}");
            return Err(Problem::new(Code::ContentType, text));
        }
        let batch: Batch = serde_json::from_slice(request.body).map_err(|e| unreadable(&e.to_string()))?;
        let n = batch.operations.len();
        if n == 0 || n > MOST {
            return Err(unreadable(&format!("a batch has 1 to {MOST} operations, this has {n}")));
        }
        match batch.operations.iter().position(|o| o.path.len() > PATH_MAX) {
            None => Ok(batch),
            Some(index) => {
                let message = format!("The path of an operation is longer than {PATH_MAX} bytes");
                Err(Problem::new(Code::TooComplex, message).index(index))
            }
        }
    }

    /// Whether a later operation refers to the result of this one.
    pub(super) fn refers_to(&self, index: usize) -> bool {
        let later = &self.operations[index + 1..];
        later.iter().any(|o| {
            o.refs.values().any(|r| refs::index(r) == Some(index))
                || refs::in_path(&o.path).any(|r| refs::index(r) == Some(index))
        })
    }
}

fn unreadable(why: &str) -> Problem {
    Problem::new(Code::Batch, format!("The batch cannot be read: {why}"))
        .hint("Send {\"operations\": [{\"method\": \"POST\", \"path\": \"/rest/v1/posts\", \"body\": {…}}]}.")
}

impl Operation {
    /// The headers under lower-case names.
    pub(super) fn lower_headers(&self) -> Vec<(String, String)> {
        self.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
    }
}

/// Appends `{"status","headers","body"}`.
pub(super) fn write_result(response: &Response, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"status\":");
    out.extend_from_slice(itoa::Buffer::new().format(response.status).as_bytes());
    out.extend_from_slice(b",\"headers\":{");
    for (n, (name, value)) in response.headers.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        write_json_string(name, out);
        out.push(b':');
        write_json_string(value, out);
    }
    out.extend_from_slice(b"},\"body\":");
    match (response.body.is_empty(), is_json(response)) {
        (true, _) => out.extend_from_slice(b"null"),
        (false, true) => out.extend_from_slice(&response.body),
        (false, false) => write_json_string(&String::from_utf8_lossy(&response.body), out),
    }
    out.push(b'}');
}

/// Whether the body is JSON.
pub(super) fn is_json(response: &Response) -> bool {
    response.headers.iter().any(|(name, value)| *name == "content-type" && value.contains("json"))
}
