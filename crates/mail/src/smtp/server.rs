//! The server that mail is handed to: its address, how it is encrypted and whom it must be, and one mail at a time.

use std::io;
use std::path::Path;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Host, Url};

use super::message::Message;
use super::stream::Stream;
use crate::mail::MailError;

/// How long a server may take until it has let us in.
const OPENING: Duration = Duration::from_secs(15);
/// How long it may take over a mail.
const SENDING: Duration = Duration::from_secs(60);
/// How long it may take over a goodbye, when the mail is already its own.
const GOODBYE: Duration = Duration::from_secs(5);

/// How what is said to a server is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrecy {
    /// Not at all.
    None,
    /// By STARTTLS, if the server offers it.
    IfOffered,
    /// By STARTTLS, or nothing is said.
    StartTls,
    /// From the first byte.
    Tls,
}

/// Why a server did not take a mail.
pub(super) enum Refusal {
    /// The server, the network or the certificate.
    Error(Error),
    /// Nobody takes connections there.
    Unreachable(io::Error),
    /// It took too long.
    Slow,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// A mail server.
pub(super) struct Server {
    host: String,
    port: u16,
    secrecy: Secrecy,
    tls: TlsParameters,
    login: Option<Credentials>,
    /// What we call ourselves.
    hello: ClientId,
}

impl Server {
    /// The server at an address, which must show a certificate of the authorities in `ca`, or else of public ones.
    ///
    /// # Errors
    /// What is wrong, without the address: it holds a password.
    pub(super) fn at(url: &str, ca: Option<&Path>) -> Result<Self, MailError> {
        let wrong = |why: &str| MailError::Unusable(format!("mail.url: {why}"));
        let url = Url::parse(url).map_err(|error| wrong(&error.to_string()))?;
        let secrecy = secrecy(&url).map_err(|why| wrong(&why))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if ca.is_some() && secrecy == Secrecy::None {
            let why = "mail.ca: the server is asked in clear; write smtps://… or ?tls=required";
            return Err(MailError::Unusable(why.to_owned()));
        }
        let usual = match secrecy {
            Secrecy::None => 25,
            Secrecy::IfOffered | Secrecy::StartTls => 587,
            Secrecy::Tls => 465,
        };
        let name = url.path().trim_matches('/');
        Ok(Self {
            port: url.port().unwrap_or(usual),
            secrecy,
            tls: parameters(&host, ca)?,
            login: login(&url).map_err(wrong)?,
            hello: if name.is_empty() { ClientId::default() } else { ClientId::Domain(name.to_owned()) },
            host,
        })
    }

