//! `/auth/v1/ui/forgot`: a mail with which somebody chooses another password.

use bistro_problem::Problem;
use bistro_wire::Response;

use super::code;
use super::form::Field;
use super::or_again;
use super::turn::Turn;
use crate::flows::email;
use crate::letters::recover;
use crate::surface::Answered;

/// Sends the mail. Unknown addresses get the same answer.
pub(super) async fn forgot(turn: &Turn<'_>) -> Answered {
    let sent = async {
        let address = email::normalised(turn.needed("email", "The address")?)?;
        let back = turn.back("");
        recover::send(turn.accounts, &turn.asked.visit, address.clone(), back, None).await?;
        Ok(code::form(turn, None, "recovery", &address))
    };
    or_again(sent.await, |problem| form(turn, Some(problem)))
}

/// The page.
pub(super) fn form(turn: &Turn<'_>, problem: Option<&Problem>) -> Response {
    let form =
        turn.form("forgot").field(&Field::email(turn.get("email").unwrap_or(""))).button("Send me a mail");
    let body = format!("{form}<nav>{}</nav>", turn.link("sign-in", "Back to signing in"));
    turn.page_after(problem, "Choose another password", &body)
}
