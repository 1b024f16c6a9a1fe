//! The handshake (RFC 6455, section 4.2).

use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_problem::{Code, Problem};
use bistro_wire::{Response, Upgrade};
use hyper::header::{CONNECTION, HeaderMap};
use hyper::http::request::Parts;
use hyper::upgrade::OnUpgrade;

use super::session::Session;
use crate::connection::Peer;
use crate::headers::text;

/// What a server adds to the client's key before it hashes it, to show that it knows what it answers.
const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The answer that makes the connection a WebSocket. Errors: 400 for a handshake that is none, and on HTTP/2; 426 for a version
/// other than 13.
pub(crate) fn accept(peer: &Arc<Peer>, parts: &Parts, upgrade: Upgrade) -> Result<Response, Problem> {
    let Some(on) = parts.extensions.get::<OnUpgrade>().filter(|_| wants_upgrade(&parts.headers)) else {
        return Err(Problem::new(Code::BadRequest, "This connection cannot become a WebSocket")
            .hint("Ask over HTTP/1.1 and send `connection: upgrade`; proxies need to pass it on."));
    };
    let header = |name: &str| parts.headers.get(name).and_then(text).map(str::trim);
    if header("sec-websocket-version") != Some("13") {
        return Ok(Response::new(426, "")
            .header("sec-websocket-version", "13")
            .header("upgrade", "websocket"));
    }
    let key =
        header("sec-websocket-key").filter(|key| STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16));
    let Some(key) = key else {
        return Err(Problem::new(
            Code::BadRequest,
            "sec-websocket-key is missing or is not 16 bytes in Base64",
        ));
    };
    let mut response = Response::new(101, "")
        .header("upgrade", "websocket")
        .header("connection", "upgrade")
        .header("sec-websocket-accept", accepted(key));
    if let Some(protocol) = upgrade.protocol {
        response = response.header("sec-websocket-protocol", protocol);
    }
    peer.become_socket(Session::new(on.clone(), upgrade));
    Ok(response)
}

/// Whether one of the words of `connection` is `upgrade`.
fn wants_upgrade(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(CONNECTION).iter().filter_map(text);
    lists.flat_map(|list| list.split(',')).any(|word| word.trim().eq_ignore_ascii_case("upgrade"))
}

/// The proof that the key was read. SHA-1 keeps no secret here; the protocol asks for it.
fn accepted(key: &str) -> String {
    let mut hash = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(key.as_bytes());
    hash.update(MAGIC);
    STANDARD.encode(hash.finish())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_proof_is_that_of_the_rfc() {
        assert_eq!(super::accepted("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