    /// Hands a mail over, by a connection of its own: one that was left in the middle of a mail would take the answers
    /// to that for answers to the next.
    pub(super) async fn take(&self, message: &Message) -> Result<(), Refusal> {
        let mut connection = timeout(OPENING, self.open()).await.map_err(|_| Refusal::Slow)??;
        let sending = connection.send(&message.envelope, &message.bytes);
        timeout(SENDING, sending).await.map_err(|_| Refusal::Slow)??;
        // It has the mail: whatever comes after that is no reason to send it again.
        let _ = timeout(GOODBYE, connection.quit()).await;
        Ok(())
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Refusal> {
        let place = (self.host.as_str(), self.port);
        let mut connection = match self.secrecy {
            Secrecy::Tls => {
                let tls = Some(self.tls.clone());
                AsyncSmtpConnection::connect_tokio1(place, Some(OPENING), &self.hello, tls, None).await?
            }
            _ => {
                let stream = Stream::new(TcpStream::connect(place).await.map_err(Refusal::Unreachable)?);
                AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await?
            }
        };
        let upgrade = match self.secrecy {
            Secrecy::None | Secrecy::Tls => false,
            Secrecy::IfOffered => connection.can_starttls(),
            Secrecy::StartTls => true,
        };
        if upgrade {
            connection.starttls(self.tls.clone(), &self.hello).await?;
        }
        if let Some(login) = &self.login {
            connection.auth(DEFAULT_MECHANISMS, login).await?;
        }
        Ok(connection)
    }
}

/// How an address asks for encryption. `smtp://` means STARTTLS, unless it says otherwise or the server is this machine.
fn secrecy(url: &Url) -> Result<Secrecy, String> {
    let said = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
    match (url.scheme(), said.as_deref()) {
        ("smtps", _) => Ok(Secrecy::Tls),
        ("smtp", None) if here(url) => Ok(Secrecy::None),
        ("smtp", None | Some("required")) => Ok(Secrecy::StartTls),
        ("smtp", Some("opportunistic")) => Ok(Secrecy::IfOffered),
        ("smtp", Some(_)) => Err("tls is `required` or `opportunistic`".to_owned()),
        _ => Err("write smtp://… or smtps://…".to_owned()),
    }
}

fn here(url: &Url) -> bool {
    match url.host() {
        // Hosts of schemes that the parser does not know are texts.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn login(url: &Url) -> Result<Option<Credentials>, &'static str> {
    let Some(password) = url.password() else {
        let alone = "a user needs a password: smtps://USER:PASSWORD@HOST";
        return if url.username().is_empty() { Ok(None) } else { Err(alone) };
    };
    let plain = |text: &str| percent_decode_str(text).decode_utf8().map(|text| text.into_owned());
    match (plain(url.username()), plain(password)) {
        (Ok(user), Ok(password)) => Ok(Some(Credentials::new(user, password))),
        _ => Err("user and password must be UTF-8"),
    }
}

/// Whose certificates are believed.
fn parameters(host: &str, ca: Option<&Path>) -> Result<TlsParameters, MailError> {
    let mut tls = TlsParameters::builder(host.to_owned());
    if let Some(path) = ca {
        let wrong = |why: String| MailError::Unusable(format!("mail.ca: {}: {why}", path.display()));
        let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        if !pem.windows(27).any(|part| part == b"-----BEGIN CERTIFICATE-----") {
            return Err(wrong("it holds no certificate".to_owned()));
        }
        let authorities = Certificate::from_pem(&pem).map_err(|error| wrong(error.to_string()))?;
        tls = tls.certificate_store(CertificateStore::None).add_root_certificate(authorities);
    }
    tls.build().map_err(|error| MailError::Unusable(format!("mail.url: {error}")))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Secrecy, Server, secrecy};

    #[test]
    fn connections_are_secured_but_on_this_machine() {
        let check = |url: &str, expected: Secrecy| {
            assert_eq!(secrecy(&Url::parse(url).unwrap()), Ok(expected), "{url}");
        };
        check("smtp://mail.example.org", Secrecy::StartTls);
        check("smtp://u:p@mail.example.org:587", Secrecy::StartTls);
        check("smtp://mail.example.org?x=1", Secrecy::StartTls);
        check("smtp://mail.example.org?tls=opportunistic", Secrecy::IfOffered);
        check("smtp://localhost.example.org", Secrecy::StartTls);
        check("smtp://u:tls%3Dp@mail.example.org", Secrecy::StartTls);
        check("smtp://127.0.0.1.example.org", Secrecy::StartTls);
        check("smtp://127.0.0.1:1025", Secrecy::None);
        check("smtp://127.0.0.1:1025?tls=required", Secrecy::StartTls);
        check("smtp://[::1]:1025", Secrecy::None);
        check("smtp://localhost", Secrecy::None);
        check("smtps://mail.example.org", Secrecy::Tls);
        check("smtps://localhost", Secrecy::Tls);
    }

    #[test]
    fn ports_names_and_logins_are_read() {
        let check = |url: &str, port: u16, host: &str| {
            let server = Server::at(url, None).map_err(|error| error.to_string()).unwrap();
            assert_eq!((server.port, server.host.as_str()), (port, host), "{url}");
        };
        check("smtp://localhost", 25, "localhost");
        check("smtp://mail.example.org", 587, "mail.example.org");
        check("smtps://u:p@mail.example.org", 465, "mail.example.org");
        check("smtps://u:p@mail.example.org:2465/me.example.org", 2465, "mail.example.org");
        check("smtp://[::1]:1025", 1025, "::1");
    }

    #[test]
    fn an_address_that_cannot_be_used_is_refused_without_being_told() {
        for url in [
            "",
            "mail.example.org",
            "http://u:secret@h",
            "smtp://",
            "smtps://u:secret@h:99999",
            "smtps://u:secret%ff@h",
            "smtp://user@h",
            "smtp://h?tls=perhaps",
        ] {
            let error = Server::at(url, None).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.starts_with("mail.url: ") && !error.contains("secret"), "{url}: {error}");
        }
    }
}
