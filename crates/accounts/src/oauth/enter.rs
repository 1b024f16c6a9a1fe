//! Somebody whom a provider vouches for signs in: to the account that has the identity, to the one whose verified address is
//! the same, or to a new one.

use bistro_oidc::Person;
use bistro_problem::{Code, Problem};
use serde_json::json;
use uuid::Uuid;

use super::takeover;
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Identity};
use crate::data::{Rows as _, Tx, is, set};
use crate::flows::account::{self, New, email_exists};
use crate::flows::may_sign_in;
use crate::letters::{self, Purpose};
use crate::visit::Visit;

/// What a refusal inside a transaction leaves is committed.
pub(super) type Judged<T> = Result<Result<T, Problem>, Problem>;

/// Somebody who comes from a provider.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    /// The name of the provider.
    pub(super) provider: String,
    /// Whom it vouches for.
    pub(super) person: Person,
    /// Whether a mail may be sent to an address that the provider has not verified.
    pub(super) mail: bool,
}

/// The account that a person may sign in to now.
pub(super) async fn enter(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    arrival: &Arrival,
    after: &mut After,
) -> Judged<Account> {
    let (provider, person) = (arrival.provider.as_str(), &arrival.person);
    let known = identity(tx, provider, person).await?;
    let account = match known {
        Some(known) => seen_again(tx, visit, known, person).await?,
        None => match newcomer(tx, accounts, visit, arrival, after).await? {
            Ok(account) => Some(account),
            Err(problem) => return Ok(Err(problem)),
        },
    };
    let Some(mut account) = account.filter(|account| account.deleted_at.is_none()) else {
        return Ok(Err(Problem::new(Code::UserNotFound, "The account of this identity was deleted")));
    };
    if let Err(problem) = may_sign_in(&account, visit.now) {
        return Ok(Err(problem));
    }
    if account.email.is_none() || account.email_confirmed_at.is_some() {
        return Ok(Ok(account));
    }
    if person.email_verified && person.email == account.email {
        // Others may have signed up with the address as well, and wait for somebody to confirm it.
        takeover::clear(tx, accounts, visit, &mut account, person, after).await?;
        add_identity(tx, visit, account.id, provider, person).await?;
        return Ok(Ok(account));
    }
    if !accounts.settings.confirm_email {
        return Ok(Ok(account));
    }
    if arrival.mail {
        ask(tx, accounts, visit, &mut account, after).await?;
    }
    Ok(Err(unverified()))
}

/// The identity of a person at a provider.
pub(super) async fn identity(
    tx: &mut Tx<'_>,
    provider: &str,
    person: &Person,
) -> Result<Option<Identity>, Problem> {
    let own = is("provider", provider).and(is("issuer", person.issuer.as_str()));
    tx.one::<Identity>(own.and(is("subject", person.subject.as_str()))).await
}

/// One more identity of an account.
pub(super) async fn add_identity(
    tx: &mut Tx<'_>,
    visit: &Visit,
    account: Uuid,
    provider: &str,
    person: &Person,
) -> Result<(), Problem> {
    let added = tx.insert(Identity {
        id: Uuid::now_v7(),
        account_id: account,
        provider: provider.to_owned(),
        issuer: person.issuer.clone(),
        subject: person.subject.clone(),
        data: person.claims.clone(),
        email: person.email.clone(),
        last_sign_in_at: Some(visit.now),
        created_at: visit.now,
        updated_at: visit.now,
    });
    added.await.map_err(|problem| match problem.code {
        // Two trips of the same person ended at once.
        Code::UniqueViolation => Problem::new(Code::IdentityExists, "Identity is already linked"),
        _ => problem,
    })
}

/// Somebody who was here before: the identity remembers what the provider says now.
async fn seen_again(
    tx: &mut Tx<'_>,
    visit: &Visit,
    known: Identity,
    person: &Person,
) -> Result<Option<Account>, Problem> {
    let set = set! {
        data: person.claims.clone(),
        email: person.email.clone(),
        last_sign_in_at: Some(visit.now),
        updated_at: visit.now,
    };
    tx.update::<Identity>(is("id", known.id), set).await?;
    tx.one::<Account>(is("id", known.account_id)).await
}

/// Somebody whose identity nobody knows.
async fn newcomer(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    arrival: &Arrival,
    after: &mut After,
) -> Judged<Account> {
    let (provider, person) = (arrival.provider.as_str(), &arrival.person);
    let owner = match &person.email {
        Some(email) => tx.one::<Account>(is("email", email.as_str())).await?,
        None => None,
    };
    match owner {
        Some(owner) if owner.deleted_at.is_some() => Ok(Err(email_exists())),
        Some(owner) if owner.banned(visit.now) => Ok(may_sign_in(&owner, visit.now).map(|()| owner)),
        Some(owner) if person.email_verified => {
            let mut owner = owner;
            if !proved(accounts, &owner) {
                takeover::clear(tx, accounts, visit, &mut owner, person, after).await?;
            }
            add_identity(tx, visit, owner.id, provider, person).await?;
            let details = json!({"provider": provider, "issuer": person.issuer});
            let actor = Actor::Account(owner.id);
            audit::note(tx, visit, "identity_linked", actor, Some(owner.id), details).await?;
            Ok(Ok(owner))
        }
        // Security: an address that the provider has not verified joins nothing. Its owner hears of it.
        Some(owner) => {
            if arrival.mail {
                after.mails.extend(letters::already_registered(accounts, &owner));
            }
            Ok(Err(unverified()))
        }
        None => create(tx, accounts, visit, provider, person).await,
    }
}

/// Whether the account's owner has proved to us that the address is theirs.
fn proved(accounts: &Accounts, account: &Account) -> bool {
    // Where nothing is confirmed, a confirmed account proves nothing; developers are not in each other's way.
    let settings = &accounts.settings;
    account.email_confirmed_at.is_some() && (settings.confirm_email || settings.dev)
}

async fn create(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    provider: &str,
    person: &Person,
) -> Judged<Account> {
    if accounts.settings.disable_signup {
        return Ok(Err(Problem::new(Code::SignupDisabled, "Signups not allowed for this instance")));
    }
    let new = New {
        email: person.email.clone(),
        confirmed: person.email_verified || !accounts.settings.confirm_email,
        data: person.claims.clone(),
        vouched: true,
        ..New::default()
    };
    let account = account::create(tx, accounts, visit, new).await?;
    add_identity(tx, visit, account.id, provider, person).await?;
    let details = json!({"provider": provider});
    audit::note(tx, visit, "sign_up", Actor::Account(account.id), Some(account.id), details).await?;
    Ok(Ok(account))
}

/// Sends the mail that confirms the address.
async fn ask(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &mut Account,
    after: &mut After,
) -> Result<(), Problem> {
    let Some(to) = account.email.clone().filter(|_| accounts.settings.mail) else { return Ok(()) };
    let (purpose, back) = (Purpose::Confirmation, accounts.settings.site_url.as_str());
    let sent = letters::prepare(tx, accounts, visit, account, purpose, &to, back, None).await?;
    after.mails.push(sent.mail);
    Ok(())
}

fn unverified() -> Problem {
    let message = "Unverified email with the provider. A confirmation email has been sent to your address";
    Problem::new(Code::ProviderEmailUnverified, message)
}
