//! Which pages may read the answers. Callers authenticate by header, so any page may by default, without credentials.

use bistro_wire::Response;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

const METHODS: &str = "GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS";

/// Answered where a preflight names no headers.
const HEADERS: &str = "authorization, apikey, content-type, x-client-info, x-supabase-api-version, accept, \
    accept-profile, content-profile, prefer, range, range-unit, x-upsert, x-metadata, cache-control, x-retry-count, \
    x-region, traceparent, tracestate, baggage, if-match, if-none-match, idempotency-key, x-request-id, tus-resumable, \
    upload-length, upload-metadata, upload-offset, upload-defer-length, upload-concat";

/// What pages may read of an answer besides its body.
const EXPOSED: &str = "Content-Range, Content-Location, Location, Range-Unit, Preference-Applied, Content-Profile, \
    Proxy-Status, X-Total-Count, Link, X-Supabase-Api-Version, ETag, Upload-Offset, Upload-Length, Tus-Resumable, \
    Retry-After, x-relay-error, X-Request-Id";

/// The setting `cors.origins`.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    /// The origins that may read; `None` means all.
    origins: Option<Vec<String>>,
}

impl Cors {
    /// From the setting: origins such as `https://app.example`; an empty list or `*` means all. Errors name an entry
    /// that is no origin.
    pub fn new(origins: &[String]) -> Result<Self, String> {
        if origins.is_empty() || origins.iter().any(|o| o == "*") {
            return Ok(Self { origins: None });
        }
        for origin in origins {
            let host = origin.split_once("://").map(|(_, host)| host);
            if !host.is_some_and(|h| !h.is_empty() && !h.contains(['/', '?', '#', '*', ' '])) {
                return Err(format!(
                    "cors.origins: {origin:?} is no origin; write scheme and host without a path, such as https://app.example"
                ));
            }
        }
        Ok(Self { origins: Some(origins.iter().map(|o| o.to_ascii_lowercase()).collect()) })
    }

    /// The answer to a preflight; a page that may not read gets no permission in it.
    pub(crate) fn preflight(&self, asked: &HeaderMap) -> Response {
        let wanted = asked.get("access-control-request-headers").and_then(|v| v.to_str().ok());
        Response::new(204, "")
            .header("access-control-allow-methods", METHODS)
            .header(
                "access-control-allow-headers",
                wanted.map_or(HEADERS.into(), |w| std::borrow::Cow::from(w.to_owned())),
            )
            .header("access-control-max-age", "86400")
    }

    /// Adds what the page at `origin` needs to read the answer.
    pub(crate) fn dress(&self, headers: &mut HeaderMap, origin: Option<&HeaderValue>) {
        if self.origins.is_some() {
            headers.append(hyper::header::VARY, HeaderValue::from_static("Origin"));
        }
        let Some(allowed) = origin.and_then(|origin| self.allowed(origin)) else { return };
        headers.insert(hyper::header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(EXPOSE, HeaderValue::from_static(EXPOSED));
    }

    fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        let Some(list) = &self.origins else { return Some(HeaderValue::from_static("*")) };
        let named = |o: &String| o.as_bytes().eq_ignore_ascii_case(origin.as_bytes());
        list.iter().any(named).then(|| origin.clone())
    }
}

const EXPOSE: HeaderName = hyper::header::ACCESS_CONTROL_EXPOSE_HEADERS;
