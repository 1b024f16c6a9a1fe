//! The code of a mail, typed where it was asked for.

use bistro_problem::Problem;
use bistro_wire::Response;

use super::enter::enter;
use super::form::Field;
use super::turn::Turn;
use super::{escaped, or_again, password};
use crate::flows::email;
use crate::letters::Shown;
use crate::letters::verify::{self, Outcome};
use crate::surface::Answered;

/// `POST /auth/v1/ui/code`: signs in with the code.
pub(super) async fn show(turn: &Turn<'_>) -> Answered {
    let (kind, address) = (turn.get("type").unwrap_or(""), turn.get("email").unwrap_or(""));
    let entered = async {
        let code = turn.needed("code", "The code")?.to_owned();
        let shown = Shown::Code { address: email::normalised(address)?, code };
        match verify::alike(turn.accounts, &turn.asked.visit, kind, shown).await? {
            Outcome::Session(issued) => enter(turn, &issued, password::after(kind, &issued)).await,
            _ => Ok(turn.on("")),
        }
    };
    or_again(entered.await, |problem| form(turn, Some(problem), kind, address))
}

/// The page after a mail was sent: it says where to look, and takes the code.
pub(super) fn form(turn: &Turn<'_>, problem: Option<&Problem>, kind: &str, address: &str) -> Response {
    let known = ["signup", "email", "recovery"].iter().find(|known| **known == kind).unwrap_or(&"email");
    let form = turn
        .form("code")
        .hidden("type", known)
        .hidden("email", address)
        .field(&Field::code("The code from the mail"))
        .button("Go on");
    let body = format!(
        "<p>If {} can be written to, a mail is on its way. Follow its link, or type its code here.</p>{form}\
         <nav>{}</nav>",
        escaped(address),
        turn.link("sign-in", "Back to signing in")
    );
    turn.page_after(problem, "Look into your mail", &body)
}
