//! `POST /factors`, `DELETE /factors/<id>`: a factor comes and goes.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::json;
use uuid::Uuid;

use super::{PASSKEY, SEAL, has_verified, keys, owned, totp};
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Factor, RecoveryCode, Session};
use crate::data::{Rows as _, Time, Tx, before, is, is_not, set};
use crate::flows::user::fresh;
use crate::http::{Asked, Bearer, bearer, ok};
use crate::surface::Answered;
use crate::visit::Visit;
use crate::{limits, revoke};

/// Factors that an account may have.
const MOST: usize = 10;
/// A factor that was not proved for so many seconds is forgotten when another is set up.
const UNPROVED_S: i64 = 3_600;

/// `POST /factors`.
pub async fn enroll(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let fields = asked.fields()?;
    match fields.needed("factor_type")? {
        "totp" => {}
        "webauthn" => {
            keys::ready(accounts)?;
        }
        "phone" => return Err(Problem::new(Code::PhoneEnrollOff, "MFA enroll is disabled for Phone")),
        _ => return Err(Problem::new(Code::ValidationFailed, "factor_type needs to be totp or webauthn")),
    }
    if bearer.account.is_anonymous {
        let message = "Anonymous users cannot enroll factors";
        return Err(Problem::new(Code::ValidationFailed, message).status(403));
    }
    if bearer.session.aal != "aal2" && has_verified(accounts, bearer.account.id).await? {
        let message = "AAL2 required to enroll a new factor";
        return Err(Problem::new(Code::InsufficientAal, message).status(403));
    }
    fresh(&asked.visit, &bearer, "Enrolling a factor requires reauthentication")?;
    limits::trip(accounts, &asked.visit).await?;
    let name = fields.text("friendly_name")?.filter(|name| !name.is_empty()).map(str::to_owned);
    if name.as_ref().is_some_and(|name| name.chars().count() > 100) {
        return Err(Problem::new(Code::ValidationFailed, "friendly_name is longer than 100 characters"));
    }
    let id = Uuid::now_v7();
    if fields.needed("factor_type")? == "webauthn" {
        let factor = blank(id, &bearer.account, "webauthn", name.clone(), asked.visit.now);
        insert(accounts, &asked.visit, factor).await?;
        return Ok(ok(&json!({
            "id": id.to_string(), "type": "webauthn", "friendly_name": name.unwrap_or_default(),
        })));
    }
    let issuer = fields.text("issuer")?.filter(|issuer| !issuer.is_empty());
    let issuer = issuer.unwrap_or(&accounts.settings.project).chars().take(64).collect::<String>();
    let secret = totp::secret()?;
    let owner = bearer.account.email.clone().unwrap_or_else(|| bearer.account.id.to_string());
    let shown = totp::set_up(&secret, &issuer, &owner)?;
    let secret = Some(accounts.keys.pepper().seal(SEAL, &secret));
    let factor = Factor { secret, ..blank(id, &bearer.account, "totp", name.clone(), asked.visit.now) };
    insert(accounts, &asked.visit, factor).await?;
    Ok(ok(&json!({
        "id": id.to_string(),
        "type": "totp",
        "friendly_name": name.unwrap_or_default(),
        "totp": {"qr_code": shown.picture, "secret": shown.secret, "uri": shown.uri},
    })))
}

/// A factor that was not proved yet.
pub(super) fn blank(id: Uuid, account: &Account, kind: &str, name: Option<String>, now: Time) -> Factor {
    Factor {
        id,
        account_id: account.id,
        kind: kind.to_owned(),
        friendly_name: name,
        verified: false,
        secret: None,
        last_step: 0,
        credential: None,
        credential_id: None,
        last_challenged_at: None,
        created_at: now,
        updated_at: now,
    }
}

async fn insert(accounts: &Arc<Accounts>, visit: &Visit, factor: Factor) -> Result<(), Problem> {
    let seen = visit.clone();
    let kept = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                keep(tx, &seen, factor).await?;
                Ok(((), After::default()))
            })
        }),
    );
    kept.await
}

