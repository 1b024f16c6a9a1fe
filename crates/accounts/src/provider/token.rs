//! `POST /oauth/token`: an application gets tokens for a code, or for its refresh token.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use serde_json::json;

use super::code::{self, Exchanged};
use super::credentials;
use super::form::{Form, invalid};
use super::id_token::{self, Told};
use super::scope;
use crate::accounts::Accounts;
use crate::data::is;
use crate::data::records::{Client, Session};
use crate::flows::refresh::refresh;
use crate::flows::{Issued, RefreshToken};
use crate::http::{Asked, ok};
use crate::limits;
use crate::surface::Answered;

/// The endpoint.
pub async fn token(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    limits::application(accounts, &asked.visit).await?;
    let form = Form::of(asked)?;
    form.once()?;
    let client = credentials::client(accounts, asked, &form).await?;
    let kind = form.needed("grant_type")?;
    if !client.grant_types.iter().any(|one| one == kind) {
        let code = match super::client::GRANT_TYPES.contains(&kind) {
            true => Code::OauthUnauthorizedClient,
            false => Code::OauthUnsupportedGrant,
        };
        return Err(Problem::new(code, "The application can't get tokens in this way"));
    }
    match kind {
        "refresh_token" => again(accounts, asked, &client, &form).await,
        _ => first(accounts, asked, &client, &form).await,
    }
}

async fn first(accounts: &Arc<Accounts>, asked: &Asked, client: &Client, form: &Form) -> Answered {
    let exchanged = code::exchange(accounts, &asked.visit, client, form).await?;
    let Exchanged { issued, scope, nonce, of } = exchanged;
    let told = Told { issued: &issued, scope: &scope, nonce: nonce.as_deref(), of: &of };
    answer(accounts, asked, client, told).await
}

async fn again(accounts: &Arc<Accounts>, asked: &Asked, client: &Client, form: &Form) -> Answered {
    let token = form.needed("refresh_token")?;
    let session = session_of(accounts, client, token).await?;
    let scope = session.scope.clone().unwrap_or_default();
    if form.get("scope").is_some_and(|wanted| !same(wanted, &scope)) {
        let message = "Leave scope out: a session keeps what it was granted";
        return Err(Problem::new(Code::OauthInvalidScope, message));
    }
    let issued = refresh(accounts, &asked.visit, token, Some(client.id)).await.map_err(in_words_of_oauth)?;
    answer(accounts, asked, client, Told { issued: &issued, scope: &scope, nonce: None, of: &session }).await
}

/// The tokens, with one of identity where it was asked for.
async fn answer(accounts: &Arc<Accounts>, asked: &Asked, client: &Client, told: Told<'_>) -> Answered {
    let (issued, scope) = (told.issued, told.scope);
    let id_token = match scope::has(scope, "openid") {
        true => Some(id_token::sign(accounts, &asked.visit, client, told).await?),
        false => None,
    };
    Ok(tokens(issued, scope, id_token))
}

/// The session of a refresh token, if it is this application's.
async fn session_of(accounts: &Accounts, client: &Client, token: &str) -> Result<Session, Problem> {
    let wrong = || Problem::new(Code::OauthInvalidGrant, "The refresh token is wrong, used or over");
    let token = RefreshToken::read(token, &accounts.keys.pepper()).ok_or_else(wrong)?;
    let session = accounts.data.one::<Session>(is("id", token.session)).await?;
    let own = session.filter(|session| session.client_id == Some(client.id));
    let lasting = |session: &Session| session.scope.as_ref().is_some_and(|s| scope::has(s, "offline_access"));
    own.filter(lasting).ok_or_else(wrong)
}

fn same(wanted: &str, granted: &str) -> bool {
    let (mut wanted, mut granted) = (scope::words(wanted), scope::words(granted));
    wanted.sort_unstable();
    granted.sort_unstable();
    wanted == granted
}

/// The dialect's words for a refresh token that does not hold become OAuth's one.
fn in_words_of_oauth(problem: Problem) -> Problem {
    match problem.code {
        Code::RefreshTokenNotFound
        | Code::RefreshTokenUsed
        | Code::SessionExpired
        | Code::SessionNotFound
        | Code::UserBanned
        | Code::UserNotFound => {
            let message = "The refresh token is wrong, used or over";
            Problem::new(Code::OauthInvalidGrant, message).cause(problem.to_string())
        }
        Code::ValidationFailed => invalid(problem.message),
        _ => problem,
    }
}

fn tokens(issued: &Issued, scope: &str, id_token: Option<String>) -> Response {
    let mut body = json!({
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": scope,
    });
    if scope::has(scope, "offline_access") {
        body["refresh_token"] = json!(issued.refresh_token);
    }
    if let Some(token) = id_token {
        body["id_token"] = json!(token);
    }
    ok(&body).header("pragma", "no-cache")
}
