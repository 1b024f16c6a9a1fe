//! `/auth/v1/ui/sign-in/with/<provider>` and `/auth/v1/ui/arrive`: the way to a provider and back, for this browser.
//!
//! The proof key of the trip stays in a cookie of the browser that began it, so that no other can end it.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_problem::{Code, Problem};
use bistro_wire::Response;

use super::enter::enter;
use super::turn::Turn;
use crate::flows::token;
use crate::http::redirect;
use crate::redirect::with_query;
use crate::surface::Answered;

/// For so many seconds somebody may be away.
const AWAY_S: i64 = 600;
/// The cookie's name over https. No other host, not even a subdomain, can set it.
const SECURE: &str = "__Host-bistro-trip";
/// The cookie's name over plain http on this machine.
const LOCAL: &str = "bistro-trip";

/// Sends the browser to a provider. HEAD begins nothing.
pub(super) async fn leave(turn: &Turn<'_>, provider: &str) -> Answered {
    let (settings, asked) = (turn.settings(), &turn.asked);
    if !settings.providers.iter().any(|known| known.name == provider) {
        return Err(Problem::new(Code::NotFound, "There is no such way to sign in."));
    }
    if asked.method == "HEAD" {
        return Ok(Response::new(200, ""));
    }
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| Problem::bug("the system has no random bytes"))?;
    let verifier = URL_SAFE_NO_PAD.encode(bytes);
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let back = turn.back("arrive");
    let members = [
        ("provider", provider),
        ("redirect_to", back.as_str()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "s256"),
    ];
    let to = with_query(&format!("{}/authorize", settings.issuer()), &members);
    Ok(redirect(303, to).header("set-cookie", cookie(turn, &verifier, AWAY_S)))
}

/// The browser is back.
pub(super) async fn arrive(turn: &Turn<'_>) -> Answered {
    if turn.asked.method == "HEAD" {
        return Ok(Response::new(200, ""));
    }
    let lost = || Problem::new(Code::FlowStateNotFound, "This sign-in was not begun here. Begin again.");
    let (name, _) = named(turn);
    let verifier = turn.asked.cookie(name).filter(|verifier| !verifier.is_empty()).ok_or_else(lost)?;
    if turn.get("error").is_some() {
        // In our own words: anybody can write an address, and what it says would stand on our page.
        let text = match turn.get("error_code") {
            Some("signup_disabled") => "Nobody can sign up here.",
            Some("user_banned") => "This account is banned.",
            Some("provider_email_needs_verification") => {
                "Your address is not verified there. Follow the link in the mail that was sent to it."
            }
            _ => "The provider did not sign you in.",
        };
        return Err(Problem::new(Code::ValidationFailed, text));
    }
    let code = turn.get("code").ok_or_else(lost)?;
    let issued = token::redeemed(turn.accounts, &turn.asked.visit, code, verifier).await?;
    Ok(enter(turn, &issued, None).await?.header("set-cookie", cookie(turn, "", 0)))
}

fn cookie(turn: &Turn<'_>, value: &str, seconds: i64) -> String {
    let (name, secure) = named(turn);
    // Lax: it comes along when the provider sends the browser back.
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

fn named(turn: &Turn<'_>) -> (&'static str, &'static str) {
    if turn.accounts.keys.cookies().secure() { (SECURE, "; Secure") } else { (LOCAL, "") }
}
