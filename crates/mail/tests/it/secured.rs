//! Mail by TLS: to the right server alone, and nothing in clear.

use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_mail::{Mailer as _, Smtp, SmtpSettings};

use crate::sent::mail;
use crate::sink::{Manner, Sink, Tls, certificate};

/// A mailer for a server that shows a certificate for `localhost` of the authority in `ca.pem`.
fn smtp(sink: &Sink, scheme: &str, host: &str, query: &str, ca: Option<&str>) -> Smtp {
    let url = format!("{scheme}://ada:secret@{host}:{}{query}", sink.address.port());
    let settings = SmtpSettings { url, from: "blog@example.org".to_owned(), ca: ca.map(certificate) };
    Smtp::new(&settings).unwrap()
}

#[tokio::test]
async fn mail_goes_to_a_server_with_the_right_certificate_alone() {
    let check = async |tls: Tls, asked: (&str, &str, &str), ca: Option<&str>, arrives: bool| {
        let told = format!("{tls:?} {asked:?} {ca:?}");
        let sink = Sink::new(Manner { tls, ..Manner::default() });
        let smtp = smtp(&sink, asked.0, asked.1, asked.2, ca);
        smtp.send(mail("eve@example.org", "x")).unwrap();
        smtp.drain().await;
        assert!(sink.connections.load(Ordering::SeqCst) > 0, "{told}: nobody came");
        if arrives {
            let received = sink.next();
            assert!(received.encrypted && received.text.contains("Subject: x"), "{told}: {received:?}");
            assert_eq!(STANDARD.decode(received.login.unwrap()).unwrap(), b"\0ada\0secret", "{told}");
        } else {
            assert!(sink.is_empty(), "{told}");
            assert_eq!(sink.shown.load(Ordering::SeqCst), 0, "{told}: a password was shown");
        }
    };
    let (implicit, starttls) = (("smtps", "localhost", ""), ("smtp", "localhost", "?tls=required"));
    check(Tls::AtOnce, implicit, Some("ca.pem"), true).await;
    check(Tls::Offered, starttls, Some("ca.pem"), true).await;
    check(Tls::Offered, ("smtp", "localhost", "?tls=opportunistic"), Some("ca.pem"), true).await;
    // Another authority, or none but the public ones.
    for ca in [Some("other.pem"), None] {
        check(Tls::AtOnce, implicit, ca, false).await;
        check(Tls::Offered, starttls, ca, false).await;
        check(Tls::Offered, ("smtp", "localhost", "?tls=opportunistic"), ca, false).await;
    }
    // The certificate is another host's.
    check(Tls::AtOnce, ("smtps", "127.0.0.1", ""), Some("ca.pem"), false).await;
    check(Tls::Offered, ("smtp", "127.0.0.1", "?tls=required"), Some("ca.pem"), false).await;
    // Somebody on the way took the offer out.
    check(Tls::None, starttls, Some("ca.pem"), false).await;
    check(Tls::None, implicit, Some("ca.pem"), false).await;
}

/// Answers in clear that wait behind the consent to STARTTLS would be taken for the server's: a mail that it refused would
/// count as delivered.
#[tokio::test]
async fn regress_nothing_that_came_in_clear_answers_for_the_server() {
    for added in ["", "\r\n250 sink", "\r\n250-sink\r\n250 AUTH PLAIN\r\n250 fine"] {
        let sink = Sink::new(Manner { tls: Tls::Offered, added, ..Manner::default() });
        let smtp = smtp(&sink, "smtp", "localhost", "?tls=required", Some("ca.pem"));
        smtp.send(mail("eve@example.org", "x")).unwrap();
        smtp.drain().await;
        assert_eq!(sink.is_empty(), !added.is_empty(), "{added:?}");
        assert_eq!(sink.shown.load(Ordering::SeqCst), usize::from(added.is_empty()), "{added:?}");
    }
}

#[tokio::test]
async fn authorities_that_cannot_be_used_are_told_at_once() {
    let check = |url: &str, ca: &str, words: &str| {
        let settings =
            SmtpSettings { url: url.to_owned(), from: "a@example.org".to_owned(), ca: Some(certificate(ca)) };
        let error = Smtp::new(&settings).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("mail.ca: ") && error.contains(words), "{url} {ca}: {error}");
    };
    check("smtps://localhost", "none.pem", "No such file");
    check("smtps://localhost", "server.key", "it holds no certificate");
    check("smtp://localhost", "ca.pem", "in clear");
}
