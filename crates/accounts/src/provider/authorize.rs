//! `/oauth/authorize`: an application asks to act for whoever sits at the browser.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use uuid::Uuid;

use super::browser::signed_in;
use super::form::Form;
use super::pending::{DECIDE_S, answered, approve, granted, stale, strong, waiting};
use super::{redirect_uri, scope};
use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::{Authorization, Client};
use crate::data::{Rows as _, Time, is};
use crate::http::{Asked, redirect};
use crate::limits;
use crate::surface::Answered;
use crate::ui::{escaped, page};
use crate::visit::Visit;

/// The longest `state`, in bytes.
const STATE_MOST: usize = 2_000;
/// The longest `nonce`, in bytes.
const NONCE_MOST: usize = 500;

/// Why an application's request is refused, in the words of OAuth.
struct Refusal(&'static str, String);

/// What the application wants of the sign-in.
#[derive(Clone, Copy, Debug, Default)]
struct Prompt {
    none: bool,
    login: bool,
    consent: bool,
}

/// The endpoint. Who asks for nobody's application, or for an address that it has not registered, gets a page: the browser is
/// sent nowhere.
pub async fn authorize(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    limits::trip(accounts, &asked.visit).await?;
    let (form, client) = match recipient(accounts, asked).await {
        Ok(found) => found,
        Err(problem) if problem.status < 500 => {
            let text = format!("<p role=\"alert\">{}</p>", escaped(&problem.message));
            return Ok(page(400, "This application can't be let in", &accounts.settings.theme, &text));
        }
        Err(problem) => return Err(problem),
    };
    let to = form.get("redirect_uri").unwrap_or_default();
    let on = match begin(accounts, asked, &form, &client).await? {
        Ok(on) => on,
        Err(Refusal(error, why)) => {
            let state = form.get("state").filter(|state| state.len() <= STATE_MOST);
            answered(accounts, to, state, &[("error", error), ("error_description", &why)])
        }
    };
    Ok(redirect(303, on))
}

/// The application, once it is sure that answers can be sent to it.
async fn recipient(accounts: &Accounts, asked: &Asked) -> Result<(Form, Client), Problem> {
    let form = Form::of(asked)?;
    for name in ["client_id", "redirect_uri"] {
        form.needed(name)?;
    }
    form.once()?;
    let unknown = || Problem::new(Code::OauthInvalidClient, "There is no such application");
    let id = Uuid::try_parse(form.needed("client_id")?).map_err(|_| unknown())?;
    let client = accounts.data.one::<Client>(is("id", id)).await?.ok_or_else(unknown)?;
    if !redirect_uri::registered(&client.redirect_uris, form.needed("redirect_uri")?) {
        let message = "The application has not registered the address to which it wants to lead you";
        return Err(Problem::new(Code::OauthInvalidRequest, message));
    }
    Ok((form, client))
}

/// Keeps the request, and says where the browser goes on: to the page of consent, or straight back.
async fn begin(
    accounts: &Arc<Accounts>,
    asked: &Asked,
    form: &Form,
    client: &Client,
) -> Result<Result<String, Refusal>, Problem> {
    let (authorization, prompt) = match read(form, client, &asked.visit) {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if prompt.none {
        return at_once(accounts, asked, authorization).await;
    }
    let id = authorization.id;
    let kept = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                tx.insert(authorization).await?;
                Ok(((), After::default()))
            })
        }),
    );
    kept.await?;
    Ok(Ok(format!("{}/ui/consent?authorization_id={id}", accounts.settings.issuer())))
}

/// `prompt=none`: the person is not to be troubled.
async fn at_once(
    accounts: &Arc<Accounts>,
    asked: &Asked,
    authorization: Authorization,
) -> Result<Result<String, Refusal>, Problem> {
    let refused = |error, why: &str| Ok(Err(Refusal(error, why.to_owned())));
    let Some(person) = signed_in(accounts, asked).await? else {
        return refused("login_required", "Nobody is signed in");
    };
    if stale(&authorization, &person) {
        return refused("login_required", "The sign-in is too long ago");
    }
    if let Err(problem) = strong(accounts, &person).await {
        return match problem.code {
            Code::InsufficientAal => refused("login_required", "The second factor was not used"),
            _ => Err(problem),
        };
    }
    let (inside, seen) = (Arc::clone(accounts), asked.visit.clone());
    let decided = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let id = authorization.id;
                tx.insert(authorization).await?;
                let (own, client) = waiting(tx, &seen, id, &person).await?;
                if !granted(tx, &own, &client, &person).await? {
                    tx.delete::<Authorization>(is("id", id)).await?;
                    return Ok((None, After::default()));
                }
                Ok((Some(approve(tx, &inside, &seen, &own, &person).await?), After::default()))
            })
        }),
    );
    match decided.await? {
        Some(on) => Ok(Ok(on)),
        None => refused("consent_required", "The person has not granted this yet"),
    }
}

