//! The address of a mail server → a transport.

use std::time::Duration;

use lettre::{AsyncSmtpTransport, Tokio1Executor};
use url::{Host, Url};

use crate::mail::MailError;

/// How long a server may take over one step.
const PATIENCE: Duration = Duration::from_secs(15);

/// Connections to a server, as its address asks for them.
///
/// # Errors
/// What is wrong, without the address: it holds a password.
pub(super) fn transport(url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let wrong = |why: &str| MailError::Unusable(format!("mail.url: {why}"));
    let url = Url::parse(url).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "smtp" | "smtps") {
        return Err(wrong("write smtp://… or smtps://…"));
    }
    if !url.username().is_empty() && url.password().is_none() {
        return Err(wrong("a user needs a password: smtps://USER:PASSWORD@HOST"));
    }
    let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(secured(url).as_str());
    Ok(transport.map_err(|error| wrong(&error.to_string()))?.timeout(Some(PATIENCE)).build())
}

/// An address that asks for STARTTLS, unless it says how to connect or the server is this machine.
fn secured(mut url: Url) -> Url {
    let here = match url.host() {
        // Hosts of schemes that the parser does not know are texts.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let said = url.query_pairs().any(|(name, _)| name == "tls");
    if url.scheme() == "smtp" && !here && !said {
        url.query_pairs_mut().append_pair("tls", "required");
    }
    url
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{secured, transport};

    #[test]
    fn connections_are_secured_but_on_this_machine() {
        let check =
            |url: &str, expected: &str| assert_eq!(secured(Url::parse(url).unwrap()).as_str(), expected);
        check("smtp://mail.example.org", "smtp://mail.example.org?tls=required");
        check("smtp://u:p@mail.example.org:587", "smtp://u:p@mail.example.org:587?tls=required");
        check("smtp://mail.example.org?x=1", "smtp://mail.example.org?x=1&tls=required");
        check("smtp://mail.example.org?tls=opportunistic", "smtp://mail.example.org?tls=opportunistic");
        check("smtp://localhost.example.org", "smtp://localhost.example.org?tls=required");
        check("smtp://u:tls%3Dp@mail.example.org", "smtp://u:tls%3Dp@mail.example.org?tls=required");
        check("smtp://127.0.0.1.example.org", "smtp://127.0.0.1.example.org?tls=required");
        check("smtp://127.0.0.1:1025", "smtp://127.0.0.1:1025");
        check("smtp://[::1]:1025", "smtp://[::1]:1025");
        check("smtp://localhost", "smtp://localhost");
        check("smtps://mail.example.org", "smtps://mail.example.org");
    }

    #[test]
    fn an_address_that_cannot_be_used_is_refused_without_being_told() {
        for url in [
            "",
            "mail.example.org",
            "http://u:secret@h",
            "smtp://",
            "smtps://u:secret@h:99999",
            "smtp://user@h",
            "smtp://h?tls=perhaps",
        ] {
            let error = transport(url).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.starts_with("mail.url: ") && !error.contains("secret"), "{url}: {error}");
        }
    }
}
