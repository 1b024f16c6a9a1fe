//! Where browsers may be sent: the application's own address, and what the configuration lists.

use crate::accounts::Accounts;
use crate::http::Asked;
use crate::settings::Settings;

/// Where a flow shall end: `redirect_to`, if that is allowed; otherwise the page that asked, if that is; otherwise the
/// application.
pub fn wanted(accounts: &Accounts, asked: &Asked) -> String {
    allowed_or_site(&accounts.settings, asked.query("redirect_to"), asked.header("referer"))
}

/// The first of the addresses that is allowed; the application's where none is.
pub fn allowed_or_site(settings: &Settings, wanted: Option<&str>, referer: Option<&str>) -> String {
    let found = [wanted, referer].into_iter().flatten().find(|to| allowed(settings, to));
    found.unwrap_or(&settings.site_url).to_owned()
}

/// Whether a browser may be sent there.
pub fn allowed(settings: &Settings, to: &str) -> bool {
    let Some(parts) = Parts::read(to) else { return false };
    if let Some(site) = Parts::read(&settings.site_url)
        && parts.scheme == site.scheme
        && parts.host == site.host
        && (parts.port == site.port || (settings.dev && loopback(parts.host)))
    {
        return true;
    }
    if settings.dev && matches!(parts.scheme, "http" | "https") && loopback(parts.host) {
        return true;
    }
    let bare = to.split(['?', '#']).next().unwrap_or(to);
    settings.redirect_urls.iter().any(|listed| matches(listed, bare) || listed == to)
}

/// An address in its parts: only as far as nobody reads it otherwise.
struct Parts<'t> {
    scheme: &'t str,
    host: &'t str,
    port: &'t str,
}

impl<'t> Parts<'t> {
    /// `None` for what is no absolute address, or what some browser could read as another one.
    fn read(text: &'t str) -> Option<Self> {
        let strange = |c: char| {
            c.is_control() || c.is_whitespace() || matches!(c, '\\' | '"' | '<' | '>' | '`' | '{' | '}')
        };
        if text.len() > 2_000 || text.chars().any(strange) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let letters = scheme
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'));
        if !letters || !scheme.starts_with(|c: char| c.is_ascii_lowercase()) || script(scheme) {
            return None;
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        if authority.contains('@') || authority.contains('%') {
            return None;
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(_) => authority.split_at(authority.find(']')? + 1),
            None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
        };
        let port = port.strip_prefix(':').unwrap_or(port);
        let number = port.is_empty() || (port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()));
        // An application's own scheme may have nothing for a host.
        let named = !host.is_empty() || !matches!(scheme, "http" | "https");
        (number && named).then_some(Self { scheme, host, port })
    }
}

/// Schemes that run or read something in the browser itself.
fn script(scheme: &str) -> bool {
    matches!(
        scheme,
        "javascript" | "data" | "vbscript" | "file" | "blob" | "about" | "filesystem" | "view-source"
    )
}

fn loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost")
}

/// Whether an address fits an entry of the list: to the letter, or as a glob whose `*` stands for anything but `.` and `/`, and
/// whose `**` for anything but what would lead out of the path.
fn matches(listed: &str, to: &str) -> bool {
    if !listed.contains('*') {
        return listed.trim_end_matches('/') == to.trim_end_matches('/');
    }
    glob(listed.as_bytes(), to.as_bytes())
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    // Where the last star stands, and how much of the text it has taken: enough, since a star never needs to give back.
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match pattern.get(p) {
            Some(b'*') => {
                while pattern.get(p) == Some(&b'*') {
                    p += 1;
                }
                star = Some((p, t));
            }
            Some(byte) if text.get(t) == Some(byte) => {
                p += 1;
                t += 1;
            }
            None if t == text.len() => return true,
            _ => {
                let Some((after, taken)) = star else { return false };
                match text.get(taken) {
                    Some(b'.' | b'/') | None => return false,
                    Some(_) => {
                        star = Some((after, taken + 1));
                        p = after;
                        t = taken + 1;
                    }
                }
            }
        }
    }
}

