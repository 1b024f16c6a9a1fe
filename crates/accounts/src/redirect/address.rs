//! An address in its parts.

/// The longest address, in bytes.
const LONGEST: usize = 2_000;

/// An absolute address that nobody reads otherwise.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address<'t> {
    pub(super) scheme: &'t str,
    /// In lower case.
    host: String,
    /// `None` for the scheme's own.
    port: Option<u16>,
    /// From the first slash to the query.
    path: &'t str,
}

impl<'t> Address<'t> {
    /// `None` for what is no absolute address, or what some browser could read as another one.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let strange = |c: char| {
            c.is_control()
                || c.is_whitespace()
                || matches!(c, '\\' | '"' | '<' | '>' | '`' | '{' | '}' | '|' | '^')
        };
        if text.len() > LONGEST || text.chars().any(strange) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        if !is_scheme(scheme) || runs(scheme) {
            return None;
        }
        let web = matches!(scheme, "http" | "https");
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let (host, port) = match authority.strip_prefix('[') {
            Some(_) => authority.split_at(authority.find(']')? + 1),
            None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
        };
        // An application's own scheme may have nothing for a host.
        if !is_host(host) || (web && host.is_empty()) {
            return None;
        }
        let port = number(port, scheme)?;
        let path = rest[authority.len()..].split(['?', '#']).next().unwrap_or("");
        let leads_up = |segment: &str| {
            let plain = segment.to_ascii_lowercase().replace("%2e", ".");
            matches!(plain.as_str(), "." | "..")
        };
        if path.split('/').any(leads_up) {
            return None;
        }
        Some(Self { scheme, host: host.to_ascii_lowercase(), port, path })
    }

    /// Whether it is http or https.
    pub(super) fn is_web(&self) -> bool {
        matches!(self.scheme, "http" | "https")
    }

    /// Whether it is on the reader's own machine.
    pub(super) fn is_loopback(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "[::1]") || self.host.ends_with(".localhost")
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self) -> String {
        let port = self.port.map_or_else(String::new, |port| format!(":{port}"));
        format!("{}://{}{port}", self.scheme, self.host)
    }

    /// The address without query and fragment.
    pub(super) fn bare(&self) -> String {
        format!("{}{}", self.origin(), self.path)
    }

    /// Whether dots or slashes are encoded in the path: some server may take them for what they stand for.
    pub(super) fn hides_separators(&self) -> bool {
        let path = self.path.to_ascii_lowercase();
        ["%2e", "%2f", "%5c"].iter().any(|hidden| path.contains(hidden))
    }
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'))
}

/// Schemes that run or read something in the browser itself.
fn runs(scheme: &str) -> bool {
    matches!(
        scheme,
        "javascript"
            | "data"
            | "vbscript"
            | "file"
            | "blob"
            | "about"
            | "filesystem"
            | "view-source"
            | "ws"
            | "wss"
            | "ftp"
    )
}

/// A name or an address of plain letters: browsers turn other ones into something else before they connect.
fn is_host(host: &str) -> bool {
    match host.strip_prefix('[').map(|host| host.strip_suffix(']')) {
        Some(inside) => inside
            .is_some_and(|inside| inside.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'))),
        None => host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')),
    }
}

/// The number after the colon; `Some(None)` where it says nothing, `None` where it is none.
fn number(port: &str, scheme: &str) -> Option<Option<u16>> {
    let Some(digits) = port.strip_prefix(':').filter(|digits| !digits.is_empty()) else {
        return (port.is_empty() || port == ":").then_some(None);
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse::<u16>().ok()?;
    let usual = matches!((scheme, number), ("http", 80) | ("https", 443));
    Some((!usual).then_some(number))
}
