//! `bistro oauth-app`: applications that may act for people, by the running server or on the files themselves.

use std::fmt::Write as _;
use std::sync::Arc;

use bistro_accounts::audit::Actor;
use bistro_accounts::data::all;
use bistro_accounts::data::records::Client;
use bistro_accounts::http::Fields;
use bistro_accounts::provider::admin;
use bistro_accounts::provider::client::client_json;
use bistro_accounts::{Accounts, Visit};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::clock::now_us;
use crate::error::Failure;

/// Applications that a list shows.
const LISTED: u64 = 1_000;

/// What a command asks to be done, as it travels to a running server.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Order {
    /// Register an application.
    Add {
        /// What is said of it, in the words of the admin API.
        fields: Map<String, Value>,
        /// Whether JSON is wanted.
        json: bool,
    },
    /// Show the applications.
    List {
        /// Whether JSON is wanted.
        json: bool,
    },
    /// Remove one.
    Remove {
        /// Its id.
        id: String,
    },
}

/// Carries an order out; what to print.
pub(crate) async fn carry_out(accounts: &Arc<Accounts>, order: Order) -> Result<String, Failure> {
    let visit = Visit::command(now_us());
    match order {
        Order::Add { fields, json } => {
            let (client, secret) = admin::add(accounts, &visit, Actor::Command, Fields(fields)).await?;
            if json {
                return Ok(client_json(&client, secret.as_deref()).to_string());
            }
            let mut out = format!("client id      {}", client.id);
            if let Some(secret) = secret {
                // Writing to a string cannot fail.
                let _ = write!(out, "\nclient secret  {secret}\nThe secret is shown this once.");
            }
            Ok(out)
        }
        Order::List { json } => list(accounts, json).await,
        Order::Remove { id } => {
            let key =
                Uuid::try_parse(&id).map_err(|_| Failure::Usage(format!("{id} is no application's id")))?;
            admin::end(accounts, &visit, Actor::Command, key).await?;
            Ok(format!("{id} is removed, and its sessions are over"))
        }
    }
}

async fn list(accounts: &Arc<Accounts>, json: bool) -> Result<String, Failure> {
    let found = accounts.data.find::<Client>(all().oldest("created_at").oldest("id").limit(LISTED)).await?;
    if json {
        let all: Vec<Value> = found.iter().map(|client| client_json(client, None)).collect();
        return Ok(Value::Array(all).to_string());
    }
    let line = |client: &Client| {
        let kind = if client.secret.is_some() { "confidential" } else { "public" };
        format!("{}  {kind:<12}  {}  {}", client.id, client.name, client.redirect_uris.join(" "))
    };
    match found.is_empty() {
        true => {
            Ok("no application is registered yet: bistro oauth-app add NAME --redirect ADDRESS".to_owned())
        }
        false => Ok(found.iter().map(line).collect::<Vec<_>>().join("\n")),
    }
}
