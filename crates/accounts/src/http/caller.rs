//! Who may ask what of `/auth/v1`: the key at the gate, a user's token or browser, an administrator.

use bistro_auth::{Credentials, SessionCookie};
use bistro_ir::{Caller, CallerKind};
use bistro_problem::{Code, Problem};
use bistro_wire::Browser;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::asked::Asked;
use crate::accounts::Accounts;
use crate::audit::Actor;
use crate::data::records::{Account, Session};
use crate::data::{Time, is};

/// A signed-in person: the account and the session of a token that holds now.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The account, as stored now.
    pub account: Account,
    /// The session, as stored now.
    pub session: Session,
    /// The claims of the token.
    pub claims: Map<String, Value>,
}

/// Lets in who has a key of the project, a token, or a browser that is signed in. A stale token beside a good key does not
/// matter: clients go on sending it.
pub async fn gate(accounts: &Accounts, asked: &Asked) -> Result<Caller, Problem> {
    let (apikey, authorization) = (asked.header("apikey"), asked.header("authorization"));
    let authorization = authorization.filter(|_| apikey.is_none());
    caller(accounts, apikey, authorization, asked).await
}

async fn caller(
    accounts: &Accounts,
    apikey: Option<&str>,
    authorization: Option<&str>,
    asked: &Asked,
) -> Result<Caller, Problem> {
    let project = accounts.data.project();
    let now_s = asked.visit.now.seconds();
    let browser = browser(asked);
    let shown = Credentials { apikey, authorization, browser: browser.as_ref() };
    accounts.keys.caller(project.schema(), &shown, now_s, asked.visit.ip)?.wait().await
}

/// The browser whose cookie may say who asks: where no header says it.
fn browser(asked: &Asked) -> Option<Browser<'_>> {
    let said = asked.header("apikey").is_some() || asked.header("authorization").is_some();
    (!said).then(|| asked.browser())
}

/// The person who is signed in at the browser that asks.
async fn at_browser(accounts: &Accounts, asked: &Asked) -> Result<Option<Bearer>, Problem> {
    let Some(browser) = browser(asked) else { return Ok(None) };
    match accounts.keys.cookie_of(&browser) {
        Some(cookie) if accounts.keys.counts(&browser) => seated(accounts, cookie, asked).await.map(Some),
        _ => Ok(None),
    }
}

/// The person whose cookie it is.
///
/// # Errors
/// As [`Accounts::who`].
pub async fn seated(accounts: &Accounts, cookie: SessionCookie, asked: &Asked) -> Result<Bearer, Problem> {
    let SessionCookie { session, account, turn } = cookie;
    let (account, session) =
        accounts.who(Uuid::from_bytes(session), Uuid::from_bytes(account), asked.visit.now).await?;
    if session.counter != turn {
        return Err(Problem::new(Code::SessionNotFound, "The session goes on with another cookie"));
    }
    Ok(Bearer { account, session, claims: Map::new() })
}

/// The person whose token came with the request, by a session of their own.
///
/// # Errors
/// As [`holder`]; `insufficient_scope` for an application's session: no scope lets one manage an account.
pub async fn bearer(accounts: &Accounts, asked: &Asked) -> Result<Bearer, Problem> {
    let holder = holder(accounts, asked).await?;
    match holder.session.client_id {
        None => Ok(holder),
        Some(_) => {
            Err(Problem::new(Code::InsufficientScope, "An application can't manage the account of a person"))
        }
    }
}

/// The person whose token or cookie came with the request, even if it is an application's.
///
/// # Errors
/// `no_authorization` without one, `bad_jwt` for one that does not hold or is nobody's, `session_not_found`, `user_not_found`
/// and `user_banned` for what happened since.
pub async fn holder(accounts: &Accounts, asked: &Asked) -> Result<Bearer, Problem> {
    let missing = || Problem::new(Code::NoAuthorization, "This endpoint requires a valid Bearer token");
    let Some(header) = asked.header("authorization") else {
        return at_browser(accounts, asked).await?.ok_or_else(missing);
    };
    let (scheme, token) = header.trim().split_once(' ').ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    let token = token.trim();
    let bad = |problem: Problem| {
        Problem::new(Code::BadJwt, format!("invalid JWT: {}", problem.message)).cause(problem.to_string())
    };
    if token.starts_with("sb_") {
        return Err(Problem::new(Code::BadJwt, "invalid JWT: a key is nobody's token"));
    }
    let own = accounts.keys.verify_own(token, asked.visit.now.seconds()).map_err(bad)?;
    let (account, session) =
        accounts.who(Uuid::from_bytes(own.session), Uuid::from_bytes(own.account), asked.visit.now).await?;
    Ok(Bearer { account, session, claims: own.claims })
}

/// Lets in the secret key and administrators.
///
/// # Errors
/// `no_authorization` without credentials, `not_admin` for others, `insufficient_aal` for an administrator who has a second
/// factor and did not use it.
pub async fn admin(accounts: &Accounts, asked: &Asked) -> Result<Actor, Problem> {
    let (apikey, authorization) = (asked.header("apikey"), asked.header("authorization"));
    let caller =
        caller(accounts, apikey, authorization, asked).await.map_err(|problem| match problem.code {
            Code::NoKey => Problem::new(Code::NoAuthorization, "This endpoint requires a valid Bearer token"),
            _ => problem,
        })?;
    match (caller.kind, caller.id) {
        (CallerKind::Service, _) => Ok(Actor::Service),
        (CallerKind::User, Some(id)) if caller.roles.passes_rules() && caller.scopes.is_none() => {
            Ok(Actor::Account(Uuid::from_bytes(id)))
        }
        (CallerKind::User, Some(id)) if caller.scopes.is_none() => {
            Err(lower(accounts, Uuid::from_bytes(id)).await?.unwrap_or_else(not_admin))
        }
        _ => Err(not_admin()),
    }
}

fn not_admin() -> Problem {
    Problem::new(Code::NotAdmin, "User not allowed")
        .hint("Send the secret key, or the token of an account with the role admin.")
}

/// What an administrator is told who has a second factor and did not use it.
async fn lower(accounts: &Accounts, id: Uuid) -> Result<Option<Problem>, Problem> {
    let account = accounts.data.one::<Account>(is("id", id)).await?;
    let admin = account.is_some_and(|account| account.roles.iter().any(|role| role == "admin"));
    Ok(admin.then(|| {
        Problem::new(Code::InsufficientAal, "AAL2 session is required to act as an administrator").status(403)
    }))
}

impl Accounts {
    /// The account and the session that a token names, if both hold at `now`.
    pub async fn who(&self, session: Uuid, account: Uuid, now: Time) -> Result<(Account, Session), Problem> {
        let over =
            || Problem::new(Code::SessionNotFound, "Session from session_id claim in JWT does not exist");
        let found = self.data.one::<Session>(is("id", session)).await?;
        let session = found.filter(|s| s.account_id == account).ok_or_else(over)?;
        let found = self.data.one::<Account>(is("id", account)).await?;
        let account = found.filter(|a| a.deleted_at.is_none()).ok_or_else(|| {
            Problem::new(Code::UserNotFound, "User from sub claim in JWT does not exist").status(403)
        })?;
        if account.banned(now) {
            return Err(Problem::new(Code::UserBanned, "User is banned").status(403));
        }
        // After the ban, which ends sessions: that is what is to be told.
        if !session.holds(&self.settings, now) {
            return Err(over());
        }
        Ok((account, session))
    }
}