/// The address with members added to its query.
pub fn with_query(to: &str, members: &[(&str, &str)]) -> String {
    let (bare, fragment) = to.split_once('#').map_or((to, None), |(bare, fragment)| (bare, Some(fragment)));
    let joined = encoded(members);
    let join = match bare.contains('?') {
        true if bare.ends_with(['?', '&']) => "",
        true => "&",
        false => "?",
    };
    let fragment = fragment.map_or_else(String::new, |fragment| format!("#{fragment}"));
    format!("{bare}{join}{joined}{fragment}")
}

/// The address with these members as its fragment.
pub fn with_fragment(to: &str, members: &[(&str, &str)]) -> String {
    let bare = to.split('#').next().unwrap_or(to);
    format!("{bare}#{}", encoded(members))
}

/// Members as a query or a form.
pub fn encoded(members: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", component(name), component(value));
    members.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn component(text: &str) -> String {
    const KEPT: percent_encoding::AsciiSet =
        percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(text, &KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::{allowed, with_fragment, with_query};
    use crate::settings::Settings;

    fn settings(dev: bool) -> Settings {
        Settings {
            site_url: "https://app.example.org".to_owned(),
            redirect_urls: [
                "https://other.example.org/exact",
                "https://*.preview.example.org/*",
                "myapp://callback",
                "https://shop.example.org/a*b/in",
            ]
            .map(str::to_owned)
            .to_vec(),
            dev,
            ..Settings::default()
        }
    }

    #[test]
    fn browsers_are_sent_only_where_the_list_says() {
        let check = |to: &str, expected: bool| assert_eq!(allowed(&settings(false), to), expected, "{to:?}");
        for good in [
            "https://app.example.org",
            "https://app.example.org/any/where?x=1#y",
            "https://other.example.org/exact",
            "https://other.example.org/exact?x=1",
            "https://one.preview.example.org/in",
            "https://shop.example.org/a-and-b/in",
            "myapp://callback",
        ] {
            check(good, true);
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "https:/app.example.org",
            "https:app.example.org",
            "http://app.example.org",
            "https://app.example.org:8443",
            "https://app.example.org.evil.example",
            "https://app.example.org@evil.example",
            "https://evil.example@app.example.org",
            "https://app.example.org\\@evil.example",
            "https://app.example.org\\.evil.example",
            "https://evil.example/https://app.example.org",
            "https://evil.example?https://app.example.org",
            "https://evil.example#https://app.example.org",
            "HTTPS://APP.EXAMPLE.ORG\n.evil.example",
            "https://app.example.org\t.evil.example",
            "https://app%2eexample.org",
            "https://other.example.org/exact/more",
            "https://other.example.org/exactly",
            "https://a.b.preview.example.org/in",
            "https://evil.example/.preview.example.org/in",
            "https://one.preview.example.org/in/deeper",
            "https://shop.example.org/a/b/in",
            "myapp://callback/x",
            "myapp://other",
            "javascript://app.example.org/%0aalert(1)",
            "data://text",
            "http://localhost:3000",
            "http://[::1",
            "https://app.example.org:x",
        ] {
            check(bad, false);
        }
        assert!(allowed(&settings(true), "http://localhost:3000/x"));
        assert!(allowed(&settings(true), "http://127.0.0.1:5173"));
        assert!(!allowed(&settings(true), "http://localhost.evil.example"));
    }

    #[test]
    fn members_are_added_to_what_is_there() {
        let members = [("a", "1 &#"), ("sb", "")];
        assert_eq!(with_query("https://x/y", &members), "https://x/y?a=1%20%26%23&sb=");
        assert_eq!(with_query("https://x/y?z=1#f", &members), "https://x/y?z=1&a=1%20%26%23&sb=#f");
        assert_eq!(with_fragment("https://x/y?z=1#f", &members), "https://x/y?z=1#a=1%20%26%23&sb=");
    }
}
