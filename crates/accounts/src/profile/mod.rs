//! The row of an account in the project's own schema, where that has an `@account` type. Without one, nothing here does
//! anything.
//!
//! Of what a person sends (`data`), the row takes exactly the fields that this person could change in it: each is written
//! by an ordinary UPDATE as that person, so that the rules of types and fields decide and nothing else. What they refuse,
//! and what is no field, stays in the account's metadata alone. The key, immutable and hidden fields, and those that
//! repeat what the account holds are never taken.

mod fields;
mod follower;
mod person;
mod row;
mod wanted;

use bistro_problem::{Code, Problem};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::data::records::Account;
use crate::data::{Rows as _, Tx, is};
use crate::visit::Visit;
use row::Row;

pub use follower::Follower;
pub use wanted::{Input, Wanted, wanted};

/// Makes the row of a new account, in the transaction that makes the account. A row that is there already, because the
/// account took the id of one without credentials, becomes the account's.
///
/// # Errors
/// `validation_failed` (422) that names a field which is required and missing, or whose value does not fit;
/// `user_already_exists` where another row has the account's e-mail address.
pub async fn create(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &Account,
    given: &Map<String, Json>,
) -> Result<(), Problem> {
    let Some(row) = Row::of(accounts, visit, account.id) else { return Ok(()) };
    let person = person::caller(row.schema(), visit, account, "aal1");
    let given = fields::given(&row.view(&person), row.ty(), given)?;
    if row.exists(tx).await? {
        row.mirror(tx, account).await?;
        return row.fill(tx, &person, &given).await.map(drop);
    }
    row.make(tx, &person, account, &given).await
}

/// Answers what [`create`] would for a new account, and leaves nothing behind: so that who signs up with a known address is
/// refused for the same reasons as who comes with an unknown one.
pub async fn rehearse(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &Account,
    given: &Map<String, Json>,
) -> Result<(), Problem> {
    let id = Uuid::now_v7();
    let Some(row) = Row::of(accounts, visit, id) else { return Ok(()) };
    let person = person::caller(row.schema(), visit, &Account { id, ..account.clone() }, "aal1");
    let given = fields::given(&row.view(&person), row.ty(), given)?;
    // The address itself may be in a row that it must not clash with.
    let email = account.email.as_ref().map(|_| format!("{}@rehearsal.invalid", id.simple()));
    row.make(tx, &person, &Account { id, email, ..account.clone() }, &given).await?;
    row.delete(tx).await
}

/// Whether every row has an e-mail address.
pub fn needs_address(accounts: &Accounts) -> bool {
    Row::of(accounts, &Visit::command(0), Uuid::nil()).is_some_and(|row| row.needs_address())
}

/// Whether a row without an account holds the e-mail address so that no other may.
pub async fn is_taken(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    email: &str,
) -> Result<bool, Problem> {
    match Row::of(accounts, visit, Uuid::nil()) {
        Some(row) if row.holds_addresses_once() => Ok(!row.with_email(tx, email).await?.is_empty()),
        _ => Ok(false),
    }
}

/// Writes what a person says of the own account into the row. The text is the assurance level of the session.
///
/// # Errors
/// `validation_failed` (422) that names a field whose value does not fit.
pub async fn change(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    (account, aal): (&Account, &str),
    given: &Map<String, Json>,
) -> Result<(), Problem> {
    let Some(row) = Row::of(accounts, visit, account.id) else { return Ok(()) };
    let person = person::caller(row.schema(), visit, account, aal);
    let given = fields::given(&row.view(&person), row.ty(), given)?;
    row.fill(tx, &person, &given).await.map(drop)
}

/// Writes the account's e-mail address and telephone number into the row.
///
/// # Errors
/// `user_already_exists` where another row has the address.
pub async fn mirror(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &Account,
) -> Result<(), Problem> {
    match Row::of(accounts, visit, account.id) {
        Some(row) => row.mirror(tx, account).await,
        None => Ok(()),
    }
}

/// Deletes the row; what follows accounts ([`Follower`]) deletes the account with it.
///
/// # Errors
/// `conflict` (409) where rows refer to it that neither go nor change with it.
pub async fn remove(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: Uuid,
) -> Result<(), Problem> {
    let Some(row) = Row::of(accounts, visit, account) else { return Ok(()) };
    row.delete(tx).await.map_err(|problem| match problem.code {
        Code::ForeignKey => {
            let why = format!("The account cannot be deleted: {}", problem.message);
            Problem::new(Code::Conflict, why)
                .hint("Delete what refers to it first.")
                .cause(problem.to_string())
        }
        _ => problem,
    })
}

/// The one row that has this e-mail address (in the account's form, lower case) and no account. An account that is made for
/// it takes its key as id.
pub async fn find_by_email(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    email: &str,
) -> Result<Option<Uuid>, Problem> {
    let Some(row) = Row::of(accounts, visit, Uuid::nil()) else { return Ok(None) };
    let mut free = Vec::new();
    for id in row.with_email(tx, email).await? {
        if tx.one::<Account>(is("id", id)).await?.is_none() {
            free.push(id);
        }
    }
    // Of several, nobody can say whose they are.
    match free[..] {
        [id] => Ok(Some(id)),
        _ => Ok(None),
    }
}
