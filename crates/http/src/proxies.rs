//! Proxies in front of the server, and the address of the client behind them.

use std::net::IpAddr;

use hyper::HeaderMap;

/// The header in which proxies name whom they speak for, each adding an address at the end.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies whose word is believed. What others send in that header is what anybody could write.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<Network>);

/// The addresses that begin with the same bits.
#[derive(Clone, Copy, Debug)]
struct Network {
    first: IpAddr,
    bits: u32,
}

impl Proxies {
    /// Reads addresses and networks: `192.0.2.7`, `10.0.0.0/8`, `fd00::/8`.
    ///
    /// # Errors
    /// The entry that is neither.
    pub fn new(entries: &[String]) -> Result<Self, String> {
        let read = |entry: &String| Network::read(entry).ok_or_else(|| entry.clone());
        entries.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The client of a request: the last address of the header that is no listed proxy, if the request came through one.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        if !self.has(client) {
            return client;
        }
        for value in headers.get_all(FORWARDED_FOR).iter().rev() {
            for named in value.to_str().unwrap_or("").rsplit(',') {
                let Some(named) = address(named.trim()) else { return client };
                client = named;
                if !self.has(client) {
                    return client;
                }
            }
        }
        client
    }

    /// Whether the address is that of a listed proxy.
    pub(crate) fn has(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|network| network.has(ip))
    }
}

/// An address, perhaps with a port as some proxies write it: `192.0.2.7:1234`, `[2001:db8::1]:1234`.
fn address(text: &str) -> Option<IpAddr> {
    let plain = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    plain.or_else(with_port).map(|ip| ip.to_canonical())
}

impl Network {
    fn read(entry: &str) -> Option<Self> {
        let (first, bits) = entry.split_once('/').map_or((entry, None), |(first, bits)| (first, Some(bits)));
        let first = first.parse::<IpAddr>().ok()?.to_canonical();
        let most = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok()).filter(|bits| *bits <= most)?;
        Some(Self { first, bits })
    }

    fn has(&self, ip: IpAddr) -> bool {
        let other_bits = match (self.first, ip) {
            (IpAddr::V4(first), IpAddr::V4(ip)) => (first.to_bits() ^ ip.to_bits()).leading_zeros(),
            (IpAddr::V6(first), IpAddr::V6(ip)) => (first.to_bits() ^ ip.to_bits()).leading_zeros(),
            _ => return false,
        };
        other_bits >= self.bits
    }
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use hyper::header::HeaderValue;

    use super::Proxies;

    #[test]
    fn only_listed_proxies_name_the_client() {
        let listed = ["10.0.0.0/8".to_owned(), "192.0.2.7".to_owned(), "fd00::/8".to_owned()];
        let proxies = Proxies::new(&listed).unwrap();
        let check = |peer: &str, forwarded: &[&str], expected: &str| {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", HeaderValue::from_str(value).unwrap());
            }
            let client = proxies.client(peer.parse().unwrap(), &headers);
            assert_eq!(client.to_string(), expected, "{peer} {forwarded:?}");
        };
        check("203.0.113.5", &["198.51.100.1"], "203.0.113.5");
        check("10.1.2.3", &["198.51.100.1"], "198.51.100.1");
        check("::ffff:10.1.2.3", &["198.51.100.1"], "198.51.100.1");
        check("fd00::1", &["2001:db8::1"], "2001:db8::1");
        // What the client itself wrote stands before what the proxy added.
        check("10.1.2.3", &["1.1.1.1, 198.51.100.1"], "198.51.100.1");
        check("10.1.2.3", &["1.1.1.1", "198.51.100.1, 192.0.2.7"], "198.51.100.1");
        check("10.1.2.3", &["198.51.100.1:4711"], "198.51.100.1");
        check("10.1.2.3", &["[2001:db8::1]:4711"], "2001:db8::1");
        // Nothing that can be believed: the proxy is all that is known.
        check("10.1.2.3", &[], "10.1.2.3");
        check("10.1.2.3", &["unknown"], "10.1.2.3");
        check("10.1.2.3", &["198.51.100.1, unknown, 192.0.2.7"], "192.0.2.7");
        check("10.1.2.3", &["10.9.9.9"], "10.9.9.9");
    }

    #[test]
    fn entries_are_addresses_or_networks() {
        let check = |entry: &str, sound: bool| {
            assert_eq!(Proxies::new(&[entry.to_owned()]).is_ok(), sound, "{entry:?}");
        };
        for entry in ["10.0.0.0/8", "0.0.0.0/0", "::/0", "fd00::/128", "192.0.2.7"] {
            check(entry, true);
        }
        for entry in ["", "proxy.internal", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "10.0.0/8", "*"] {
            check(entry, false);
        }
    }
}
