use std::sync::atomic::Ordering;
use std::time::Duration;

use bistro_ir::Scopes;
use futures_util::FutureExt as _;

use super::SessionState;
use crate::tests::{ADA, BOB, NOW, SEAT, project, schema, state, wait};
use crate::{Asked, Credentials};

const EDITOR: &str = "User [authenticated writer editor] seat";
const OVER: &str = "401 session_not_found JWT session is over";

/// What happened to a session, and who its token is afterwards.
#[test]
fn a_change_is_seen_once_it_is_told() {
    let p = project("ES256");
    let token = p.token_at(NOW);
    let looks = || p.records.looks.load(Ordering::Relaxed);
    assert_eq!(p.ask(&token, NOW), EDITOR);
    p.records.put(SEAT, state(ADA, &["admin"]));
    assert_eq!((p.ask(&token, NOW), looks()), (EDITOR.to_owned(), 1), "nobody said that it changed");
    type Tell = fn(&crate::Authenticator);
    let cases: [(&[&str], Tell, &str); 4] = [
        (&["admin"], |auth| auth.session_changed(SEAT), "User [authenticated admin] seat"),
        (&["writer", "nobody"], |auth| auth.account_changed(ADA), "User [authenticated writer] seat"),
        (&[], |auth| auth.all_changed(), "User [authenticated] seat"),
        (&["editor"], |auth| auth.session_changed(SEAT), EDITOR),
    ];
    for (n, (roles, tell, expected)) in cases.into_iter().enumerate() {
        p.records.put(SEAT, state(ADA, roles));
        tell(&p.auth);
        assert_eq!(p.ask(&token, NOW), expected);
        assert_eq!(p.ask(&p.token_at(NOW - 1), NOW), expected, "all tokens of a session share its seat");
        assert_eq!(looks(), n + 2);
    }
    p.auth.session_changed([1; 16]);
    p.auth.account_changed(BOB);
    assert_eq!((p.ask(&token, NOW), looks()), (EDITOR.to_owned(), 5), "others were changed");
}

#[test]
fn a_session_that_is_over_stays_over() {
    let p = project("ES256");
    let token = p.token_at(NOW);
    assert_eq!(p.ask(&token, NOW), EDITOR);
    p.records.sessions.lock().unwrap().clear();
    p.auth.session_changed(SEAT);
    assert_eq!(p.ask(&token, NOW), OVER);
    assert_eq!((p.ask(&token, NOW).as_str(), p.records.looks.load(Ordering::Relaxed)), (OVER, 2));
    // A ban that is lifted.
    p.records.put(SEAT, state(ADA, &[]));
    p.auth.account_changed(ADA);
    assert_eq!(p.ask(&token, NOW), "User [authenticated] seat");
}

#[test]
fn what_the_record_says_decides() {
    let scopes = Some(std::sync::Arc::new(Scopes::parse("openid data:read")));
    let cases = [
        (SessionState { ends_s: Some(NOW), ..state(ADA, &["editor"]) }, NOW, OVER),
        (SessionState { ends_s: Some(NOW + 1), ..state(ADA, &["editor"]) }, NOW, EDITOR),
        (SessionState { scopes, ..state(ADA, &["editor"]) }, NOW, EDITOR),
        (state(BOB, &["editor"]), NOW, OVER),
    ];
    for (state, now_s, expected) in cases {
        let p = project("ES256");
        p.records.put(SEAT, state.clone());
        let token = p.token_at(NOW);
        // Looked up, then known.
        for _ in 0..2 {
            assert_eq!(p.ask(&token, now_s), expected, "{state:?}");
        }
        let authorization = format!("Bearer {token}");
        let shown =
            Credentials { apikey: None, authorization: Some(&authorization), ..Credentials::default() };
        if let Ok(Asked::Known(caller)) = p.auth.caller(&schema(), &shown, now_s, None) {
            assert_eq!(caller.scopes.is_some(), state.scopes.is_some());
            assert_eq!((caller.session, caller.id), (Some(SEAT), Some(ADA)));
        }
    }
}

