//! What is done to the accounts of others, in one transaction each, with its entry in the log.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::invite::invited;
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{
    Account, Authorization, Challenge, Factor, Flow, Grant, Identity, KnownDevice, RecoveryCode,
};
use crate::data::{Column as _, Filter, Rows as _, Time, Tx, any_of, is, null, set};
use crate::flows::account::{self, New, email_exists, merge};
use crate::flows::{email, user};
use crate::letters::{Purpose, Sent, prepare};
use crate::visit::Visit;
use crate::{letters, profile, revoke};

/// An account with its ways to sign in and its factors.
pub type Found = (Account, Vec<Identity>, Vec<Factor>);

/// What an administrator changes; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The address, normalised. It counts at once.
    pub email: Option<String>,
    /// The hash of another password.
    pub password: Option<String>,
    /// Whether the address counts as confirmed.
    pub confirm: bool,
    /// Members of what its owner says of it; null removes one.
    pub data: Option<Map<String, Value>>,
    /// Members of what the server says of it; null removes one.
    pub app_metadata: Option<Map<String, Value>>,
    /// Its roles from now on.
    pub roles: Option<Vec<String>>,
    /// Until when it is banned; `Some(None)` ends a ban.
    pub banned_until: Option<Option<Time>>,
}

fn missing() -> Problem {
    Problem::new(Code::UserNotFound, "User not found")
}

/// The account of an id, unless it was deleted softly.
fn present(id: Uuid) -> Filter {
    is("id", id).and(null("deleted_at"))
}

/// The account of an id, unless it is deleted.
///
/// # Errors
/// `user_not_found`.
pub async fn find(accounts: &Accounts, id: Uuid) -> Result<Found, Problem> {
    let account = accounts.data.one::<Account>(present(id)).await?.ok_or_else(missing)?;
    let own = || is("account_id", id).oldest("created_at");
    Ok((account, accounts.data.find(own()).await?, accounts.data.find(own()).await?))
}

/// Refuses roles that the schema does not have.
///
/// # Errors
/// `validation_failed` that names the role and those that there are.
pub fn known_roles(accounts: &Accounts, roles: &[String]) -> Result<(), Problem> {
    let project = accounts.data.project();
    let declared: Vec<&str> =
        project.schema().roles.iter().map(|role| role.name.as_str()).chain(["admin"]).collect();
    match roles.iter().find(|role| !declared.contains(&role.as_str())) {
        None => Ok(()),
        Some(role) => Err(Problem::new(Code::ValidationFailed, format!("the schema has no role {role:?}"))
            .hint(format!("There are: {}.", declared.join(", ")))),
    }
}

/// Makes an account. One whose row of the `@account` model is there already takes that row.
pub async fn create(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    actor: Actor,
    new: New,
    banned_until: Option<Time>,
) -> Result<Found, Problem> {
    known_roles(accounts, &new.roles)?;
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    accounts
        .transact(
            visit,
            Box::new(move |tx| {
                Box::pin(async move {
                    let mut account = made(tx, &inside, &seen, new).await?;
                    if banned_until.is_some() {
                        account.banned_until = banned_until;
                        tx.update::<Account>(is("id", account.id), set! { banned_until: banned_until })
                            .await?;
                    }
                    let details = json!({"email": account.email});
                    audit::note(tx, &seen, "user_created", actor, Some(account.id), details).await?;
                    Ok((whole(tx, account).await?, After::default()))
                })
            }),
        )
        .await
}

/// Makes an account, for a row without one where such a row has the address.
pub(super) async fn made(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    mut new: New,
) -> Result<Account, Problem> {
    if new.id.is_none()
        && let Some(email) = &new.email
    {
        new.id = profile::find_by_email(tx, accounts, visit, email).await?;
    }
    if let Some(id) = new.id
        && tx.one::<Account>(is("id", id)).await?.is_some()
    {
        return Err(Problem::new(Code::UserAlreadyExists, "A user with this id exists already"));
    }
    account::create(tx, accounts, visit, new).await
}

async fn whole(tx: &mut Tx<'_>, account: Account) -> Result<Found, Problem> {
    let own = || is("account_id", account.id).oldest("created_at");
    let (identities, factors) = (tx.find(own()).await?, tx.find(own()).await?);
    Ok((account, identities, factors))
}

