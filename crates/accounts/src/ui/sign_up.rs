//! `/auth/v1/ui/sign-up`: an account with a password, and what the project wants to know of its people.

use bistro_problem::Problem;
use bistro_wire::Response;
use serde_json::{Map, Value};

use super::enter::enter;
use super::form::{Field, Form};
use super::turn::Turn;
use super::{code, or_again};
use crate::flows::email;
use crate::flows::signup::{self, Application, SignedUp};
use crate::letters::resend;
use crate::profile::{self, Input, Wanted};
use crate::surface::Answered;

/// `GET`.
pub(super) async fn show(turn: &Turn<'_>) -> Answered {
    Ok(form(turn, None))
}

/// `POST`.
pub(super) async fn sign_up(turn: &Turn<'_>) -> Answered {
    let entered = async {
        let address = email::normalised(turn.needed("email", "The address")?)?;
        let application = Application {
            email: address.clone(),
            password: turn.needed("password", "The password")?.to_owned(),
            data: said(turn)?,
            redirect_to: turn.back(""),
            challenge: None,
        };
        match signup::with_password(turn.accounts, &turn.asked.visit, application).await? {
            SignedUp::Session(issued) => enter(turn, &issued, None).await,
            SignedUp::Waits(..) => Ok(code::form(turn, None, "signup", &address)),
        }
    };
    or_again(entered.await, |problem| form(turn, Some(problem)))
}

/// The mail of a sign-up once more. Unknown addresses get the same answer.
pub(super) async fn again(turn: &Turn<'_>) -> Answered {
    let address = turn.get("email").unwrap_or("");
    let sent = async {
        let address = email::normalised(turn.needed("email", "The address")?)?;
        resend::send(turn.accounts, &turn.asked.visit, "signup", address, turn.back(""), None).await?;
        Ok(code::form(turn, None, "signup", turn.get("email").unwrap_or("")))
    };
    or_again(sent.await, |problem| code::form(turn, Some(problem), "signup", address))
}

/// What the person says of themselves, as the project asks for it.
fn said(turn: &Turn<'_>) -> Result<Map<String, Value>, Problem> {
    let mut data = Map::new();
    for wanted in profile::wanted(turn.accounts, &turn.asked.visit) {
        let value = match wanted.input {
            Input::Check => turn.get(&member(&wanted)).unwrap_or("false"),
            _ => turn.needed(&member(&wanted), &wanted.label)?,
        };
        data.insert(wanted.name, value.into());
    }
    Ok(data)
}

fn form(turn: &Turn<'_>, problem: Option<&Problem>) -> Response {
    let title = format!("Make an account at {}", turn.settings().project);
    let sign_in = format!("<nav>{}</nav>", turn.link("sign-in", "I have an account"));
    if turn.settings().disable_signup {
        return turn.page_after(problem, &title, &format!("<p>Nobody can sign up here.</p>{sign_in}"));
    }
    let hint = rule(turn);
    let mut form = turn
        .form("sign-up")
        .field(&Field::email(turn.get("email").unwrap_or("")))
        .field(&Field::new_password(&hint));
    for wanted in profile::wanted(turn.accounts, &turn.asked.visit) {
        form = asked_for(turn, form, &wanted);
    }
    turn.page_after(problem, &title, &format!("{}{sign_in}", form.button("Make the account")))
}

/// The name in the form, which no name of ours can be.
fn member(wanted: &Wanted) -> String {
    format!("data.{}", wanted.name)
}

fn asked_for(turn: &Turn<'_>, form: Form, wanted: &Wanted) -> Form {
    let name = member(wanted);
    let kind = match &wanted.input {
        Input::Choice(options) => {
            return form.select(&name, &wanted.label, options.iter().map(|o| (o.as_str(), o.as_str())));
        }
        Input::Check => "checkbox",
        Input::Number => "number",
        Input::Date => "date",
        Input::Text => "text",
    };
    let value = turn.get(&name).unwrap_or("");
    let hint = wanted.hint.as_str();
    form.field(&Field { name: &name, label: &wanted.label, hint, kind, value, ..Field::default() })
}

/// What a password must be, in a sentence.
pub(super) fn rule(turn: &Turn<'_>) -> String {
    format!("At least {} characters, and nothing that others guess.", turn.settings().password_min)
}
