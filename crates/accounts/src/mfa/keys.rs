//! Security keys as second factors (WebAuthn): registered by the first question, asked by every later one.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_problem::{Code, Problem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::factors;
use super::raise::{Raise, raise};
use super::verify::answer;
use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::{Account, Factor};
use crate::data::{Rows as _, is, set};
use crate::flows::Issued;
use crate::flows::session::Method;
use crate::http::Bearer;
use crate::visit::Visit;

/// What the state of a ceremony is sealed for.
const SEAL: &str = "webauthn";

/// Who judges ceremonies, by the configuration.
///
/// # Errors
/// `mfa_webauthn_enroll_not_enabled` where keys are made for no name.
pub(super) fn ready(accounts: &Accounts) -> Result<Webauthn, Problem> {
    let settings = &accounts.settings;
    let off = || {
        Problem::new(
            Code::WebauthnEnrollOff,
            "Security keys and passkeys are off: they are made for the name of a host",
        )
        .hint("Set auth.site_url or auth.webauthn_id.")
    };
    let id = settings.webauthn_id.as_deref().ok_or_else(off)?;
    let usual = format!("{}://{id}", if settings.dev { "http" } else { "https" });
    let origin = |text: &str| Url::parse(text).map_err(|error| off().cause(error.to_string()));
    let first = origin(settings.webauthn_origins.first().map_or(usual.as_str(), String::as_str))?;
    let wrong = |error| off().cause(format!("{error:?}"));
    let mut builder = WebauthnBuilder::new(id, &first).map_err(wrong)?.rp_name(&settings.project);
    for more in settings.webauthn_origins.iter().skip(1) {
        builder = builder.append_allowed_origin(&origin(more)?);
    }
    if settings.dev {
        // Pages under development come from any port of this machine.
        builder = builder.append_allowed_origin(&origin("http://localhost")?).allow_any_port(true);
    }
    builder.build().map_err(wrong)
}

/// What a ceremony must remember, sealed.
pub(super) fn sealed<T: Serialize>(accounts: &Accounts, state: &T) -> Result<Vec<u8>, Problem> {
    let plain =
        serde_json::to_vec(state).map_err(|error| Problem::bug(format!("a ceremony's state: {error}")))?;
    Ok(accounts.keys.pepper().seal(SEAL, &plain))
}

/// What a ceremony remembered.
pub(super) fn opened<T: DeserializeOwned>(accounts: &Accounts, state: Option<Vec<u8>>) -> Result<T, Problem> {
    let plain = state.and_then(|sealed| accounts.keys.pepper().open(SEAL, &sealed));
    let state = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
    state.ok_or_else(|| Problem::new(Code::MfaChallengeExpired, "MFA challenge not found or has expired"))
}

/// The key that a factor is.
pub(super) fn key_of(factor: &Factor) -> Result<Passkey, Problem> {
    let stored = factor.credential.clone().unwrap_or(Value::Null);
    serde_json::from_value(stored)
        .map_err(|error| Problem::bug(format!("a stored key cannot be read: {error}")))
}

/// A value of the browser's, in the form of WebAuthn.
pub(super) fn read<T: DeserializeOwned>(value: Option<&Value>) -> Result<T, Problem> {
    let wrong =
        |why: String| Problem::new(Code::ValidationFailed, format!("the credential cannot be read: {why}"));
    let value = value.ok_or_else(|| wrong("it is missing".to_owned()))?;
    serde_json::from_value(value.clone()).map_err(|error| wrong(error.to_string()))
}

/// The answer of a key does not hold.
pub(super) fn refused(error: impl std::fmt::Debug) -> Problem {
    Problem::new(Code::WebauthnVerification, "The answer of the security key does not hold")
        .cause(format!("{error:?}"))
}

