//! The making of an account: its record, its identity, its row of the `@account` model.

use bistro_problem::{Code, Problem};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::data::records::{Account, Identity};
use crate::data::{Rows as _, Time, Tx, is, set};
use crate::profile;
use crate::visit::Visit;

/// A new account, as far as it is given.
#[derive(Clone, Debug, Default)]
pub struct New {
    /// The key; one is made if there is none.
    pub id: Option<Uuid>,
    /// The address, normalised.
    pub email: Option<String>,
    /// The hash of the password.
    pub password: Option<String>,
    /// Whether the address counts as confirmed.
    pub confirmed: bool,
    /// What its owner says of it.
    pub data: Map<String, Value>,
    /// What the server says of it.
    pub app_metadata: Map<String, Value>,
    /// Roles of the schema, and `admin`.
    pub roles: Vec<String>,
    /// Whether nobody can sign in to it again.
    pub anonymous: bool,
    /// Whether a provider vouches for it, so that the address is no identity of its own.
    pub vouched: bool,
}

/// Makes an account. Its fields in the `@account` row are those of `data` that it could change itself.
///
/// # Errors
/// `email_exists` if another account has the address; what is wrong with a field of its row.
pub async fn create(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    new: New,
) -> Result<Account, Problem> {
    let now = visit.now;
    if let Some(email) = &new.email
        && tx.one::<Account>(is("email", email.as_str())).await?.is_some()
    {
        return Err(email_exists());
    }
    let id = new.id.unwrap_or_else(Uuid::now_v7);
    let mut user_metadata = if new.vouched { fitting(new.data.clone()) } else { new.data.clone() };
    bounded("user_metadata", &user_metadata)?;
    bounded("app_metadata", &new.app_metadata)?;
    if let Some(email) = new.email.as_ref().filter(|_| !new.vouched) {
        merge(&mut user_metadata, &own_data(id, email, new.confirmed));
    }
    let account = Account {
        id,
        email: new.email.clone(),
        phone: None,
        password_changed_at: new.password.as_ref().map(|_| now),
        password: new.password,
        email_confirmed_at: new.confirmed.then_some(now).filter(|_| new.email.is_some()),
        phone_confirmed_at: None,
        invited_at: None,
        confirmation_sent_at: None,
        recovery_sent_at: None,
        reauthentication_sent_at: None,
        new_email: None,
        email_change_sent_at: None,
        email_change_confirmed: 0,
        last_sign_in_at: None,
        banned_until: None,
        deleted_at: None,
        app_metadata: new.app_metadata,
        user_metadata,
        roles: new.roles,
        is_anonymous: new.anonymous,
        created_at: now,
        updated_at: now,
    };
    let inserted = tx.insert(account.clone()).await;
    inserted.map_err(|problem| match problem.code {
        Code::UniqueViolation => email_exists(),
        _ => problem,
    })?;
    if let Some(email) = new.email.as_ref().filter(|_| !new.vouched) {
        email_identity(tx, &account, email, now).await?;
    }
    profile::create(tx, accounts, visit, &account, &new.data).await?;
    Ok(account)
}

/// Another account has the address.
pub fn email_exists() -> Problem {
    Problem::new(Code::EmailExists, "A user with this email address has already been registered")
}

/// Makes the identity of an account's own address say what is so now.
pub async fn email_identity(
    tx: &mut Tx<'_>,
    account: &Account,
    email: &str,
    now: Time,
) -> Result<(), Problem> {
    let data = own_data(account.id, email, account.email_confirmed_at.is_some());
    let own = is("account_id", account.id).and(is("provider", "email"));
    let set = set! { data: data.clone(), email: Some(email.to_owned()), updated_at: now };
    if tx.update::<Identity>(own, set).await? > 0 {
        return Ok(());
    }
    tx.insert(Identity {
        id: Uuid::now_v7(),
        account_id: account.id,
        provider: "email".to_owned(),
        issuer: String::new(),
        subject: account.id.to_string(),
        data,
        email: Some(email.to_owned()),
        last_sign_in_at: Some(now),
        created_at: now,
        updated_at: now,
    })
    .await
}

/// What an account's own address says of it, in its identity and beside what its owner says.
pub(super) fn own_data(id: Uuid, email: &str, verified: bool) -> Map<String, Value> {
    let data =
        json!({"sub": id.to_string(), "email": email, "email_verified": verified, "phone_verified": false});
    data.as_object().cloned().unwrap_or_default()
}

/// Marks the account's address as confirmed.
pub async fn confirm(tx: &mut Tx<'_>, account: &mut Account, now: Time) -> Result<(), Problem> {
    account.email_confirmed_at = account.email_confirmed_at.or(Some(now));
    account.is_anonymous = false;
    account.updated_at = now;
    if let Some(email) = account.email.clone() {
        merge(&mut account.user_metadata, &own_data(account.id, &email, true));
        email_identity(tx, account, &email, now).await?;
    }
    let set = set! {
        email_confirmed_at: account.email_confirmed_at,
        user_metadata: account.user_metadata.clone(),
        is_anonymous: false,
        updated_at: now,
    };
    tx.update::<Account>(is("id", account.id), set).await.map(drop)
}

/// Refuses who may not sign in now.
///
/// # Errors
/// `user_banned`.
pub fn may_sign_in(account: &Account, now: Time) -> Result<(), Problem> {
    match account.banned(now) {
        true => Err(Problem::new(Code::UserBanned, "User is banned")),
        false => Ok(()),
    }
}

/// Refuses who may not sign in with a password now, however right it is.
///
/// # Errors
/// `email_not_confirmed` and `user_banned`.
pub fn admitted(account: &Account, now: Time) -> Result<(), Problem> {
    match account.email_confirmed_at {
        None => Err(Problem::new(Code::EmailNotConfirmed, "Email not confirmed")),
        Some(_) => may_sign_in(account, now),
    }
}

/// So many bytes of JSON may be said of an account, by itself and by the server each: tokens repeat both, and what carries tokens has
/// limits.
const METADATA_MOST: usize = 4_096;

/// Refuses more than an account may say of itself, or be said of it.
///
/// # Errors
/// `validation_failed` (422).
pub fn bounded(name: &str, metadata: &Map<String, Value>) -> Result<(), Problem> {
    if size(metadata) <= METADATA_MOST {
        return Ok(());
    }
    let message = format!("{name} is larger than {METADATA_MOST} bytes of JSON");
    Err(Problem::new(Code::ValidationFailed, message).status(422))
}

/// What a provider says, without its longest members where it says too much: nobody is kept out for that.
pub fn fitting(mut claims: Map<String, Value>) -> Map<String, Value> {
    while size(&claims) > METADATA_MOST / 2 {
        let longest = claims.iter().max_by_key(|(_, value)| value.to_string().len());
        let Some(name) = longest.map(|(name, _)| name.clone()) else { break };
        claims.remove(&name);
    }
    claims
}

fn size(metadata: &Map<String, Value>) -> usize {
    serde_json::to_string(metadata).map_or(usize::MAX, |text| text.len())
}

/// Changes some members of an object: null removes one.
pub fn merge(metadata: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (name, value) in changes {
        match value {
            Value::Null => metadata.remove(name),
            value => metadata.insert(name.clone(), value.clone()),
        };
    }
}
