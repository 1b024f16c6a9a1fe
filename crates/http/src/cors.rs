//! Which pages may read the answers. Callers authenticate by header, so any page may by default, without credentials. Pages that
//! act for who is signed in by cookie are listed one by one.

use bistro_wire::Response;
use hyper::header::{ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderMap, HeaderName, HeaderValue};

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

/// The settings `cors.origins` and `cors.cookie_origins`.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    /// The origins that may read; `None` means all.
    origins: Option<Vec<String>>,
    /// The origins that may read what is answered to a cookie.
    cookie_origins: Vec<String>,
}

impl Cors {
    /// From the settings: origins such as `https://app.example`; an empty list of `origins`, or `*` in it, means all. Errors name
    /// an entry that is no origin.
    pub fn new(origins: &[String], cookie_origins: &[String]) -> Result<Self, String> {
        let cookie_origins = listed("cors.cookie_origins", cookie_origins)?;
        let all = origins.is_empty() || origins.iter().any(|o| o == "*");
        let origins = if all { None } else { Some(listed("cors.origins", origins)?) };
        Ok(Self { origins, cookie_origins })
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
        if self.origins.is_some() || !self.cookie_origins.is_empty() {
            headers.append(hyper::header::VARY, HeaderValue::from_static("Origin"));
        }
        let Some(origin) = origin else { return };
        let with_cookies = holds(&self.cookie_origins, origin);
        let allowed = if with_cookies { Some(origin.clone()) } else { self.allowed(origin) };
        let Some(allowed) = allowed else { return };
        if with_cookies {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        headers.insert(hyper::header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(EXPOSE, HeaderValue::from_static(EXPOSED));
    }

    fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        let Some(list) = &self.origins else { return Some(HeaderValue::from_static("*")) };
        holds(list, origin).then(|| origin.clone())
    }
}

fn holds(list: &[String], origin: &HeaderValue) -> bool {
    list.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(origin.as_bytes()))
}

/// The entries of a setting, each an origin.
fn listed(setting: &str, origins: &[String]) -> Result<Vec<String>, String> {
    for origin in origins {
        let host = origin.split_once("://").map(|(_, host)| host);
        if !host.is_some_and(|h| !h.is_empty() && !h.contains(['/', '?', '#', '*', ' '])) {
            return Err(format!(
                "{setting}: {origin:?} is no origin; write scheme and host without a path, such as https://app.example"
            ));
        }
    }
    Ok(origins.iter().map(|origin| origin.to_ascii_lowercase()).collect())
}

const EXPOSE: HeaderName = hyper::header::ACCESS_CONTROL_EXPOSE_HEADERS;
