//! A request that waits: what endpoints read of it, owned.

use std::net::IpAddr;

use bistro_problem::{Code, Problem};
use bistro_wire::{Browser, Headers, Request};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::fields::Fields;
use crate::limits;
use crate::visit::Visit;

/// The largest JSON body, in bytes.
const BODY_MOST: usize = 1 << 20;

/// The longest name of a device, in bytes.
const DEVICE_MOST: usize = 64;

/// The headers that endpoints read.
const HEADERS: [&str; 16] = [
    "apikey",
    "authorization",
    "x-supabase-api-version",
    "content-type",
    "accept",
    "cookie",
    "origin",
    "referer",
    "host",
    "sec-fetch-site",
    "sec-fetch-mode",
    "sec-fetch-dest",
    "user-agent",
    "accept-language",
    "x-requested-with",
    "apollo-require-preflight",
];

/// A request to `/auth/v1`.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method; HEAD stays HEAD.
    pub method: String,
    /// The path below `/auth/v1`, without slashes at its ends.
    pub path: String,
    /// The members of the query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// Who asks, from where and when.
    pub visit: Visit,
    headers: Vec<(&'static str, String)>,
}

impl Asked {
    /// Takes what is needed of a request below `base`; `secure` where the server is reached by https.
    pub fn new(request: &Request<'_>, base: &str, ip: Option<IpAddr>, secure: bool) -> Self {
        let path = request.path.strip_prefix(base).unwrap_or(request.path);
        let path = path.strip_prefix('/').unwrap_or(path);
        // One slash at the end is nobody's mistake; two in a row are another path, as they are to proxies.
        let path = path.strip_suffix('/').unwrap_or(path);
        let found = |name| request.headers.all(name).into_iter().map(move |value| (name, value.to_owned()));
        let headers: Vec<_> = HEADERS.into_iter().flat_map(found).collect();
        let agent = request.headers.get("user-agent").unwrap_or("");
        let mut asked = Self {
            method: request.method.to_owned(),
            path: path.to_owned(),
            query: pairs(request.query),
            body: request.body.clone(),
            visit: Visit::new(ip, agent, request.id, request.now),
            headers,
        };
        asked.visit.device = asked.device(secure);
        asked
    }

    /// A header by its lower-case name; one of those that endpoints read.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// What it says of its browser.
    pub fn browser(&self) -> Browser<'_> {
        Browser::of(&self.method, self)
    }

    /// A member of the query that is not empty.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// The body as a JSON object; an empty body is an empty one.
    pub fn fields(&self) -> Result<Fields, Problem> {
        if self.body.len() > BODY_MOST {
            let most = format!("The body is larger than {BODY_MOST} bytes");
            return Err(Problem::new(Code::RequestTooLarge, most));
        }
        Fields::read(&self.body)
    }

    /// The body as a form.
    pub fn form(&self) -> Result<Vec<(String, String)>, Problem> {
        let kind = self.header("content-type").unwrap_or("");
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Problem::new(Code::OauthInvalidRequest, "Send application/x-www-form-urlencoded"));
        }
        match std::str::from_utf8(&self.body) {
            Ok(text) if text.len() <= BODY_MOST => Ok(pairs(text)),
            _ => Err(Problem::new(Code::OauthInvalidRequest, "The form cannot be read")),
        }
    }

    /// The same request with another body, and without a query: what a page asks of an endpoint.
    #[must_use]
    pub fn saying(&self, body: &Value) -> Self {
        let mut asked = Self { body: body.to_string().into(), query: Vec::new(), ..self.clone() };
        // A page knows its person by the cookie alone, whatever else a proxy or a script puts beside it.
        asked.headers.retain(|(name, _)| !matches!(*name, "apikey" | "authorization"));
        asked
    }

    /// The same with one more member of the query.
    #[must_use]
    pub fn asking(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A cookie by its name.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.browser().cookie(name)
    }

    /// What the cookie says that a browser keeps from its first sign-in on.
    fn device(&self, secure: bool) -> Option<String> {
        // Over https only the name that no other host can set: a device that somebody else chose would be theirs too.
        let sent = self.cookie(limits::DEVICE_COOKIES[usize::from(!secure)])?;
        (sent.len() <= DEVICE_MOST).then(|| sent.to_owned())
    }

    /// Whether errors take the form of the newer version of the dialect.
    pub fn new_errors(&self) -> bool {
        self.header("x-supabase-api-version").is_some_and(|version| version >= "2024-01-01")
    }
}

impl Headers for Asked {
    fn get(&self, name: &str) -> Option<&str> {
        self.header(name)
    }

    fn all<'s>(&'s self, name: &str) -> Vec<&'s str> {
        self.headers.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// The pairs of a query or a form.
fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn pairs_are_decoded() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            assert_eq!(pairs(text), expected, "{text}");
        };
        check("a=1&b=x+y&c=%C3%A4&d", &[("a", "1"), ("b", "x y"), ("c", "ä"), ("d", "")]);
        check("&&", &[]);
        check("a=b=c", &[("a", "b=c")]);
    }
}
