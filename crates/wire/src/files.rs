//! The files of a page, served from memory. They are kept as they are sent, most of them compressed.

use std::io::Read as _;

use bistro_problem::{Code, Problem};
use bytes::Bytes;
use flate2::read::GzDecoder;

use crate::etag::{etag, matches_etag};
use crate::problem_reply::problem_reply;
use crate::{Headers, Request, Response};

/// The content type of pages.
pub const HTML: &str = "text/html; charset=utf-8";
/// The content type of scripts.
pub const JS: &str = "text/javascript; charset=utf-8";
/// The content type of style sheets.
pub const CSS: &str = "text/css; charset=utf-8";

/// One file.
pub struct File {
    path: &'static str,
    content_type: &'static str,
    gzip: bool,
    body: Bytes,
    etag: String,
}

impl File {
    /// A file as it is.
    pub fn new(path: &'static str, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self { path, content_type, gzip: false, etag: etag(&body), body }
    }

    /// A file that is kept as gzip made it. It is sent so, and unpacked for clients that cannot do it themselves.
    pub fn gzip(path: &'static str, content_type: &'static str, body: &'static [u8]) -> Self {
        // Weak: the tag is of both forms.
        let etag = format!("W/{}", etag(body));
        Self { path, content_type, gzip: true, etag, body: Bytes::from_static(body) }
    }

    fn answer(&self, request: &Request<'_>, policy: &'static str) -> Response {
        let fresh = request.headers.get("if-none-match").is_some_and(|seen| matches_etag(seen, &self.etag));
        let mut response = Response::new(if fresh { 304 } else { 200 }, Bytes::new())
            .header("etag", self.etag.clone())
            .header("cache-control", "no-cache")
            .header("x-content-type-options", "nosniff")
            .header("content-security-policy", policy);
        if self.gzip {
            response = response.header("vary", "Accept-Encoding");
        }
        if fresh {
            return response;
        }
        response = response.header("content-type", self.content_type);
        // The server drops the body of an answer to HEAD and keeps its length.
        response.body = match self.gzip {
            true if !takes_gzip(request.headers) => unpacked(&self.body),
            _ => self.body.clone(),
        };
        match self.gzip && takes_gzip(request.headers) {
            true => response.header("content-encoding", "gzip"),
            false => response,
        }
    }
}

/// The files of a page.
pub struct Files {
    /// Where the page is.
    home: &'static str,
    /// The `Content-Security-Policy` of all of them.
    policy: &'static str,
    /// What the 404 below the page says.
    hint: &'static str,
    files: Vec<File>,
}

impl Files {
    /// The page at `home` (an absolute path without a slash at its end) with all that belongs to it. `hint` tells those who
    /// ask for a file that is not there where the page is.
    pub fn new(home: &'static str, policy: &'static str, hint: &'static str, files: Vec<File>) -> Self {
        Self { home, policy, hint, files }
    }

    /// Answers a request whose path is the page's or lies below it.
    pub fn handle(&self, request: &Request<'_>) -> Response {
        if !matches!(request.method, "GET" | "HEAD") {
            let text = format!("Unsupported HTTP method: {}", request.method);
            return problem_reply(Problem::new(Code::Method, text), request, true)
                .header("allow", "GET, HEAD");
        }
        if request.path.strip_suffix('/') == Some(self.home) {
            let name = self.home.rsplit('/').next().unwrap_or(self.home);
            return Response::new(308, Bytes::new()).header("location", format!("../{name}"));
        }
        match self.files.iter().find(|file| file.path == request.path) {
            Some(file) => file.answer(request, self.policy),
            None => {
                let problem = Problem::new(Code::NotFound, format!("Nothing is served at {}", request.path));
                problem_reply(problem.hint(self.hint), request, true)
            }
        }
    }
}

/// Whether the client says that it can unpack gzip.
fn takes_gzip(headers: &dyn Headers) -> bool {
    let named = |coding: &str| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let never = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        matches!(name.trim(), "gzip" | "x-gzip" | "*") && !never
    };
    headers.get("accept-encoding").is_some_and(|list| list.split(',').any(named))
}

fn unpacked(body: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    GzDecoder::new(body).read_to_end(&mut plain).expect("the files of the binary are whole");
    plain.into()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{File, Files, JS};
    use crate::{Request, Response};

    /// `hello` as gzip makes it.
    const HELLO: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff\xcbH\xcd\xc9\xc9\x07\0\x86\xa6\x106\x05\0\0\0";

    fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let files = vec![File::new("/page", "text/html", "page"), File::gzip("/page/hello.js", JS, HELLO)];
        let headers: Vec<(String, String)> =
            headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let body = Bytes::new();
        let request = Request { method, path, query: "", headers: &headers, body: &body, id: "r1", now: 0 };
        Files::new("/page", "default-src 'self'", "It is at /page.", files).handle(&request)
    }

    fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
        response.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_ref())
    }

    #[test]
    fn files_are_found_by_their_path() {
        for (method, path, status) in [
            ("GET", "/page", 200),
            ("HEAD", "/page/hello.js", 200),
            ("GET", "/page/", 308),
            ("GET", "/page/nothing", 404),
            ("POST", "/page", 405),
        ] {
            assert_eq!(ask(method, path, &[]).status, status, "{method} {path}");
        }
        let page = ask("GET", "/page", &[]);
        assert_eq!(header(&page, "content-security-policy"), Some("default-src 'self'"));
        assert_eq!(header(&page, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header(&ask("GET", "/page/", &[]), "location"), Some("../page"));
    }

    #[test]
    fn packed_files_are_unpacked_for_those_who_cannot() {
        for (accepted, packed) in [
            (Some("gzip, deflate, br"), true),
            (Some("br;q=1, gzip;q=0.5"), true),
            (Some("*"), true),
            (Some("br"), false),
            (Some("gzip;q=0"), false),
            (None, false),
        ] {
            let headers: Vec<(&str, &str)> = accepted.map(|a| ("accept-encoding", a)).into_iter().collect();
            let answer = ask("GET", "/page/hello.js", &headers);
            assert_eq!(header(&answer, "content-encoding").is_some(), packed, "{accepted:?}");
            assert_eq!(&answer.body[..] == b"hello", !packed, "{accepted:?}");
            assert_eq!(header(&answer, "vary"), Some("Accept-Encoding"));
        }
    }

    #[test]
    fn a_known_file_is_not_sent_again() {
        for path in ["/page", "/page/hello.js"] {
            let first = ask("GET", path, &[]);
            let tag = header(&first, "etag").expect("an ETag").to_owned();
            let again = ask("GET", path, &[("if-none-match", &tag)]);
            assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
            assert_eq!(ask("GET", path, &[("if-none-match", "\"other\"")]).status, 200, "{path}");
        }
    }
}