/// Keeps a new factor, within what an account may have.
pub(super) async fn keep(tx: &mut Tx<'_>, visit: &Visit, factor: Factor) -> Result<(), Problem> {
    let account = factor.account_id;
    let unproved = is("account_id", account).and(is("verified", false));
    tx.delete::<Factor>(unproved.and(before("created_at", visit.now.plus_s(-UNPROVED_S)))).await?;
    let others = tx.find::<Factor>(is("account_id", account)).await?;
    if others.len() >= MOST {
        let message = "Maximum number of enrolled factors reached, unenroll to continue";
        return Err(Problem::new(Code::TooManyFactors, message));
    }
    if factor.friendly_name.is_some()
        && others.iter().any(|other| other.friendly_name == factor.friendly_name)
    {
        let name = factor.friendly_name.as_deref().unwrap_or_default();
        let message = format!("A factor with the friendly name {name:?} for this user already exists");
        return Err(Problem::new(Code::FactorNameConflict, message));
    }
    let details = json!({"factor": factor.id.to_string(), "type": factor.kind});
    tx.insert(factor).await?;
    audit::note(tx, visit, "factor_enrolled", Actor::Account(account), Some(account), details).await
}

/// Refuses to prove a factor for the first time where that would go round those that are proved already: anybody who knew the
/// password may have set it up before them.
///
/// # Errors
/// `insufficient_aal`; `mfa_factor_not_found` for one that was set up too long ago.
pub(super) async fn may_prove(
    tx: &mut Tx<'_>,
    visit: &Visit,
    bearer: &Bearer,
    id: Uuid,
) -> Result<Factor, Problem> {
    let missing = || Problem::new(Code::FactorNotFound, "MFA factor not found");
    let own = || is("account_id", bearer.account.id);
    let factor = tx.one::<Factor>(own().and(is("id", id))).await?.ok_or_else(missing)?;
    if factor.verified {
        return Ok(factor);
    }
    if visit.now >= factor.created_at.plus_s(UNPROVED_S) {
        return Err(missing());
    }
    let proved = own().and(is("verified", true)).and(is_not("kind", PASSKEY));
    let session = tx.one::<Session>(is("id", bearer.session.id)).await?;
    let high = session.is_some_and(|session| session.aal == "aal2");
    if !high && tx.one::<Factor>(proved).await?.is_some() {
        let message = "AAL2 required to verify a new factor";
        return Err(Problem::new(Code::InsufficientAal, message).status(403));
    }
    Ok(factor)
}

/// Forgets what was set up and never proved: whoever did that is not asked for it again.
pub(super) async fn drop_unproved(tx: &mut Tx<'_>, account: Uuid) -> Result<(), Problem> {
    tx.delete::<Factor>(is("account_id", account).and(is("verified", false))).await.map(drop)
}

/// `DELETE /factors/<id>`.
pub async fn unenroll(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let factor = owned(accounts, bearer.account.id, id).await?;
    if factor.verified && bearer.session.aal != "aal2" {
        let message = "AAL2 required to unenroll verified factor";
        return Err(Problem::new(Code::InsufficientAal, message).status(422));
    }
    let (inside, seen, account, factor_id) =
        (Arc::clone(accounts), asked.visit.clone(), bearer.account, factor.id);
    let removed = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let after =
                    remove(tx, &inside, &seen, &account, Actor::Account(account.id), factor_id).await?;
                Ok(((), after))
            })
        }),
    );
    removed.await?;
    Ok(ok(&json!({"id": factor.id.to_string()})))
}

/// Takes a factor away: sessions that it raised fall back, and without another one the recovery codes go too.
pub(crate) async fn remove(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &Account,
    actor: Actor,
    factor: Uuid,
) -> Result<After, Problem> {
    let mut after = After::default();
    let own = || is("account_id", account.id);
    tx.delete::<Factor>(own().and(is("id", factor))).await?;
    let left = tx.find::<Factor>(own().and(is("verified", true)).and(is_not("kind", PASSKEY))).await?;
    if left.is_empty() {
        tx.delete::<RecoveryCode>(own()).await?;
    }
    let raised = if left.is_empty() { own() } else { own().and(is("factor_id", factor)) };
    tx.update::<Session>(raised, set! { aal: "aal1".to_owned(), factor_id: None::<Uuid> }).await?;
    revoke::changed(tx, accounts, &mut after, account.id).await?;
    let details = json!({"factor": factor.to_string()});
    audit::note(tx, visit, "factor_removed", actor, Some(account.id), details).await?;
    Ok(after)
}
