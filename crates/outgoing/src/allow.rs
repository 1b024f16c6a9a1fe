//! What is allowed beyond https to public addresses.

use std::net::IpAddr;

use crate::address::{plain, public};

/// Hosts and addresses that may be asked although they are not public, or by plain http.
#[derive(Clone, Debug, Default)]
pub struct Allow {
    names: Vec<String>,
    addresses: Vec<IpAddr>,
    private: Vec<String>,
    loopback: bool,
}

impl Allow {
    /// Names of hosts and addresses, as `[outgoing] allow` lists them.
    pub fn new(hosts: &[String]) -> Self {
        let mut allow = Self::default();
        for host in hosts {
            allow = allow.and(host);
        }
        allow
    }

    /// One host more.
    #[must_use]
    pub fn and(mut self, host: &str) -> Self {
        let host = normal(host);
        match host.parse::<IpAddr>() {
            Ok(address) => self.addresses.push(plain(address)),
            Err(_) => self.names.push(host),
        }
        self
    }

    /// A host that may be private, but is asked by https: one that the operator wrote down. A port after it is left out.
    #[must_use]
    pub fn and_private(mut self, authority: &str) -> Self {
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        };
        self.private.push(normal(host));
        self
    }

    /// This machine too, as in development.
    #[must_use]
    pub fn and_loopback(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// Whether a host may be asked by plain http: it is allowed by its own name.
    pub(crate) fn plain_http(&self, host: &str) -> bool {
        let host = normal(host);
        match host.parse::<IpAddr>() {
            Ok(address) => self.listed(plain(address)),
            Err(_) => self.named(&host),
        }
    }

    /// Whether a connection may be made to an address that a host's name stands for.
    pub(crate) fn passes(&self, host: &str, address: IpAddr) -> bool {
        let host = normal(host);
        let own = self.names.contains(&host) || self.private.contains(&host);
        own || public(address) || self.listed(plain(address))
    }

    fn listed(&self, address: IpAddr) -> bool {
        self.addresses.contains(&address) || (self.loopback && address.is_loopback())
    }

    fn named(&self, host: &str) -> bool {
        let local = || host == "localhost" || host.ends_with(".localhost");
        self.names.iter().any(|name| name == host) || (self.loopback && local())
    }
}

/// A host as it is compared: lower case, no brackets, no dot at its end.
fn normal(host: &str) -> String {
    let host = host.trim().strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host.trim());
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::Allow;

    #[test]
    fn only_what_is_listed_is_excepted() {
        let none = Allow::default();
        let dev = Allow::default().and_loopback();
        let listed = Allow::new(&["10.0.0.5".into(), "IdP.internal".into(), "[fd00::1]".into()]);
        let private = Allow::default().and_private("Keys.internal:8443").and_private("[fd00::1]");
        // The list, the host, what its name stands for, whether by http, whether at all.
        let cases = [
            (&none, "example.org", "93.184.216.34", false, true),
            (&none, "example.org", "127.0.0.1", false, false),
            (&none, "localhost", "127.0.0.1", false, false),
            (&dev, "localhost", "127.0.0.1", true, true),
            (&dev, "LOCALHOST.", "127.0.0.1", true, true),
            (&dev, "[::1]", "::1", true, true),
            (&dev, "localhost", "10.0.0.5", true, false),
            (&dev, "example.org", "93.184.216.34", false, true),
            (&listed, "idp.internal", "192.168.0.9", true, true),
            (&listed, "idp.internal.", "192.168.0.9", true, true),
            (&listed, "other.internal", "192.168.0.9", false, false),
            (&listed, "10.0.0.5", "10.0.0.5", true, true),
            (&listed, "other.internal", "10.0.0.5", false, true),
            (&listed, "10.0.0.6", "10.0.0.6", false, false),
            (&listed, "[::ffff:10.0.0.5]", "::ffff:10.0.0.5", true, true),
            (&listed, "[fd00::1]", "fd00::1", true, true),
            (&listed, "localhost", "127.0.0.1", false, false),
            (&private, "keys.internal", "10.0.0.5", false, true),
            (&private, "other.internal", "10.0.0.5", false, false),
            (&private, "[fd00::1]", "fd00::1", false, true),
        ];
        for (allow, host, address, http, passes) in cases {
            let ip = address.parse().expect("the table holds addresses");
            assert_eq!((allow.plain_http(host), allow.passes(host, ip)), (http, passes), "{host} {address}");
        }
    }
}
