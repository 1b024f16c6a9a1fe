//! `/oauth/introspect` (RFC 7662) and `/oauth/revoke` (RFC 7009): what a token is worth, and its end.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::form::Form;
use super::{credentials, scope};
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::is;
use crate::data::records::{Account, Session};
use crate::flows::RefreshToken;
use crate::http::{Asked, admin, ok};
use crate::limits;
use crate::revoke;
use crate::surface::Answered;

/// A token that holds now.
struct Held {
    account: Account,
    session: Session,
    /// `iat` and `exp`; a refresh token tells none.
    times: Option<(i64, i64)>,
}

/// What kind of token was shown.
enum Shown {
    Access { iat: i64, exp: i64 },
    Refresh { counter: i64 },
}

/// `POST /oauth/introspect`: for an application with a secret, of its own tokens; with the secret key, of every
/// application's.
pub async fn introspect(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    limits::application(accounts, &asked.visit).await?;
    let form = Form::of(asked)?;
    form.once()?;
    let only = match keyed(asked) {
        true => admin(accounts, asked).await.map(|_| None)?,
        false => Some(proved(accounts, asked, &form).await?),
    };
    let held = held(accounts, asked, form.needed("token")?).await?;
    let own = held.filter(|held| match (held.session.client_id, only) {
        (Some(client), Some(only)) => client == only,
        (client, None) => client.is_some(),
        (None, Some(_)) => false,
    });
    Ok(ok(&own.map_or_else(|| json!({ "active": false }), |held| told(accounts, held))))
}

/// Whether a key is shown, and no application's credentials.
fn keyed(asked: &Asked) -> bool {
    let bearer = asked.header("authorization").and_then(|header| header.get(..7));
    asked.header("apikey").is_some() || bearer.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "))
}

/// An application that has proved itself: whoever knows no more than an id learns nothing.
async fn proved(accounts: &Accounts, asked: &Asked, form: &Form) -> Result<Uuid, Problem> {
    let client = credentials::client(accounts, asked, form).await?;
    match client.secret {
        Some(_) => Ok(client.id),
        None => Err(Problem::new(Code::OauthInvalidClient, "A public application can't ask this")),
    }
}

fn told(accounts: &Accounts, held: Held) -> Value {
    let Held { account, session, times } = held;
    let scope = session.scope.unwrap_or_default();
    let mut told = json!({
        "active": true,
        "client_id": session.client_id.map(|id| id.to_string()),
        "sub": account.id.to_string(),
        "iss": accounts.settings.issuer(),
        "scope": scope,
    });
    if let Some((iat, exp)) = times {
        told["token_type"] = json!("Bearer");
        told["aud"] = json!("authenticated");
        told["iat"] = json!(iat);
        told["exp"] = json!(exp);
    }
    if let Some(email) = account.email.filter(|_| scope::has(&scope, "email")) {
        told["username"] = json!(email);
    }
    told
}

/// `POST /oauth/revoke`: ends the session of a token, if it is this application's. Whatever the token is, the answer is the
/// same.
pub async fn revoke(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    limits::application(accounts, &asked.visit).await?;
    let form = Form::of(asked)?;
    form.once()?;
    let client = credentials::client(accounts, asked, &form).await?;
    let found = named(accounts, asked, form.needed("token")?);
    let session = match found {
        Some((id, _)) => accounts.data.one::<Session>(is("id", id)).await?,
        None => None,
    };
    let Some(session) = session.filter(|session| session.client_id == Some(client.id)) else {
        return Ok(empty());
    };
    let (inside, seen) = (Arc::clone(accounts), asked.visit.clone());
    let ended = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let mut after = After::default();
                revoke::session(tx, &inside, &mut after, session.id).await?;
                let details = json!({ "client": client.id.to_string(), "session": session.id.to_string() });
                let account = Some(session.account_id);
                audit::note(tx, &seen, "oauth_token_revoked", Actor::Nobody, account, details).await?;
                Ok(((), after))
            })
        }),
    );
    ended.await?;
    Ok(empty())
}

fn empty() -> Response {
    Response::new(200, "").header("cache-control", "no-store")
}

/// The session that a token names, and what the token itself says.
fn named(accounts: &Accounts, asked: &Asked, token: &str) -> Option<(Uuid, Shown)> {
    if let Some(refresh) = RefreshToken::read(token, &accounts.keys.pepper()) {
        return Some((refresh.session, Shown::Refresh { counter: refresh.counter }));
    }
    let own = accounts.keys.verify_own(token, asked.visit.now.seconds()).ok()?;
    let number = |name: &str| own.claims.get(name).and_then(Value::as_i64).unwrap_or(0);
    Some((Uuid::from_bytes(own.session), Shown::Access { iat: number("iat"), exp: number("exp") }))
}

async fn held(accounts: &Accounts, asked: &Asked, token: &str) -> Result<Option<Held>, Problem> {
    let Some((id, shown)) = named(accounts, asked, token) else { return Ok(None) };
    let Some(session) = accounts.data.one::<Session>(is("id", id)).await? else { return Ok(None) };
    let times = match shown {
        Shown::Access { iat, exp } => Some((iat, exp)),
        Shown::Refresh { counter } => {
            let scope = session.scope.as_deref().unwrap_or_default();
            if counter != session.counter || !scope::has(scope, "offline_access") {
                return Ok(None);
            }
            None
        }
    };
    match accounts.who(session.id, session.account_id, asked.visit.now).await {
        Ok((account, session)) => Ok(Some(Held { account, session, times })),
        Err(problem) if problem.status < 500 => Ok(None),
        Err(problem) => Err(problem),
    }
}
