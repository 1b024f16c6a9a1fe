//! The end of a trip: `GET` and `POST /callback`. Whatever comes of it, the browser goes on to the application.

use std::sync::Arc;

use bistro_oidc::{Callback, SignedIn};
use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use serde_json::json;
use uuid::Uuid;

use super::browser::Browser;
use super::enter::{self, Arrival};
use super::pending::{self, Pending};
use super::{counted, failed, link, provider, redirect_uri};
use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::Flow;
use crate::data::{Rows as _, Tx};
use crate::flows::session::{self, Method};
use crate::flows::{Challenge, Issued};
use crate::http::{Asked, redirect as send_on};
use crate::letters::tag;
use crate::letters::verify::{failed as failure_address, session_members};
use crate::redirect;
use crate::surface::Answered;
use crate::visit::Visit;

/// For so many seconds the code of a trip may be exchanged.
const CODE_TTL_S: i64 = 300;

/// The errors of OAuth that are told on as they are.
const ERRORS: [&str; 5] =
    ["access_denied", "invalid_request", "unauthorized_client", "server_error", "temporarily_unavailable"];

/// The most characters of a provider's words that are told on.
const WORDS_MOST: usize = 200;

/// What a trip came to.
enum Ended {
    /// Signed in.
    Session(Box<Issued>),
    /// The code to exchange.
    Code(String),
}

/// The provider's own tokens.
struct Tokens {
    access: String,
    refresh: Option<String>,
}

/// The endpoint.
pub async fn callback(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    if asked.method == "HEAD" {
        return Ok(Response::new(200, "").header("cache-control", "no-store"));
    }
    let members = match asked.method.as_str() {
        "POST" => asked.form()?,
        _ => asked.query.clone(),
    };
    let answer = Members(members);
    let pending = match ended(accounts, asked, &answer).await {
        Ok(pending) => pending,
        // Nobody knows whose it is, so it ends at the application's own address.
        Err(problem) => {
            return Ok(send_on(302, failure_address(&accounts.settings.site_url, &problem, true)));
        }
    };
    let back = pending.redirect_to.clone();
    if let Some(error) = answer.get("error") {
        return Ok(send_on(302, refused(&back, error, answer.get("error_description"))));
    }
    Ok(match arrive(accounts, &asked.visit, pending, &answer).await {
        Ok(Ended::Session(issued)) => {
            send_on(302, redirect::with_fragment(&back, &session_members(&issued, None).pairs()))
        }
        Ok(Ended::Code(code)) => send_on(302, redirect::with_query(&back, &[("code", &code)])),
        Err(problem) => send_on(302, failure_address(&back, &problem, true)),
    })
}

/// What the provider sent with the browser.
struct Members(Vec<(String, String)>);

impl Members {
    /// A member that is there once and is not empty.
    fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(known, _)| known == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) if !value.is_empty() => Some(value),
            _ => None,
        }
    }
}

/// The trip that ends here; it is over from now on.
async fn ended(accounts: &Arc<Accounts>, asked: &Asked, answer: &Members) -> Result<Pending, Problem> {
    let state = answer.get("state").map(str::to_owned);
    let state = state.ok_or_else(|| Problem::new(Code::BadOauthState, "OAuth state parameter missing"))?;
    let browser = Browser::of(&accounts.settings, asked);
    let (inside, visit) = (Arc::clone(accounts), asked.visit.clone());
    let taken = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let pending = pending::take(tx, &inside, &visit, &state, browser.as_ref()).await;
                Ok((pending, After::default()))
            })
        }),
    );
    taken.await?
}

/// Where the browser goes when the provider, or the person there, said no.
fn refused(back: &str, error: &str, description: Option<&str>) -> String {
    let error = ERRORS.into_iter().find(|known| *known == error).unwrap_or("server_error");
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).take(WORDS_MOST).collect::<String>();
    let description = description.map_or_else(|| "The provider refused the sign-in".to_owned(), plain);
    let members = [
        ("error", error),
        ("error_code", Code::BadOauthCallback.text()),
        ("error_description", &description),
    ];
    let [error, code, description] = members;
    redirect::with_fragment(&redirect::with_query(back, &members), &[error, code, description, ("sb", "")])
}

