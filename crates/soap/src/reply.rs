//! The envelopes that are sent, around the rows of a reply.

use bistro_wire::Response;

use crate::describe::Operation;
use crate::envelope::Version;
use crate::fault::{DECLARATION, write_attribute};

/// Opens an envelope and the element that answers an operation; `room` is about how much follows.
pub(crate) fn open(version: Version, namespace: &str, operation: &Operation, room: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(room + 512);
    let mut put = |text: &str| out.extend_from_slice(text.as_bytes());
    put(DECLARATION);
    put("<soap:Envelope xmlns:soap=\"");
    put(version.namespace());
    put("\"><soap:Body><");
    put(&operation.answer);
    put(" xmlns=\"");
    write_attribute(namespace, &mut out);
    out.extend_from_slice(b"\">");
    out
}

/// Appends an element with a text that needs no escapes.
pub(crate) fn element(out: &mut Vec<u8>, name: &str, value: impl std::fmt::Display) {
    out.extend_from_slice(format!("<{name}>{value}</{name}>").as_bytes());
}

/// Closes what was opened: the response is ready.
pub(crate) fn close(mut out: Vec<u8>, version: Version, operation: &Operation) -> Response {
    for part in ["</", &*operation.answer, "></soap:Body></soap:Envelope>"] {
        out.extend_from_slice(part.as_bytes());
    }
    Response::new(200, out).header("content-type", version.media_type()).header("cache-control", "private")
}
