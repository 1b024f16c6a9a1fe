//! `POST /admin/generate_link`: what a mail would bring, for administrators who send it themselves.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::json;

use super::acts;
use super::invite::invited;
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Identity};
use crate::data::{Rows as _, Tx, is, set};
use crate::flows::account::{New, email_exists};
use crate::flows::{email, password};
use crate::http::{Asked, Fields, admin, ok, user_json};
use crate::letters::{Purpose, Sent, drop_gathered, prepare};
use crate::redirect;
use crate::surface::Answered;
use crate::visit::Visit;

/// A link that is asked for.
struct Wanted {
    kind: String,
    email: String,
    new_email: Option<String>,
    password: Option<String>,
    data: serde_json::Map<String, serde_json::Value>,
    back: String,
}

/// The endpoint.
pub async fn generate_link(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let actor = admin(accounts, asked).await?;
    let fields = asked.fields()?;
    let wanted = read(accounts, asked, &fields).await?;
    let (inside, seen) = (Arc::clone(accounts), asked.visit.clone());
    let made = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let back = wanted.back.clone();
                let mut after = After::default();
                let (account, sent, purpose) = make(tx, &inside, &seen, actor, wanted, &mut after).await?;
                let identities = tx.find::<Identity>(is("account_id", account.id)).await?;
                Ok(((account, identities, sent, purpose, back), after))
            })
        }),
    );
    let (account, identities, sent, purpose, back) = made.await?;
    let mut body = user_json(&account, &identities, &[]);
    body["action_link"] = json!(sent.link);
    body["email_otp"] = json!(sent.otp);
    body["hashed_token"] = json!(sent.token_hash);
    body["verification_type"] = json!(word(purpose));
    body["redirect_to"] = json!(back);
    Ok(ok(&body))
}

/// The type as links are asked for, which tells both sides of a change of address apart.
const fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::EmailChangeCurrent => "email_change_current",
        Purpose::EmailChangeNew => "email_change_new",
        other => other.kind(),
    }
}

async fn read(accounts: &Accounts, asked: &Asked, fields: &Fields) -> Result<Wanted, Problem> {
    let kind = fields.needed("type")?.to_owned();
    let email = email::normalised(fields.needed("email")?)?;
    let new_email =
        fields.text("new_email")?.filter(|text| !text.is_empty()).map(email::normalised).transpose()?;
    let secret = match fields.text("password")?.filter(|text| !text.is_empty()) {
        Some(text) if kind == "signup" => {
            Some(accounts.hash(password::new(accounts, text, &[&email])?).await?)
        }
        _ => None,
    };
    let settings = &accounts.settings;
    // In the body here; other endpoints have it in the query.
    let asked_for = fields.text("redirect_to")?.or_else(|| asked.query("redirect_to"));
    let back = redirect::allowed_or_site(settings, asked_for, None);
    let data = fields.object("data")?.cloned().unwrap_or_default();
    Ok(Wanted { kind, email, new_email, password: secret, data, back })
}

async fn make(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    actor: Actor,
    wanted: Wanted,
    after: &mut After,
) -> Result<(Account, Sent, Purpose), Problem> {
    let Wanted { kind, email, new_email, password, data, back } = wanted;
    let known = tx.one::<Account>(is("email", email.as_str())).await?;
    let missing = || Problem::new(Code::UserNotFound, "User with this email not found");
    let wrong = || Problem::new(Code::ValidationFailed, "Signup requires a valid password");
    let (mut account, purpose, to) = match (kind.as_str(), known) {
        ("invite", _) => {
            let (account, sent) = invited(tx, accounts, visit, actor, email, data, &back).await?;
            return Ok((account, sent, Purpose::Invite));
        }
        ("signup", Some(known)) if known.email_confirmed_at.is_some() => return Err(email_exists()),
        ("signup", Some(mut known)) => {
            // Anybody may have signed up with the address: what they brought along is not its owner's.
            drop_gathered(tx, accounts, &mut known, after).await?;
            known.password = Some(password.ok_or_else(wrong)?);
            let own = is("id", known.id);
            tx.update::<Account>(own, set! { password: known.password.clone(), updated_at: visit.now })
                .await?;
            (known, Purpose::Confirmation, email)
        }
        ("signup", None) => {
            let password = Some(password.ok_or_else(wrong)?);
            let new = New { email: Some(email.clone()), password, data, ..New::default() };
            (acts::made(tx, accounts, visit, new).await?, Purpose::Confirmation, email)
        }
        ("magiclink", Some(known)) => (known, Purpose::MagicLink, email),
        ("magiclink", None) => {
            let new = New { email: Some(email.clone()), data, ..New::default() };
            (acts::made(tx, accounts, visit, new).await?, Purpose::Confirmation, email)
        }
        ("recovery", known) => (known.ok_or_else(missing)?, Purpose::Recovery, email),
        ("email_change_current" | "email_change_new", known) => {
            let wrong = || Problem::new(Code::ValidationFailed, "new_email is required");
            let (mut known, new) = (known.ok_or_else(missing)?, new_email.ok_or_else(wrong)?);
            begin_change(tx, &mut known, &new, visit).await?;
            match kind.as_str() {
                "email_change_current" => (known, Purpose::EmailChangeCurrent, email),
                _ => (known, Purpose::EmailChangeNew, new),
            }
        }
        _ => {
            let message =
                "type must be signup, invite, magiclink, recovery, email_change_current or email_change_new";
            return Err(Problem::new(Code::ValidationFailed, message));
        }
    };
    let sent = prepare(tx, accounts, visit, &mut account, purpose, &to, &back, None).await?;
    let details = json!({"type": word(purpose)});
    audit::note(tx, visit, "link_generated", actor, Some(account.id), details).await?;
    Ok((account, sent, purpose))
}

/// Notes the address to come; confirmations of another one are over.
async fn begin_change(
    tx: &mut Tx<'_>,
    account: &mut Account,
    new: &str,
    visit: &Visit,
) -> Result<(), Problem> {
    if tx.one::<Account>(is("email", new)).await?.is_some() {
        return Err(email_exists());
    }
    if account.new_email.as_deref() == Some(new) {
        return Ok(());
    }
    account.new_email = Some(new.to_owned());
    account.email_change_confirmed = 0;
    let set = set! {
        new_email: account.new_email.clone(), email_change_confirmed: 0_i64, email_change_sent_at: Some(visit.now),
    };
    tx.update::<Account>(is("id", account.id), set).await.map(drop)
}
