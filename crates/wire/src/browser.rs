//! What a browser says when it asks: its cookies, and which page made it ask.
//!
//! Cookies come along whoever made the browser ask, so they say who sits there, not who wants something. Whether a request
//! means what its cookie says is judged by where it comes from.

use crate::Headers;

/// Headers that a page of another origin cannot add without being asked for by a preflight.
const MARKS: [&str; 2] = ["x-requested-with", "apollo-require-preflight"];

/// A request, as far as it comes from a browser.
#[derive(Clone, Debug)]
pub struct Browser<'a> {
    method: &'a str,
    cookies: Vec<&'a str>,
    origin: Option<&'a str>,
    site: Option<&'a str>,
    marked: bool,
}

impl<'a> Browser<'a> {
    /// The headers that are read, for those who must keep them.
    pub const HEADERS: [&'static str; 5] = ["cookie", "origin", "sec-fetch-site", MARKS[0], MARKS[1]];

    /// What a request says of its browser.
    pub fn of(method: &'a str, headers: &'a dyn Headers) -> Self {
        let (origin, site) = (headers.get("origin"), headers.get("sec-fetch-site"));
        let marked = MARKS.iter().any(|name| headers.get(name).is_some());
        Self { method, cookies: headers.all("cookie"), origin, site, marked }
    }

    /// The value of a cookie. Over HTTP/2 each may come as a header of its own.
    pub fn cookie(&self, name: &str) -> Option<&'a str> {
        let pairs =
            self.cookies.iter().flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
        pairs
            .map(|(known, value)| (known.trim(), value.trim()))
            .find(|(known, _)| *known == name)
            .map(|(_, v)| v)
    }

    /// Whether the request comes from a page of this server, or of an origin in the list. What writes must say where it comes
    /// from; what reads may come from the person itself (a typed address), or carry a header that other origins cannot add.
    pub fn comes_from(&self, own: &str, listed: &[String]) -> bool {
        let is = |known: &str, origin: &str| known.eq_ignore_ascii_case(origin);
        match (self.origin, self.site) {
            // Said by the browser itself, and right under whatever name it knows this server.
            (_, Some("same-origin")) => true,
            (Some(origin), _) => is(own, origin) || listed.iter().any(|known| is(known, origin)),
            (None, site) => matches!(self.method, "GET" | "HEAD") && (site == Some("none") || self.marked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Browser;

    const OWN: &str = "https://api.example.org";

    fn headers(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_cookie_counts_where_the_request_comes_from_a_known_page() {
        let listed = ["https://app.example.org".to_owned()];
        let check = |line: &str, expected: bool| {
            let mut words = line.split_whitespace();
            let method = words.next().unwrap_or_default();
            let mut list = vec![("cookie", "a=b")];
            list.extend(words.filter_map(|word| word.split_once('=')));
            let list = headers(&list);
            let browser = Browser::of(method, &list);
            assert_eq!(browser.comes_from(OWN, &listed), expected, "{line}");
        };
        check("POST origin=https://api.example.org", true);
        check("POST origin=https://app.example.org sec-fetch-site=same-site", true);
        check("POST origin=null sec-fetch-site=same-origin", true);
        check("POST origin=https://evil.example sec-fetch-site=cross-site", false);
        check("POST origin=https://api.example.org.evil.example", false);
        check("POST origin=http://api.example.org", false);
        check("POST origin=null", false);
        check("POST", false);
        check("POST sec-fetch-site=none", false);
        check("POST x-requested-with=fetch", false);
        check("GET", false);
        check("GET sec-fetch-site=none", true);
        check("GET sec-fetch-site=same-origin", true);
        check("GET sec-fetch-site=cross-site", false);
        check("GET sec-fetch-site=same-site", false);
        check("GET x-requested-with=fetch", true);
        check("GET apollo-require-preflight=1", true);
        check("GET origin=https://evil.example x-requested-with=fetch", false);
        check("DELETE apollo-require-preflight=1", false);
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let list = headers(&[("cookie", "a=1; session=x=y;b=2"), ("cookie", " c = 3")]);
        let browser = Browser::of("GET", &list);
        for (name, expected) in [
            ("session", Some("x=y")),
            ("ession", None),
            ("a", Some("1")),
            ("b", Some("2")),
            ("c", Some("3")),
            ("d", None),
        ] {
            assert_eq!(browser.cookie(name), expected, "{name}");
        }
        assert_eq!(Browser::of("GET", &headers(&[])).cookie("a"), None);
    }
}
