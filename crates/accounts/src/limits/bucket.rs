//! What an event is counted under.

use std::net::IpAddr;

use bistro_auth::Pepper;

use super::rate::Rate;
use super::rates::{Kind, Rates};

/// The bytes of a key.
const KEY: usize = 16;

/// Something that is counted, for somebody. Its key tells nothing of whom it is about.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    /// What is counted.
    pub(super) kind: Kind,
    /// Where the number is kept.
    pub(super) key: [u8; KEY],
    /// How often it may happen.
    pub(super) rate: Rate,
}

impl Bucket {
    /// What is counted, for whom.
    pub(super) fn new(pepper: &Pepper, rates: &Rates, kind: Kind, parts: &[&[u8]]) -> Self {
        let named: Vec<&[u8]> =
            std::iter::once(kind.word().as_bytes()).chain(parts.iter().copied()).collect();
        let tag = pepper.tag("limit", &named);
        let mut key = [0; KEY];
        key.copy_from_slice(&tag[..KEY]);
        Self { kind, key, rate: rates.of(kind) }
    }

    /// The key in hexadecimal.
    pub(super) fn name(&self) -> String {
        self.key.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The part of an address that one party has: all of IPv4, the network of 64 bits of IPv6.
pub(super) fn network(ip: IpAddr) -> Vec<u8> {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets()[..8].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn one_party_has_one_network() {
        let check = |a: &str, b: &str, same: bool| {
            let (one, other) = (network(a.parse().unwrap()), network(b.parse().unwrap()));
            assert_eq!(one == other, same, "{a} {b}");
        };
        check("192.0.2.1", "192.0.2.1", true);
        check("192.0.2.1", "192.0.2.2", false);
        check("192.0.2.1", "::ffff:192.0.2.1", true);
        check("2001:db8::1", "2001:db8::ffff:1:2:3", true);
        check("2001:db8::1", "2001:db8:0:1::1", false);
    }
}
