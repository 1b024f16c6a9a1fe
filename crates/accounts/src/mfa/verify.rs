//! `POST /factors/<id>/verify`: the answer to a question. A code is taken once, even within its thirty seconds.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::Value;
use uuid::Uuid;

use super::raise::{Raise, raise};
use super::{SEAL, factors, keys, noted, owned, raised, totp};
use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::{Challenge, Factor};
use crate::data::{Rows as _, Tx, before, is, set};
use crate::flows::Issued;
use crate::flows::session::Method;
use crate::http::{Asked, Bearer, bearer};
use crate::limits;
use crate::surface::Answered;
use crate::visit::Visit;

/// The endpoint.
pub async fn verify(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let fields = asked.fields()?;
    let factor = owned(accounts, bearer.account.id, id).await?;
    let expired = || Problem::new(Code::MfaChallengeExpired, "MFA challenge not found or has expired");
    let challenge = Uuid::try_parse(fields.needed("challenge_id")?).map_err(|_| expired())?;
    if factor.kind == "webauthn" {
        let said = fields.object("webauthn")?.cloned().unwrap_or_default();
        let shown = said.get("credential_response").cloned();
        let issued = with_key(accounts, &asked.visit, bearer, factor, challenge, shown).await?;
        return Ok(raised(accounts, asked, &issued));
    }
    let code = fields.needed("code")?.to_owned();
    let issued = with_code(accounts, &asked.visit, bearer, factor, Some(challenge), code).await?;
    Ok(raised(accounts, asked, &issued))
}

/// Raises a person's session by the answer of a security key to a question.
///
/// # Errors
/// `webauthn_verification_failed`, `mfa_challenge_expired`.
pub async fn with_key(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    bearer: Bearer,
    factor: Factor,
    challenge: Uuid,
    shown: Option<Value>,
) -> Result<Issued, Problem> {
    limits::factor(accounts, visit, bearer.account.id).await?;
    let id = bearer.account.id;
    let judged = keys::verify(accounts, visit, bearer, factor, challenge, shown).await;
    noted(accounts, visit, (id, Method::Webauthn), judged).await
}

/// Raises a person's session by the code of an authenticator; `challenge` is the question that it answers, if one was asked.
///
/// # Errors
/// `mfa_verification_failed` for a code that is wrong or was taken before, `mfa_challenge_expired` and
/// `mfa_ip_address_mismatch` for a question that does not hold.
pub async fn with_code(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    bearer: Bearer,
    factor: Factor,
    challenge: Option<Uuid>,
    code: String,
) -> Result<Issued, Problem> {
    limits::factor(accounts, visit, bearer.account.id).await?;
    let id = bearer.account.id;
    let judged = judged(accounts, visit, bearer, factor, challenge, code).await;
    noted(accounts, visit, (id, Method::Totp), judged).await
}

async fn judged(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    bearer: Bearer,
    factor: Factor,
    challenge: Option<Uuid>,
    code: String,
) -> Result<Issued, Problem> {
    let wrong = || Problem::new(Code::MfaVerificationFailed, "Invalid TOTP code entered");
    let sealed = factor.secret.as_deref().unwrap_or_default();
    let secret = accounts.keys.pepper().open(SEAL, sealed);
    let secret =
        secret.ok_or_else(|| Problem::bug("the secret of a factor cannot be read with these keys"))?;
    let step = totp::step(&secret, &code, visit.now.seconds())?.ok_or_else(wrong)?;
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    accounts
        .transact(
            visit,
            Box::new(move |tx| {
                Box::pin(async move {
                    if let Some(challenge) = challenge {
                        answer(tx, &seen, &factor, challenge).await?;
                    }
                    let stored = factors::may_prove(tx, &seen, &bearer, factor.id).await?;
                    let unseen = is("id", factor.id).and(before("last_step", step));
                    let taken = set! { last_step: step, verified: true, updated_at: seen.now };
                    if tx.update::<Factor>(unseen, taken).await? == 0 {
                        return Err(wrong());
                    }
                    if !stored.verified {
                        factors::drop_unproved(tx, bearer.account.id).await?;
                    }
                    let mut after = After::default();
                    let (account, session) = (bearer.account, bearer.session.id);
                    let asked = Raise { account, session, method: Method::Totp, factor: Some(factor.id) };
                    let issued = raise(tx, &inside, &seen, asked, &mut after).await?;
                    Ok((issued, after))
                })
            }),
        )
        .await
}

/// Uses a question up; what it must remember.
pub(super) async fn answer(
    tx: &mut Tx<'_>,
    visit: &Visit,
    factor: &Factor,
    id: Uuid,
) -> Result<Option<Vec<u8>>, Problem> {
    let asked = is("id", id).and(is("factor_id", factor.id));
    let expired = || Problem::new(Code::MfaChallengeExpired, "MFA challenge not found or has expired");
    let challenge = tx.one::<Challenge>(asked.clone()).await?.ok_or_else(expired)?;
    if visit.now >= challenge.expires_at {
        return Err(expired());
    }
    let mismatch = || {
        Problem::new(
            Code::MfaAddressMismatch,
            "Challenge and verify IP addresses mismatch, or it was answered before",
        )
    };
    if challenge.ip != visit.address() {
        return Err(mismatch());
    }
    match tx.update::<Challenge>(asked.and(is("used", false)), set! { used: true }).await? {
        0 => Err(mismatch()),
        _ => Ok(challenge.state),
    }
}
