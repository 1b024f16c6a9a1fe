//! Sessions: opened by every sign-in, continued by refresh tokens, raised by second factors.

use bistro_problem::Problem;
use serde_json::{Value, json};
use uuid::Uuid;

use super::claims::{claims, shown};
use super::issued::Issued;
use super::refresh_token::RefreshToken;
use crate::accounts::Accounts;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Factor, Identity, Session};
use crate::data::{Rows as _, Time, Tx, is, set};
use crate::limits;
use crate::settings::Settings;
use crate::visit::Visit;

/// How somebody proved who they are, in the words of `amr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A password.
    Password,
    /// A code or link that was mailed: magic links and recoveries too.
    Otp,
    /// A provider.
    Oauth,
    /// A code of an authenticator.
    Totp,
    /// A recovery code in place of a factor.
    RecoveryCode,
    /// A security key as second factor.
    Webauthn,
    /// A passkey in place of a password.
    Passkey,
    /// An invitation.
    Invite,
    /// The mail after signing up.
    EmailSignup,
    /// The mail of a change of address.
    EmailChange,
    /// Nothing: an anonymous account.
    Anonymous,
    /// An application, by OAuth.
    Application,
}

impl Method {
    /// The word in `amr`.
    pub const fn word(self) -> &'static str {
        match self {
            Method::Password => "password",
            Method::Otp => "otp",
            Method::Oauth => "oauth",
            Method::Totp => "totp",
            Method::RecoveryCode => "mfa/recovery_code",
            Method::Webauthn => "mfa/webauthn",
            Method::Passkey => "passkey",
            Method::Invite => "invite",
            Method::EmailSignup => "email/signup",
            Method::EmailChange => "email_change",
            Method::Anonymous => "anonymous",
            Method::Application => "oauth_provider/authorization_code",
        }
    }

    /// The method of a word in `amr`; an unknown one is a code that was mailed.
    pub fn of(word: &str) -> Self {
        const ALL: [Method; 12] = [
            Method::Password,
            Method::Otp,
            Method::Oauth,
            Method::Totp,
            Method::RecoveryCode,
            Method::Webauthn,
            Method::Passkey,
            Method::Invite,
            Method::EmailSignup,
            Method::EmailChange,
            Method::Anonymous,
            Method::Application,
        ];
        ALL.into_iter().find(|method| method.word() == word).unwrap_or(Method::Otp)
    }

    /// Whether it raises a session to `aal2`.
    pub const fn second(self) -> bool {
        matches!(self, Method::Totp | Method::RecoveryCode | Method::Webauthn)
    }
}

/// An application's part in a session.
#[derive(Clone, Debug)]
pub struct Application {
    /// The application.
    pub client: Uuid,
    /// What it was granted.
    pub scope: String,
    /// The session in which the person granted it: the application's says how they had signed in.
    pub of: Box<Session>,
}

impl Session {
    /// Whether the session goes on at `now`.
    pub fn holds(&self, settings: &Settings, now: Time) -> bool {
        self.ends(settings).is_none_or(|end| now < end)
    }

    /// When the session ends by itself: its life is over, or it was not used for too long.
    pub fn ends(&self, settings: &Settings) -> Option<Time> {
        let idle = settings.session_idle_s;
        let unused = (idle > 0).then(|| self.used_at.plus_s(idle));
        self.not_after.into_iter().chain(unused).min()
    }

    /// When somebody last proved who they are in this session, in seconds since the epoch. That they let an application in
    /// proves nothing.
    pub fn proved_s(&self) -> i64 {
        let when = self.steps().filter(|(method, _)| *method != Method::Application.word()).map(|(_, at)| at);
        when.max().unwrap_or(0)
    }

    /// When somebody last signed in here, by other than a second factor alone, in seconds since the epoch.
    pub fn signed_in_s(&self) -> i64 {
        let first =
            |method: &str| !matches!(Method::of(method), Method::Application) && !Method::of(method).second();
        self.steps().filter(|(method, _)| first(method)).map(|(_, at)| at).max().unwrap_or(0)
    }

    /// How and when somebody proved who they are, the newest first.
    pub fn steps(&self) -> impl Iterator<Item = (&str, i64)> {
        let steps = self.amr.as_array().map_or(&[][..], Vec::as_slice);
        steps
            .iter()
            .filter_map(|step| Some((step.get("method")?.as_str()?, step.get("timestamp")?.as_i64()?)))
    }
}

impl Account {
    /// Whether the account is banned at `now`.
    pub fn banned(&self, now: Time) -> bool {
        self.banned_until.is_some_and(|until| now < until)
    }
}

/// Opens a session for an account that proved who it is, in the transaction of that proof. The caller has judged whether
/// the account may sign in. Notes the sign-in in the log.
pub async fn open(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    mut account: Account,
    method: Method,
    application: Option<Application>,
) -> Result<Issued, Problem> {
    let now = visit.now;
    let ttl = accounts.settings.session_ttl_s;
    let mut session = Session {
        id: Uuid::now_v7(),
        account_id: account.id,
        aal: if method.second() { "aal2" } else { "aal1" }.to_owned(),
        amr: json!([step(method, now)]),
        counter: 0,
        refreshed_at: now,
        used_at: now,
        not_after: (ttl > 0).then(|| now.plus_s(ttl)),
        factor_id: None,
        ip: visit.address(),
        user_agent: Some(visit.agent.clone()),
        client_id: None,
        scope: None,
        created_at: now,
    };
    if let Some(Application { client, scope, of }) = application {
        let before = of.amr.as_array().into_iter().flatten().cloned();
        session.amr = std::iter::once(step(method, now)).chain(before).collect();
        (session.aal, session.factor_id) = (of.aal, of.factor_id);
        (session.client_id, session.scope) = (Some(client), Some(scope));
    }
    tx.insert(session.clone()).await?;
    if account.last_sign_in_at != Some(now) {
        tx.update::<Account>(is("id", account.id), set! { last_sign_in_at: Some(now) }).await?;
        account.last_sign_in_at = Some(now);
    }
    if !matches!(method, Method::Anonymous | Method::Application) {
        limits::remember(tx, accounts, visit, &account).await?;
    }
    let details = json!({ "method": method.word(), "session": session.id.to_string() });
    audit::note(tx, visit, "sign_in", Actor::Account(account.id), Some(account.id), details).await?;
    issue(tx, accounts, account, session, now).await
}

/// Tokens for a session as it is stored now.
pub async fn issue(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    account: Account,
    session: Session,
    now: Time,
) -> Result<Issued, Problem> {
    let identities = tx.find::<Identity>(is("account_id", account.id).oldest("created_at")).await?;
    let factors = tx.find::<Factor>(is("account_id", account.id).oldest("created_at")).await?;
    let claims = shown(claims(accounts, &account, &identities, &session, now), &session);
    let access_token = accounts
        .keys
        .mint_user(&claims)
        .map_err(|error| Problem::bug(format!("an access token could not be signed: {error}")))?;
    let refresh = RefreshToken { session: session.id, counter: session.counter };
    Ok(Issued {
        session: session.id,
        turn: session.counter,
        access_token,
        refresh_token: refresh.text(&accounts.keys.pepper()),
        expires_in: claims.ttl_s,
        expires_at: claims.issued_s + claims.ttl_s,
        account,
        identities,
        factors,
        provider_token: None,
        provider_refresh_token: None,
    })
}

/// A step of `amr`.
pub fn step(method: Method, now: Time) -> Value {
    json!({ "method": method.word(), "timestamp": now.seconds() })
}
