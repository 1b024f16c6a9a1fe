//! `/verify`: what a mail brought is shown. POST answers a session, GET (the link itself) sends the browser on with one.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use serde_json::json;

use super::Purpose;
pub(crate) use super::act::Outcome;
use super::act::act;
use super::consume::{Shown, consume, expired, waiting};
pub use super::way_back::{failed, session_members};
use crate::accounts::Accounts;
use crate::after::After;
use crate::alike::in_time;
use crate::audit::{self, Actor};
use crate::data::Time;
use crate::flows::email;
use crate::http::{Asked, Fields, json as reply, ok, redirect as send_on, session_json};
use crate::surface::Answered;
use crate::visit::Visit;
use crate::{limits, redirect, ui};

/// `POST /verify`.
pub async fn post(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let fields = asked.fields()?;
    let kind = fields.needed("type")?.to_owned();
    let shown = shown(&fields, &kind)?;
    match alike(accounts, &asked.visit, &kind, shown).await? {
        Outcome::Session(issued) => Ok(ok(&session_json(&issued))),
        _ => Ok(reply(200, &json!({"msg": HALF, "code": "200"}))),
    }
}

/// Uses what a mail brought, and does what it is for. Whether something was mailed to an address is told by nothing, the time
/// included.
pub(crate) async fn alike(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    kind: &str,
    shown: Shown,
) -> Result<Outcome, Problem> {
    in_time(show(accounts, visit, kind, shown, false)).await.map(|(outcome, _)| outcome)
}

/// The address to which a link was mailed, without using it up.
///
/// # Errors
/// `otp_expired` for one that would do nothing.
pub(crate) async fn meant(accounts: &Accounts, now: Time, kind: &str, link: &str) -> Result<String, Problem> {
    let shown = Shown::Link(link.to_owned());
    let found = waiting(accounts, purposes(kind).unwrap_or_default(), link).await?;
    found.filter(|token| now < token.expires_at).map(|token| token.email).ok_or_else(|| expired(&shown))
}

/// What clients show after the first half of a change of address.
const HALF: &str = "Confirmation link accepted. Please proceed to confirm link sent to the other email";

fn shown(fields: &Fields, kind: &str) -> Result<Shown, Problem> {
    let text = |name: &str| Ok::<_, Problem>(fields.text(name)?.filter(|text| !text.is_empty()));
    if let Some(hash) = text("token_hash")? {
        return Ok(Shown::Link(hash.to_owned()));
    }
    if matches!(kind, "sms" | "phone_change") || (text("phone")?.is_some() && text("email")?.is_none()) {
        return Err(Problem::new(Code::PhoneProviderDisabled, "Phone numbers are not served here"));
    }
    let needed = |name: &str| {
        let message = "Only the token_hash and type should be provided, or an email and a token";
        text(name)?.ok_or_else(|| Problem::new(Code::ValidationFailed, message))
    };
    Ok(Shown::Code { address: email::normalised(needed("email")?)?, code: needed("token")?.to_owned() })
}

/// `GET /verify`: a link in a mail. HEAD, which programs that look into mails send, uses nothing up.
pub async fn get(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let back = redirect::allowed_or_site(&accounts.settings, asked.query("redirect_to"), None);
    let (token, kind) = (asked.query("token").unwrap_or(""), asked.query("type").unwrap_or(""));
    if asked.method == "HEAD" {
        return Ok(Response::new(200, "").header("cache-control", "no-store"));
    }
    if redirect::own_page(&accounts.settings, &back) {
        return Ok(ui::link_page(accounts, asked, &back));
    }
    if accounts.settings.confirm_page && asked.query("confirmed").is_none() {
        return Ok(ui::confirm::page_of(accounts, asked, &back));
    }
    let pkce = token.starts_with("pkce_");
    let ended = show(accounts, &asked.visit, kind, Shown::Link(token.to_owned()), true).await;
    Ok(match ended {
        Ok((Outcome::Session(issued), kind)) => {
            send_on(303, redirect::with_fragment(&back, &session_members(&issued, Some(kind)).pairs()))
        }
        Ok((Outcome::Done, _)) => send_on(303, back),
        Ok((Outcome::Code(code), _)) => send_on(303, redirect::with_query(&back, &[("code", &code)])),
        Ok((Outcome::Half, _)) => {
            send_on(303, redirect::with_fragment(&back, &[("message", HALF), ("sb", "")]))
        }
        Err(problem) => {
            let to = failed(&back, &problem, pkce);
            Response { problem: Some(Box::new(problem)), ..send_on(303, to) }
        }
    })
}

/// The purposes of a `type`.
fn purposes(kind: &str) -> Option<&'static [Purpose]> {
    Some(match kind {
        "signup" => &[Purpose::Confirmation],
        "magiclink" => &[Purpose::MagicLink, Purpose::Confirmation],
        "email" => &[Purpose::MagicLink, Purpose::Confirmation, Purpose::Recovery, Purpose::Invite],
        "recovery" => &[Purpose::Recovery],
        "invite" => &[Purpose::Invite],
        "email_change" => &[Purpose::EmailChangeNew, Purpose::EmailChangeCurrent],
        _ => return None,
    })
}

/// Uses a token, and does what it is for. `link`: by the link in a browser, where PKCE answers a code.
async fn show(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    kind: &str,
    shown: Shown,
    link: bool,
) -> Result<(Outcome, &'static str), Problem> {
    let wrong = || Problem::new(Code::ValidationFailed, "Verify requires a verification type");
    let purposes = purposes(kind).ok_or_else(wrong)?;
    // Nobody guesses a link.
    if matches!(shown, Shown::Code { .. }) {
        limits::code(accounts, visit).await?;
    }
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let ended = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let mut after = After::default();
                let proof = consume(tx, &inside, &seen, purposes, &shown).await?;
                let Some(proof) = proof else {
                    if let Shown::Code { address, .. } = &shown {
                        let details = json!({"email": address});
                        audit::note(tx, &seen, "code_failed", Actor::Nobody, None, details).await?;
                    }
                    return Ok((Err(expired(&shown)), after));
                };
                let kind = proof.purpose.kind();
                let done = act(tx, &inside, &seen, proof, link, &mut after).await?;
                Ok((done.map(|outcome| (outcome, kind)), after))
            })
        }),
    );
    ended.await?
}
