//! The guard stands where names become addresses, which every connection passes: the first and that of each redirect.

use std::net::SocketAddr;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::allow::Allow;
use crate::error::OutgoingError;

/// Resolves names, and refuses what may not be asked. The client connects to the addresses that it answers.
#[derive(Debug)]
pub(crate) struct Guard {
    allow: Allow,
    system: DefaultResolver,
}

impl Guard {
    pub(crate) fn new(allow: Allow) -> Self {
        Self { allow, system: DefaultResolver::default() }
    }
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = judged(&self.allow, uri).map_err(told)?;
        let found = self.system.resolve(uri, config, timeout)?;
        // Security: one address that is not allowed is enough to refuse the name: whoever mixes them tries something.
        match found.iter().map(SocketAddr::ip).find(|ip| !self.allow.passes(host, *ip)) {
            Some(address) => Err(told(OutgoingError::Forbidden { host: host.to_owned(), address })),
            None => Ok(found),
        }
    }
}

/// The host of an address whose form is allowed.
pub(crate) fn judged<'u>(allow: &Allow, uri: &'u Uri) -> Result<&'u str, OutgoingError> {
    let authority = uri.authority().ok_or_else(|| OutgoingError::Address("it names no host".into()))?;
    if authority.as_str().contains('@') {
        return Err(OutgoingError::Address("it may hold no name and password".into()));
    }
    let host = authority.host();
    match uri.scheme_str() {
        Some("https") => Ok(host),
        Some("http") if allow.plain_http(host) => Ok(host),
        Some("http") => Err(OutgoingError::Insecure { host: host.to_owned() }),
        _ => Err(OutgoingError::Address("it starts with neither https:// nor http://".into())),
    }
}

fn told(error: OutgoingError) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}
