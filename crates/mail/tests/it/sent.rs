use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_mail::{Mail, MailError, Mailer as _, Smtp, SmtpSettings};

use crate::sink::{Manner, Sink};

pub(crate) fn mail(to: &str, subject: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: subject.to_owned(),
        text: "Grüße, Ada\n.\nBye".to_owned(),
        html: Some("<p>Grüße, <b>Ada</b></p>".to_owned()),
    }
}

fn smtp(sink: &Sink, login: &str, query: &str) -> Smtp {
    let url = format!("smtp://{login}{}{query}", sink.address);
    Smtp::new(&SmtpSettings { url, from: "Büro <blog@example.org>".to_owned(), ca: None }).unwrap()
}

/// A subject without its encoding (RFC 2047).
fn decoded(header: &str) -> String {
    let mut out = String::new();
    for word in header.split(' ') {
        let inside = word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?="));
        match inside {
            Some(text) => out.push_str(&String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()),
            None => out.push_str(&format!(" {word}")),
        }
    }
    out.trim().to_owned()
}

fn header<'t>(text: &'t str, name: &str) -> &'t str {
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.strip_prefix(name)).unwrap_or("")
}

#[tokio::test]
async fn a_mail_arrives_as_text_and_html() {
    let sink = Sink::new(Manner::default());
    let smtp = smtp(&sink, "ada%40example.org:p%3Ass@", "");
    smtp.send(mail("eve@example.org", "Grüße")).unwrap();
    smtp.drain().await;
    let received = sink.next();
    let text = &received.text;
    assert_eq!(decoded(header(text, "Subject: ")), "Grüße", "{text}");
    assert_eq!(header(text, "To: "), "eve@example.org");
    assert!(header(text, "From: ").ends_with(" <blog@example.org>"), "{text}");
    assert!(header(text, "Message-ID: ").ends_with("@example.org>"), "{text}");
    assert_eq!(header(text, "Auto-Submitted: "), "auto-generated");
    assert!(header(text, "Content-Type: ").starts_with("multipart/alternative"), "{text}");
    let plain = text.find("text/plain; charset=utf-8").unwrap();
    let html = text.find("text/html; charset=utf-8").unwrap();
    // Readers show the last part that they understand.
    assert!(plain < html, "{text}");
    assert!(received.envelope[0].starts_with("MAIL FROM:<blog@example.org>"), "{:?}", received.envelope);
    assert_eq!(received.envelope[1..], ["RCPT TO:<eve@example.org>"]);
    let login = STANDARD.decode(received.login.unwrap()).unwrap();
    assert_eq!(login, b"\0ada@example.org\0p:ss");
}

#[tokio::test]
async fn no_line_of_a_subject_becomes_a_header() {
    let sink = Sink::new(Manner::default());
    let smtp = smtp(&sink, "", "");
    smtp.send(mail("eve@example.org", "Hi\r\nBcc: spy@example.org\r\n\r\nbody")).unwrap();
    for to in
        ["a@example.org\r\nRCPT TO:<spy@example.org>", "a@example.org, spy@example.org", "<a@example.org>\n"]
    {
        assert!(matches!(smtp.send(mail(to, "x")), Err(MailError::Unusable(_))), "{to:?}");
    }
    smtp.drain().await;
    let received = sink.next();
    assert_eq!(received.envelope.len(), 2, "{:?}", received.envelope);
    let (head, _) = received.text.split_once("\n\n").unwrap();
    assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    assert!(sink.is_empty());
}

#[tokio::test]
async fn a_mail_is_tried_again_unless_it_was_refused_for_good() {
    let check = async |answers: &[&'static str], arrives: bool| {
        let recipients = Arc::new(Mutex::new(answers.to_vec()));
        let sink = Sink::new(Manner { recipients: Arc::clone(&recipients), ..Manner::default() });
        let smtp = smtp(&sink, "", "");
        smtp.send(mail("eve@example.org", "x")).unwrap();
        if arrives {
            let received = tokio::task::spawn_blocking(move || sink.next()).await.unwrap();
            assert!(received.text.contains("Subject: x"));
        } else {
            smtp.drain().await;
            assert!(sink.is_empty(), "{answers:?}");
        }
        assert!(recipients.lock().unwrap().is_empty(), "{answers:?}");
    };
    check(&[], true).await;
    check(&["450 later"], true).await;
    check(&["550 unknown"], false).await;
}

#[tokio::test]
async fn one_recipient_who_must_wait_keeps_nobody_else_waiting() {
    let recipients = Arc::new(Mutex::new(vec!["450 later"; 6]));
    let sink = Sink::new(Manner { recipients, ..Manner::default() });
    let smtp = smtp(&sink, "", "");
    for n in 0..7 {
        smtp.send(mail(&format!("a{n}@example.org"), "x")).unwrap();
    }
    let began = Instant::now();
    let first = tokio::task::spawn_blocking(move || (sink.next(), sink)).await.unwrap();
    assert!(first.0.text.contains("Subject: x") && began.elapsed() < Duration::from_secs(10));
    drop(first);
}

#[tokio::test]
async fn nobody_waits_for_a_server_and_the_line_has_an_end() {
    let sink = Sink::new(Manner { silent_after: Some(""), ..Manner::default() });
    let smtp = smtp(&sink, "", "");
    let began = Instant::now();
    let taken = (0..1_001).map(|_| smtp.send(mail("eve@example.org", "x"))).take_while(Result::is_ok).count();
    assert_eq!(taken, 1_000);
    assert!(matches!(smtp.send(mail("eve@example.org", "x")), Err(MailError::Full)));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test]
async fn who_stops_does_not_wait_for_pauses() {
    let recipients = Arc::new(Mutex::new(vec!["450 later", "450 later"]));
    let sink = Sink::new(Manner { recipients: Arc::clone(&recipients), ..Manner::default() });
    let smtp = smtp(&sink, "", "");
    smtp.send(mail("eve@example.org", "x")).unwrap();
    let began = Instant::now();
    while recipients.lock().unwrap().len() > 1 {
        assert!(began.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    smtp.drain().await;
    assert!(recipients.lock().unwrap().is_empty() && sink.is_empty());
    assert!(matches!(smtp.send(mail("eve@example.org", "x")), Err(MailError::Full)));
}

#[tokio::test]
async fn nothing_is_said_in_clear_where_that_was_not_asked_for() {
    let sink = Sink::new(Manner::default());
    let smtp = smtp(&sink, "ada:secret@", "?tls=required");
    smtp.send(mail("eve@example.org", "x")).unwrap();
    smtp.drain().await;
    assert!(sink.is_empty());
}
