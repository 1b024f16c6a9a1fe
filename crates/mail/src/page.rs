//! The page of caught mails: `/dev/mail`.

use std::fmt::Write as _;

use bistro_wire::problem_reply::JSON;
use bistro_wire::{Request, Response};
use serde_json::json;

use crate::catch::{Catch, Caught};

/// Nothing is loaded and nothing is run; a mail is shown in a frame without rights, whose links open in the window.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; img-src data: https:; form-action 'none'; \
     frame-ancestors 'none'";

const STYLE: &str = "\
:root{color-scheme:light dark;--line:light-dark(#d8dce3,#3a3f4a);--soft:light-dark(#f5f6f8,#20242c);--dim:light-dark(#5b6472,#9aa3b2);\
--link:light-dark(#0b57d0,#8ab4f8)}\
*{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif}a{color:var(--link)}\
header{padding:1rem 1.5rem;border-bottom:1px solid var(--line)}h1{font-size:1.15rem;margin:0}\
main{display:grid;grid-template-columns:minmax(16rem,24rem) 1fr;min-height:calc(100vh - 4rem)}\
nav{border-right:1px solid var(--line);overflow:auto}nav ol{list-style:none;margin:0;padding:0}\
nav a{display:block;padding:.7rem 1.5rem;border-bottom:1px solid var(--line);text-decoration:none;color:inherit}\
nav a[aria-current]{background:var(--soft)}nav small{color:var(--dim);display:block}\
article{padding:1.5rem;min-width:0}dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:0 0 1rem}dt{color:var(--dim)}dd{margin:0}\
iframe{width:100%;height:22rem;border:1px solid var(--line);border-radius:.5rem;background:#fff;color-scheme:light}\
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);padding:1rem;border-radius:.5rem}\
p.none{color:var(--dim);padding:1rem 1.5rem}@media(max-width:45rem){main{display:block}nav{border-right:0}}";

impl Catch {
    /// Answers `/dev/mail`, `/dev/mail/<number>` and `/dev/mail.json`.
    pub fn handle(&self, request: &Request<'_>) -> Response {
        if is_foreign(request) {
            return Response::new(403, "Pages of other sites may not read mails\n")
                .header("content-type", "text/plain");
        }
        match (request.method, request.path.trim_end_matches('/')) {
            ("GET" | "HEAD", "/dev/mail.json") => {
                let all: Vec<_> = self.all().iter().map(object).collect();
                Response::new(200, json!({ "mails": all }).to_string())
                    .header("content-type", JSON)
                    .header("cache-control", "no-store")
            }
            ("DELETE", "/dev/mail.json") => {
                self.clear();
                Response::new(204, "")
            }
            ("GET" | "HEAD", "/dev/mail") => page(&self.all(), None),
            ("GET" | "HEAD", path) => {
                let number = path.strip_prefix("/dev/mail/").and_then(|number| number.parse().ok());
                match number.and_then(|number| self.get(number)) {
                    Some(caught) => page(&self.all(), Some(&caught)),
                    None => Response { status: 404, ..page(&self.all(), None) },
                }
            }
            _ => Response::new(405, "").header("allow", "GET, HEAD, DELETE"),
        }
    }
}

/// Whether a script of another site's page asks. Mails hold links that sign in, and data surfaces are open to every page.
fn is_foreign(request: &Request<'_>) -> bool {
    let header = |name| request.headers.get(name);
    let navigates = header("sec-fetch-mode") == Some("navigate");
    let beyond = header("sec-fetch-site").is_some_and(|site| !matches!(site, "none" | "same-origin"));
    let origin = header("origin").map(|origin| origin.split_once("://").map_or(origin, |(_, host)| host));
    (beyond && !navigates) || (origin.is_some() && origin != header("host"))
}

fn object(caught: &Caught) -> serde_json::Value {
    let mail = &caught.mail;
    json!({"number": caught.number, "to": mail.to, "subject": mail.subject, "text": mail.text, "html": mail.html})
}

fn page(all: &[Caught], shown: Option<&Caught>) -> Response {
    let shown = shown.or(all.first());
    let mut list = String::new();
    for caught in all {
        let current = if shown.is_some_and(|shown| shown.number == caught.number) {
            " aria-current=\"page\""
        } else {
            ""
        };
        let (subject, to) = (escaped(&caught.mail.subject), escaped(&caught.mail.to));
        let _ = write!(
            list,
            "<li><a href=\"/dev/mail/{}\"{current}>{subject}<small>{to}</small></a></li>",
            caught.number
        );
    }
    let nav = match all.is_empty() {
        true => {
            "<p class=\"none\">No mail yet. Sign up, or ask for a link, and it appears here.</p>".to_owned()
        }
        false => format!("<ol>{list}</ol>"),
    };
    let article = shown.map_or_else(String::new, article);
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Mail</title><style>{STYLE}</style><header><h1>Mail that was caught</h1></header>\
         <main><nav aria-label=\"Mails\">{nav}</nav>{article}</main></html>"
    );
    Response::new(200, html)
        .header("content-type", bistro_wire::files::HTML)
        .header("cache-control", "no-store")
        .header("x-content-type-options", "nosniff")
        .header("content-security-policy", POLICY)
}

fn article(caught: &Caught) -> String {
    let mail = &caught.mail;
    let html = mail.html.as_deref().unwrap_or("");
    let inside = escaped(&format!(
        "<base target=\"_top\"><style>body{{font:16px/1.5 system-ui,sans-serif}}</style>{html}"
    ));
    format!(
        "<article><dl><dt>To</dt><dd>{}</dd><dt>Subject</dt><dd>{}</dd></dl>\
         <iframe title=\"The mail\" sandbox=\"allow-top-navigation-by-user-activation\" srcdoc=\"{inside}\"></iframe>\
         <h2>As text</h2><pre>{}</pre></article>",
        escaped(&mail.to),
        escaped(&mail.subject),
        linked(&mail.text),
    )
}

/// Text whose addresses are links.
fn linked(text: &str) -> String {
    let mut out = String::new();
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        match word
            .find("http")
            .filter(|at| word[*at..].starts_with("http://") || word[*at..].starts_with("https://"))
        {
            Some(at) => {
                let address = &word[at..];
                let end = address.find(char::is_whitespace).unwrap_or(address.len());
                let (to, rest) = (escaped(&address[..end]), escaped(&address[end..]));
                let _ = write!(out, "{}<a href=\"{to}\">{to}</a>{rest}", escaped(&word[..at]));
            }
            None => out.push_str(&escaped(word)),
        }
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
