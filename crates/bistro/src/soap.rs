//! The SOAP surface of an engine, and who judges the credentials that envelopes bring.

use std::net::IpAddr;
use std::sync::Arc;

use bistro_accounts::Accounts;
use bistro_accounts::flows::{Issued, token};
use bistro_auth::{Authenticator, Nonce, Nonces, basic};
use bistro_engine::Engine;
use bistro_http::{AuthNeed, Route, Surface, confidential};
use bistro_ir::{Caller, CallerKind};
use bistro_problem::{Code, Problem};
use bistro_soap::{About, Authenticate, Limits, Options, SignedIn, Soap, UserName, Visit};
use bistro_wire::{Answer, Headers, Request, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::accounts::Mounted;
use crate::config::{InvalidCharacters, Settings};

/// Where SOAP is served.
pub(crate) const PATH: &str = "/soap/v1";

/// The route of the surface. `url` is where clients reach the server.
pub(crate) fn route(
    settings: &Settings,
    url: &str,
    engine: &Arc<Engine>,
    authenticator: &Arc<Authenticator>,
    (mounted, nonces): (Option<&Mounted>, &Arc<Nonces>),
) -> Route {
    let judge = Shared(Arc::new(Judge {
        engine: Arc::clone(engine),
        authenticator: Arc::clone(authenticator),
        accounts: mounted.map(|mounted| Arc::clone(&mounted.accounts)),
        keeps: settings.database.managed,
        nonces: Arc::clone(nonces),
    }));
    let options = options(settings, url, mounted.is_some());
    let soap = Arc::new(Soap::new(Arc::clone(engine), options, Arc::new(judge)));
    let route = Route::exactly(PATH, AuthNeed::Optional, Arc::new(Envelopes(soap)));
    route.basic().body_bytes(settings.soap.body, "soap.body")
}

/// What the surface takes from the settings.
pub(crate) fn options(settings: &Settings, url: &str, signs_in: bool) -> Options {
    let limits = &settings.limits;
    let limits = Limits {
        relations: limits.embed_depth,
        included: limits.embed_rows,
        page: Limits::default().page.min(limits.rows),
        page_most: limits.rows,
        in_list: limits.in_list,
        ..Limits::default()
    };
    let about = About {
        namespace: settings.soap.namespace.clone(),
        address: format!("{}{PATH}", url.trim_end_matches('/')),
        signs_in,
        included: limits.included,
        page: limits.page,
        page_most: limits.page_most,
        nillable: false,
    };
    Options { limits, about, replaces: settings.soap.invalid_characters == InvalidCharacters::Replace }
}

/// Answers envelopes.
struct Envelopes(Arc<Soap>);

impl Surface for Envelopes {
    fn handle(&self, request: Request<'_>, caller: Caller) -> Answer {
        self.0.handle(request, caller)
    }

    fn refused(&self, problem: Problem, headers: &dyn Headers, id: &str, anonymous: bool) -> Response {
        Soap::refused(problem, headers, id, anonymous)
    }
}

/// Judges the credentials of envelopes.
struct Judge {
    engine: Arc<Engine>,
    authenticator: Arc<Authenticator>,
    accounts: Option<Arc<Accounts>>,
    /// Whether anything of Bistro's own is kept in the database.
    keeps: bool,
    /// The nonces of callers who may write no record.
    nonces: Arc<Nonces>,
}

impl Judge {
    /// Who a name and a password, or a key, are.
    async fn caller(&self, shown: &UserName, visit: &Visit) -> Result<Caller, Problem> {
        if shown.name == basic::USER {
            let schema = self.engine.schema();
            let caller =
                self.authenticator.key_caller(schema, &shown.password, visit.now / 1_000_000, visit.ip);
            return caller.map_err(as_password);
        }
        match &self.accounts {
            Some(accounts) => accounts.user_name_token(&of(visit), &shown.name, &shown.password).await,
            None => Err(no_accounts()),
        }
    }

    /// Refuses a message that was sent before. Only who got in is asked: strangers must not fill a table.
    async fn check_first(&self, shown: &UserName, caller: &Caller, now: i64) -> Result<(), Problem> {
        let Some(bytes) = &shown.nonce else { return Ok(()) };
        let nonce = Nonce::new(&self.authenticator.pepper(), &shown.name, bytes, shown.created, now);
        let first = match self.keeps && caller.kind != CallerKind::Anonymous {
            true => self.engine.use_once(now, Nonce::SPACE, nonce.key(), nonce.until()).await?,
            false => self.nonces.use_once(&nonce, now),
        };
        if first {
            return Ok(());
        }
        Err(Problem::new(Code::SecurityExpired, "A message with this Nonce was sent before")
            .hint(Code::SecurityExpired.mend()))
    }
}

/// A judge whose work goes on after it was asked.
struct Shared(Arc<Judge>);

impl Authenticate for Shared {
    fn user_name(&self, shown: UserName, visit: Visit) -> BoxFuture<'static, Result<Caller, Problem>> {
        let judge = Arc::clone(&self.0);
        async move {
            let caller = judge.caller(&shown, &visit).await?;
            judge.check_first(&shown, &caller, visit.now).await?;
            Ok(caller)
        }
        .boxed()
    }

    fn sign_in(
        &self,
        email: String,
        password: String,
        visit: Visit,
    ) -> BoxFuture<'static, Result<SignedIn, Problem>> {
        let judge = Arc::clone(&self.0);
        async move {
            let accounts = judge.accounts.as_ref().ok_or_else(no_accounts)?;
            let issued = token::with_password(accounts, &of(&visit), &email, &password).await?;
            Ok(SignedIn {
                access_token: issued.access_token,
                token_type: Issued::TOKEN_TYPE.to_owned(),
                expires_in: issued.expires_in,
                expires_at: issued.expires_at,
                refresh_token: issued.refresh_token,
            })
        }
        .boxed()
    }

    fn is_confidential(&self, headers: &dyn Headers, ip: Option<IpAddr>) -> bool {
        confidential(headers, ip)
    }
}

/// A key that is none of ours, as a wrong password: what was shown is the password of a token.
fn as_password(bad_key: Problem) -> Problem {
    let problem = Problem::new(Code::InvalidCredentials, bad_key.message.clone()).cause(bad_key.to_string());
    problem.hint_opt(bad_key.hint)
}

/// The visit of an envelope as accounts know it.
fn of(visit: &Visit) -> bistro_accounts::Visit {
    let agent = visit.user_agent.as_deref().unwrap_or_default();
    bistro_accounts::Visit::new(visit.ip, agent, &visit.request, visit.now)
}

fn no_accounts() -> Problem {
    Problem::new(Code::InvalidCredentials, "Nobody can sign in here: accounts are off")
        .hint("Send a key: the user name apikey, and the key as the password.")
}
