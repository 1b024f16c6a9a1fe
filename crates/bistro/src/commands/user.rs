//! `bistro user`.

use std::io::Read as _;

use serde_json::{Map, Value};

use crate::cli::User;
use crate::control::Ask;
use crate::error::Failure;
use crate::offline;
use crate::project::Project;
use crate::terminal;
use crate::users::{self, Order};

/// The longest password that is read, in bytes; a longer one is refused where passwords are.
const PASSWORD_MOST: u64 = 4_096;

/// Looks at people's accounts, or changes them.
pub(crate) async fn user(project: &Project, command: User) -> Result<(), Failure> {
    let ask = Ask::User { order: order(command)? };
    let text = match offline::ask(project, &ask, |_, _| {})? {
        Some(text) => text,
        None => match ask {
            Ask::User { order } => users::aside(project, order).await?,
            _ => return Ok(()),
        },
    };
    terminal::line(&text);
    Ok(())
}

/// The order that the words give.
fn order(command: User) -> Result<Order, Failure> {
    Ok(match command {
        User::Add { email, password_stdin, invite, role, profile, id } => Order::Add {
            email,
            password: if password_stdin { Some(typed()?) } else { None },
            invite,
            roles: role,
            data: profile.as_deref().map(object).transpose()?.unwrap_or_default(),
            id,
        },
        User::List { json } => Order::List { json },
        User::Ban { name, seconds } => Order::Ban { name, seconds },
        User::Unban { name } => Order::Unban { name },
        User::Role { name, add, remove } => Order::Role { name, add, remove },
        User::Reset { name } => Order::Reset { name },
    })
}

/// The password on standard input, without the end of its line.
fn typed() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().take(PASSWORD_MOST).read_to_string(&mut text);
    read.map_err(|source| Failure::System { action: "read the password".into(), source })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn object(text: &str) -> Result<Map<String, Value>, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::Usage(format!("--profile takes a JSON object, such as {{\"name\": \"Ada\"}}: {error}"))
    })
}
