//! `bistro user`: what is done to people's accounts, by the running server or on the files themselves.

mod aside;
mod order;

use std::fmt::Write as _;
use std::sync::Arc;

use bistro_accounts::admin::acts::{self, Change};
use bistro_accounts::audit::Actor;
use bistro_accounts::data::records::Account;
use bistro_accounts::data::{Time, null};
use bistro_accounts::flows::account::New;
use bistro_accounts::flows::{email, password};
use bistro_accounts::http::user_json;
use bistro_accounts::{Accounts, Visit, letters};
use serde_json::{Map, Value};

pub(crate) use aside::{accounts_aside, aside};
pub(crate) use order::Order;

use crate::clock::now_us;
use crate::error::Failure;

/// Why nothing can be done.
pub(crate) const OFF: &str = "accounts are off: auth.enabled or database.managed is false";

/// Accounts that a list shows.
const LISTED: u64 = 1_000;

/// Carries an order out; what to print.
pub(crate) async fn carry_out(accounts: &Arc<Accounts>, order: Order) -> Result<String, Failure> {
    let visit = Visit::command(now_us());
    match order {
        Order::Add { email, password, invite, roles, data, id } => {
            let person = Person { email, password, roles, data, id };
            add(accounts, &visit, person, invite).await
        }
        Order::List { json } => list(accounts, json).await,
        Order::Ban { name, seconds } => {
            // A hundred years, where nothing else is said.
            let until = visit.now.plus_s(seconds.unwrap_or(100 * 365 * 86_400));
            let change = Change { banned_until: Some(Some(until)), ..Change::default() };
            let shown = change_of(accounts, &visit, &name, change).await?;
            Ok(match seconds {
                Some(_) => format!("{shown} is banned until {}", until.text()),
                None => format!("{shown} is banned"),
            })
        }
        Order::Unban { name } => {
            let change = Change { banned_until: Some(None), ..Change::default() };
            Ok(format!("{} may sign in again", change_of(accounts, &visit, &name, change).await?))
        }
        Order::Role { name, add, remove } => role(accounts, &visit, &name, add, remove).await,
        Order::Reset { name } => {
            let sent = acts::reset(accounts, &visit, Actor::Command, &name).await?;
            Ok(format!("{}\nThis link signs in once, to choose a password.", sent.link))
        }
    }
}

/// Somebody to make an account for.
struct Person {
    email: String,
    password: Option<String>,
    roles: Vec<String>,
    data: Map<String, Value>,
    id: Option<uuid::Uuid>,
}

async fn add(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    person: Person,
    invite: bool,
) -> Result<String, Failure> {
    if invite {
        // Before anything is made: the account would stay, and the command could not be given again.
        letters::need_mail(accounts)?;
    }
    let email = email::normalised(&person.email)?;
    let secret = match person.password {
        Some(text) => Some(accounts.hash(password::new(accounts, &text, &[&email])?).await?),
        None => None,
    };
    let (known, roles) = (secret.is_some(), person.roles);
    let new = New {
        id: person.id,
        email: Some(email.clone()),
        confirmed: known,
        password: secret,
        data: person.data,
        roles,
        ..New::default()
    };
    let (account, ..) = acts::create(accounts, visit, Actor::Command, new, None).await?;
    let shown = named(&account);
    if known {
        return Ok(format!("{shown} has an account"));
    }
    if invite {
        acts::invite(accounts, visit, Actor::Command, &email).await?;
        return Ok(format!("{shown} is invited"));
    }
    let sent = acts::reset(accounts, visit, Actor::Command, &account.id.to_string()).await?;
    Ok(format!("{shown} has an account\n{}\nThis link signs in once, to choose a password.", sent.link))
}

fn named(account: &Account) -> String {
    match &account.email {
        Some(email) => format!("{email} ({})", account.id),
        None => account.id.to_string(),
    }
}

async fn change_of(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    name: &str,
    change: Change,
) -> Result<String, Failure> {
    let account = acts::named(accounts, name).await?;
    let (account, ..) = acts::change(accounts, visit, Actor::Command, account.id, change).await?;
    Ok(named(&account))
}

async fn role(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    name: &str,
    add: Vec<String>,
    remove: Vec<String>,
) -> Result<String, Failure> {
    let account = acts::named(accounts, name).await?;
    let mut roles = account.roles.clone();
    roles.retain(|role| !remove.contains(role));
    for role in add {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    let shown = if roles.is_empty() { "no roles".to_owned() } else { roles.join(", ") };
    if roles == account.roles {
        return Ok(format!("{} has {shown}, as before", named(&account)));
    }
    let change = Change { roles: Some(roles), ..Change::default() };
    Ok(format!("{} has {shown}", change_of(accounts, visit, name, change).await?))
}

async fn list(accounts: &Arc<Accounts>, json: bool) -> Result<String, Failure> {
    let wanted = null("deleted_at").newest("created_at").newest("id").limit(LISTED);
    let found = accounts.data.find::<Account>(wanted).await?;
    if json {
        let users: Vec<Value> = found.iter().map(|account| user_json(account, &[], &[])).collect();
        return Ok(Value::Array(users).to_string());
    }
    let now = Time(now_us());
    let mut out = String::new();
    for account in &found {
        let mut marks = account.roles.clone();
        if account.email.is_some() && account.email_confirmed_at.is_none() {
            marks.push("unconfirmed".to_owned());
        }
        if account.is_anonymous {
            marks.push("anonymous".to_owned());
        }
        if account.banned(now) {
            marks.push("banned".to_owned());
        }
        let email = account.email.as_deref().unwrap_or("-");
        let day: String = account.created_at.text().chars().take(10).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}  {day}  {email}  {}", account.id, marks.join(", "));
    }
    let total = accounts.data.count::<Account>(null("deleted_at")).await?;
    match total {
        0 => Ok("nobody has an account yet: bistro user add EMAIL".to_owned()),
        _ if total > found.len() as u64 => Ok(format!("{out}and {} more", total - found.len() as u64)),
        _ => Ok(out.trim_end().to_owned()),
    }
}
