//! Where codes may be sent: addresses that the application registered, to the letter (RFC 9700, 2.1). A program on the
//! person's own machine listens on any port of it (RFC 8252, 7.3).

use crate::redirect;

/// The longest address, in bytes.
const LONGEST: usize = 2_000;

/// Why an address cannot be registered.
pub(super) fn unusable(uri: &str) -> Option<&'static str> {
    if uri.len() > LONGEST {
        return Some("it is too long");
    }
    if !uri.is_ascii() || uri.contains('*') {
        return Some("it is written out, in ASCII, without wildcards");
    }
    if uri.contains('#') {
        return Some("it has no fragment");
    }
    let Some((scheme, rest)) = uri.split_once(':') else { return Some("it begins with https://") };
    match scheme {
        "https" if redirect::origin(uri).is_some() => None,
        "http" if loopback(uri).is_some() && redirect::origin(uri).is_some() => None,
        "http" => Some("http:// is for programs on the person's own machine: http://127.0.0.1/…"),
        // RFC 8252, 7.1: a scheme of one's own is a domain of one's own backwards, so that it is nobody else's.
        _ if !scheme.contains('.') => Some("a scheme of its own is a domain backwards: org.example.app:/…"),
        _ if own_scheme(scheme, rest) => None,
        _ => Some("it is no address that every browser reads alike"),
    }
}

/// `org.example.app:/back` has one slash by RFC 8252; with two it has a host.
fn own_scheme(scheme: &str, rest: &str) -> bool {
    let whole = match rest.strip_prefix("//") {
        Some(rest) => format!("{scheme}://{rest}"),
        None if rest.starts_with('/') => format!("{scheme}://{rest}"),
        None => return false,
    };
    redirect::origin(&whole).is_some()
}

/// Whether an address is one of those that were registered.
pub(super) fn registered(all: &[String], asked: &str) -> bool {
    all.iter().any(|one| one == asked)
        || loopback(asked).is_some_and(|asked| all.iter().any(|one| loopback(one).as_ref() == Some(&asked)))
}

/// The host and what follows the port, of an address on the person's own machine.
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (host, port) = match authority.strip_prefix("[::1]") {
        Some(port) => ("[::1]", port),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port = match port.strip_prefix(':') {
        Some(number) => number.bytes().all(|b| b.is_ascii_digit()) && number.parse::<u16>().is_ok(),
        None => port.is_empty(),
    };
    (port && matches!(host, "127.0.0.1" | "[::1]" | "localhost")).then_some((host, path))
}

#[cfg(test)]
mod tests {
    use super::{registered, unusable};

    #[test]
    fn addresses_are_registered_that_can_be_nobody_elses() {
        let check = |uri: &str, usable: bool| assert_eq!(unusable(uri).is_none(), usable, "{uri}");
        check("https://app.example.org/back", true);
        check("https://app.example.org/back?from=bistro", true);
        check("http://127.0.0.1/back", true);
        check("http://[::1]:8080/back", true);
        check("http://localhost:3000/back", true);
        check("org.example.app:/back", true);
        check("org.example.app://back", true);
        check("http://app.example.org/back", false);
        check("http://127.0.0.1.example.org/back", false);
        check("http://127.0.0.1@example.org/back", false);
        check("https://app.example.org/back#part", false);
        check("https://*.example.org/back", false);
        check("https://app.example.org\\@evil.example/", false);
        check("https://", false);
        check("myapp://back", false);
        check("javascript:alert(1)", false);
        check("data:text/html,x", false);
        check("back", false);
    }

    #[test]
    fn addresses_fit_to_the_letter_but_for_ports_of_the_own_machine() {
        let all = ["https://app.example.org/back".to_owned(), "http://127.0.0.1/back".to_owned()];
        let check = |uri: &str, expected: bool| assert_eq!(registered(&all, uri), expected, "{uri}");
        check("https://app.example.org/back", true);
        check("http://127.0.0.1/back", true);
        check("http://127.0.0.1:49152/back", true);
        check("https://app.example.org/back/", false);
        check("https://app.example.org/back?x", false);
        check("https://APP.example.org/back", false);
        check("https://app.example.org:443/back", false);
        check("http://127.0.0.1:99999/back", false);
        check("http://127.0.0.1:80@evil.example/back", false);
        check("http://localhost/back", false);
        check("http://127.0.0.1/other", false);
        check("", false);
    }
}
