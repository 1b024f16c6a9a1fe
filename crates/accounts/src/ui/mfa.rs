//! `/auth/v1/ui/mfa`: the second factor, after the first.

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use uuid::Uuid;

use super::cookie::keep;
use super::form::Field;
use super::turn::Turn;
use super::{keys, or_again};
use crate::data::is;
use crate::data::records::Factor;
use crate::mfa::{owned, with_code, with_key, with_recovery_code};
use crate::surface::Answered;

/// `GET`. Who has none, or has used it in this session, goes on.
pub(super) async fn show(turn: &Turn<'_>) -> Answered {
    let bearer = turn.bearer().await?;
    let factors = proved(turn, bearer.account.id).await?;
    if factors.is_empty() || bearer.session.aal == "aal2" {
        return Ok(turn.next.go(turn.settings()));
    }
    Ok(form(turn, None, &factors))
}

/// `POST`: the code of an authenticator, or one of those for the day on which it is lost.
pub(super) async fn verify(turn: &Turn<'_>) -> Answered {
    let bearer = turn.bearer().await?;
    let (accounts, visit) = (turn.accounts, &turn.asked.visit);
    let factors = proved(turn, bearer.account.id).await?;
    let raised = async {
        if let Some(code) = turn.get("recovery") {
            return with_recovery_code(accounts, visit, bearer, code).await;
        }
        let factor = owned(accounts, bearer.account.id, turn.get("factor").unwrap_or("")).await?;
        if factor.kind == "webauthn" && factor.verified {
            let (challenge, credential) = keys::answer(turn)?;
            return with_key(accounts, visit, bearer, factor, challenge, Some(credential)).await;
        }
        if factor.kind != "totp" || !factor.verified {
            return Err(Problem::new(Code::FactorNotFound, "There is no such authenticator."));
        }
        let code = turn.needed("code", "The code")?.to_owned();
        with_code(accounts, visit, bearer, factor, None, code).await
    };
    let gone_on = raised.await.map(|issued| keep(turn.accounts, &issued, turn.next.go(turn.settings())));
    or_again(gone_on, |problem| form(turn, Some(problem), &factors))
}

async fn proved(turn: &Turn<'_>, account: Uuid) -> Result<Vec<Factor>, Problem> {
    let own = is("account_id", account).and(is("verified", true)).oldest("created_at");
    let mut all = turn.accounts.data.find::<Factor>(own).await?;
    all.retain(|factor| factor.kind != crate::mfa::PASSKEY);
    Ok(all)
}

fn form(turn: &Turn<'_>, problem: Option<&Problem>, factors: &[Factor]) -> Response {
    let apps: Vec<&Factor> = factors.iter().filter(|factor| factor.kind == "totp").collect();
    let name = |factor: &Factor| factor.friendly_name.clone().unwrap_or_else(|| "Authenticator".to_owned());
    let names: Vec<(String, String)> = apps.iter().map(|f| (f.id.to_string(), name(f))).collect();
    let offered = keys::offered(turn);
    let mut body = match &names[..] {
        [] if offered => {
            "<p>Your second factor is a security key, or a recovery code in its place.</p>".to_owned()
        }
        [] => {
            "<p>Your second factor is a security key, which the application asks for on a page of its own. \
               Here a recovery code does.</p>"
                .to_owned()
        }
        [(id, _)] => turn.form("mfa").hidden("factor", id).field(&code()).button("Go on"),
        several => {
            let options = several.iter().map(|(id, name)| (id.as_str(), name.as_str()));
            turn.form("mfa").select("factor", "Authenticator", options).field(&code()).button("Go on")
        }
    };
    for key in factors.iter().filter(|factor| offered && factor.kind == "webauthn") {
        let label = format!("Use {}", key.friendly_name.as_deref().unwrap_or("your security key"));
        body.push_str(&keys::form(turn, "factor", "mfa", &label, &key.id.to_string()));
    }
    let lost = Field { name: "recovery", label: "Recovery code", ..Field::default() };
    let open = if names.is_empty() { " open" } else { "" };
    body.push_str(&format!(
        "<details{open}><summary>Use a recovery code</summary>{}</details>{}",
        turn.form("mfa").field(&lost).plain_button("Use it"),
        turn.form("sign-out").hidden("scope", "local").plain_button("Sign in as somebody else"),
    ));
    turn.page_after(problem, "One more step", &body)
}

fn code() -> Field<'static> {
    Field::code("The code that your authenticator shows")
}
