//! `/auth/v1/ui/password`: another password.

use bistro_problem::Problem;
use bistro_wire::Response;
use serde_json::json;

use super::form::Field;
use super::or_again;
use super::turn::Turn;
use crate::flows::{Issued, user};
use crate::http::Bearer;
use crate::surface::Answered;

/// The page after a code or a link of this type: who forgot a password, or has none though they signed up with one, chooses it
/// now.
pub(super) fn after(kind: &str, issued: &Issued) -> Option<&'static str> {
    let none = kind == "signup" && issued.account.password.is_none();
    (none || matches!(kind, "recovery" | "invite")).then_some("password")
}

/// `GET`.
pub(super) async fn show(turn: &Turn<'_>) -> Answered {
    let bearer = turn.bearer().await?;
    user::strong_enough(turn.accounts, &bearer).await?;
    Ok(form(turn, None, &bearer))
}

/// `POST`.
pub(super) async fn change(turn: &Turn<'_>) -> Answered {
    let bearer = turn.bearer().await?;
    let changed = async {
        let password = turn.needed("password", "The new password")?;
        let body = json!({ "password": password, "current_password": turn.get("current_password") });
        user::put(turn.accounts, &turn.asked.saying(&body)).await?;
        Ok(turn.next.go(turn.settings()))
    };
    or_again(changed.await, |problem| form(turn, Some(problem), &bearer))
}

fn form(turn: &Turn<'_>, problem: Option<&Problem>, bearer: &Bearer) -> Response {
    let mut form = turn.form("password");
    if bearer.account.password.is_some() {
        let optional = !user::needs_current(turn.accounts, &turn.asked.visit, bearer);
        let hint = if optional { "Leave it empty if you have just signed in." } else { "" };
        form = form.field(&Field {
            name: "current_password",
            label: "Present password",
            hint,
            optional,
            ..Field::password()
        });
    }
    let hint = super::sign_up::rule(turn);
    let form = form.field(&Field { label: "New password", ..Field::new_password(&hint) }).button("Keep it");
    turn.page_after(
        problem,
        "Choose a password",
        &format!("{form}<nav>{}</nav>", turn.link("", "Your account")),
    )
}
