//! `/auth/v1/ui/sessions`: where somebody is signed in, which applications they have let in, and the end of these.

use bistro_wire::Response;
use serde_json::Value;

use super::agent::known_as;
use super::cookie::forget;
use super::turn::Turn;
use super::{escaped, path};
use crate::data::records::Session;
use crate::flows::{logout, sessions};
use crate::http::redirect;
use crate::provider::{grants, scope};
use crate::surface::Answered;

/// `GET`.
pub(super) async fn list(turn: &Turn<'_>) -> Answered {
    let bearer = turn.bearer().await?;
    let (account, now) = (bearer.account.id, turn.asked.visit.now);
    let all = sessions::of(turn.accounts, account, now).await?;
    let own: Vec<&Session> = all.iter().filter(|session| session.client_id.is_none()).collect();
    let rows: String =
        own.iter().map(|session| row(turn, session, session.id == bearer.session.id)).collect();
    let others = match own.len() {
        0 | 1 => String::new(),
        _ => turn.form("sign-out").hidden("scope", "others").plain_button("Sign out everywhere else"),
    };
    let granted = grants::of(turn.accounts, account).await?;
    let applications: String = granted.iter().map(|grant| application(turn, grant)).collect();
    let applications = match granted.is_empty() {
        true => "<p class=\"dim\">None.</p>".to_owned(),
        false => format!("<ul class=\"rows\">{applications}</ul>"),
    };
    let body = format!(
        "<ul class=\"rows\">{rows}</ul>{others}<h2>Applications that you have let in</h2>{applications}<nav>{}</nav>",
        turn.link("", "Your account")
    );
    Ok(turn.page("Where you are signed in", &body))
}

fn row(turn: &Turn<'_>, session: &Session, here: bool) -> String {
    let agent = escaped(&known_as(session.user_agent.as_deref().unwrap_or("")));
    let address = escaped(session.ip.as_deref().unwrap_or("an unknown address"));
    let since = &session.created_at.text()[..10];
    let end = match here {
        true => "<p>This browser.</p>".to_owned(),
        false => turn.form(&format!("sessions/{}", session.id)).plain_button("End it"),
    };
    format!("<li><p>{agent}</p><p class=\"dim\">from {address}, since {since}</p>{end}</li>")
}

fn application(turn: &Turn<'_>, grant: &Value) -> String {
    let text = |pointer: &str| escaped(grant.pointer(pointer).and_then(Value::as_str).unwrap_or(""));
    let scopes = grant["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let scopes = escaped(&scopes.map(scope::meaning).collect::<Vec<_>>().join(", "));
    let withdraw = turn.form(&format!("applications/{}", text("/client/id"))).plain_button("Withdraw");
    format!("<li><p>{}</p><p class=\"dim\">It may {scopes}.</p>{withdraw}</li>", text("/client/name"))
}

/// Ends another session of the person's.
pub(super) async fn end(turn: &Turn<'_>, id: &str) -> Answered {
    sessions::end(turn.accounts, &turn.asked.saying(&Value::Null), id).await?;
    Ok(back())
}

/// Takes back what an application was granted.
pub(super) async fn withdraw(turn: &Turn<'_>, id: &str) -> Answered {
    let asked = turn.asked.saying(&Value::Null).asking("client_id", id);
    grants::withdraw(turn.accounts, &asked).await?;
    Ok(back())
}

fn back() -> Response {
    redirect(303, path("sessions"))
}

/// Ends the session of this browser, or the others.
pub(super) async fn sign_out(turn: &Turn<'_>) -> Answered {
    let others = turn.get("scope") == Some("others");
    if let Some(bearer) = turn.person().await? {
        let scope = if others { "others" } else { "local" };
        logout::end(turn.accounts, &turn.asked.visit, bearer, scope).await?;
    }
    Ok(match others {
        true => back(),
        false => forget(turn.accounts, turn.on("sign-in")),
    })
}
