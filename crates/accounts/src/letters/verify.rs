//! `/verify`: what a mail brought is shown. POST answers a session, GET (the link itself) sends the browser on with one.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use serde_json::json;
use uuid::Uuid;

use super::consume::{Proof, Shown, consume, expired};
use super::{Purpose, drop_gathered, tag};
use crate::accounts::Accounts;
use crate::after::After;
use crate::alike::in_time;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Flow};
use crate::data::{Rows as _, Tx, is, set};
use crate::flows::session::{self, Method};
use crate::flows::{Issued, account, email, may_sign_in, user};
use crate::http::{Asked, Fields, json as reply, ok, public_code, redirect as send_on, session_json};
use crate::limits;
use crate::redirect;
use crate::surface::Answered;
use crate::ui;
use crate::visit::Visit;

/// For so many seconds the code of a flow may be exchanged.
const CODE_TTL_S: i64 = 300;

/// What showing a token came to.
#[derive(Debug)]
enum Shew {
    /// Signed in.
    Session(Box<Issued>),
    /// A flow with PKCE: the code to exchange.
    Code(String),
    /// The first half of a change of address.
    Half,
    /// Done, without signing in.
    Done,
}

/// `POST /verify`.
pub async fn post(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let fields = asked.fields()?;
    let kind = fields.needed("type")?.to_owned();
    let shown = shown(&fields, &kind)?;
    // Whether something was mailed to an address is told by nothing, the time included.
    match in_time(show(accounts, &asked.visit, &kind, shown, false)).await? {
        (Shew::Session(issued), _) => Ok(ok(&session_json(&issued))),
        _ => Ok(reply(200, &json!({"msg": HALF, "code": "200"}))),
    }
}

/// What clients show after the first half of a change of address.
const HALF: &str = "Confirmation link accepted. Please proceed to confirm link sent to the other email";

fn shown(fields: &Fields, kind: &str) -> Result<Shown, Problem> {
    let text = |name: &str| Ok::<_, Problem>(fields.text(name)?.filter(|text| !text.is_empty()));
    if let Some(hash) = text("token_hash")? {
        return Ok(Shown::Link(hash.to_owned()));
    }
    if matches!(kind, "sms" | "phone_change") || (text("phone")?.is_some() && text("email")?.is_none()) {
        return Err(Problem::new(Code::PhoneProviderDisabled, "Phone numbers are not served here"));
    }
    let needed = |name: &str| {
        let message = "Only the token_hash and type should be provided, or an email and a token";
        text(name)?.ok_or_else(|| Problem::new(Code::ValidationFailed, message))
    };
    Ok(Shown::Code { address: email::normalised(needed("email")?)?, code: needed("token")?.to_owned() })
}

/// `GET /verify`: a link in a mail. HEAD, which programs that look into mails send, uses nothing up.
pub async fn get(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let back = redirect::allowed_or_site(&accounts.settings, asked.query("redirect_to"), None);
    let (token, kind) = (asked.query("token").unwrap_or(""), asked.query("type").unwrap_or(""));
    if asked.method == "HEAD" {
        return Ok(Response::new(200, "").header("cache-control", "no-store"));
    }
    if accounts.settings.confirm_page && asked.query("confirmed").is_none() {
        return Ok(ui::confirm::page_of(accounts, asked, &back));
    }
    let pkce = token.starts_with("pkce_");
    let ended = show(accounts, &asked.visit, kind, Shown::Link(token.to_owned()), true).await;
    Ok(match ended {
        Ok((Shew::Session(issued), kind)) => {
            send_on(303, redirect::with_fragment(&back, &session_members(&issued, Some(kind)).pairs()))
        }
        Ok((Shew::Done, _)) => send_on(303, back),
        Ok((Shew::Code(code), _)) => send_on(303, redirect::with_query(&back, &[("code", &code)])),
        Ok((Shew::Half, _)) => send_on(303, redirect::with_fragment(&back, &[("message", HALF), ("sb", "")])),
        Err(problem) => {
            let to = failed(&back, &problem, pkce);
            Response { problem: Some(Box::new(problem)), ..send_on(303, to) }
        }
    })
}

/// The members of a fragment that brings a session, in the order of the alphabet.
pub struct Members(Vec<(&'static str, String)>);

impl Members {
    /// As names and values.
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}

/// The fragment that brings a session to a page; `kind` is the `type` of the link that was followed.
pub fn session_members(issued: &Issued, kind: Option<&'static str>) -> Members {
    let mut members = vec![
        ("access_token", issued.access_token.clone()),
        ("expires_at", issued.expires_at.to_string()),
        ("expires_in", issued.expires_in.to_string()),
    ];
    if let Some(token) = &issued.provider_refresh_token {
        members.push(("provider_refresh_token", token.clone()));
    }
    if let Some(token) = &issued.provider_token {
        members.push(("provider_token", token.clone()));
    }
    members.push(("refresh_token", issued.refresh_token.clone()));
    members.push(("sb", String::new()));
    members.push(("token_type", "bearer".to_owned()));
    if let Some(kind) = kind {
        members.push(("type", kind.to_owned()));
    }
    Members(members)
}

/// Where a browser goes after a failure: the page learns of it in the fragment, and in the query where it reads that.
pub fn failed(back: &str, problem: &Problem, query: bool) -> String {
    let status = problem.status;
    let error = if status >= 500 { "server_error" } else { "access_denied" };
    let members = [
        ("error", error),
        ("error_code", public_code(problem.code)),
        ("error_description", problem.message.as_str()),
    ];
    let to = if query { redirect::with_query(back, &members) } else { back.to_owned() };
    let [error, code, description] = members;
    redirect::with_fragment(&to, &[error, code, description, ("sb", "")])
}

/// The purposes of a `type`.
fn purposes(kind: &str) -> Option<&'static [Purpose]> {
    Some(match kind {
        "signup" => &[Purpose::Confirmation],
        "magiclink" => &[Purpose::MagicLink, Purpose::Confirmation],
        "email" => &[Purpose::MagicLink, Purpose::Confirmation, Purpose::Recovery, Purpose::Invite],
        "recovery" => &[Purpose::Recovery],
        "invite" => &[Purpose::Invite],
        "email_change" => &[Purpose::EmailChangeNew, Purpose::EmailChangeCurrent],
        _ => return None,
    })
}

/// Uses a token, and does what it is for. `link`: by the link in a browser, where PKCE answers a code.
async fn show(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    kind: &str,
    shown: Shown,
    link: bool,
) -> Result<(Shew, &'static str), Problem> {
    let wrong = || Problem::new(Code::ValidationFailed, "Verify requires a verification type");
    let purposes = purposes(kind).ok_or_else(wrong)?;
    // Nobody guesses a link.
    if matches!(shown, Shown::Code { .. }) {
        limits::code(accounts, visit).await?;
    }
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let ended = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let mut after = After::default();
                let proof = consume(tx, &inside, &seen, purposes, &shown).await?;
                let Some(proof) = proof else { return Ok((Err(expired(&shown)), after)) };
                let kind = proof.purpose.kind();
                let done = act(tx, &inside, &seen, proof, link, &mut after).await?;
                Ok((done.map(|shew| (shew, kind)), after))
            })
        }),
    );
    ended.await?
}

