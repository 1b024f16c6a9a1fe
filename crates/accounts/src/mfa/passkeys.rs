//! Passkeys (WebAuthn): they stand in for address and password.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential,
};

use super::factors::{blank, keep};
use super::{PASSKEY, keys};
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Challenge, Factor};
use crate::data::{Rows as _, Tx, is, set};
use crate::flows::Issued;
use crate::flows::may_sign_in;
use crate::flows::session::{self, Method};
use crate::flows::user::{fresh, strong_enough};
use crate::http::{Asked, bearer, nothing, ok, session_json};
use crate::limits;
use crate::surface::Answered;
use crate::visit::Visit;

/// For so many seconds a ceremony may take.
const TTL_S: i64 = 300;
/// The kinds of ceremonies.
const REGISTER: &str = "passkey_register";
const SIGN_IN: &str = "passkey_sign_in";

/// `POST /passkeys/registration/options`.
pub async fn options_to_register(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    if bearer.account.is_anonymous {
        return Err(Problem::new(Code::ValidationFailed, "Anonymous users cannot have passkeys").status(403));
    }
    strong_enough(accounts, &bearer).await?;
    fresh(&asked.visit, &bearer, "Adding a passkey requires reauthentication")?;
    limits::trip(accounts, &asked.visit).await?;
    let webauthn = keys::ready(accounts)?;
    let own = is("account_id", bearer.account.id).and(is("verified", true));
    let known = accounts.data.find::<Factor>(own).await?;
    let known = known.iter().filter(|f| f.credential.is_some()).filter_map(|f| keys::key_of(f).ok());
    let known = known.map(|key| key.cred_id().clone()).collect();
    let id = bearer.account.id;
    let name = bearer.account.email.clone().unwrap_or_else(|| id.to_string());
    let (options, state) =
        webauthn.start_passkey_registration(id, &name, &name, Some(known)).map_err(keys::refused)?;
    let mut options = plain(&options)?;
    // Found again without an address typed: the key must know whose it is.
    options["authenticatorSelection"]["residentKey"] = json!("required");
    options["authenticatorSelection"]["requireResidentKey"] = json!(true);
    begin(accounts, asked, REGISTER, Some(id), keys::sealed(accounts, &state)?, options).await
}

/// `POST /passkeys/authentication/options`.
pub async fn options_to_sign_in(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let webauthn = keys::ready(accounts)?;
    limits::code(accounts, &asked.visit).await?;
    let (options, state) = webauthn.start_discoverable_authentication().map_err(keys::refused)?;
    begin(accounts, asked, SIGN_IN, None, keys::sealed(accounts, &state)?, plain(&options)?).await
}

/// The options themselves, as browsers parse them.
fn plain(options: &impl serde::Serialize) -> Result<Value, Problem> {
    let options = serde_json::to_value(options).map_err(|error| Problem::bug(format!("options: {error}")))?;
    Ok(options.get("publicKey").cloned().unwrap_or(options))
}

async fn begin(
    accounts: &Arc<Accounts>,
    asked: &Asked,
    kind: &'static str,
    account_id: Option<Uuid>,
    state: Vec<u8>,
    options: Value,
) -> Answered {
    let now = asked.visit.now;
    let challenge = Challenge {
        id: Uuid::now_v7(),
        account_id,
        factor_id: None,
        kind: kind.to_owned(),
        state: Some(state),
        ip: asked.visit.address(),
        used: false,
        created_at: now,
        expires_at: now.plus_s(TTL_S),
    };
    let (id, expires) = (challenge.id, challenge.expires_at);
    let kept = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                tx.insert(challenge).await?;
                Ok(((), After::default()))
            })
        }),
    );
    kept.await?;
    Ok(ok(&json!({"challenge_id": id.to_string(), "options": options, "expires_at": expires.seconds()})))
}

