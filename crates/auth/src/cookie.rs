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
    use super::{CookieRules, LENGTH, SessionCookie};
    use crate::pepper::Pepper;

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
