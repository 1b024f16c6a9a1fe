//! Headers as surfaces see them.

use bistro_wire::Headers;
use hyper::header::{HeaderMap, HeaderValue};

use crate::transport::SCHEME;

/// The headers of a request; the authority of an HTTP/2 request stands in for `host`, and `:scheme` is what the front knows.
pub(crate) struct HeaderView<'a> {
    pub(crate) map: &'a HeaderMap,
    pub(crate) authority: Option<&'a str>,
    pub(crate) scheme: &'static str,
}

impl Headers for HeaderView<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        match self.map.get(name) {
            Some(value) => text(value),
            None if name == "host" => self.authority,
            None if name == SCHEME => Some(self.scheme),
            None => None,
        }
    }

    fn all<'s>(&'s self, name: &str) -> Vec<&'s str> {
        self.map.get_all(name).iter().filter_map(text).collect()
    }
}

/// A value as text; what is not UTF-8 counts as absent.
pub(crate) fn text(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok()
}

/// A credential as text: bytes that are not UTF-8 stay a credential, which nobody has.
pub(crate) fn credential<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| text(value).unwrap_or("\u{fffd}"))
}
