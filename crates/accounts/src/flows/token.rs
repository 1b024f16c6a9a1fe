//! `POST /token`: sign in with a password, go on with a refresh token, exchange the code of a flow.

use std::sync::Arc;

use bistro_password::Password;
use bistro_problem::{Code, Problem};
use serde_json::Value;
use uuid::Uuid;

use super::account::may_sign_in;
use super::issued::Issued;
use super::pkce::Challenge;
use super::session::{self, Method};
use super::verified::verified;
use super::{password, refresh};
use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::{Account, Flow};
use crate::data::{Rows as _, Tx, is};
use crate::http::{Asked, Fields, ok, session_json};
use crate::letters::tag;
use crate::limits::{self, Attempt};
use crate::oauth;
use crate::surface::Answered;
use crate::visit::Visit;

/// The endpoint.
pub async fn token(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let grant = asked.query("grant_type").unwrap_or("");
    let issued = match grant {
        "password" => {
            let fields = asked.fields()?;
            if fields.text("email")?.is_none_or(str::is_empty) && fields.text("phone")?.is_some() {
                return Err(Problem::new(Code::PhoneProviderDisabled, "Phone logins are disabled"));
            }
            let wrong = |_| Problem::new(Code::ValidationFailed, "email and password are required");
            let address = fields.needed("email").map_err(wrong)?;
            let secret = fields.needed("password").map_err(wrong)?;
            with_password(accounts, &asked.visit, address, secret).await?
        }
        "refresh_token" => {
            let fields = asked.fields()?;
            let token = fields
                .needed("refresh_token")
                .map_err(|_| Problem::new(Code::OauthInvalidRequest, "refresh_token required"))?;
            refresh::refresh(accounts, &asked.visit, token, None).await?
        }
        "id_token" => oauth::id_token::grant(accounts, asked).await?,
        "pkce" => exchange(accounts, &asked.visit, &asked.fields()?).await?,
        _ => {
            let message = "grant_type must be password, refresh_token, pkce or id_token";
            return Err(Problem::new(Code::OauthUnsupportedGrant, message));
        }
    };
    Ok(ok(&session_json(&issued)))
}

/// Signs in with an address and a password. An unknown address, a wrong password and an account without one answer alike,
/// and take as long.
pub async fn with_password(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    address: &str,
    secret: &str,
) -> Result<Issued, Problem> {
    let secret = password::read(secret)?;
    let attempt = limits::sign_in(accounts, visit, address).await?;
    // It counts as failed until it is judged: that happens even if who asked has gone meanwhile.
    let (inside, seen, address) = (Arc::clone(accounts), visit.clone(), address.to_owned());
    let judged = tokio::spawn(async move { judged(&inside, &seen, &address, secret, attempt).await });
    judged.await.unwrap_or_else(|error| Err(Problem::bug(format!("a sign-in ended early: {error}"))))
}

async fn judged(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    address: &str,
    secret: Password,
    attempt: Attempt,
) -> Result<Issued, Problem> {
    let verified = verified(accounts, visit, address, secret, attempt).await?;
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let opened = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let account = verified.still(tx, &seen).await?;
                let issued = session::open(tx, &inside, &seen, account, Method::Password, None).await?;
                Ok((issued, After::default()))
            })
        }),
    );
    opened.await
}

/// Exchanges the code of a flow for a session: once, and by the browser that began it.
async fn exchange(accounts: &Arc<Accounts>, visit: &Visit, fields: &Fields) -> Result<Issued, Problem> {
    let wrong = |_| {
        Problem::new(
            Code::ValidationFailed,
            "invalid request: both auth code and code verifier should be non-empty",
        )
    };
    let code = fields.needed("auth_code").map_err(wrong)?;
    let verifier = fields.needed("code_verifier").map_err(wrong)?;
    redeemed(accounts, visit, code, verifier).await
}

/// Exchanges a code, by the proof of who began.
///
/// # Errors
/// `flow_state_not_found`, `flow_state_expired` and `bad_code_verifier`.
pub async fn redeemed(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    code: &str,
    verifier: &str,
) -> Result<Issued, Problem> {
    let (code, verifier) = (code.to_owned(), verifier.to_owned());
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let exchanged = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let mut after = After::default();
                let issued = redeem(tx, &inside, &seen, (&code, &verifier), &mut after).await?;
                Ok((issued, after))
            })
        }),
    );
    exchanged.await?
}

/// The inner result is committed whatever it is: a code that met a wrong verifier is used up.
async fn redeem(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    (code, verifier): (&str, &str),
    after: &mut After,
) -> Result<Result<Issued, Problem>, Problem> {
    let tag = tag(accounts, "flow_code", &[code]);
    let missing = || Problem::new(Code::FlowStateNotFound, "invalid flow state, no valid flow state found");
    let found = tx.one::<Flow>(is("code", tag.as_str())).await?;
    let Some(flow) = found.filter(|flow| flow.account_id.is_some()) else { return Ok(Err(missing())) };
    if tx.delete::<Flow>(is("id", flow.id).and(is("code", tag))).await? == 0 {
        return Ok(Err(missing()));
    }
    if visit.now >= flow.expires_at {
        return Ok(Err(Problem::new(Code::FlowStateExpired, "invalid flow state, flow state has expired")));
    }
    let challenge = flow.code_challenge.as_deref().unwrap_or("");
    if !Challenge::fits(challenge, flow.code_challenge_method.as_deref().unwrap_or("s256"), verifier) {
        let message = "code challenge does not match previously saved code verifier";
        return Ok(Err(Problem::new(Code::BadCodeVerifier, message)));
    }
    let account = tx.one::<Account>(is("id", flow.account_id.unwrap_or(Uuid::nil()))).await?;
    let Some(account) = account.filter(|account| account.deleted_at.is_none()) else {
        return Ok(Err(missing()));
    };
    if let Err(problem) = may_sign_in(&account, visit.now) {
        return Ok(Err(problem));
    }
    let beside = beside(accounts, &flow);
    let account = match oauth::link::complete(tx, accounts, visit, account, &beside["linking"], after).await?
    {
        Ok(account) => account,
        Err(problem) => return Ok(Err(problem)),
    };
    let mut issued = session::open(tx, accounts, visit, account, Method::of(&flow.method), None).await?;
    let text = |name: &str| beside[name].as_str().map(str::to_owned);
    issued.provider_token = text("provider_token");
    issued.provider_refresh_token = text("provider_refresh_token");
    Ok(Ok(issued))
}

/// What was sealed beside the code of a trip to a provider.
fn beside(accounts: &Accounts, flow: &Flow) -> Value {
    let opened = flow.state.as_ref().and_then(|sealed| accounts.keys.pepper().open("flow_tokens", sealed));
    opened.and_then(|plain| serde_json::from_slice(&plain).ok()).unwrap_or_default()
}
