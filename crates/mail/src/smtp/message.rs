//! A mail as it travels.

use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use uuid::Uuid;

use crate::mail::{Mail, MailError};

/// The most characters of a subject.
const SUBJECT_MOST: usize = 250;

/// A mail, written.
pub(super) struct Message {
    pub(super) envelope: Envelope,
    pub(super) bytes: Vec<u8>,
    /// Its id, by which a server's log and ours name it.
    pub(super) id: String,
}

/// Writes a mail. Addresses are parsed and the subject is encoded, so that no line of theirs becomes a header.
///
/// # Errors
/// `Unusable` for what is no address of one recipient.
pub(super) fn message(from: &Mailbox, mail: Mail) -> Result<Message, MailError> {
    let to = mail.to.parse::<lettre::Address>();
    let to = to.map_err(|error| MailError::Unusable(format!("the recipient's address: {error}")))?;
    let subject: String =
        mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SUBJECT_MOST).collect();
    let id = format!("<{}@{}>", Uuid::new_v4(), from.email.domain());
    // Nobody's automatic answer is wanted (RFC 3834).
    let automatic =
        HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into());
    let builder = lettre::Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject.trim())
        .message_id(Some(id.clone()))
        .raw_header(automatic);
    let message = match mail.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(mail.text, html)),
        None => builder.body(mail.text),
    };
    let message =
        message.map_err(|error| MailError::Unusable(format!("a mail cannot be written: {error}")))?;
    Ok(Message { envelope: message.envelope().clone(), bytes: message.formatted(), id })
}

#[cfg(test)]
mod tests {
    use super::{Mail, message};

    fn mail(to: &str, subject: &str) -> Mail {
        let (to, subject, text) = (to.to_owned(), subject.to_owned(), "text".to_owned());
        Mail { to, subject, text, html: Some("<p>text</p>".to_owned()) }
    }

    #[test]
    fn no_text_becomes_a_header() {
        let from = "Blog <blog@example.org>".parse().unwrap();
        for to in [
            "a@example.org\r\nBcc: b@example.org",
            "a@example.org, b@example.org",
            "",
            "a",
            "<a@b>@c d",
            "a@b\0.c",
        ] {
            assert!(message(&from, mail(to, "x")).is_err(), "{to:?}");
        }
        for subject in [
            "Hi\r\nBcc: b@example.org",
            "Grüße\nBcc: b@example.org",
            "\r\n\r\nbody",
            "a\u{85}Bcc: b@c.d",
            "x\rBcc: b@c.d",
        ] {
            let written = message(&from, mail("a@example.org", subject)).unwrap();
            let text = String::from_utf8_lossy(&written.bytes).into_owned();
            let (head, _) = text.split_once("\r\n\r\n").unwrap();
            assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc:")), "{head}");
            assert!(head.lines().any(|line| line == "To: a@example.org"), "{head}");
            assert_eq!(written.envelope.to().len(), 1, "{head}");
        }
    }

    #[test]
    fn each_mail_has_an_id_of_its_own() {
        let from = "blog@example.org".parse().unwrap();
        let ids = [0; 2].map(|_| message(&from, mail("a@example.org", "x")).unwrap());
        assert_ne!(ids[0].id, ids[1].id);
        let text = String::from_utf8_lossy(&ids[0].bytes).into_owned();
        assert!(text.contains(&format!("Message-ID: {}\r\n", ids[0].id)), "{text}");
        assert!(ids[0].id.ends_with("@example.org>") && text.contains("\r\nDate: "), "{text}");
    }
}
