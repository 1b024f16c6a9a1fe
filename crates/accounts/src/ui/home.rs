//! `/auth/v1/ui`: the account's own page.

use super::escaped;
use super::next::Next;
use super::turn::Turn;
use crate::mfa;
use crate::surface::Answered;

/// `GET`. Who came by a mail on the way to somewhere else goes on.
pub(super) async fn show(turn: &Turn<'_>) -> Answered {
    let bearer = turn.bearer().await?;
    if turn.next != Next::Home {
        return Ok(turn.next.go(turn.settings()));
    }
    let who = match (&bearer.account.email, &bearer.account.new_email) {
        (Some(email), Some(new)) => {
            format!("<strong>{}</strong>, and soon as {}", escaped(email), escaped(new))
        }
        (Some(email), None) => format!("<strong>{}</strong>", escaped(email)),
        (None, _) => "somebody without an address".to_owned(),
    };
    let second = match mfa::has_verified(turn.accounts, bearer.account.id).await? {
        true => "Your second factor",
        false => "Protect your account with a second factor",
    };
    let has_password = bearer.account.password.is_some();
    let password = if has_password { "Change your password" } else { "Choose a password" };
    let rows = [
        ("password", password),
        ("email", "Change your address"),
        ("factors", second),
        ("sessions", "Where you are signed in, and applications"),
    ];
    let rows: String =
        rows.iter().map(|(page, label)| format!("<li>{}</li>", turn.link(page, label))).collect();
    let out = turn.form("sign-out").hidden("scope", "local").plain_button("Sign out");
    Ok(turn.page("Your account", &format!("<p>You are signed in as {who}.</p><ul>{rows}</ul>{out}")))
}
