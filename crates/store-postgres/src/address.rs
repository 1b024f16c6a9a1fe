//! The URL of a server: what libpq reads in it, as far as the driver does not read it itself.

use std::path::PathBuf;
use std::time::Duration;

use bistro_store::{StoreError, StoreErrorKind};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::tls::{Tls, Trust};

/// How long one attempt to connect may take, unless the URL says.
const CONNECT: Duration = Duration::from_secs(5);
/// After how long a silent connection is asked whether it is still there, unless the URL says.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// The driver's own figure, which stands for "not said".
const TWO_HOURS: Duration = Duration::from_secs(2 * 60 * 60);

/// Where a server is and how to speak to it.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) tls: Tls,
    /// For messages: hosts and database, never the password.
    pub(crate) shown: String,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Address").field(&self.shown).finish()
    }
}

impl Address {
    /// Reads `postgres://` and `postgresql://` URLs. `silent` is how long sent bytes may stay unacknowledged.
    ///
    /// # Errors
    /// What is wrong with the URL; files of certificates that cannot be read. The URL itself is not repeated.
    pub(crate) fn parse(url: &str, silent: Duration) -> Result<Self, StoreError> {
        let (url, mode) = split(url)?;
        let mut config: Config = url.parse().map_err(|e| wrong(&said(&e)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host("localhost");
        }
        if config.get_application_name().is_none() {
            config.application_name("bistro");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(silent);
        }
        if config.get_keepalives_idle() == TWO_HOURS {
            config.keepalives_idle(KEEPALIVE);
        }
        config.ssl_mode(mode.driver());
        let shown = shown(&config);
        let tls = Tls::new(&mode.trust()?)?;
        Ok(Self { config, tls, shown })
    }
}

/// What the URL says of encryption.
#[derive(Debug, Default)]
struct Mode {
    name: String,
    root: Option<PathBuf>,
    own: Option<(PathBuf, PathBuf)>,
}

impl Mode {
    fn driver(&self) -> SslMode {
        match self.name.as_str() {
            "disable" => SslMode::Disable,
            "" | "prefer" => SslMode::Prefer,
            _ => SslMode::Require,
        }
    }

    /// Whom to trust. As in libpq, `require` with a root certificate verifies the chain.
    fn trust(self) -> Result<Trust, StoreError> {
        let root = self.root.filter(|r| r.as_os_str() != "system");
        Ok(match (self.name.as_str(), root) {
            ("disable", _) => Trust::Plain,
            ("" | "prefer", _) | ("require", None) => Trust::Anyone { own: self.own },
            ("require" | "verify-ca", Some(root)) => Trust::Chain { root, own: self.own },
            ("verify-ca", None) => {
                return Err(wrong("sslmode=verify-ca needs sslrootcert=FILE; or use sslmode=verify-full"));
            }
            ("verify-full", root) => Trust::Name { root, own: self.own },
            (other, _) => {
                let text = format!(
                    "sslmode={other} is not known; it is disable, prefer, require, verify-ca or verify-full"
                );
                return Err(wrong(&text));
            }
        })
    }
}

/// Takes the words about encryption out of a URL's query; the driver knows only some of them.
fn split(url: &str) -> Result<(String, Mode), StoreError> {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    if !matches!(scheme, "postgres" | "postgresql") {
        return Err(wrong("it does not begin with postgres:// or postgresql://"));
    }
    let Some((place, query)) = url.split_once('?') else { return Ok((url.to_owned(), Mode::default())) };
    let (mut mode, mut rest) = (Mode::default(), Vec::new());
    let (mut cert, mut key) = (None, None);
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value =
            || unescape(value).ok_or_else(|| wrong(&format!("{name} is not escaped as it should be")));
        match name {
            "sslmode" => mode.name = value()?,
            "sslrootcert" => mode.root = Some(value()?.into()),
            "sslcert" => cert = Some(PathBuf::from(value()?)),
            "sslkey" => key = Some(PathBuf::from(value()?)),
            _ => rest.push(pair),
        }
    }
    mode.own = match (cert, key) {
        (Some(cert), Some(key)) => Some((cert, key)),
        (None, None) => None,
        _ => return Err(wrong("sslcert and sslkey go together")),
    };
    let rest = rest.join("&");
    Ok((if rest.is_empty() { place.to_owned() } else { format!("{place}?{rest}") }, mode))
}

fn unescape(text: &str) -> Option<String> {
    let (mut out, mut bytes) = (Vec::with_capacity(text.len()), text.bytes());
    while let Some(byte) = bytes.next() {
        let hex = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        out.push(match byte {
            b'%' => u8::try_from(hex(bytes.next())? * 16 + hex(bytes.next())?).ok()?,
            byte => byte,
        });
    }
    String::from_utf8(out).ok()
}

fn shown(config: &Config) -> String {
    let ports = config.get_ports();
    let port = |n: usize| ports.get(n).or(ports.first()).copied().unwrap_or(5432);
    let hosts = config.get_hosts().iter().enumerate().map(|(n, host)| match host {
        // What stands before an `@` is a piece of a password that was not written as an address wants it.
        Host::Tcp(name) => format!("{}:{}", name.rsplit('@').next().unwrap_or(name), port(n)),
        Host::Unix(path) => format!("{}:{}", path.display(), port(n)),
    });
    let mut hosts: Vec<String> = hosts.collect();
    if hosts.is_empty() {
        hosts.extend(config.get_hostaddrs().iter().enumerate().map(|(n, a)| format!("{a}:{}", port(n))));
    }
    let database = config.get_dbname().or(config.get_user()).unwrap_or("(of the user's name)");
    format!("database {database:?} on {}", hosts.join(", "))
}

/// An error and its causes in one line.
pub(crate) fn said(error: &dyn std::error::Error) -> String {
    let (mut text, mut at) = (error.to_string(), error.source());
    while let Some(cause) = at {
        text = format!("{text}: {cause}");
        at = cause.source();
    }
    text
}

pub(crate) fn wrong(text: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, format!("the URL of the database: {text}"))
}

#[cfg(test)]
mod tests;
