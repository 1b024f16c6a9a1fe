//! `/auth/v1/ui/factors`: authenticators, recovery codes, and the keys that applications set up.

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use serde_json::{Value, json};

use super::cookie::keep;
use super::form::Field;
use super::turn::Turn;
use super::{escaped, keys, or_again, path, way};
use crate::data::is;
use crate::data::records::{Factor, RecoveryCode};
use crate::http::{Bearer, redirect};
use crate::mfa;
use crate::surface::Answered;

/// `GET`.
pub(super) async fn list(turn: &Turn<'_>) -> Answered {
    let bearer = turn.bearer().await?;
    listed(turn, &bearer, None).await
}

async fn listed(turn: &Turn<'_>, bearer: &Bearer, problem: Option<&Problem>) -> Answered {
    let own = || is("account_id", bearer.account.id);
    let all = turn.accounts.data.find::<Factor>(own().and(is("verified", true)).oldest("created_at")).await?;
    let (passkeys, factors): (Vec<&Factor>, Vec<&Factor>) = all.iter().partition(|f| f.kind == mfa::PASSKEY);
    let rows = |all: &[&Factor], page: &str| match all.is_empty() {
        true => "<p class=\"dim\">None.</p>".to_owned(),
        false => {
            let rows: String = all.iter().map(|factor| row(turn, factor, page)).collect();
            format!("<ul class=\"rows\">{rows}</ul>")
        }
    };
    let mut body = rows(&factors, "factors");
    let name =
        Field { name: "name", label: "Name of a new authenticator", value: "Phone", ..Field::default() };
    body.push_str(&turn.form("factors").field(&name).plain_button("Add an authenticator"));
    if !factors.is_empty() {
        let codes = turn.accounts.data.find::<RecoveryCode>(own()).await?;
        let left = codes.iter().filter(|code| code.used_at.is_none()).count();
        let make = turn.form("factors/codes").plain_button("Make ten new codes");
        body.push_str(&format!(
            "<h2>Recovery codes</h2><p>{left} are left for the day on which it is lost.</p>{make}"
        ));
    }
    let offered = keys::offered(turn);
    if offered || !passkeys.is_empty() {
        body.push_str(&format!("<h2>Passkeys</h2>{}", rows(&passkeys, "passkeys")));
    }
    if offered {
        body.push_str(&keys::form(turn, "add", "keys", "Add a passkey", ""));
    }
    body.push_str(&format!("<nav>{}</nav>", turn.link("", "Your account")));
    Ok(turn.page_after(problem, "Your second factor", &body))
}

fn row(turn: &Turn<'_>, factor: &Factor, page: &str) -> String {
    let kind = match factor.kind.as_str() {
        "totp" => "Authenticator",
        "webauthn" => "Security key",
        _ => "Passkey",
    };
    let name = escaped(factor.friendly_name.as_deref().unwrap_or(kind));
    let since = &factor.created_at.text()[..10];
    let remove = turn.form(&format!("{page}/{}/remove", factor.id)).plain_button("Remove");
    format!("<li><p>{name}</p><p class=\"dim\">{kind}, since {since}</p>{remove}</li>")
}

/// A new authenticator: shown once, and counted when its first code was typed.
pub(super) async fn enrol(turn: &Turn<'_>) -> Answered {
    let bearer = turn.bearer().await?;
    let asked = turn.asked.saying(&json!({"factor_type": "totp", "friendly_name": turn.get("name")}));
    match mfa::enroll(turn.accounts, &asked).await {
        Ok(reply) => {
            let made: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
            Ok(scan(turn, &made))
        }
        Err(problem) if problem.status < 500 && way(&problem).is_none() => {
            listed(turn, &bearer, Some(&problem)).await
        }
        Err(problem) => Err(problem),
    }
}

fn scan(turn: &Turn<'_>, made: &Value) -> Response {
    let text = |pointer: &str| made.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    // The picture is made here, of nothing but squares.
    let (picture, secret) = (text("/totp/qr_code"), escaped(text("/totp/secret")));
    let body = format!(
        "<p>Scan this with an authenticator on your phone, or type the key into it.</p><div class=\"qr\" role=\"img\" aria-label=\"The code to scan\">{picture}</div>\
         <p class=\"key\"><code>{secret}</code></p>{}",
        code(turn, text("/id"))
    );
    turn.page("Add an authenticator", &body)
}

fn code(turn: &Turn<'_>, id: &str) -> String {
    let field = Field::code("The code that it shows now");
    turn.form(&format!("factors/{id}")).field(&field).button("Add it")
}

/// The first code of a new authenticator.
pub(super) async fn verify(turn: &Turn<'_>, id: &str) -> Answered {
    let bearer = turn.bearer().await?;
    let verified = async {
        let factor = mfa::owned(turn.accounts, bearer.account.id, id).await?;
        if factor.kind != "totp" {
            return Err(Problem::new(Code::FactorNotFound, "There is no such authenticator."));
        }
        let typed = turn.needed("code", "The code")?.to_owned();
        let issued = mfa::with_code(turn.accounts, &turn.asked.visit, bearer, factor, None, typed).await?;
        Ok(keep(turn.accounts, &issued, back()))
    };
    or_again(verified.await, |problem| {
        turn.page_after(
            Some(problem),
            "Add an authenticator",
            &code(turn, &id.chars().take(36).collect::<String>()),
        )
    })
}

/// Ten codes, shown once.
pub(super) async fn codes(turn: &Turn<'_>) -> Answered {
    turn.bearer().await?;
    let reply = mfa::make_recovery_codes(turn.accounts, &turn.asked.saying(&Value::Null)).await?;
    let made: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let codes = made["codes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let codes: String = codes.map(|code| format!("<li><code>{}</code></li>", escaped(code))).collect();
    let body = format!(
        "<p>Write these down and keep them apart from your phone. Each works once, and none is shown again.</p>\
         <ul>{codes}</ul><nav>{}</nav>",
        turn.link("factors", "I have kept them")
    );
    Ok(turn.page("Recovery codes", &body))
}

/// Takes a factor away.
pub(super) async fn remove(turn: &Turn<'_>, id: &str) -> Answered {
    let unenrolled = mfa::unenroll(turn.accounts, &turn.asked.saying(&Value::Null), id).await;
    unenrolled.map(|_| back())
}

/// Takes a passkey away.
pub(super) async fn remove_passkey(turn: &Turn<'_>, id: &str) -> Answered {
    let removed = mfa::remove_passkey(turn.accounts, &turn.asked.saying(&Value::Null), id).await;
    removed.map(|_| back())
}

fn back() -> Response {
    redirect(303, path("factors"))
}