/// What a proof is for is done; a refusal inside leaves the token used.
async fn act(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    proof: Proof,
    link: bool,
    after: &mut After,
) -> Result<Result<Shew, Problem>, Problem> {
    let gone = || Problem::new(Code::OtpExpired, "Email link is invalid or has expired");
    let found = tx.one::<Account>(is("id", proof.account)).await?;
    let Some(mut account) = found.filter(|account| account.deleted_at.is_none()) else {
        return Ok(Err(gone()));
    };
    if let Err(problem) = may_sign_in(&account, visit.now) {
        return Ok(Err(problem));
    }
    let method = match proof.purpose {
        Purpose::Confirmation => Method::EmailSignup,
        Purpose::Invite => Method::Invite,
        Purpose::EmailChangeCurrent | Purpose::EmailChangeNew => {
            match email_change(tx, accounts, visit, &mut account, &proof, after).await? {
                Some(method) => method,
                None => return Ok(Ok(Shew::Half)),
            }
        }
        _ => Method::Otp,
    };
    // Whoever reads the mail of the address that the account has now has confirmed it.
    if account.email.as_deref() == Some(proof.address.as_str()) && account.email_confirmed_at.is_none() {
        if proof.purpose != Purpose::Confirmation {
            drop_gathered(tx, accounts, &mut account, after).await?;
        }
        account::confirm(tx, &mut account, visit.now).await?;
        let actor = Actor::Account(account.id);
        audit::note(tx, visit, "email_confirmed", actor, Some(account.id), json!({})).await?;
    }
    match proof.challenge.filter(|_| link) {
        Some(challenge) => {
            let code = flow(tx, accounts, visit, &account, method, challenge).await?;
            Ok(Ok(Shew::Code(code)))
        }
        // Tokens never travel in an address: who came by a link signs in for themselves.
        None if link && accounts.settings.pkce_only => Ok(Ok(Shew::Done)),
        None => {
            let issued = session::open(tx, accounts, visit, account, method, None).await?;
            Ok(Ok(Shew::Session(Box::new(issued))))
        }
    }
}

/// Confirms one side of a change of address; `None` while the other side is open.
async fn email_change(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &mut Account,
    proof: &Proof,
    after: &mut After,
) -> Result<Option<Method>, Problem> {
    let gone = || Problem::new(Code::OtpExpired, "Email link is invalid or has expired");
    let new = account.new_email.clone().ok_or_else(gone)?;
    let current = proof.purpose == Purpose::EmailChangeCurrent;
    // A mail of an earlier change says nothing about the one under way.
    let meant = if current { account.email.as_ref() } else { Some(&new) };
    if meant != Some(&proof.address) {
        return Err(gone());
    }
    let before = account.email_change_confirmed;
    let confirmed = before | if current { 1 } else { 2 };
    // An account without an address has nobody to ask but who reads the new one.
    if confirmed == 3 || (account.email.is_none() && confirmed & 2 == 2) {
        user::set_email(tx, accounts, visit, account, new, after).await?;
        return Ok(Some(Method::EmailChange));
    }
    let unchanged = is("id", account.id).and(is("email_change_confirmed", before)).and(is("new_email", new));
    match tx.update::<Account>(unchanged, set! { email_change_confirmed: confirmed }).await? {
        // The other side confirmed at the same moment: nothing of this is kept, and the link can be followed once more.
        0 => Err(Problem::new(
            Code::Conflict,
            "The change was confirmed elsewhere just now: follow the link again",
        )),
        _ => Ok(None),
    }
}

/// A code that the browser exchanges, if it has the verifier.
async fn flow(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &Account,
    method: Method,
    (challenge, challenge_method): (String, String),
) -> Result<String, Problem> {
    let code = Uuid::new_v4().to_string();
    tx.insert(Flow {
        id: Uuid::now_v7(),
        account_id: Some(account.id),
        code: Some(tag(accounts, "flow_code", &[&code])),
        code_challenge: Some(challenge),
        code_challenge_method: Some(challenge_method),
        method: method.word().to_owned(),
        provider: None,
        state: None,
        redirect_to: None,
        created_at: visit.now,
        expires_at: visit.now.plus_s(CODE_TTL_S),
    })
    .await?;
    Ok(code)
}
