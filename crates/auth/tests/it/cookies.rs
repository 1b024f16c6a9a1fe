use std::sync::LazyLock;

use bistro_auth::{Authenticator, Pepper, SessionCookie};
use bistro_wire::Browser;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::{OWN, authenticator, changed};

static KEYS: LazyLock<Authenticator> = LazyLock::new(|| authenticator("ES256"));

/// What lines of cookies are made of.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9_=;, \"%-]{0,8}",
        Just("__Host-bistro-session".to_owned()),
        Just("__host-bistro-session=".to_owned()),
        Just("bistro-session=".to_owned()),
        Just("; ".to_owned()),
        Just("=".to_owned()),
        Just("\t".to_owned()),
        Just("$Version=1;".to_owned()),
        "\\PC{0,4}",
    ]
}

fn headers(lines: &[String], origin: Option<&str>, site: Option<&str>) -> Vec<(String, String)> {
    let mut all: Vec<_> = lines.iter().map(|line| ("cookie".to_owned(), line.clone())).collect();
    all.extend(origin.map(|origin| ("origin".to_owned(), origin.to_owned())));
    all.extend(site.map(|site| ("sec-fetch-site".to_owned(), site.to_owned())));
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is done to a value, it is the same session or none: nobody makes one, and none has two forms.
    #[test]
    fn a_changed_cookie_is_nobodys(
        session: [u8; 16], account: [u8; 16], turn: i64,
        changes in vec((0_usize..128, any::<u8>(), "[A-Za-z0-9_=+/-]{1,3}|\\PC{1,2}"), 1..4),
    ) {
        let (ours, theirs) = (Pepper::new(b"ours"), Pepper::new(b"theirs"));
        let cookie = SessionCookie { session, account, turn };
        let text = cookie.text(&ours);
        prop_assert_eq!(SessionCookie::read(&text, &ours), Some(cookie));
        prop_assert_eq!(SessionCookie::read(&text, &theirs), None);
        let other = changed(&text, &changes);
        let expected = (other == text).then_some(cookie);
        prop_assert_eq!(SessionCookie::read(&other, &ours), expected, "{} became {}", text, other);
    }

    /// No text is a session, and none makes it panic.
    #[test]
    fn no_text_is_a_cookie(text in "[A-Za-z0-9_-]{96}|\\PC{0,120}") {
        prop_assert_eq!(SessionCookie::read(&text, &Pepper::new(b"ours")), None);
    }

    /// A cookie stands for its session wherever it is in the lines, unless something of its name came before.
    #[test]
    fn lines_of_cookies_are_read_as_they_were_written(
        before in vec(vec(piece(), 0..6).prop_map(|all| all.concat()), 0..4), after in vec(piece(), 0..4),
    ) {
        let cookie = SessionCookie { session: [1; 16], account: [2; 16], turn: 3 };
        let name = KEYS.cookies().name();
        let pair = format!("{name}={}", cookie.text(&KEYS.pepper()));
        let mut lines = before;
        let clear = !lines.iter().any(|line| line.contains(name));
        lines.push(format!("{pair};{}", after.concat()));
        let headers = headers(&lines, None, None);
        let found = KEYS.cookie_of(&Browser::of("GET", &headers));
        if clear {
            prop_assert_eq!(found, Some(cookie), "{:?}", &lines);
        } else {
            prop_assert!(found.is_none() || found == Some(cookie), "{:?}", &lines);
        }
    }

    /// What writes counts from our own page and from listed ones, and from no other that a browser can name.
    #[test]
    fn only_listed_pages_act_for_somebody(
        origin in prop_oneof![
            vec(prop::sample::select(vec![
                "https://", "http://", "api.example.org", "app.example.org", "evil.example", ".", ":443", ":", "@", "/", "null", " ", ",", "API",
            ]), 0..5).prop_map(|all| all.concat()),
            "\\PC{0,30}",
        ],
        site in prop::option::of(prop::sample::select(vec!["cross-site", "same-site", "none", "", "Same-Origin", "same-origin, cross-site"])),
        method in prop::sample::select(vec!["POST", "PATCH", "DELETE", "PUT"]),
    ) {
        let headers = headers(&[], Some(&origin), site);
        let listed = [OWN, "https://app.example.org"].iter().any(|known| known.eq_ignore_ascii_case(&origin));
        prop_assert_eq!(KEYS.counts(&Browser::of(method, &headers)), listed, "{:?} {:?}", &origin, site);
    }
}
