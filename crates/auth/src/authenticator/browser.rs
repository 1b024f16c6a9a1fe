//! Callers who are known by the cookie of their browser.

use std::sync::Arc;

use bistro_ir::Caller;
use bistro_problem::{Code, Problem};
use bistro_wire::Browser;

use super::Authenticator;
use crate::cache::Entry;
use crate::claims::{Named, Window};
use crate::cookie::{CookieRules, SessionCookie};
use crate::session::Whose;

impl Authenticator {
    /// Which browsers' cookies count.
    pub fn cookies(&self) -> &CookieRules {
        &self.options.cookies
    }

    /// The session that a browser's cookie names, whether or not it goes on; `None` without a cookie of ours. Only for pages
    /// that judge by themselves where a request comes from.
    pub fn cookie_of(&self, browser: &Browser<'_>) -> Option<SessionCookie> {
        let value = browser.cookie(self.options.cookies.name())?;
        SessionCookie::read(value, &self.pepper())
    }

    /// Whether the request comes from a page that may act for who is signed in here.
    pub fn counts(&self, browser: &Browser<'_>) -> bool {
        let CookieRules { own, origins } = &self.options.cookies;
        browser.comes_from(own, origins)
    }

    /// The cookie of a browser, verified now or before; `None` if it has none of ours.
    ///
    /// # Errors
    /// `BIS-301` where it has one that does not count.
    pub(super) fn cookie(&self, browser: &Browser<'_>) -> Option<Result<Arc<Entry>, Problem>> {
        let value = browser.cookie(self.options.cookies.name())?;
        let entry = match self.seen.get(value) {
            Some(entry) => entry,
            None => {
                let epoch = self.seen.epoch();
                let SessionCookie { session, account, turn } = SessionCookie::read(value, &self.pepper())?;
                let caller = Caller { session: Some(session), ..Caller::user(account) };
                let named = Named { caller, roles: Box::default(), window: Window::ALWAYS, turn: Some(turn) };
                self.seen.put(value, named, Some(self.seats.seat(Whose::Cookie(session))), epoch)
            }
        };
        Some(if self.counts(browser) { Ok(entry) } else { Err(elsewhere()) })
    }
}

fn elsewhere() -> Problem {
    Problem::new(Code::NoKey, "No API key found in request, and the session cookie does not count for where it comes from")
        .hint("A page of another origin is listed in cors.cookie_origins; a program sends Origin, or a key and a token.")
}
