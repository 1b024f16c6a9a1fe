//! The cookie of a browser that is signed in: the session, its account, its turn, and a keyed hash of these. Nothing is stored
//! for it. It ends with the session, and with its turn: who proves more gets another one.

use aws_lc_rs::constant_time;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::pepper::Pepper;
use crate::session::SessionId;

/// What the hash is for.
const SPACE: &str = "session_cookie";
/// The bytes of an id.
const ID: usize = 16;
/// The bytes of the turn.
const TURN: usize = 8;
/// The bytes of the hash.
const TAG: usize = 32;
/// The characters of a value.
const LENGTH: usize = (2 * ID + TURN + TAG).div_ceil(3) * 4;

/// The cookie's name over https. No other host, not even a subdomain, can set it.
const SECURE: &str = "__Host-bistro-session";
/// The cookie's name over plain http on this machine.
const LOCAL: &str = "bistro-session";

/// What a browser keeps of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionCookie {
    /// The session.
    pub session: SessionId,
    /// The account whose session it is.
    pub account: [u8; 16],
    /// Which turn of the session it is of.
    pub turn: i64,
}

impl SessionCookie {
    /// The value that a browser keeps.
    pub fn text(self, pepper: &Pepper) -> String {
        let plain = [self.session.as_slice(), &self.account, &self.turn.to_be_bytes()].concat();
        let tag = pepper.tag(SPACE, &[&plain]);
        URL_SAFE_NO_PAD.encode([plain.as_slice(), &tag].concat())
    }

    /// Reads a value; `None` if it is none of ours.
    pub fn read(text: &str, pepper: &Pepper) -> Option<Self> {
        if text.len() != LENGTH {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 2 * ID + TURN + TAG)?;
        let (plain, tag) = bytes.split_at(2 * ID + TURN);
        constant_time::verify_slices_are_equal(tag, &pepper.tag(SPACE, &[plain])).ok()?;
        let (session, rest) = plain.split_at(ID);
        let (account, turn) = rest.split_at(ID);
        let turn = i64::from_be_bytes(turn.try_into().ok()?);
        Some(Self { session: session.try_into().ok()?, account: account.try_into().ok()?, turn })
    }
}

/// Which browsers' cookies count.
#[derive(Clone, Debug, Default)]
pub struct CookieRules {
    /// The server's own origin, such as `https://api.example.org`.
    pub own: String,
    /// Origins whose pages may act for who is signed in here.
    pub origins: Vec<String>,
}

impl CookieRules {
    /// The name under which browsers keep the cookie.
    pub fn name(&self) -> &'static str {
        if self.secure() { SECURE } else { LOCAL }
    }

    /// Whether the server is reached by https: browsers then send the cookie nowhere else.
    pub fn secure(&self) -> bool {
        self.own.starts_with("https://")
    }

    /// The header that sets the cookie for so many seconds; 0 takes it away.
    pub fn header(&self, value: &str, seconds: i64) -> String {
        let secure = if self.secure() { "; Secure" } else { "" };
        format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", self.name())
    }
}

#[cfg(test)]
mod tests {
    use bistro_wire::Browser;
    use proptest::prelude::*;

    use super::{CookieRules, LENGTH, SessionCookie};
    use crate::pepper::Pepper;

    proptest! {
        /// Whatever is read was made here, to the letter: no value has a second form.
        #[test]
        fn no_text_is_read_that_was_not_made_here(
            ids in any::<([u8; 16], [u8; 16], i64)>(),
            damage in proptest::collection::vec((0..LENGTH, any::<u8>()), 0..4),
            text in "\\PC{0,120}",
        ) {
            let pepper = Pepper::new(b"ours");
            let (session, account, turn) = ids;
            let made = SessionCookie { session, account, turn }.text(&pepper);
            let mut bytes = made.clone().into_bytes();
            damage.iter().for_each(|(at, byte)| bytes[*at] = *byte);
            for shown in [text, String::from_utf8_lossy(&bytes).into_owned()] {
                let read = SessionCookie::read(&shown, &pepper);
                prop_assert_eq!(read.is_some(), shown == made, "{}", shown);
            }
        }

        /// A browser's header, whatever it holds: what is found stands in it under that name.
        #[test]
        fn no_header_makes_a_cookie_panic(line in "\\PC{0,200}", name in "[a-z_-]{1,12}") {
            let headers = vec![("cookie".to_owned(), line.clone())];
            if let Some(value) = Browser::of("GET", &headers).cookie(&name) {
                prop_assert!(line.contains(&name) && line.contains(value), "{}", line);
            }
            let known = vec![("cookie".to_owned(), format!("{line};{name}=x"))];
            prop_assert!(Browser::of("GET", &known).cookie(&name).is_some(), "{}", line);
        }
    }

    #[test]
    fn a_cookie_is_read_as_it_was_made_and_by_nobody_else() {
        let (ours, theirs) = (Pepper::new(b"ours"), Pepper::new(b"theirs"));
        let cookie = SessionCookie { session: [1; 16], account: [2; 16], turn: 3 };
        let text = cookie.text(&ours);
        assert_eq!(text.len(), LENGTH);
        assert_eq!(SessionCookie::read(&text, &ours), Some(cookie));
        assert_eq!(SessionCookie::read(&text, &theirs), None);
        for at in 0..text.len() {
            let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
            let mut damaged = text.clone();
            damaged.replace_range(at..=at, other);
            assert_eq!(SessionCookie::read(&damaged, &ours), None, "at {at}");
        }
        for damaged in ["", "=", &text[1..], &format!("{text}A"), &format!("{text}="), "é"] {
            assert_eq!(SessionCookie::read(damaged, &ours), None, "{damaged}");
        }
    }

    #[test]
    fn browsers_keep_it_as_tightly_as_they_can() {
        let check = |own: &str, expected: &str| {
            let rules = CookieRules { own: own.into(), origins: Vec::new() };
            assert_eq!(rules.header("x", 60), expected);
        };
        check(
            "https://api.example.org",
            "__Host-bistro-session=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure",
        );
        check("http://127.0.0.1:4000", "bistro-session=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
    }
}