fn read(form: &Form, client: &Client, visit: &Visit) -> Result<(Authorization, Prompt), Refusal> {
    let invalid = |why: &str| Refusal("invalid_request", why.to_owned());
    supported(form)?;
    let challenge = form.get("code_challenge").ok_or_else(|| invalid("code_challenge is missing"))?;
    if form.get("code_challenge_method") != Some("S256") {
        return Err(invalid("code_challenge_method must be S256"));
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if challenge.len() != 43 || !challenge.bytes().all(plain) {
        return Err(invalid("code_challenge is no SHA-256 in base64url"));
    }
    let short = |name: &str, most: usize| match form.get(name) {
        Some(text) if text.len() > most => Err(invalid(&format!("{name} is longer than {most} bytes"))),
        found => Ok(found.map(str::to_owned)),
    };
    let prompt =
        Prompt::read(form.get("prompt")).ok_or_else(|| invalid("prompt is none, login or consent"))?;
    let since = proved_since(form, prompt, visit.now)?;
    let authorization = Authorization {
        id: Uuid::new_v4(),
        client_id: client.id,
        account_id: None,
        session_id: None,
        redirect_uri: form.get("redirect_uri").unwrap_or_default().to_owned(),
        scope: wanted(form.get("scope"), client)?,
        state: short("state", STATE_MOST)?,
        nonce: short("nonce", NONCE_MOST)?,
        code_challenge: challenge.to_owned(),
        code: None,
        status: "pending".to_owned(),
        proved_since: since,
        ask: prompt.consent,
        created_at: visit.now,
        expires_at: visit.now.plus_s(DECIDE_S),
    };
    Ok((authorization, prompt))
}

/// Refuses what OAuth knows and this server does not.
fn supported(form: &Form) -> Result<(), Refusal> {
    let refused = |error, why: &str| Err(Refusal(error, why.to_owned()));
    match form.get("response_type") {
        Some("code") => {}
        None => return refused("invalid_request", "response_type is missing"),
        Some(_) => return refused("unsupported_response_type", "response_type must be code"),
    }
    if form.get("response_mode").is_some_and(|mode| mode != "query") {
        return refused("invalid_request", "response_mode must be query");
    }
    if form.get("request").is_some() {
        return refused("request_not_supported", "Send the members themselves");
    }
    if form.get("request_uri").is_some() {
        return refused("request_uri_not_supported", "Send the members themselves");
    }
    Ok(())
}

impl Prompt {
    fn read(text: Option<&str>) -> Option<Self> {
        let mut prompt = Self::default();
        for word in scope::words(text.unwrap_or_default()) {
            match word {
                "none" => prompt.none = true,
                // Whoever wants another account signs in again.
                "login" | "select_account" => prompt.login = true,
                "consent" => prompt.consent = true,
                _ => return None,
            }
        }
        (!(prompt.none && (prompt.login || prompt.consent))).then_some(prompt)
    }
}

/// When the person must have signed in, at the earliest.
fn proved_since(form: &Form, prompt: Prompt, now: Time) -> Result<Option<Time>, Refusal> {
    if prompt.login {
        return Ok(Some(now));
    }
    let wrong = || Refusal("invalid_request", "max_age must be a number of seconds".to_owned());
    let Some(text) = form.get("max_age") else { return Ok(None) };
    let age: u32 = text.parse().map_err(|_| wrong())?;
    Ok(Some(now.plus_s(-i64::from(age))))
}

/// What is asked for; by default all that the application is registered for.
fn wanted(asked: Option<&str>, client: &Client) -> Result<String, Refusal> {
    let all = client.scopes.join(" ");
    let asked = asked.unwrap_or(&all);
    let mut words = scope::words(asked);
    let refused = words.iter().find(|word| !scope::covered(word, &client.scopes));
    if let Some(word) = refused {
        let why = format!("The application is not registered for {word:.100}");
        // Addresses carry no quotes and no backslashes in a description (RFC 6749, 4.1.2.1).
        return Err(Refusal("invalid_scope", why.replace(['"', '\\'], " ")));
    }
    if !client.grant_types.iter().any(|one| one == "refresh_token") {
        words.retain(|word| *word != "offline_access");
    }
    let scope = words.join(" ");
    match scope.len() {
        0 => Err(Refusal("invalid_scope", "scope is missing".to_owned())),
        1..=scope::LONGEST => Ok(scope),
        _ => Err(Refusal("invalid_scope", format!("scope is longer than {} bytes", scope::LONGEST))),
    }
}
