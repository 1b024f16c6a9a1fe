//! `/auth/v1/ui/sign-in`.

use std::fmt::Write as _;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use serde_json::Map;

use super::code;
use super::enter::enter;
use super::form::Field;
use super::turn::Turn;
use super::{escaped, keys, or_again};
use crate::flows::{email, token};
use crate::letters::otp::{self, Wanted};
use crate::surface::Answered;

/// The page. Who is signed in goes on at once, unless the application wants to see a password.
pub(super) async fn show(turn: &Turn<'_>) -> Answered {
    if turn.get("again").is_none() && turn.person().await?.is_some() {
        return Ok(turn.next.go(turn.settings()));
    }
    Ok(form(turn, None))
}

/// Signs in with an address and a password.
pub(super) async fn sign_in(turn: &Turn<'_>) -> Answered {
    let entered = async {
        let (address, password) =
            (turn.needed("email", "The address")?, turn.needed("password", "The password")?);
        let issued = token::with_password(turn.accounts, &turn.asked.visit, address, password).await?;
        enter(turn, &issued, None).await
    };
    or_again(entered.await, |problem| form(turn, Some(problem)))
}

/// Mails a link and a code that sign in. Unknown addresses get the same answer.
pub(super) async fn by_mail(turn: &Turn<'_>) -> Answered {
    let sent = async {
        let address = email::normalised(turn.needed("email", "The address")?)?;
        let wanted = Wanted {
            email: address.clone(),
            create: false,
            data: Map::new(),
            redirect_to: turn.back(""),
            challenge: None,
        };
        otp::send(turn.accounts, &turn.asked.visit, wanted).await?;
        Ok(code::form(turn, None, "email", &address))
    };
    or_again(sent.await, |problem| form(turn, Some(problem)))
}

fn form(turn: &Turn<'_>, problem: Option<&Problem>) -> Response {
    let settings = turn.settings();
    let typed = turn.get("email").unwrap_or("");
    let main = turn.form("sign-in").field(&Field::email(typed)).field(&Field::password()).button("Sign in");
    let mut body = main;
    if settings.mail {
        body.push_str(&confirm_again(turn, problem, typed));
        let by_mail = turn.form("sign-in/mail").field(&Field { id: "mailed", ..Field::email(typed) });
        let _ = write!(
            body,
            "<details><summary>Sign in by mail, without a password</summary>{}</details>",
            by_mail.plain_button("Mail me a link")
        );
    }
    if keys::offered(turn) {
        body.push_str(&keys::form(turn, "sign-in", "keys/sign-in", "Sign in with a passkey", ""));
    }
    for provider in &settings.providers {
        let to = turn.address(&format!("sign-in/with/{}", provider.name), &[]);
        let _ = write!(
            body,
            "<a class=\"button plain\" href=\"{}\">Sign in with {}</a>",
            escaped(&to),
            escaped(&title(&provider.name))
        );
    }
    let forgot = if settings.mail { turn.link("forgot", "Forgot your password?") } else { String::new() };
    let new = if settings.disable_signup { String::new() } else { turn.link("sign-up", "Make an account") };
    let _ = write!(body, "<nav>{forgot}{new}</nav>");
    turn.page_after(problem, &format!("Sign in to {}", settings.project), &body)
}

/// Who has not confirmed their address can have the mail once more.
fn confirm_again(turn: &Turn<'_>, problem: Option<&Problem>, typed: &str) -> String {
    match problem.map(|problem| problem.code) {
        Some(Code::EmailNotConfirmed) => {
            turn.form("sign-up/mail").hidden("email", typed).plain_button("Send the mail again")
        }
        _ => String::new(),
    }
}

/// A provider's name as people write it.
fn title(name: &str) -> String {
    match name {
        "github" => "GitHub".to_owned(),
        "gitlab" => "GitLab".to_owned(),
        name => {
            let mut letters = name.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
    }
}
