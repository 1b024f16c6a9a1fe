//! Whole HTTP/1.1 answers to what never became a request: heads that are too large, too slow or no HTTP.

use bistro_problem::{Code, Problem};
use bistro_wire::problem_reply::{JSON, write_problem};

use crate::limits::Limits;
use crate::request_id::RequestId;

/// The answer to a head that took too long.
pub(crate) fn late(limits: &Limits) -> Vec<u8> {
    let time = limits.header_time.as_secs_f32();
    written(Problem::new(
        Code::Timeout,
        format!("The headers did not arrive within {time} s (limits.header_time)"),
    ))
}

/// Our answer in place of the empty one that hyper gives to a head which it cannot read; `None` if `bytes` is something
/// else. `long_line` says that the head ended within its first line.
pub(crate) fn instead_of(bytes: &[u8], long_line: bool, limits: &Limits) -> Option<Vec<u8>> {
    let bare = bytes.len() < 256 && bytes.ends_with(b"\r\n\r\n");
    let status = bytes.strip_prefix(b"HTTP/1.1 ").or_else(|| bytes.strip_prefix(b"HTTP/1.0 "))?.get(..3)?;
    let problem = match status {
        _ if !bare => return None,
        b"414" | b"431" if long_line || status == b"414" => uri_too_long(limits),
        b"431" => headers_too_large(limits),
        b"400" => Problem::new(Code::BadRequest, "This is no HTTP request that can be read")
            .hint("Check the request line, the header names and the characters in them."),
        _ => return None,
    };
    Some(written(problem))
}

/// The request line is too long.
pub(crate) fn uri_too_long(limits: &Limits) -> Problem {
    let most = limits.request_line;
    Problem::new(
        Code::UriTooLong,
        format!("The request line is longer than {most} bytes (limits.request_line)"),
    )
    .hint("Send long lists in a body, or ask in several requests.")
}

/// The headers are too large or too many.
pub(crate) fn headers_too_large(limits: &Limits) -> Problem {
    let (bytes, count) = (limits.header_bytes, limits.header_count);
    let message = format!(
        "The headers are larger than {bytes} bytes (limits.headers) or more than {count} (limits.header_count)"
    );
    Problem::new(Code::HeadersTooLarge, message)
}

/// The answer as it goes over the wire; the connection ends with it.
fn written(problem: Problem) -> Vec<u8> {
    let id = RequestId::make();
    let mut body = String::new();
    write_problem(&mut body, &problem, problem.status, id.as_str());
    let reason =
        hyper::StatusCode::from_u16(problem.status).ok().and_then(|s| s.canonical_reason()).unwrap_or("");
    format!(
        "HTTP/1.1 {} {reason}\r\ncontent-type: {JSON}\r\ncontent-length: {}\r\nx-request-id: {}\r\n\
         access-control-allow-origin: *\r\nconnection: close\r\n\r\n{body}",
        problem.status,
        body.len(),
        id.as_str(),
    )
    .into_bytes()
}
