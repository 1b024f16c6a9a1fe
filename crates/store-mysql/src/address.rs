//! The database's address: where it is, who we are there, and how the way is protected.

use std::path::PathBuf;

use bistro_store::{StoreError, StoreErrorKind};
use mysql_async::{ClientIdentity, Opts, OptsBuilder, SslOpts};

/// Statements that each connection keeps prepared.
const STATEMENTS: usize = 256;

/// How the way to the server is protected, as the clients of MySQL call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Never by TLS.
    Disabled,
    /// By TLS where the server has it; nothing is verified.
    Preferred,
    /// By TLS; nothing is verified.
    Required,
    /// By TLS; the certificate leads to a known authority.
    VerifyCa,
    /// As before, and the certificate names the host.
    VerifyIdentity,
}

/// A read address.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// Without TLS.
    pub(crate) plain: Opts,
    /// With TLS, unless it is disabled.
    pub(crate) secure: Option<Opts>,
    /// Whether it may be tried without TLS where the server has none.
    pub(crate) fall_back: bool,
    /// Whether the server's certificate may name another host.
    pub(crate) any_name: bool,
    /// Host, port and database, for messages.
    pub(crate) shown: String,
}

/// What the query of an address says.
#[derive(Default)]
struct Wishes {
    protection: Option<Protection>,
    ca: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    socket: Option<String>,
}

impl Address {
    /// Reads `mysql://user:password@host:port/database?ssl-mode=…`; `mariadb://` means the same.
    pub(crate) fn read(url: &str) -> Result<Self, StoreError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let rest = base.strip_prefix("mysql://").or_else(|| base.strip_prefix("mariadb://"));
        let rest = rest.ok_or_else(|| wrong("it starts with mysql:// or mariadb://"))?;
        let opts = Opts::from_url(&format!("mysql://{rest}")).map_err(|e| wrong(&e.to_string()))?;
        let wishes = Wishes::read(query)?;
        let Some(database) = opts.db_name().map(str::to_owned) else {
            return Err(wrong("it names no database: put its name after the host, mysql://user@host/shop"));
        };
        let shown = match &wishes.socket {
            Some(socket) => format!("{database} at {socket}"),
            None => format!("{database} at {}:{}", opts.ip_or_hostname(), opts.tcp_port()),
        };
        let near = wishes.socket.is_some()
            || ["localhost", "127.0.0.1", "[::1]", "::1"].contains(&opts.ip_or_hostname());
        // What does not leave the machine is not protected unless somebody asks.
        let usual = if near { Protection::Disabled } else { Protection::Preferred };
        let protection = wishes.protection.unwrap_or(usual);
        let builder = OptsBuilder::from_opts(opts)
            .socket(wishes.socket.clone())
            .prefer_socket(false)
            .stmt_cache_size(STATEMENTS)
            .client_found_rows(true)
            .tcp_keepalive(Some(std::time::Duration::from_secs(30)));
        let secure = match protection {
            Protection::Disabled => None,
            _ => Some(Opts::from(builder.clone().ssl_opts(Some(wishes.tls(protection)?)))),
        };
        let fall_back = protection == Protection::Preferred;
        let any_name = protection == Protection::VerifyCa;
        Ok(Self { plain: builder.into(), secure, fall_back, any_name, shown })
    }
}

impl Wishes {
    fn read(query: &str) -> Result<Self, StoreError> {
        let mut wishes = Wishes::default();
        for pair in query.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value =
                unescaped(value).ok_or_else(|| wrong(&format!("the value of {name} cannot be read")))?;
            match name {
                "ssl-mode" => wishes.protection = Some(protection(&value)?),
                "ssl-ca" => wishes.ca = Some(value.into()),
                "ssl-cert" => wishes.certificate = Some(value.into()),
                "ssl-key" => wishes.key = Some(value.into()),
                "socket" => wishes.socket = Some(value),
                _ => {
                    return Err(wrong(&format!(
                        "{name} is unknown: ssl-mode, ssl-ca, ssl-cert, ssl-key and socket are known"
                    )));
                }
            }
        }
        Ok(wishes)
    }

    fn tls(self, protection: Protection) -> Result<SslOpts, StoreError> {
        let verified = matches!(protection, Protection::VerifyCa | Protection::VerifyIdentity);
        let mut tls = SslOpts::default()
            .with_danger_accept_invalid_certs(!verified)
            .with_danger_skip_domain_validation(protection != Protection::VerifyIdentity);
        if let Some(ca) = self.ca {
            // An authority of one's own replaces the public ones.
            tls = tls.with_root_certs(vec![ca.into()]).with_disable_built_in_roots(true);
        }
        match (self.certificate, self.key) {
            (Some(certificate), Some(key)) => {
                tls = tls.with_client_identity(Some(ClientIdentity::new(certificate.into(), key.into())));
            }
            (None, None) => {}
            _ => return Err(wrong("ssl-cert and ssl-key go together")),
        }
        Ok(tls)
    }
}

fn protection(text: &str) -> Result<Protection, StoreError> {
    Ok(match text.to_ascii_lowercase().replace('_', "-").as_str() {
        "disabled" => Protection::Disabled,
        "preferred" => Protection::Preferred,
        "required" => Protection::Required,
        "verify-ca" => Protection::VerifyCa,
        "verify-identity" => Protection::VerifyIdentity,
        _ => {
            return Err(wrong(&format!(
                "ssl-mode is disabled, preferred, required, verify-ca or verify-identity, not {text:?}"
            )));
        }
    })
}

/// A value with `%XX` read.
fn unescaped(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            out.push(*first);
        }
    }
    String::from_utf8(out).ok()
}

/// A refusal that never repeats the address: it holds a password.
fn wrong(text: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, format!("the database's address cannot be used: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let check = |url: &str, shown: &str, secure: bool, fall_back: bool| {
            let address = Address::read(url).expect(url);
            let said = (address.shown.as_str(), address.secure.is_some(), address.fall_back);
            assert_eq!(said, (shown, secure, fall_back), "{url}");
        };
        check("mysql://u:p@db.example/shop", "shop at db.example:3306", true, true);
        check("mariadb://u@127.0.0.1:3307/shop", "shop at 127.0.0.1:3307", false, false);
        check("mysql://u@localhost/shop?ssl-mode=REQUIRED", "shop at localhost:3306", true, false);
        check("mysql://u@db/shop?ssl-mode=verify-ca&ssl-ca=%2Fca.pem", "shop at db:3306", true, false);
        check("mysql://u@db/shop?socket=/run/my%20sql.sock", "shop at /run/my sql.sock", false, false);
    }

    #[test]
    fn wrong_addresses_say_why_and_keep_the_password() {
        for (url, why) in [
            ("postgres://u:hush@h/d", "mysql://"),
            ("mysql://u:hush@h", "no database"),
            ("mysql://u:hush@h/d?sslmode=x", "sslmode is unknown"),
            ("mysql://u:hush@h/d?ssl-mode=x", "ssl-mode is"),
            ("mysql://u:hush@h/d?ssl-mode=%zz", "cannot be read"),
            ("mysql://u:hush@h/d?ssl-mode=required&ssl-cert=a", "go together"),
            ("mysql://u:hush@h:99999/d", "address"),
        ] {
            let error = Address::read(url).expect_err(url).cause;
            assert!(error.contains(why) && !error.contains("hush"), "{error}");
        }
    }
}