/// Changes an account. A new password and a ban end its sessions; other roles count from the next request on.
pub async fn change(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    actor: Actor,
    id: Uuid,
    change: Change,
) -> Result<Found, Problem> {
    known_roles(accounts, change.roles.as_deref().unwrap_or_default())?;
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    accounts
        .transact(
            visit,
            Box::new(move |tx| {
                Box::pin(async move {
                    let mut after = After::default();
                    let account = tx.one::<Account>(present(id)).await?.ok_or_else(missing)?;
                    let account = write(tx, &inside, &seen, account, change, actor, &mut after).await?;
                    Ok((whole(tx, account).await?, after))
                })
            }),
        )
        .await
}

async fn write(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    mut account: Account,
    change: Change,
    actor: Actor,
    after: &mut After,
) -> Result<Account, Problem> {
    let (id, now) = (account.id, visit.now);
    let mut changed = Vec::new();
    if let Some(email) = change.email.filter(|email| account.email.as_ref() != Some(email)) {
        if tx.one::<Account>(is("email", email.as_str())).await?.is_some() {
            return Err(email_exists());
        }
        letters::forget(tx, id).await?;
        user::set_email(tx, accounts, visit, actor, &mut account, email, after).await?;
        changed.push("email");
    }
    if change.confirm && account.email_confirmed_at.is_none() {
        account::confirm(tx, &mut account, now).await?;
        changed.push("email_confirmed_at");
    }
    let mut set = set! { updated_at: now };
    account.updated_at = now;
    if let Some(password) = change.password {
        account.password = Some(password);
        account.password_changed_at = Some(now);
        set.extend(
            set! { password: account.password.clone(), password_changed_at: account.password_changed_at },
        );
        revoke::account(tx, accounts, after, id, None).await?;
        letters::forget(tx, id).await?;
        changed.push("password");
    }
    if let Some(data) = &change.data {
        merge(&mut account.user_metadata, data);
        account::bounded("user_metadata", &account.user_metadata)?;
        set.extend(set! { user_metadata: account.user_metadata.clone() });
        profile::change(tx, accounts, visit, (&account, "aal1"), data).await?;
        changed.push("user_metadata");
    }
    if let Some(data) = &change.app_metadata {
        merge(&mut account.app_metadata, data);
        account::bounded("app_metadata", &account.app_metadata)?;
        set.extend(set! { app_metadata: account.app_metadata.clone() });
        changed.push("app_metadata");
    }
    if let Some(roles) = change.roles {
        account.roles = roles;
        set.push(("roles", account.roles.clone().give()));
        changed.push("roles");
    }
    if let Some(until) = change.banned_until {
        account.banned_until = until;
        set.push(("banned_until", until.give()));
        if until.is_some() {
            revoke::banned(tx, id, now).await?;
        }
        changed.push(if until.is_some() { "banned" } else { "unbanned" });
    }
    tx.update::<Account>(is("id", id), set).await?;
    revoke::changed(tx, accounts, after, id).await?;
    let details = json!({"changed": changed, "roles": account.roles});
    audit::note(tx, visit, "user_updated", actor, Some(id), details).await?;
    Ok(account)
}

/// Deletes an account with its row; softly, it stays as a name that nobody can sign in to.
///
/// # Errors
/// `user_not_found`; `conflict` where rows of the project refer to its row and do not go with it.
pub async fn remove(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    actor: Actor,
    id: Uuid,
    softly: bool,
) -> Result<(), Problem> {
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    accounts
        .transact(
            visit,
            Box::new(move |tx| {
                Box::pin(async move {
                    let mut after = After::default();
                    let found = if softly { present(id) } else { is("id", id) };
                    let account = tx.one::<Account>(found).await?.ok_or_else(missing)?;
                    revoke::account(tx, &inside, &mut after, id, None).await?;
                    match softly {
                        true => bury(tx, &inside, &account, &seen).await?,
                        false => {
                            // The account first: who follows the row then finds nothing left to do, and to note.
                            erase(tx, &[id]).await?;
                            profile::remove(tx, &inside, &seen, id).await?;
                        }
                    }
                    let details = json!({"email": account.email, "softly": softly});
                    audit::note(tx, &seen, "user_deleted", actor, Some(id), details).await?;
                    Ok(((), after))
                })
            }),
        )
        .await
}

