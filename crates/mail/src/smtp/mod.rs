//! Mail by SMTP: a line that one task works off, so that no request waits for a server.

use std::time::Duration;

use lettre::message::{Mailbox, Message, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use tokio::sync::mpsc::{Sender, channel};

use crate::mail::{Mail, MailError, Mailer};

/// How many mails wait at most.
const WAITING: usize = 1_000;
/// How long a server may take over one mail.
const PATIENCE: Duration = Duration::from_secs(15);
/// The pauses before a mail is tried again; after the last it is given up.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(10), Duration::from_secs(60)];

/// Where mail goes.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// `smtps://USER:PASSWORD@HOST`, or `smtp://…` with STARTTLS; on this machine `smtp://` goes without.
    pub url: String,
    /// The sender: `Name <address>`, or an address.
    pub from: String,
}

/// Sends by SMTP.
pub struct Smtp {
    from: Mailbox,
    line: Sender<Message>,
}

impl Smtp {
    /// One that works off its line in a task of the present runtime.
    ///
    /// # Errors
    /// If the address of the server or of the sender cannot be used.
    pub fn new(settings: &SmtpSettings) -> Result<Self, MailError> {
        let from = settings.from.parse::<Mailbox>();
        let from = from.map_err(|error| MailError::Unusable(format!("mail.from: {error}")))?;
        // What is wrong is said without the address: it holds a password.
        let wrong = |error| MailError::Unusable(format!("mail.url: {error}"));
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&secured(&settings.url));
        let transport = transport.map_err(wrong)?.timeout(Some(PATIENCE)).build();
        let (line, mut waiting) = channel::<Message>(WAITING);
        tokio::spawn(async move {
            while let Some(message) = waiting.recv().await {
                deliver(&transport, message).await;
            }
        });
        Ok(Self { from, line })
    }
}

impl Mailer for Smtp {
    fn send(&self, mail: Mail) -> Result<(), MailError> {
        let message = message(&self.from, mail)?;
        self.line.try_send(message).map_err(|_| MailError::Full)
    }
}

/// A URL that asks for STARTTLS, unless it says how to connect or the server is this machine.
fn secured(url: &str) -> String {
    let Some(rest) = url.strip_prefix("smtp://") else { return url.to_owned() };
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let here = ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host.starts_with(name));
    match here || url.contains("tls=") {
        true => url.to_owned(),
        false if url.contains('?') => format!("{url}&tls=required"),
        false => format!("{url}?tls=required"),
    }
}

/// The mail as it travels. Addresses and subject are encoded, so that no line of theirs becomes a header.
fn message(from: &Mailbox, mail: Mail) -> Result<Message, MailError> {
    let to = mail.to.parse::<lettre::Address>();
    let to = to.map_err(|error| MailError::Unusable(format!("the recipient's address: {error}")))?;
    let subject: String = mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let builder = Message::builder().from(from.clone()).to(Mailbox::new(None, to)).subject(subject.trim());
    let message = match mail.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(mail.text, html)),
        None => builder.body(mail.text),
    };
    message.map_err(|error| MailError::Unusable(format!("a mail cannot be written: {error}")))
}

/// Sends a mail, a few times if need be. Its recipient is not logged.
async fn deliver(transport: &AsyncSmtpTransport<Tokio1Executor>, message: Message) {
    for pause in PAUSES.into_iter().map(Some).chain([None]) {
        let error = match transport.send(message.clone()).await {
            Ok(_) => return,
            Err(error) => error,
        };
        let Some(pause) = pause.filter(|_| !error.is_permanent()) else {
            tracing::error!(%error, "a mail was not delivered");
            return;
        };
        tracing::warn!(%error, "a mail is tried again in {} s", pause.as_secs());
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use super::{Mail, message, secured};

    #[test]
    fn connections_are_secured_but_on_this_machine() {
        let check = |url: &str, expected: &str| assert_eq!(secured(url), expected);
        check("smtp://mail.example.org", "smtp://mail.example.org?tls=required");
        check("smtp://u:p@mail.example.org:587", "smtp://u:p@mail.example.org:587?tls=required");
        check("smtp://mail.example.org?tls=opportunistic", "smtp://mail.example.org?tls=opportunistic");
        check("smtp://127.0.0.1:1025", "smtp://127.0.0.1:1025");
        check("smtps://mail.example.org", "smtps://mail.example.org");
    }

    #[test]
    fn no_text_becomes_a_header() {
        let from = "Blog <blog@example.org>".parse().unwrap();
        let mail = |to: &str, subject: &str| Mail {
            to: to.to_owned(),
            subject: subject.to_owned(),
            text: "text".to_owned(),
            html: Some("<p>text</p>".to_owned()),
        };
        for to in
            ["a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "", "a", "<a@b>@c d"]
        {
            assert!(message(&from, mail(to, "x")).is_err(), "{to:?}");
        }
        let written =
            message(&from, mail("a@example.org", "Grüße\r\nBcc: b@example.org")).unwrap().formatted();
        let written = String::from_utf8_lossy(&written).into_owned();
        let (head, _) = written.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc:")), "{head}");
        assert!(head.lines().any(|line| line == "To: a@example.org"), "{head}");
    }
}
