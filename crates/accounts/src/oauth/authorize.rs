//! The beginning of a trip: `GET /authorize`, and `GET /user/identities/authorize` for one more identity.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use serde_json::json;

use super::browser::{self, Browser};
use super::pending::{self, Pending, TTL_S};
use super::{failed, may_link, provider, redirect_uri};
use crate::accounts::Accounts;
use crate::after::After;
use crate::flows::{Challenge, user};
use crate::http::{Asked, bearer, ok, redirect as send_on};
use crate::surface::Answered;
use crate::{limits, redirect};

/// Says that a browser was sent on to the server's own name already.
const MOVED: &str = "moved";

/// Parameters that are ours; others go to the provider.
const OWN: [&str; 9] = [
    MOVED,
    "provider",
    "redirect_to",
    "scopes",
    "code_challenge",
    "code_challenge_method",
    "skip_http_redirect",
    "invite_token",
    "apikey",
];

/// `GET /authorize`: sends a browser to a provider. HEAD begins nothing.
pub async fn authorize(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    browser::safe(&accounts.settings)?;
    if asked.method == "HEAD" {
        return Ok(Response::new(200, "").header("cache-control", "no-store"));
    }
    if browser::by_another_name(&accounts.settings, asked) && asked.query(MOVED).is_none() {
        let members = asked.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let members: Vec<_> = members.chain([(MOVED, "1")]).collect();
        let here = format!("{}/authorize", accounts.settings.issuer());
        return Ok(send_on(302, redirect::with_query(&here, &members)));
    }
    if let Some(ticket) = asked.query("ticket") {
        return board(accounts, asked, ticket).await;
    }
    let (pending, address) = begin(accounts, asked).await?;
    let browser = Browser::or_new(&accounts.settings, asked)?;
    let (inside, visit, kept) = (Arc::clone(accounts), asked.visit.clone(), browser.clone());
    let done = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move { Ok((pending.keep(tx, &inside, &visit, &kept).await?, After::default())) })
        }),
    );
    done.await?;
    Ok(browser.set(&accounts.settings, TTL_S, send_on(302, address)))
}

/// `GET /user/identities/authorize`: where a signed-in person's browser goes to add an identity. Pages ask this by script,
/// which gets no cookie from another origin; so the address that they get is our own, and sets it.
pub async fn link(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    may_link(accounts)?;
    browser::safe(&accounts.settings)?;
    let bearer = bearer(accounts, asked).await?;
    user::strong_enough(accounts, &bearer).await?;
    user::fresh(&asked.visit, &bearer, "Linking an identity requires reauthentication")?;
    let (pending, address) = begin(accounts, asked).await?;
    let pending = Pending { linking: Some(bearer.account.id), ..pending };
    let (inside, visit) = (Arc::clone(accounts), asked.visit.clone());
    let kept = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let ticket = pending.keep_for_ticket(tx, &inside, &visit, address).await?;
                Ok((ticket, After::default()))
            })
        }),
    );
    let ticket = kept.await?;
    let url =
        redirect::with_query(&format!("{}/authorize", accounts.settings.issuer()), &[("ticket", &ticket)]);
    Ok(match asked.query("skip_http_redirect") {
        Some("true") => ok(&json!({ "url": url })),
        _ => send_on(302, url),
    })
}

/// The browser of somebody who adds an identity has come.
async fn board(accounts: &Arc<Accounts>, asked: &Asked, ticket: &str) -> Answered {
    let browser = Browser::or_new(&accounts.settings, asked)?;
    let page = asked.header("referer").map(str::to_owned);
    let (inside, visit, kept, ticket) =
        (Arc::clone(accounts), asked.visit.clone(), browser.clone(), ticket.to_owned());
    let boarded = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let address = pending::board(tx, &inside, &visit, (&ticket, &kept, page.as_deref())).await?;
                Ok((address, After::default()))
            })
        }),
    );
    let address = boarded.await?;
    Ok(browser.set(&accounts.settings, TTL_S, send_on(302, address)))
}

/// A new trip, and its address at the provider.
async fn begin(accounts: &Accounts, asked: &Asked) -> Result<(Pending, String), Problem> {
    limits::trip(accounts, &asked.visit).await?;
    let provider = provider(accounts, asked.query("provider"))?;
    let challenge = Challenge::read(asked.query("code_challenge"), asked.query("code_challenge_method"))?;
    if challenge.is_none() && accounts.settings.pkce_only {
        let message = "This project signs in with PKCE only: send code_challenge and code_challenge_method";
        return Err(Problem::new(Code::ValidationFailed, message));
    }
    let pending = Pending::new(provider.name(), redirect::wanted(accounts, asked), challenge);
    let extra: Vec<_> =
        asked.query.iter().filter(|(name, _)| !OWN.contains(&name.as_str())).cloned().collect();
    let scopes = asked.query("scopes").unwrap_or("");
    let address = provider.authorization(&pending.trip, &redirect_uri(accounts), scopes, &extra).await;
    let address = address.map_err(|error| failed(provider, &error))?;
    Ok((pending, address))
}
