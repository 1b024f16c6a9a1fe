//! `/auth/v1`: which function answers which endpoint.

use std::net::IpAddr;
use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_wire::{Answer, Request, Response};

use crate::accounts::Accounts;
use crate::admin;
use crate::flows;
use crate::http::{Asked, failure, gate};
use crate::oauth;
use crate::provider;
use crate::{letters, methods, mfa, ui};

/// Where the surface lies.
pub const BASE: &str = "/auth/v1";

/// What an endpoint answers; a problem is printed in the forms of the dialect.
pub type Answered = Result<Response, Problem>;

/// Answers requests to `/auth/v1`. Who asks is judged here, not by the front: a stale token in a header does not matter to
/// most endpoints.
pub struct Surface {
    accounts: Arc<Accounts>,
}

impl Surface {
    /// The surface of accounts.
    pub fn new(accounts: Arc<Accounts>) -> Self {
        Self { accounts }
    }

    /// Answers a request from an address.
    pub fn handle(&self, request: &Request<'_>, ip: Option<IpAddr>) -> Answer {
        let accounts = Arc::clone(&self.accounts);
        let asked = Asked::new(request, BASE, ip, accounts.keys.cookies().secure());
        Answer::later(async move {
            match answer(&accounts, &asked).await {
                Ok(response) => response,
                Err(problem) => refused(problem, &asked),
            }
        })
    }
}

fn refused(problem: Problem, asked: &Asked) -> Response {
    let allowed = (problem.code == Code::Method).then(|| methods::allowed(&parts(asked))).flatten();
    let response = failure(problem, asked);
    match allowed {
        Some(allowed) => response.header("allow", allowed),
        None => response,
    }
}

fn parts(asked: &Asked) -> Vec<&str> {
    asked.path.split('/').collect()
}

async fn answer(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let parts = parts(asked);
    let method = if asked.method == "HEAD" { "GET" } else { asked.method.as_str() };
    if let Some(answered) = open(accounts, asked, method, &parts).await {
        return answered;
    }
    gate(accounts, asked).await?;
    match (method, &parts[..]) {
        ("GET", ["health"]) => flows::about::health(),
        ("GET", ["settings"]) => flows::about::settings(accounts),
        ("POST", ["signup"]) => flows::signup::signup(accounts, asked).await,
        ("POST", ["token"]) => flows::token::token(accounts, asked).await,
        ("POST", ["logout"]) => flows::logout::logout(accounts, asked).await,
        ("GET", ["user"]) => flows::user::get(accounts, asked).await,
        ("PUT", ["user"]) => flows::user::put(accounts, asked).await,
        ("GET", ["user", "sessions"]) => flows::sessions::list(accounts, asked).await,
        ("DELETE", ["user", "sessions", id]) => flows::sessions::end(accounts, asked, id).await,
        ("GET", ["user", "identities", "authorize"]) => oauth::authorize::link(accounts, asked).await,
        ("DELETE", ["user", "identities", id]) => oauth::unlink::unlink(accounts, asked, id).await,
        ("GET", ["admin", "users"]) => admin::list(accounts, asked).await,
        ("POST", ["admin", "users"]) => admin::create(accounts, asked).await,
        ("GET", ["admin", "users", id]) => admin::get(accounts, asked, id).await,
        ("PUT", ["admin", "users", id]) => admin::put(accounts, asked, id).await,
        ("DELETE", ["admin", "users", id]) => admin::remove(accounts, asked, id).await,
        ("GET", ["admin", "users", id, "factors"]) => admin::list_factors(accounts, asked, id).await,
        ("DELETE", ["admin", "users", id, "factors", factor]) => {
            admin::remove_factor(accounts, asked, id, factor).await
        }
        ("GET", ["admin", "users", id, "passkeys"]) => admin::list_passkeys(accounts, asked, id).await,
        ("DELETE", ["admin", "users", id, "passkeys", passkey]) => {
            admin::remove_passkey(accounts, asked, id, passkey).await
        }
        ("POST", ["admin", "generate_link"]) => admin::generate_link(accounts, asked).await,
        ("GET", ["admin", "audit"]) => admin::audit(accounts, asked).await,
        ("GET", ["admin", "oauth", "clients"]) => provider::admin::list(accounts, asked).await,
        ("POST", ["admin", "oauth", "clients"]) => provider::admin::create(accounts, asked).await,
        ("GET", ["admin", "oauth", "clients", id]) => provider::admin::get(accounts, asked, id).await,
        ("PUT", ["admin", "oauth", "clients", id]) => provider::admin::put(accounts, asked, id).await,
        ("DELETE", ["admin", "oauth", "clients", id]) => provider::admin::remove(accounts, asked, id).await,
        ("POST", ["admin", "oauth", "clients", id, "regenerate_secret"]) => {
            provider::admin::regenerate_secret(accounts, asked, id).await
        }
        ("GET", ["oauth", "authorizations", id]) => provider::consent::details(accounts, asked, id).await,
        ("POST", ["oauth", "authorizations", id, "consent"]) => {
            provider::consent::decide(accounts, asked, id).await
        }
        ("GET", ["user", "oauth", "grants"]) => provider::grants::list(accounts, asked).await,
        ("DELETE", ["user", "oauth", "grants"]) => provider::grants::withdraw(accounts, asked).await,
        ("POST", ["invite"]) => admin::invite(accounts, asked).await,
        ("GET", ["passkeys"]) => mfa::list_passkeys(accounts, asked).await,
        ("PATCH", ["passkeys", id]) => mfa::rename_passkey(accounts, asked, id).await,
        ("DELETE", ["passkeys", id]) => mfa::remove_passkey(accounts, asked, id).await,
        ("POST", ["passkeys", "registration", "options"]) => mfa::options_to_register(accounts, asked).await,
        ("POST", ["passkeys", "registration", "verify"]) => mfa::register(accounts, asked).await,
        ("POST", ["passkeys", "authentication", "options"]) => mfa::options_to_sign_in(accounts, asked).await,
        ("POST", ["passkeys", "authentication", "verify"]) => mfa::sign_in(accounts, asked).await,
        ("POST", ["factors"]) => mfa::enroll(accounts, asked).await,
        ("POST", ["factors", "recovery-codes"]) => mfa::make_recovery_codes(accounts, asked).await,
        ("POST", ["factors", "recovery-codes", "verify"]) => mfa::verify_recovery_code(accounts, asked).await,
        ("POST", ["factors", id, "challenge"]) => mfa::challenge(accounts, asked, id).await,
        ("POST", ["factors", id, "verify"]) => mfa::verify(accounts, asked, id).await,
        ("DELETE", ["factors", id]) => mfa::unenroll(accounts, asked, id).await,
        ("POST", ["sso"]) => Err(Problem::new(Code::ProviderDisabled, "SSO is not served here")),
        ("POST", ["otp"]) => letters::otp::otp(accounts, asked).await,
        ("POST", ["recover"]) => letters::recover::recover(accounts, asked).await,
        ("POST", ["resend"]) => letters::resend::resend(accounts, asked).await,
        ("POST", ["verify"]) => letters::verify::post(accounts, asked).await,
        ("GET", ["reauthenticate"]) => letters::reauthenticate::reauthenticate(accounts, asked).await,
        _ => Err(nothing_here(asked, &parts)),
    }
}