/// Uses a ceremony up; what it remembered.
async fn used(
    tx: &mut Tx<'_>,
    visit: &Visit,
    kind: &'static str,
    account: Option<Uuid>,
    id: Uuid,
) -> Result<Option<Vec<u8>>, Problem> {
    let open = is("id", id).and(is("kind", kind));
    let expired = || Problem::new(Code::MfaChallengeExpired, "The challenge was not found or has expired");
    let found = tx.one::<Challenge>(open.clone()).await?;
    let found = found.filter(|c| c.account_id == account && visit.now < c.expires_at).ok_or_else(expired)?;
    match tx.update::<Challenge>(open.and(is("used", false)), set! { used: true }).await? {
        0 => Err(expired()),
        _ => Ok(found.state),
    }
}

/// What came back from a browser.
fn shown(asked: &Asked) -> Result<(Uuid, Value), Problem> {
    let fields = asked.fields()?;
    let wrong = |_| Problem::new(Code::ValidationFailed, "challenge_id must be a UUID");
    let challenge = Uuid::try_parse(fields.needed("challenge_id")?).map_err(wrong)?;
    Ok((challenge, fields.get("credential").cloned().unwrap_or(Value::Null)))
}

/// A passkey as it is shown.
pub fn shape(factor: &Factor) -> Value {
    json!({
        "id": factor.id.to_string(),
        "friendly_name": factor.friendly_name,
        "created_at": factor.created_at.text(),
        "last_used_at": factor.last_challenged_at.map(crate::data::Time::text),
    })
}

/// `POST /passkeys/registration/verify`.
pub async fn register(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    strong_enough(accounts, &bearer).await?;
    fresh(&asked.visit, &bearer, "Adding a passkey requires reauthentication")?;
    let (challenge, credential) = shown(asked)?;
    let webauthn = keys::ready(accounts)?;
    let (inside, seen) = (Arc::clone(accounts), asked.visit.clone());
    let registered = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let account = bearer.account;
                let state = used(tx, &seen, REGISTER, Some(account.id), challenge).await?;
                let judged = keys::opened::<PasskeyRegistration>(&inside, state).and_then(|state| {
                    let shown: RegisterPublicKeyCredential = keys::read(Some(&credential))?;
                    webauthn.finish_passkey_registration(&shown, &state).map_err(keys::refused)
                });
                let key = match judged {
                    Ok(key) => key,
                    Err(problem) => return Ok((Err(problem), After::default())),
                };
                let factor = Factor {
                    verified: true,
                    credential_id: Some(keys::id_text(&key)),
                    credential: Some(keys::stored(&key)?),
                    ..blank(Uuid::now_v7(), &account, PASSKEY, None, seen.now)
                };
                let shown = shape(&factor);
                keep(tx, &seen, factor).await.map_err(|problem| match problem.code {
                    Code::UniqueViolation => Problem::new(Code::Conflict, "The key is registered already"),
                    _ => problem,
                })?;
                Ok((Ok(shown), After::default()))
            })
        }),
    );
    Ok(ok(&registered.await??))
}

/// `POST /passkeys/authentication/verify`: a session.
pub async fn sign_in(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let (challenge, credential) = shown(asked)?;
    Ok(ok(&session_json(&with_passkey(accounts, &asked.visit, challenge, &credential).await?)))
}

/// Signs in with the answer of a passkey.
///
/// # Errors
/// `webauthn_verification_failed`, `mfa_challenge_expired`.
pub async fn with_passkey(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    challenge: Uuid,
    credential: &Value,
) -> Result<Issued, Problem> {
    limits::code(accounts, visit).await?;
    let webauthn = keys::ready(accounts)?;
    let shown: PublicKeyCredential = keys::read(Some(credential))?;
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let signed_in = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let state = used(tx, &seen, SIGN_IN, None, challenge).await?;
                let state: DiscoverableAuthentication = keys::opened(&inside, state)?;
                let judged = judge(tx, &webauthn, state, &shown).await?;
                let (account, factor, key) = match judged {
                    Ok(judged) => judged,
                    Err(problem) => return Ok((Err(problem), After::default())),
                };
                let used =
                    set! { credential: Some(key), last_challenged_at: Some(seen.now), updated_at: seen.now };
                tx.update::<Factor>(is("id", factor.id), used).await?;
                if let Err(problem) = may_sign_in(&account, seen.now) {
                    return Ok((Err(problem), After::default()));
                }
                let issued: Issued =
                    session::open(tx, &inside, &seen, account, Method::Passkey, None).await?;
                Ok((Ok(issued), After::default()))
            })
        }),
    );
    signed_in.await?
}

