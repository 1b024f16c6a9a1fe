//! `/auth/v1/ui/email`: another address.

use bistro_problem::Problem;
use bistro_wire::Response;
use serde_json::json;

use super::form::Field;
use super::turn::Turn;
use super::{escaped, or_again};
use crate::flows::user;
use crate::surface::Answered;

/// `GET`.
pub(super) async fn show(turn: &Turn<'_>) -> Answered {
    user::strong_enough(turn.accounts, &turn.bearer().await?).await?;
    Ok(form(turn, None))
}

/// `POST`.
pub(super) async fn change(turn: &Turn<'_>) -> Answered {
    let bearer = turn.bearer().await?;
    let changed = async {
        let address = turn.needed("email", "The address")?;
        let asked = turn.asked.saying(&json!({ "email": address })).asking("redirect_to", &turn.back(""));
        user::put(turn.accounts, &asked).await?;
        let text = match (turn.settings().confirm_email, &bearer.account.email) {
            (true, Some(_)) => {
                "Follow the links in the mails to both addresses, the one before and the new one:"
            }
            (true, None) => "Follow the link in the mail to",
            (false, _) => "From now on your address is",
        };
        let body = format!(
            "<p>{text} <strong>{}</strong></p><nav>{}</nav>",
            escaped(address),
            turn.link("", "Your account")
        );
        Ok(turn.page("Your address", &body))
    };
    or_again(changed.await, |problem| form(turn, Some(problem)))
}

fn form(turn: &Turn<'_>, problem: Option<&Problem>) -> Response {
    let typed = turn.get("email").unwrap_or("");
    let field = Field { label: "New e-mail address", autocomplete: "email", ..Field::email(typed) };
    let form = turn.form("email").field(&field).button("Change it");
    turn.page_after(
        problem,
        "Change your address",
        &format!("{form}<nav>{}</nav>", turn.link("", "Your account")),
    )
}