/// The endpoints that need no key. `None` for others.
async fn open(accounts: &Arc<Accounts>, asked: &Asked, method: &str, parts: &[&str]) -> Option<Answered> {
    Some(match (method, parts) {
        ("GET", [".well-known", "jwks.json"]) => flows::about::jwks(accounts, asked),
        ("GET", [".well-known", "openid-configuration" | "oauth-authorization-server"])
        | ("GET", [".well-known", "openid-configuration" | "oauth-authorization-server", "auth", "v1"]) => {
            provider::metadata::metadata(accounts)
        }
        (_, [".well-known", ..]) => Err(nothing_here(asked, parts)),
        ("GET" | "POST", ["oauth", "authorize"]) => provider::authorize::authorize(accounts, asked).await,
        ("POST", ["oauth", "token"]) => provider::token::token(accounts, asked).await,
        ("GET" | "POST", ["oauth", "userinfo"]) => provider::userinfo::userinfo(accounts, asked).await,
        ("POST", ["oauth", "revoke"]) => provider::inspect::revoke(accounts, asked).await,
        ("POST", ["oauth", "introspect"]) => provider::inspect::introspect(accounts, asked).await,
        (method, ["ui", rest @ ..]) => Ok(ui::answer(accounts, asked, method, rest).await),
        ("GET", ["authorize"]) => oauth::authorize::authorize(accounts, asked).await,
        ("GET" | "POST", ["callback"]) => oauth::callback::callback(accounts, asked).await,
        ("GET", ["verify"]) => letters::verify::get(accounts, asked).await,
        _ => return None,
    })
}

fn nothing_here(asked: &Asked, parts: &[&str]) -> Problem {
    let shown: String = asked.path.chars().take(100).collect();
    let message = format!("Nothing is served at {} {BASE}/{shown}", asked.method);
    let code = if methods::allowed(parts).is_some() { Code::Method } else { Code::NotFound };
    Problem::new(code, message)
}
