//! The cookie of a browser that is signed in: the session's id and a keyed hash of it. Nothing is stored for it, and it ends
//! with the session.

use aws_lc_rs::constant_time;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_auth::Pepper;
use bistro_problem::Problem;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::data::is;
use crate::data::records::Session;
use crate::http::{Asked, Bearer};
use crate::settings::Settings;

/// What the hash is for.
const SPACE: &str = "session_cookie";
/// The bytes of the id.
const PLAIN: usize = 16;
/// The bytes of the hash.
const TAG: usize = 32;

/// The cookie's name over https. No other host, not even a subdomain, can set it.
const SECURE: &str = "__Host-bistro-session";
/// The cookie's name over plain http on this machine.
const LOCAL: &str = "bistro-session";

/// What a browser keeps of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookie {
    session: Uuid,
}

impl Cookie {
    /// Of a session.
    pub const fn of(session: Uuid) -> Self {
        Self { session }
    }

    /// The name under which browsers keep it.
    pub fn name(settings: &Settings) -> &'static str {
        if settings.public_url.starts_with("https://") { SECURE } else { LOCAL }
    }

    /// The value.
    pub fn text(self, pepper: &Pepper) -> String {
        let mut bytes = self.session.into_bytes().to_vec();
        bytes.extend_from_slice(&pepper.tag(SPACE, &[self.session.as_bytes()]));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a value; `None` if it is none of ours.
    pub fn read(text: &str, pepper: &Pepper) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == PLAIN + TAG)?;
        let (plain, tag) = bytes.split_at(PLAIN);
        let expected = pepper.tag(SPACE, &[plain]);
        constant_time::verify_slices_are_equal(tag, &expected).ok()?;
        Some(Self { session: Uuid::from_slice(plain).ok()? })
    }
}

/// The person who is signed in at the browser that asks, as stored now.
pub async fn signed_in(accounts: &Accounts, asked: &Asked) -> Result<Option<Bearer>, Problem> {
    let value = asked.cookie(Cookie::name(&accounts.settings));
    let Some(cookie) = value.and_then(|value| Cookie::read(value, &accounts.keys.pepper())) else {
        return Ok(None);
    };
    let Some(session) = accounts.data.one::<Session>(is("id", cookie.session)).await? else {
        return Ok(None);
    };
    match accounts.who(session.id, session.account_id, asked.visit.now).await {
        // An application's session is nobody's browser.
        Ok((_, session)) if session.client_id.is_some() => Ok(None),
        Ok((account, session)) => Ok(Some(Bearer { account, session, claims: serde_json::Map::new() })),
        Err(problem) if problem.status < 500 => Ok(None),
        Err(problem) => Err(problem),
    }
}
