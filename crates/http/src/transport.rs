//! Whether others could read a request on its way. The server speaks plain HTTP: a proxy in front of it speaks TLS.

use std::net::IpAddr;

use bistro_wire::Headers;
use hyper::HeaderMap;

use crate::proxies::Proxies;

/// The pseudo-header of HTTP/2 (RFC 9113, 8.3.1) under which surfaces find the scheme that the client used, as far as a listed
/// proxy says it. No client can send a header of this name.
pub(crate) const SCHEME: &str = ":scheme";

/// The header in which proxies say by which scheme a request came to them.
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// What proxies add to a request that they pass on.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", FORWARDED_PROTO];

/// The scheme that the client used. `public` is that of the server's own address, for proxies that do not say.
pub(crate) fn scheme(proxies: &Proxies, peer: IpAddr, headers: &HeaderMap, public: bool) -> &'static str {
    if !proxies.has(peer) {
        return "http";
    }
    let mut said = headers.get_all(FORWARDED_PROTO).iter().peekable();
    let secure = match said.peek() {
        None => public,
        // What the client wrote may stand before what the proxy added: each of them must be https.
        Some(_) => said.flat_map(|value| value.to_str().unwrap_or("").split(',')).all(is_https),
    };
    if secure { "https" } else { "http" }
}

fn is_https(scheme: &str) -> bool {
    scheme.trim().eq_ignore_ascii_case("https")
}

/// Whether nobody could read the request of a client at `ip` on its way here: it came by https through a listed proxy, or never
/// left this machine. A proxy on this machine that is not listed may have had it from anywhere.
pub fn confidential(headers: &dyn Headers, ip: Option<IpAddr>) -> bool {
    let here = ip.is_some_and(|ip| ip.to_canonical().is_loopback());
    let forwarded = || FORWARDED.iter().any(|name| headers.get(name).is_some());
    headers.get(SCHEME) == Some("https") || (here && !forwarded())
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use hyper::header::HeaderValue;

    use super::{SCHEME, confidential, scheme};
    use crate::proxies::Proxies;

    #[test]
    fn only_listed_proxies_say_how_a_client_came() {
        let proxies = Proxies::new(&["10.0.0.0/8".to_owned()]).unwrap();
        let check = |peer: &str, said: &[&'static str], public: bool, expected: &str| {
            let mut headers = HeaderMap::new();
            for value in said {
                headers.append("x-forwarded-proto", HeaderValue::from_static(value));
            }
            assert_eq!(
                scheme(&proxies, peer.parse().unwrap(), &headers, public),
                expected,
                "{peer} {said:?} {public}"
            );
        };
        check("10.1.2.3", &["https"], false, "https");
        check("::ffff:10.1.2.3", &["HTTPS"], false, "https");
        check("10.1.2.3", &["http"], true, "http");
        check("10.1.2.3", &[], true, "https");
        check("10.1.2.3", &[], false, "http");
        check("10.1.2.3", &["https, https"], false, "https");
        check("10.1.2.3", &["https, http"], true, "http");
        check("10.1.2.3", &["https", "http"], true, "http");
        check("10.1.2.3", &[""], true, "http");
        check("203.0.113.5", &["https"], true, "http");
        check("127.0.0.1", &["https"], true, "http");
    }

    #[test]
    fn a_request_is_confidential_by_https_or_on_this_machine() {
        let check = |headers: &[(&str, &str)], ip: Option<&str>, expected: bool| {
            let all: Vec<_> = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            let told = confidential(&all, ip.map(|ip| ip.parse().unwrap()));
            assert_eq!(told, expected, "{headers:?} {ip:?}");
        };
        check(&[(SCHEME, "https")], Some("203.0.113.5"), true);
        check(&[(SCHEME, "http")], Some("203.0.113.5"), false);
        check(&[], Some("203.0.113.5"), false);
        check(&[(SCHEME, "http")], None, false);
        for here in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            check(&[(SCHEME, "http")], Some(here), true);
            for header in ["forwarded", "x-forwarded-for", "x-forwarded-proto"] {
                check(&[(SCHEME, "http"), (header, "https")], Some(here), false);
            }
        }
    }
}