/// The question to a key: to be registered, or to prove itself. What it remembers, and what the browser is asked.
pub(super) async fn ask(
    accounts: &Accounts,
    account: &Account,
    factor: &Factor,
) -> Result<(Option<Vec<u8>>, Option<Value>), Problem> {
    let webauthn = ready(accounts)?;
    if factor.verified {
        let (options, state) = webauthn.start_passkey_authentication(&[key_of(factor)?]).map_err(refused)?;
        let asked = json!({"type": "request", "credential_options": options});
        return Ok((Some(sealed(accounts, &state)?), Some(asked)));
    }
    let name = account.email.clone().unwrap_or_else(|| account.id.to_string());
    let own = is("account_id", account.id).and(is("verified", true));
    let others = accounts.data.find::<Factor>(own).await?;
    let known = others.iter().filter(|f| f.credential.is_some()).filter_map(|f| key_of(f).ok());
    let known = known.map(|key| key.cred_id().clone()).collect();
    let started = webauthn.start_passkey_registration(account.id, &name, &name, Some(known));
    let (options, state) = started.map_err(refused)?;
    Ok((Some(sealed(accounts, &state)?), Some(json!({"type": "create", "credential_options": options}))))
}

/// Judges the answer of a key, and raises the session.
pub(super) async fn verify(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    bearer: Bearer,
    factor: Factor,
    challenge: Uuid,
    shown: Option<Value>,
) -> Result<Issued, Problem> {
    let webauthn = ready(accounts)?;
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let judged = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let state = answer(tx, &seen, &factor, challenge).await?;
                // As it is stored now: the counter of the key moves with each proof.
                let factor = factors::may_prove(tx, &seen, &bearer, factor.id).await?;
                let mut after = After::default();
                let key = match judge(&inside, &webauthn, &factor, state, shown.as_ref()) {
                    Ok(key) => key,
                    // The question is used up all the same.
                    Err(problem) => return Ok((Err(problem), after)),
                };
                let proved = set! {
                    verified: true,
                    credential_id: Some(id_text(&key)),
                    credential: Some(stored(&key)?),
                    updated_at: seen.now,
                };
                // As it was judged: of two keys that answer at once, one becomes the factor.
                let as_judged = is("id", factor.id).and(is("verified", factor.verified));
                let as_judged = as_judged.and(is("updated_at", factor.updated_at));
                let kept = tx.update::<Factor>(as_judged, proved).await;
                let kept = kept.map_err(|problem| match problem.code {
                    Code::UniqueViolation => Problem::new(Code::Conflict, "The key is registered already"),
                    _ => problem,
                })?;
                if kept == 0 {
                    return Err(Problem::new(
                        Code::Conflict,
                        "The factor was registered or removed meanwhile",
                    ));
                }
                if !factor.verified {
                    factors::drop_unproved(tx, bearer.account.id).await?;
                }
                let (account, session) = (bearer.account, bearer.session.id);
                let asked = Raise { account, session, method: Method::Webauthn, factor: Some(factor.id) };
                let issued = raise(tx, &inside, &seen, asked, &mut after).await?;
                Ok((Ok(issued), after))
            })
        }),
    );
    judged.await?
}

/// The key after its answer: new, or with its counter.
fn judge(
    accounts: &Accounts,
    webauthn: &Webauthn,
    factor: &Factor,
    state: Option<Vec<u8>>,
    shown: Option<&Value>,
) -> Result<Passkey, Problem> {
    if factor.verified {
        let state: PasskeyAuthentication = opened(accounts, state)?;
        let shown: PublicKeyCredential = read(shown)?;
        let result = webauthn.finish_passkey_authentication(&shown, &state).map_err(refused)?;
        let mut key = key_of(factor)?;
        key.update_credential(&result);
        return Ok(key);
    }
    let state: PasskeyRegistration = opened(accounts, state)?;
    let shown: RegisterPublicKeyCredential = read(shown)?;
    webauthn.finish_passkey_registration(&shown, &state).map_err(refused)
}

/// The id of a key as text.
pub(super) fn id_text(key: &Passkey) -> String {
    text(key.cred_id())
}

/// The id of a credential as text: base64url.
pub(super) fn text(id: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

/// A key as it is stored.
pub(super) fn stored(key: &Passkey) -> Result<Value, Problem> {
    serde_json::to_value(key).map_err(|error| Problem::bug(format!("a key cannot be stored: {error}")))
}