/// Deletes accounts with all that names them, but the log.
pub(crate) async fn erase(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<(), Problem> {
    let theirs = |column| any_of(column, ids.iter().copied());
    tx.delete::<Account>(theirs("id")).await?;
    tx.delete::<Authorization>(theirs("account_id")).await?;
    tx.delete::<Challenge>(theirs("account_id")).await?;
    tx.delete::<Flow>(theirs("account_id")).await.map(drop)
}

/// Takes from an account all with which somebody could sign in, or know whose it was.
async fn bury(tx: &mut Tx<'_>, accounts: &Accounts, account: &Account, visit: &Visit) -> Result<(), Problem> {
    let id = account.id;
    let theirs = || is("account_id", id);
    tx.delete::<Identity>(theirs()).await?;
    tx.delete::<Factor>(theirs()).await?;
    tx.delete::<RecoveryCode>(theirs()).await?;
    tx.delete::<KnownDevice>(theirs()).await?;
    tx.delete::<Grant>(theirs()).await?;
    tx.delete::<Authorization>(theirs()).await?;
    tx.delete::<Challenge>(theirs()).await?;
    tx.delete::<Flow>(theirs()).await?;
    letters::forget(tx, id).await?;
    // A row that must have an address keeps one that is nobody's.
    let email = profile::needs_address(accounts).then(|| format!("{id}@deleted.invalid"));
    let set = set! {
        email: email.clone(),
        new_email: None::<String>,
        phone: None::<String>,
        password: None::<String>,
        user_metadata: Map::new(),
        roles: Vec::<String>::new(),
        deleted_at: Some(visit.now),
        updated_at: visit.now,
    };
    tx.update::<Account>(is("id", id), set).await?;
    let nobody = Account { email, phone: None, ..account.clone() };
    profile::mirror(tx, accounts, visit, &nobody).await
}

/// The account that somebody names by its address or its id.
///
/// # Errors
/// `user_not_found`.
pub async fn named(accounts: &Accounts, name: &str) -> Result<Account, Problem> {
    let filter = match Uuid::try_parse(name) {
        Ok(id) => present(id),
        Err(_) => is("email", email::normalised(name)?).and(null("deleted_at")),
    };
    accounts.data.one::<Account>(filter).await?.ok_or_else(missing)
}

/// Makes a link that lets somebody choose a password, used once. A row of the `@account` model that has the address and no
/// account gets one.
///
/// # Errors
/// `user_not_found` where nobody has the name.
pub async fn reset(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    actor: Actor,
    name: &str,
) -> Result<Sent, Problem> {
    let known = match named(accounts, name).await {
        Ok(account) => Some(account),
        Err(problem) if problem.code == Code::UserNotFound => None,
        Err(problem) => return Err(problem),
    };
    let address = email::normalised(name).ok();
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    accounts
        .transact(
            visit,
            Box::new(move |tx| {
                Box::pin(async move {
                    let mut account = match known {
                        Some(account) => account,
                        None => claimed(tx, &inside, &seen, address.ok_or_else(missing)?).await?,
                    };
                    let wrong = || Problem::new(Code::ValidationFailed, "The account has no e-mail address");
                    let to = account.email.clone().ok_or_else(wrong)?;
                    let (purpose, site) = (Purpose::Recovery, inside.settings.site_url.clone());
                    let sent = prepare(tx, &inside, &seen, &mut account, purpose, &to, &site, None).await?;
                    let details = json!({"type": "recovery"});
                    audit::note(tx, &seen, "link_generated", actor, Some(account.id), details).await?;
                    Ok((sent, After::default()))
                })
            }),
        )
        .await
}

/// Makes an account for the one row that has the address and none.
async fn claimed(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    address: String,
) -> Result<Account, Problem> {
    let id = profile::find_by_email(tx, accounts, visit, &address).await?.ok_or_else(missing)?;
    made(tx, accounts, visit, New { id: Some(id), email: Some(address), ..New::default() }).await
}

/// Mails an invitation to somebody whose address is not confirmed yet.
///
/// # Errors
/// `email_provider_disabled` where no mail can be sent, `email_exists` for a confirmed address.
pub async fn invite(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    actor: Actor,
    address: &str,
) -> Result<(), Problem> {
    letters::need_mail(accounts)?;
    let (inside, seen, address) = (Arc::clone(accounts), visit.clone(), address.to_owned());
    accounts
        .transact(
            visit,
            Box::new(move |tx| {
                Box::pin(async move {
                    let site = inside.settings.site_url.clone();
                    let (_, sent) = invited(tx, &inside, &seen, actor, address, Map::new(), &site).await?;
                    Ok(((), After { mails: vec![sent.mail], ..After::default() }))
                })
            }),
        )
        .await
}