type Judged = Result<(Account, Factor, Value), Problem>;

/// Whose key it is, and the key with its counter. An unknown key and a wrong answer are told alike.
async fn judge(
    tx: &mut Tx<'_>,
    webauthn: &webauthn_rs::Webauthn,
    state: DiscoverableAuthentication,
    shown: &PublicKeyCredential,
) -> Result<Judged, Problem> {
    let unknown = || Problem::new(Code::WebauthnVerification, "The answer of the passkey does not hold");
    let Ok((id, credential)) = webauthn.identify_discoverable_authentication(shown) else {
        return Ok(Err(unknown()));
    };
    let own = is("account_id", id).and(is("kind", PASSKEY)).and(is("credential_id", keys::text(credential)));
    let Some(factor) = tx.one::<Factor>(own).await? else { return Ok(Err(unknown())) };
    let mut key = keys::key_of(&factor)?;
    let result =
        match webauthn.finish_discoverable_authentication_v2(shown, state, DiscoverableKey::from(&key)) {
            Ok(result) => result,
            Err(error) => return Ok(Err(unknown().cause(format!("{error:?}")))),
        };
    let account = tx.one::<Account>(is("id", id)).await?.filter(|account| account.deleted_at.is_none());
    let Some(account) = account else { return Ok(Err(unknown())) };
    key.update_credential(&result);
    Ok(Ok((account, factor, keys::stored(&key)?)))
}

/// `GET /passkeys`.
pub async fn list(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let own = is("account_id", bearer.account.id).and(is("kind", PASSKEY)).oldest("created_at");
    let all = accounts.data.find::<Factor>(own).await?;
    Ok(ok(&Value::Array(all.iter().map(shape).collect())))
}

async fn owned(accounts: &Accounts, account: Uuid, id: &str) -> Result<Factor, Problem> {
    let missing = || Problem::new(Code::WebauthnCredential, "Passkey not found").status(404);
    let id = Uuid::try_parse(id).map_err(|_| missing())?;
    let own = is("id", id).and(is("account_id", account)).and(is("kind", PASSKEY));
    accounts.data.one::<Factor>(own).await?.ok_or_else(missing)
}

/// `PATCH /passkeys/<id>`.
pub async fn rename(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let mut passkey = owned(accounts, bearer.account.id, id).await?;
    let fields = asked.fields()?;
    let name = fields.needed("friendly_name")?.to_owned();
    if name.chars().count() > 100 {
        return Err(Problem::new(Code::ValidationFailed, "friendly_name is longer than 100 characters"));
    }
    passkey.friendly_name = Some(name.clone());
    let (key, now) = (passkey.id, asked.visit.now);
    let renamed = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                tx.update::<Factor>(is("id", key), set! { friendly_name: Some(name), updated_at: now })
                    .await?;
                Ok(((), After::default()))
            })
        }),
    );
    renamed.await?;
    Ok(ok(&shape(&passkey)))
}

/// `DELETE /passkeys/<id>`.
pub async fn remove(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    strong_enough(accounts, &bearer).await?;
    let account = bearer.account.id;
    forget(accounts, &asked.visit, Actor::Account(account), account, id).await?;
    Ok(nothing())
}

/// Takes a passkey away from an account.
///
/// # Errors
/// 404 where it has none of this id.
pub async fn forget(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    actor: Actor,
    account: Uuid,
    id: &str,
) -> Result<(), Problem> {
    let passkey = owned(accounts, account, id).await?.id;
    let seen = visit.clone();
    let removed = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                tx.delete::<Factor>(is("id", passkey)).await?;
                let details = json!({"factor": passkey.to_string()});
                audit::note(tx, &seen, "factor_removed", actor, Some(account), details).await?;
                Ok(((), After::default()))
            })
        }),
    );
    removed.await
}
