//! One GET with narrow limits: 64 KiB, five seconds in all, https but for this machine.

use std::sync::Arc;
use std::time::Duration;

use bistro_auth::loopback::loopback_host;
use rustls::crypto::aws_lc_rs;
use ureq::http::Uri;
use ureq::tls::{TlsConfig, TlsProvider};

/// The most bytes of a key set.
const BYTES_MAX: u64 = 64 << 10;

/// How long all of it may take: names, connections, redirects and the body.
const TIME: Duration = Duration::from_secs(5);

/// How many redirects are followed, from https to https.
const REDIRECTS_MAX: u32 = 3;

/// The text at an address; blocks. Errors say why not, without the address.
pub(super) fn text(address: &str) -> Result<String, String> {
    let secure = judged(address)?;
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .build();
    let mut config = ureq::Agent::config_builder()
        .tls_config(tls)
        .https_only(secure)
        // Security: http goes no further than this machine, so it is not led away from there.
        .max_redirects(if secure { REDIRECTS_MAX } else { 0 })
        .timeout_global(Some(TIME))
        .http_status_as_error(false)
        .user_agent(concat!("bistro/", env!("CARGO_PKG_VERSION")))
        .accept("application/json");
    if !secure {
        config = config.proxy(None);
    }
    let agent = ureq::Agent::new_with_config(config.build());
    let mut answer = agent.get(address).call().map_err(told)?;
    if answer.status() != 200 {
        return Err(format!("it answers {}", answer.status()));
    }
    answer.body_mut().with_config().limit(BYTES_MAX).read_to_string().map_err(told)
}

/// Whether the address is https; refuses http to other machines, and secrets in the address, which is logged.
fn judged(address: &str) -> Result<bool, String> {
    let uri: Uri = address.parse().map_err(|error| format!("it is no address: {error}"))?;
    let authority = uri.authority().ok_or("it names no host")?;
    if authority.as_str().contains('@') {
        return Err("it may hold no name and password".into());
    }
    match uri.scheme_str() {
        Some("https") => Ok(true),
        Some("http") if loopback_host(authority.as_str()) => Ok(false),
        _ => Err("keys of another machine are taken by https only; write https://".into()),
    }
}

fn told(error: ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => format!("it took longer than {} seconds", TIME.as_secs()),
        ureq::Error::BodyExceedsLimit(_) => format!("it is larger than {} KiB", BYTES_MAX >> 10),
        ureq::Error::TooManyRedirects => format!("it redirects more than {REDIRECTS_MAX} times"),
        ureq::Error::RequireHttpsOnly(_) => "it redirects to an address that is not https".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::judged;

    #[test]
    fn http_is_for_this_machine() {
        let cases = [
            ("https://id.example/jwks.json", Ok(true)),
            ("HTTPS://id.example/jwks.json", Ok(true)),
            ("http://127.0.0.1:4000/jwks.json", Ok(false)),
            ("http://localhost/jwks.json", Ok(false)),
            ("http://[::1]:1/", Ok(false)),
            ("http://id.example/jwks.json", Err("https only")),
            ("http://10.0.0.1/", Err("https only")),
            ("http://127.0.0.1.id.example/", Err("https only")),
            ("http://localhost:1@id.example/", Err("name and password")),
            ("https://me:secret@id.example/", Err("name and password")),
            ("https://", Err("no address")),
            ("https://a b/", Err("no address")),
        ];
        for (address, expected) in cases {
            match (judged(address), expected) {
                (Err(said), Err(words)) => assert!(said.contains(words), "{address}: {said}"),
                (found, expected) => assert_eq!(found, expected.map_err(str::to_owned), "{address}"),
            }
        }
    }
}
