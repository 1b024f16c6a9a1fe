//! `/auth/v1/ui/link`: a link of a mail that leads to our own pages.
//!
//! It says whose account it opens and asks, before anything is used up: programs follow links in mails, and somebody may have been
//! sent a link to an account that is not theirs.

use bistro_wire::Response;

use super::enter::enter;
use super::turn::Turn;
use super::{escaped, password};
use crate::accounts::Accounts;
use crate::http::{Asked, redirect};
use crate::letters::Shown;
use crate::letters::verify::{self, Outcome};
use crate::redirect::encoded;
use crate::surface::Answered;

/// To the page, for a link whose way ends at `back`, which is a page of ours.
pub fn address(accounts: &Accounts, asked: &Asked, back: &str) -> Response {
    let next = back.strip_prefix(accounts.settings.public_url.as_str()).unwrap_or_default();
    let member = |name| (name, asked.query(name).unwrap_or(""));
    let members = encoded(&[member("token"), member("type"), ("next", next)]);
    redirect(303, format!("{}?{members}", super::path("link")))
}

/// `GET`: what the link would do.
pub(super) async fn ask(turn: &Turn<'_>) -> Answered {
    let (token, kind) = (turn.get("token").unwrap_or(""), turn.get("type").unwrap_or(""));
    let address = verify::meant(turn.accounts, turn.asked.visit.now, kind, token).await?;
    let (title, what) = match kind {
        "signup" | "invite" => {
            ("Confirm your address", "You confirm that this address is yours, and sign in:")
        }
        "email_change" => ("Change your address", "You confirm the change of address that was sent to:"),
        "recovery" => ("Choose another password", "You sign in, and choose another password for:"),
        _ => ("Sign in", "You sign in as:"),
    };
    let form = turn.form("link").hidden("token", token).hidden("type", kind).button("Go on");
    Ok(turn.page(title, &format!("<p>{what}</p><p><strong>{}</strong></p>{form}", escaped(&address))))
}

/// `POST`: does it.
pub(super) async fn follow(turn: &Turn<'_>) -> Answered {
    let (token, kind) = (turn.get("token").unwrap_or(""), turn.get("type").unwrap_or(""));
    let shown = Shown::Link(token.to_owned());
    match verify::alike(turn.accounts, &turn.asked.visit, kind, shown).await? {
        Outcome::Session(issued) => enter(turn, &issued, password::after(kind, &issued)).await,
        _ => Ok(turn.page(
            "Half done",
            "<p>This address is confirmed. Follow the link in the mail to the other address as well.</p>",
        )),
    }
}
