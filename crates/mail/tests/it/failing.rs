//! Servers that fail: what becomes of a mail, how often it is tried and for how long.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bistro_mail::{Mailer as _, Smtp, SmtpSettings};
use tokio::time;

use crate::sent::mail;
use crate::sink::{Answers, Manner, Sink};

fn smtp(sink: &Sink) -> Smtp {
    let url = format!("smtp://ada:secret@{}", sink.address);
    Smtp::new(&SmtpSettings { url, from: "blog@example.org".to_owned(), ca: None }).unwrap()
}

fn answers(told: &[&'static str]) -> Answers {
    Arc::new(Mutex::new(told.to_vec()))
}

/// How many connections the server has counted, once there are so many or some time has really passed.
fn counted(sink: &Sink, least: usize) -> usize {
    let began = Instant::now();
    while sink.connections.load(Ordering::SeqCst) < least && began.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(5));
    }
    sink.connections.load(Ordering::SeqCst)
}

/// The clock of this test goes on when everybody waits, so that minutes take none.
#[tokio::test(start_paused = true)]
async fn regress_a_silent_server_is_left_and_tried_again_until_the_mail_is_given_up() {
    let sink = Sink::new(Manner { silent_after: Some(""), ..Manner::default() });
    let smtp = smtp(&sink);
    let began = time::Instant::now();
    smtp.send(mail("eve@example.org", "x")).unwrap();
    // Fifteen seconds for each of five tries, and the pauses of 1, 10, 60 and 300 seconds between them.
    let whole = Duration::from_secs(5 * 15 + 371);
    time::sleep(whole - Duration::from_secs(20)).await;
    assert_eq!(counted(&sink, 4), 4, "the last pause is the longest");
    smtp.drain().await;
    assert_eq!(counted(&sink, 5), 5);
    assert!(began.elapsed() <= whole + Duration::from_secs(1), "{:?}", began.elapsed());
    assert!(sink.is_empty());
}

/// Four may be carried at a time: more than that hang, and the next one's turn comes all the same.
#[tokio::test(start_paused = true)]
async fn regress_a_silent_server_does_not_hold_carriers_for_ever() {
    let sink = Sink::new(Manner { silent_after: Some(""), ..Manner::default() });
    let smtp = smtp(&sink);
    for n in 0..9 {
        smtp.send(mail(&format!("a{n}@example.org"), "x")).unwrap();
    }
    time::sleep(Duration::from_secs(46)).await;
    assert!(counted(&sink, 9) >= 9, "{:?}", sink.connections);
}

#[tokio::test]
async fn who_does_not_let_us_in_is_asked_again_only_if_that_may_help() {
    let check = async |manner: Manner, tries: usize, arrives: bool| {
        let sink = Sink::new(manner);
        let smtp = smtp(&sink);
        smtp.send(mail("eve@example.org", "x")).unwrap();
        let began = Instant::now();
        // One pause of a second is waited for; a second try would have come by then.
        while sink.connections.load(Ordering::SeqCst) < 2 && began.elapsed() < Duration::from_millis(2_500) {
            time::sleep(Duration::from_millis(10)).await;
        }
        smtp.drain().await;
        assert_eq!(sink.connections.load(Ordering::SeqCst), tries);
        assert_eq!(!sink.is_empty(), arrives);
    };
    let logins = |told: &[&'static str]| Manner { logins: answers(told), ..Manner::default() };
    let recipients = |told: &[&'static str]| Manner { recipients: answers(told), ..Manner::default() };
    check(logins(&["535 wrong password"]), 1, false).await;
    check(logins(&["454 later"]), 2, true).await;
    check(recipients(&["550 unknown"]), 1, false).await;
    check(recipients(&["452 full"]), 2, true).await;
}

#[tokio::test]
async fn regress_a_mail_that_was_taken_is_not_sent_again_for_a_missing_goodbye() {
    let sink = Sink::new(Manner { silent_after: Some("QUIT"), ..Manner::default() });
    let smtp = smtp(&sink);
    smtp.send(mail("eve@example.org", "x")).unwrap();
    smtp.drain().await;
    assert!(sink.next().text.contains("Subject: x"));
    assert!(sink.is_empty() && sink.connections.load(Ordering::SeqCst) == 1);
}
