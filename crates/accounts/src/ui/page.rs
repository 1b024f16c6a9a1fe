//! The frame of every page.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_wire::Response;

use super::keys::SCRIPT;
use crate::redirect;

/// Nothing is loaded from elsewhere, nothing runs but the script for keys, and nobody frames a page. Where forms go is said behind it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; \
                      base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

const STYLE: &str = "\
:root{color-scheme:light dark;--accent:light-dark(#0b57d0,#8ab4f8);--on:light-dark(#fff,#10233f);--line:light-dark(#c4c9d2,#454b57);\
--soft:light-dark(#f4f5f8,#171a20);--card:light-dark(#fff,#20242c);--dim:light-dark(#5b6472,#a2aab8);--bad:light-dark(#b3261e,#f2b8b5)}\
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--soft);\
font:16px/1.5 system-ui,sans-serif;padding:1rem}main{width:100%;max-width:26rem;background:var(--card);border:1px solid var(--line);\
border-radius:.75rem;padding:2rem}h1{font-size:1.35rem;margin:0 0 1rem}p{margin:.5rem 0}label{display:block;margin:.9rem 0 .25rem;font-weight:600}\
h2{font-size:1.05rem;margin:1.75rem 0 .5rem}input,select,button,.button{font:inherit;width:100%;padding:.6rem .75rem;border-radius:.5rem;border:1px solid var(--line);background:transparent;color:inherit}\
button,.button{margin-top:1.25rem;background:var(--accent);color:var(--on);border-color:var(--accent);font-weight:600;cursor:pointer}\
.button{display:block;text-align:center;text-decoration:none}.plain{background:transparent;color:inherit;border-color:var(--line)}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}\
a{color:var(--accent)}.dim{color:var(--dim)}[role=alert]{color:var(--bad);border-left:3px solid;padding-left:.75rem}\
ul{padding-left:1.2rem}ul.rows{list-style:none;padding:0}.rows li{border-top:1px solid var(--line);padding:.75rem 0}\
.rows button,summary+form button{margin-top:.5rem}.check{font-weight:400}.check input{width:auto}details{margin-top:1.25rem}\
summary{cursor:pointer;color:var(--dim)}.qr svg{display:block;width:100%;max-width:14rem;height:auto;margin:1rem auto;background:#fff}\
.key{overflow-wrap:anywhere;text-align:center}.dim{font-size:.925rem}nav{margin-top:1.25rem;display:flex;gap:1rem;flex-wrap:wrap}";

/// A page with a title and the HTML of its body, whose forms go to this server alone; `theme` is a style sheet of the
/// project's own, or nothing.
pub fn page(status: u16, title: &str, theme: &str, body: &str) -> Response {
    framed(status, title, theme, body, POLICY.to_owned() + ";")
}

/// The same with a form that sends the browser on to an allowed address in the end: browsers hold the whole way of a form
/// to the policy.
pub fn page_on_the_way(status: u16, title: &str, theme: &str, body: &str, to: &str) -> Response {
    let origin = redirect::origin(to).unwrap_or_default();
    framed(status, title, theme, body, format!("{POLICY} {origin};"))
}

/// The same for pages that ask for keys: the one script that runs, and whom it may ask.
pub(super) fn page_with_keys(status: u16, title: &str, theme: &str, body: &str) -> Response {
    let script = format!("<script type=\"module\">{SCRIPT}</script>");
    framed(status, title, theme, &(body.to_owned() + &script), KEYS_POLICY.clone())
}

/// Nothing runs but our script, to the letter, and it asks nobody but us.
static KEYS_POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(digest(&SHA256, SCRIPT.as_bytes()));
    format!("{POLICY}; script-src 'sha256-{hash}'; connect-src 'self';")
});

fn framed(status: u16, title: &str, theme: &str, body: &str, policy: String) -> Response {
    // A style sheet cannot end its element: that is the only thing in it that HTML would read.
    let theme = theme.replace('<', "");
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><link rel=\"icon\" href=\"data:,\">\
         <title>{title}</title><style>{STYLE}{theme}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>",
        title = escaped(title),
    );
    Response::new(status, html)
        .header("content-type", bistro_wire::files::HTML)
        .header("cache-control", "no-store")
        .header("content-security-policy", policy)
        .header("x-content-type-options", "nosniff")
        .header("x-frame-options", "DENY")
        // Other origins learn nothing; our own are told, so that a form says where it comes from.
        .header("referrer-policy", "same-origin")
}

/// Text as HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
