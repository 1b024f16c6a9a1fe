//! Where a browser goes when somebody is signed in.

use bistro_wire::Response;

use super::page::{escaped, page};
use crate::http::redirect;
use crate::redirect::{allowed, ascii};
use crate::settings::Settings;

/// The longest address that is carried along, in bytes.
const MOST: usize = 2_000;
/// Our page that may lead a browser on to an application.
const CONSENT: &str = "/auth/v1/ui/consent";

/// Where a browser goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// To the account's own page.
    Home,
    /// To another page of ours, by its path.
    Own(String),
    /// To an application, by its address.
    Away(String),
}

impl Next {
    /// From what was asked for: `next` is a page of ours, `redirect_to` an address that the settings allow. What is neither is
    /// left out.
    pub(super) fn of(settings: &Settings, next: Option<&str>, redirect_to: Option<&str>) -> Self {
        if let Some(own) = next.filter(|next| is_own(next)) {
            return Self::Own(own.to_owned());
        }
        match redirect_to.filter(|to| to.len() <= MOST && allowed(settings, to)) {
            Some(to) => match to.strip_prefix(settings.public_url.as_str()).filter(|rest| is_own(rest)) {
                Some(own) => Self::Own(own.to_owned()),
                None => Self::Away(ascii(to)),
            },
            None => Self::Home,
        }
    }

    /// The member of a form or of a query that says it to the next page.
    pub(super) fn member(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Home => None,
            Self::Own(path) => Some(("next", path)),
            Self::Away(to) => Some(("redirect_to", to)),
        }
    }

    /// Sends the browser there. Browsers hold the whole way of a form to the page's policy, so that what leads to another
    /// origin goes by a page of its own.
    pub(super) fn go(&self, settings: &Settings) -> Response {
        let to = match self {
            Self::Home => return redirect(303, super::path("")),
            Self::Own(path) if !path.starts_with(CONSENT) => return redirect(303, path.clone()),
            Self::Own(to) | Self::Away(to) => to,
        };
        let shown = escaped(to);
        let body = format!("<p>You are signed in.</p><p><a class=\"button\" href=\"{shown}\">Go on</a></p>");
        page(200, "Welcome", &settings.theme, &body).header("refresh", format!("0;url={to}"))
    }
}

/// Whether it is the path of a page of ours, and read so by every browser.
fn is_own(next: &str) -> bool {
    let plain = |b: u8| b.is_ascii_graphic() && b != b'\\';
    let below = next.strip_prefix("/auth/v1/ui");
    next.len() <= MOST
        && next.bytes().all(plain)
        && !next.contains("..")
        && !next.to_ascii_lowercase().contains("%2e")
        && below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Next, is_own};
    use crate::settings::Settings;

    proptest! {
        /// What is taken for a page of ours is one to a browser's parser too.
        #[test]
        fn browsers_stay_on_our_pages(
            tail in prop::collection::vec(prop::sample::select(vec![
                "/", "\\", "..", ".", "%2e", "%2E", "%2f", "?", "#", "@", ":", "a", " ", "\t", "\u{85}", "evil.example",
            ]), 0..8),
            head in prop::sample::select(vec!["", "/auth/v1/ui", "/auth/v1/ui/", "//evil.example"]),
        ) {
            let next = format!("{head}{}", tail.concat());
            if is_own(&next) {
                let base = url::Url::parse("https://api.example.org/auth/v1/ui/sign-in").unwrap();
                let read = base.join(&next).map_err(|error| TestCaseError::fail(format!("{next:?}: {error}")))?;
                prop_assert_eq!(read.origin(), base.origin(), "{:?}", &next);
                prop_assert!(read.path() == "/auth/v1/ui" || read.path().starts_with("/auth/v1/ui/"), "{:?}", &next);
            }
        }
    }

    #[test]
    fn a_browser_goes_where_it_may() {
        let settings = Settings {
            public_url: "https://api.example.org".into(),
            site_url: "https://app.example.org".into(),
            ..Settings::default()
        };
        let check = |next: &str, redirect_to: &str, expected: &str| {
            let found = Next::of(&settings, Some(next), Some(redirect_to));
            let said = match &found {
                Next::Home => "home".to_owned(),
                Next::Own(to) => format!("own {to}"),
                Next::Away(to) => format!("away {to}"),
            };
            assert_eq!(said, expected, "{next} {redirect_to}");
        };
        check("", "", "home");
        check("/auth/v1/ui/consent?authorization_id=1", "", "own /auth/v1/ui/consent?authorization_id=1");
        check("/auth/v1/ui", "https://app.example.org/x", "own /auth/v1/ui");
        check("", "https://app.example.org/x", "away https://app.example.org/x");
        check("", "https://api.example.org/auth/v1/ui/sessions", "own /auth/v1/ui/sessions");
        for evil in [
            "//evil.example",
            "https://evil.example",
            "/auth/v1/uix",
            "/auth/v1/ui/../logout",
            "/auth/v1/ui/%2e%2E/logout",
            "/auth/v1/ui\\@evil.example",
            "/auth/v1/ui/\r\nset-cookie: a=b",
            "javascript:alert(1)",
            "/auth/v1/logout",
        ] {
            check(evil, "", "home");
            check("", evil, "home");
        }
        check("", &format!("https://app.example.org/{}", "x".repeat(2_000)), "home");
    }
}
