//! A finished response of a surface as hyper sends it.

use std::borrow::Cow;

use bistro_wire::Response;
use bytes::Bytes;
use hyper::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{Method, StatusCode, Version};

use crate::request_id::RequestId;
use crate::stream::Payload;

/// A response as hyper sends it.
pub(crate) type Reply = hyper::Response<Payload>;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Dresses a response: its headers, the request id, and no guessing of content types.
pub(crate) fn reply(response: Response, id: &RequestId, method: &Method, version: Version) -> Reply {
    let Response { status, headers, body, .. } = response;
    // Hyper keeps the map with the connection for the next request: room for what comes here, and no more.
    let mut map = HeaderMap::with_capacity(headers.len() + 2);
    for (name, value) in headers {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
        if let Some(value) = header_value(value) {
            map.append(name, value);
        }
    }
    map.insert(REQUEST_ID.clone(), id.value());
    map.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // HTTP/1 drops the body of an answer to HEAD itself and keeps its length; HTTP/2 would send it.
    let body = match method == Method::HEAD && version >= Version::HTTP_2 {
        true => {
            map.entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(body.len()));
            Bytes::new()
        }
        false => body,
    };
    let mut reply = hyper::Response::new(Payload::whole(body));
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *reply.headers_mut() = map;
    reply
}

/// The value without copying it; what cannot stand in a header (a line break in a row's key) is left out.
fn header_value(value: Cow<'static, str>) -> Option<HeaderValue> {
    match value {
        Cow::Borrowed(text) => HeaderValue::from_maybe_shared(Bytes::from_static(text.as_bytes())).ok(),
        Cow::Owned(text) => HeaderValue::from_maybe_shared(Bytes::from(text)).ok(),
    }
}
