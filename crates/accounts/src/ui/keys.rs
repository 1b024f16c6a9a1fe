//! Passkeys and security keys on our pages. Browsers give them to scripts alone, so this is the one thing that needs one; without
//! it the forms for keys stay hidden.

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::enter::enter;
use super::turn::Turn;
use super::{escaped, path, way};
use crate::http::{json as reply, redirect};
use crate::mfa;
use crate::redirect::encoded;
use crate::surface::Answered;

/// What carries a form for a key through its question and back.
pub(super) const SCRIPT: &str = include_str!("keys.js");

/// Whether browsers let our own pages ask for keys: they are made for our host, or one above it. Under development that is the
/// name of this machine, not its number.
pub(super) fn offered(turn: &Turn<'_>) -> bool {
    let settings = turn.settings();
    let Some(id) = &settings.webauthn_id else { return false };
    let named = turn.asked.header("host").and_then(|host| host.split(':').next()) == Some(id);
    settings.webauthn_origins.contains(&settings.public_url) || (settings.dev && named)
}

/// A form that a key answers; `what` is `sign-in`, `add` or `factor`.
pub(super) fn form(turn: &Turn<'_>, what: &str, page: &str, label: &str, factor: &str) -> String {
    let form = turn.form(page).hidden("factor", factor).hidden("challenge", "").hidden("credential", "");
    let form = form.plain_button(label);
    // After its button it says what went wrong, and it is shown where keys can be asked for.
    let form = form.replacen("<form ", &format!("<form hidden data-key=\"{}\" ", escaped(what)), 1);
    form.replacen("</form>", "<p role=\"alert\"></p></form>", 1)
}

/// `POST /auth/v1/ui/keys/options`: the question to a key, for the script.
pub(super) async fn options(turn: &Turn<'_>) -> Response {
    match question(turn).await {
        Ok(asked) => reply(200, &asked),
        Err(problem) => {
            let members = |member: Option<(&'static str, &'static str)>| {
                let back = path("factors");
                let all: Vec<_> = member.into_iter().chain([("next", back.as_str())]).collect();
                encoded(&all)
            };
            let way = way(&problem).map(|(page, member)| format!("{}?{}", path(page), members(member)));
            let mut refused = reply(problem.status, &json!({ "message": problem.message, "way": way }));
            refused.problem = Some(Box::new(problem));
            refused
        }
    }
}

async fn question(turn: &Turn<'_>) -> Result<Value, Problem> {
    let asked = turn.asked.saying(&json!({}));
    let reply = match turn.get("use") {
        Some("sign-in") => mfa::options_to_sign_in(turn.accounts, &asked).await?,
        Some("add") => mfa::options_to_register(turn.accounts, &asked).await?,
        Some("factor") => mfa::challenge(turn.accounts, &asked, turn.get("factor").unwrap_or("")).await?,
        _ => return Err(Problem::new(Code::ValidationFailed, "use must be sign-in, add or factor")),
    };
    let said: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if let Some(options) = said.pointer("/webauthn/credential_options/publicKey") {
        return Ok(json!({ "challenge_id": said["id"], "options": options }));
    }
    Ok(json!({ "challenge_id": said["challenge_id"], "options": said["options"] }))
}

/// What a key answered: which question, and the answer.
pub(super) fn answer(turn: &Turn<'_>) -> Result<(Uuid, Value), Problem> {
    let wrong = || Problem::new(Code::ValidationFailed, "The answer of the key cannot be read.");
    let challenge = Uuid::try_parse(turn.get("challenge").unwrap_or("")).map_err(|_| wrong())?;
    let credential = serde_json::from_str(turn.get("credential").unwrap_or("")).map_err(|_| wrong())?;
    Ok((challenge, credential))
}

/// `POST /auth/v1/ui/keys/sign-in`.
pub(super) async fn sign_in(turn: &Turn<'_>) -> Answered {
    let (challenge, credential) = answer(turn)?;
    let issued = mfa::with_passkey(turn.accounts, &turn.asked.visit, challenge, &credential).await?;
    enter(turn, &issued, None).await
}

/// `POST /auth/v1/ui/keys`: one more passkey.
pub(super) async fn add(turn: &Turn<'_>) -> Answered {
    let (challenge, credential) = answer(turn)?;
    let said = json!({ "challenge_id": challenge.to_string(), "credential": credential });
    mfa::register(turn.accounts, &turn.asked.saying(&said)).await?;
    Ok(redirect(303, path("factors")))
}