#[test]
fn those_who_ask_at_once_share_a_look() {
    let p = project("ES256");
    let authorization = format!("Bearer {}", p.token_at(NOW));
    let shown = Credentials { apikey: None, authorization: Some(&authorization), ..Credentials::default() };
    let ask = || p.auth.caller(&schema(), &shown, NOW, None).unwrap();
    let all = futures_util::future::join_all((0..50).map(|_| ask().wait()));
    assert!(wait(all).into_iter().all(|caller| caller.is_ok()));
    assert_eq!(p.records.looks.load(Ordering::Relaxed), 1);
    assert!(matches!(ask(), Asked::Known(_)));
    // One who does not wait for it leaves it to the next.
    p.auth.session_changed(SEAT);
    let mut left = Box::pin(ask().wait());
    assert!(left.as_mut().now_or_never().is_none());
    drop(left);
    assert!(wait(ask().wait()).is_ok());
}

#[test]
fn regress_what_was_read_before_a_change_is_not_kept_after_it() {
    let p = project("ES256");
    let token = p.token_at(NOW);
    let authorization = format!("Bearer {token}");
    let shown = Credentials { apikey: None, authorization: Some(&authorization), ..Credentials::default() };
    let mut early = Box::pin(p.auth.caller(&schema(), &shown, NOW, None).unwrap().wait());
    assert!(early.as_mut().now_or_never().is_none(), "it has read, and not answered yet");
    p.records.sessions.lock().unwrap().clear();
    p.auth.session_changed(SEAT);
    // Who asked before the change may get in; who asks after it does not, and waits for no look of before.
    assert_eq!(p.ask(&token, NOW), OVER);
    assert!(wait(early).is_ok());
    assert_eq!(p.ask(&token, NOW), OVER);
}

#[test]
fn records_that_cannot_be_read_are_asked_again() {
    let p = project("ES256");
    let token = p.token_at(NOW);
    p.records.gone.store(true, Ordering::Relaxed);
    assert!(p.ask(&token, NOW).starts_with("500 "));
    p.records.gone.store(false, Ordering::Relaxed);
    assert_eq!(p.ask(&token, NOW), EDITOR);
}

#[test]
fn a_seat_is_believed_for_as_long_as_is_set() {
    let p = project("ES256");
    let token = p.token_at(NOW);
    p.auth.believe_sessions_for(Duration::ZERO);
    p.ask(&token, NOW);
    p.records.put(SEAT, state(ADA, &[]));
    assert_eq!(p.ask(&token, NOW), "User [authenticated] seat");
    p.auth.believe_sessions_for(Duration::from_secs(3_600));
    p.records.put(SEAT, state(ADA, &["editor"]));
    assert_eq!(p.ask(&token, NOW), "User [authenticated] seat");
}

#[test]
fn who_watches_is_woken() {
    let p = project("ES256");
    let watch = || p.auth.watch(SEAT);
    let (session, account, other, all) = (watch(), watch(), p.auth.watch([1; 16]), watch());
    let mut waits = [session, account, all];
    assert!(waits.iter_mut().all(|watch| watch.now_or_never().is_none()));
    p.auth.session_changed(SEAT);
    assert!(waits.iter_mut().all(|watch| watch.now_or_never().is_some()));
    assert!(watch().now_or_never().is_none(), "a new one waits for the next change");
    // Told between the order and the first poll.
    let late = watch();
    p.auth.account_changed(ADA);
    assert!(late.now_or_never().is_some());
    p.auth.all_changed();
    assert!(other.now_or_never().is_some());
}

#[test]
fn without_records_no_session_goes_on() {
    let p = project("ES256");
    let alone = crate::Authenticator::new(
        crate::Keyring::new(&p.secrets, None, None).unwrap(),
        crate::Options {
            open: false,
            expected: crate::claims::Expected {
                own_issuer: Some(crate::tests::ISSUER.into()),
                ..Default::default()
            },
            ..crate::Options::default()
        },
    );
    let authorization = format!("Bearer {}", p.token_at(NOW));
    let shown = Credentials { apikey: None, authorization: Some(&authorization), ..Credentials::default() };
    let problem = alone.caller(&schema(), &shown, NOW, None).err().unwrap();
    assert_eq!(problem.message, "JWT session is over");
}
