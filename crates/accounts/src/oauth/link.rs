//! One more identity for an account whose owner is signed in.

use bistro_oidc::Person;
use bistro_problem::{Code, Problem};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::enter::{Arrival, Judged, add_identity, identity};
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::Account;
use crate::data::{Rows as _, Tx, is, set};
use crate::flows::may_sign_in;
use crate::visit::Visit;
use crate::{profile, revoke};

/// An identity that waits for the page which began the trip.
#[derive(Serialize, Deserialize)]
struct Waiting {
    provider: String,
    issuer: String,
    subject: String,
    email: Option<String>,
    email_verified: bool,
    claims: Map<String, Value>,
}

/// What is sealed beside the code of a trip that adds an identity.
pub(super) fn sealed(arrival: &Arrival) -> Value {
    let Person { issuer, subject, email, email_verified, claims } = arrival.person.clone();
    let waiting =
        Waiting { provider: arrival.provider.clone(), issuer, subject, email, email_verified, claims };
    serde_json::to_value(waiting).expect("texts are JSON")
}

/// The page that began the trip has shown its verifier: only now is the identity added, so that nobody can be led into
/// adding theirs to the account of a stranger. Without anything sealed nothing is done.
pub async fn complete(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: Account,
    sealed: &Value,
    after: &mut After,
) -> Judged<Account> {
    let Ok(waiting) = serde_json::from_value::<Waiting>(sealed.clone()) else { return Ok(Ok(account)) };
    let Waiting { provider, issuer, subject, email, email_verified, claims } = waiting;
    let person = Person { issuer, subject, email, email_verified, claims };
    to(tx, accounts, visit, account.id, &Arrival { provider, person, mail: false }, after).await
}

/// Adds an identity to an account.
pub(super) async fn to(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: Uuid,
    arrival: &Arrival,
    after: &mut After,
) -> Judged<Account> {
    let (provider, person) = (arrival.provider.as_str(), &arrival.person);
    let found = tx.one::<Account>(is("id", account)).await?;
    let Some(mut account) = found.filter(|account| account.deleted_at.is_none()) else {
        return Ok(Err(Problem::new(Code::UserNotFound, "User not found")));
    };
    if let Err(problem) = may_sign_in(&account, visit.now) {
        return Ok(Err(problem));
    }
    if let Some(known) = identity(tx, provider, person).await? {
        let message = match known.account_id == account.id {
            true => "Identity is already linked",
            false => "Identity is already linked to another user",
        };
        return Ok(Err(Problem::new(Code::IdentityExists, message)));
    }
    add_identity(tx, visit, account.id, provider, person).await?;
    adopt(tx, accounts, visit, &mut account, person).await?;
    let details = json!({"provider": provider, "issuer": person.issuer});
    audit::note(tx, visit, "identity_linked", Actor::Account(account.id), Some(account.id), details).await?;
    revoke::changed(tx, accounts, after, account.id).await?;
    Ok(Ok(account))
}

/// An account without an address takes the verified one of its new identity, unless somebody else has it; an anonymous one
/// becomes an account like others.
async fn adopt(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &mut Account,
    person: &Person,
) -> Result<(), Problem> {
    let email = person.email.clone().filter(|_| person.email_verified && account.email.is_none());
    let free = match &email {
        Some(email) => tx.one::<Account>(is("email", email.as_str())).await?.is_none(),
        None => false,
    };
    if free {
        account.email = email;
        account.email_confirmed_at = Some(visit.now);
    }
    account.is_anonymous = false;
    account.updated_at = visit.now;
    let set = set! {
        email: account.email.clone(),
        email_confirmed_at: account.email_confirmed_at,
        is_anonymous: false,
        updated_at: visit.now,
    };
    tx.update::<Account>(is("id", account.id), set).await?;
    match free {
        true => profile::mirror(tx, accounts, visit, account).await,
        false => Ok(()),
    }
}
