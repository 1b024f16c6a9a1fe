//! One GET with narrow limits: 64 KiB, five seconds in all, https but for this machine and the hosts that are listed.

use std::time::Duration;

use bistro_auth::loopback::loopback_host;
use bistro_outgoing::{Allow, Client, Limits, OutgoingError};

/// The limits: redirects are followed from https only.
const LIMITS: Limits = Limits { bytes: 64 << 10, time: Duration::from_secs(5), redirects: 3 };

/// The text at an address of the configuration. Errors say why not, without the address.
pub(super) async fn text(address: &str, allow: Allow) -> Result<String, String> {
    let (allow, limits) = judged(address, allow);
    let answer = Client::with_limits(allow, limits).get(address, &[]).await.map_err(told)?;
    if answer.status != 200 {
        return Err(format!("it answers {}", answer.status));
    }
    answer.text().map_err(told)
}

/// What may be asked for an address that the operator wrote: its own host wherever that is, and this machine by http.
fn judged(address: &str, allow: Allow) -> (Allow, Limits) {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if scheme.eq_ignore_ascii_case("https") {
        return (allow.and_private(authority), LIMITS);
    }
    // Security: http goes no further than its host, so it is not led away from there.
    let allow = if loopback_host(authority) { allow.and_loopback() } else { allow };
    (allow, Limits { redirects: 0, ..LIMITS })
}

fn told(error: OutgoingError) -> String {
    match error {
        OutgoingError::Insecure { .. } => {
            "keys of another machine are taken by https only; write https://".to_owned()
        }
        other => other.to_string(),
    }
}
