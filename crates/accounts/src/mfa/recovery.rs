//! `/factors/recovery-codes`: ten codes for the day on which the device is lost. They are shown once.

use std::sync::Arc;

use aws_lc_rs::rand;
use bistro_problem::{Code, Problem};
use serde_json::json;
use uuid::Uuid;

use super::raise::{Raise, raise};
use super::{has_verified, noted, raised};
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::RecoveryCode;
use crate::data::{Rows as _, is, null, set};
use crate::flows::Issued;
use crate::flows::session::Method;
use crate::http::{Asked, Bearer, bearer, ok};
use crate::letters::tag;
use crate::limits;
use crate::surface::Answered;
use crate::visit::Visit;

/// How many codes there are at once.
const CODES: usize = 10;
/// Letters that nobody takes for another; 32 of them are five bits each.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
/// The letters of a code: 60 random bits.
const LENGTH: usize = 12;

/// `POST /factors/recovery-codes`: ten new codes in place of those before.
pub async fn make(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    if bearer.session.aal != "aal2" || !has_verified(accounts, bearer.account.id).await? {
        let message = "AAL2 session is required to make recovery codes";
        return Err(Problem::new(Code::InsufficientAal, message));
    }
    let codes = (0..CODES).map(|_| code()).collect::<Result<Vec<_>, _>>()?;
    let id = bearer.account.id;
    let tags: Vec<String> = codes.iter().map(|code| code_tag(accounts, id, code)).collect();
    let seen = asked.visit.clone();
    let kept = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                tx.delete::<RecoveryCode>(is("account_id", id)).await?;
                for tag in tags {
                    let code = RecoveryCode {
                        id: Uuid::now_v7(),
                        account_id: id,
                        tag,
                        used_at: None,
                        created_at: seen.now,
                    };
                    tx.insert(code).await?;
                }
                audit::note(tx, &seen, "recovery_codes_made", Actor::Account(id), Some(id), json!({}))
                    .await?;
                Ok(((), After::default()))
            })
        }),
    );
    kept.await?;
    Ok(ok(&json!({ "codes": codes })))
}

/// `POST /factors/recovery-codes/verify`.
pub async fn verify(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let code = asked.fields()?.needed("code")?.to_owned();
    let issued = with_recovery_code(accounts, &asked.visit, bearer, &code).await?;
    Ok(raised(accounts, asked, &issued))
}

/// Raises a person's session by a recovery code, which is used up.
pub async fn with_recovery_code(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    bearer: Bearer,
    code: &str,
) -> Result<Issued, Problem> {
    limits::factor(accounts, visit, bearer.account.id).await?;
    let tag = code_tag(accounts, bearer.account.id, code);
    let id = bearer.account.id;
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let judged = accounts
        .transact(
            visit,
            Box::new(move |tx| {
                Box::pin(async move {
                    let unused = is("tag", tag).and(is("account_id", bearer.account.id)).and(null("used_at"));
                    if tx.update::<RecoveryCode>(unused, set! { used_at: Some(seen.now) }).await? == 0 {
                        return Err(Problem::new(
                            Code::MfaVerificationFailed,
                            "Invalid recovery code entered",
                        ));
                    }
                    let mut after = After::default();
                    let (account, session) = (bearer.account, bearer.session.id);
                    let asked = Raise { account, session, method: Method::RecoveryCode, factor: None };
                    let issued = raise(tx, &inside, &seen, asked, &mut after).await?;
                    Ok((issued, after))
                })
            }),
        )
        .await;
    noted(accounts, visit, (id, Method::RecoveryCode), judged).await
}

/// A new code: `abcd-efgh-jkmn`.
fn code() -> Result<String, Problem> {
    let mut bytes = [0; LENGTH];
    rand::fill(&mut bytes).map_err(|_| Problem::bug("the system has no random bytes"))?;
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// The hash of a code, however it was typed.
fn code_tag(accounts: &Accounts, account: Uuid, code: &str) -> String {
    let plain: String =
        code.to_lowercase().chars().filter(|c| c.is_ascii_alphanumeric()).take(LENGTH * 2).collect();
    tag(accounts, "recovery_code", &[&account.to_string(), &plain])
}