/// Asks the provider who it is, and lets them in.
async fn arrive(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    pending: Pending,
    answer: &Members,
) -> Result<Ended, Problem> {
    let provider = provider(accounts, Some(&pending.provider))?;
    let missing = || Problem::new(Code::BadOauthCallback, "OAuth callback with missing authorization code");
    let callback = Callback {
        code: answer.get("code").ok_or_else(missing)?,
        issuer: answer.get("iss"),
        user: answer.get("user"),
        redirect_uri: &redirect_uri(accounts),
    };
    let came = provider.redeem(&pending.trip, &callback, visit.now.seconds()).await;
    let came = came.map_err(|error| failed(provider, &error))?;
    let SignedIn { person, access_token, refresh_token } = came;
    let mail = match pending.linking {
        Some(_) => false,
        None => counted::count(accounts, visit, &pending.provider, &person).await?,
    };
    let arrival = Arrival { provider: pending.provider.clone(), person, mail };
    let tokens = Tokens { access: access_token, refresh: refresh_token };
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let done = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let mut after = After::default();
                let ended = settle(tx, &inside, &seen, (pending, arrival, tokens), &mut after).await?;
                Ok((ended, after))
            })
        }),
    );
    done.await?
}

/// The person becomes an account, or an identity of one. A refusal inside is committed with what it left to do.
async fn settle(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    (pending, arrival, tokens): (Pending, Arrival, Tokens),
    after: &mut After,
) -> Result<Result<Ended, Problem>, Problem> {
    if let (Some(account), Some(challenge)) = (pending.linking, &pending.challenge) {
        // Linked when the page that began it exchanges the code: see `link::complete`.
        let waiting = Waiting { account, challenge, linking: Some(link::sealed(&arrival)) };
        return Ok(Ok(Ended::Code(code(tx, accounts, visit, waiting, &tokens).await?)));
    }
    let account = match pending.linking {
        Some(account) => link::to(tx, accounts, visit, account, &arrival, after).await?,
        None => enter::enter(tx, accounts, visit, &arrival, after).await?,
    };
    let account = match account {
        Ok(account) => account,
        Err(problem) => return Ok(Err(problem)),
    };
    if let Some(challenge) = &pending.challenge {
        let waiting = Waiting { account: account.id, challenge, linking: None };
        return Ok(Ok(Ended::Code(code(tx, accounts, visit, waiting, &tokens).await?)));
    }
    let mut issued = session::open(tx, accounts, visit, account, Method::Oauth, None).await?;
    issued.provider_token = Some(tokens.access);
    issued.provider_refresh_token = tokens.refresh;
    Ok(Ok(Ended::Session(Box::new(issued))))
}

/// Somebody whose page must show the verifier first.
struct Waiting<'w> {
    account: Uuid,
    challenge: &'w Challenge,
    linking: Option<serde_json::Value>,
}

/// A code that the page exchanges, with the provider's tokens sealed beside it.
async fn code(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    waiting: Waiting<'_>,
    tokens: &Tokens,
) -> Result<String, Problem> {
    let code = Uuid::new_v4().to_string();
    let beside = json!({
        "provider_token": tokens.access,
        "provider_refresh_token": tokens.refresh,
        "linking": waiting.linking,
    });
    let sealed = accounts.keys.pepper().seal("flow_tokens", beside.to_string().as_bytes());
    tx.insert(Flow {
        id: Uuid::now_v7(),
        account_id: Some(waiting.account),
        code: Some(tag(accounts, "flow_code", &[&code])),
        code_challenge: Some(waiting.challenge.text.clone()),
        code_challenge_method: Some(waiting.challenge.method.to_owned()),
        method: Method::Oauth.word().to_owned(),
        provider: None,
        state: Some(sealed),
        redirect_to: None,
        created_at: visit.now,
        expires_at: visit.now.plus_s(CODE_TTL_S),
    })
    .await?;
    Ok(code)
}
