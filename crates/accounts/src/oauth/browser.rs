//! Which browser it is: a cookie that lives as long as a trip. Without it a stranger could send somebody the end of a trip of
//! his own, and have them sign in to his account.

use aws_lc_rs::{constant_time, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_auth::loopback::loopback_host;
use bistro_problem::{Code, Problem};
use bistro_wire::Response;

use crate::accounts::Accounts;
use crate::http::Asked;
use crate::letters::tag;
use crate::settings::Settings;

/// The characters of the cookie's value: 256 bits in base64url.
const LENGTH: usize = 43;

/// The cookie's name over https. No other host, not even a subdomain, can set it.
const SECURE: &str = "__Host-bistro-oauth";

/// The cookie's name over plain http on this machine.
const PLAIN: &str = "bistro-oauth";

/// A browser, by its cookie.
#[derive(Clone, Debug)]
pub(super) struct Browser {
    value: String,
}

impl Browser {
    /// The browser that asks. One that has the cookie keeps it, so that several tabs can be under way.
    pub(super) fn of(settings: &Settings, asked: &Asked) -> Option<Self> {
        let value = asked.cookie(name(settings))?;
        let form = value.len() == LENGTH
            && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        form.then(|| Self { value: value.to_owned() })
    }

    /// The browser that asks, or a new one.
    pub(super) fn or_new(settings: &Settings, asked: &Asked) -> Result<Self, Problem> {
        if let Some(known) = Self::of(settings, asked) {
            return Ok(known);
        }
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(|_| Problem::bug("the system has no random bytes"))?;
        Ok(Self { value: URL_SAFE_NO_PAD.encode(bytes) })
    }

    /// What is kept of the browser with a trip.
    pub(super) fn mark(&self, accounts: &Accounts) -> String {
        tag(accounts, "oauth_browser", &[&self.value])
    }

    /// Whether it is the browser of a mark.
    pub(super) fn is(&self, accounts: &Accounts, mark: &str) -> bool {
        constant_time::verify_slices_are_equal(self.mark(accounts).as_bytes(), mark.as_bytes()).is_ok()
    }

    /// The reply with the cookie.
    pub(super) fn set(&self, settings: &Settings, ttl_s: i64, reply: Response) -> Response {
        // Apple posts its answer from its own page, so the cookie must come along from there.
        let attributes = if secure(settings) { "Secure; SameSite=None" } else { "SameSite=Lax" };
        let (name, value) = (name(settings), &self.value);
        reply.header("set-cookie", format!("{name}={value}; Path=/; Max-Age={ttl_s}; HttpOnly; {attributes}"))
    }
}

/// Refuses trips where the cookie could be read on the way.
///
/// # Errors
/// `validation_failed` for plain http to another machine.
pub(super) fn safe(settings: &Settings) -> Result<(), Problem> {
    if secure(settings) || local(settings) {
        return Ok(());
    }
    let message = "Signing in at providers needs https";
    Err(Problem::new(Code::ValidationFailed, message).hint("Set server.public_url to an https:// address."))
}

/// Whether the browser knows this machine by another name than the provider will send it back to: it would not bring the
/// cookie along.
pub(super) fn by_another_name(settings: &Settings, asked: &Asked) -> bool {
    let host = asked.header("host").filter(|host| local(settings) && loopback_host(host));
    host.is_some_and(|host| settings.public_url.strip_prefix("http://") != Some(host))
}

fn name(settings: &Settings) -> &'static str {
    if secure(settings) { SECURE } else { PLAIN }
}

fn secure(settings: &Settings) -> bool {
    settings.public_url.starts_with("https://")
}

fn local(settings: &Settings) -> bool {
    let host = settings.public_url.strip_prefix("http://").and_then(|rest| rest.split('/').next());
    host.is_some_and(loopback_host)
}
