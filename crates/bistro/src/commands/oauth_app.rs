//! `bistro oauth-app`.

use serde_json::{Map, Value, json};

use crate::applications::{self, Order};
use crate::cli::OauthApp;
use crate::control::Ask;
use crate::error::Failure;
use crate::project::Project;
use crate::{offline, terminal, users};

/// Registers applications that may act for people, lists them, or removes one.
pub(crate) async fn oauth_app(project: &Project, command: OauthApp) -> Result<(), Failure> {
    let ask = Ask::Application { order: order(command) };
    let text = match offline::ask(project, &ask, |_, _| {})? {
        Some(text) => text,
        None => {
            let Ask::Application { order } = ask else { return Ok(()) };
            users::accounts_aside(project, async |accounts| applications::carry_out(accounts, order).await)
                .await?
        }
    };
    terminal::line(&text);
    Ok(())
}

/// The order that the words give.
fn order(command: OauthApp) -> Order {
    match command {
        OauthApp::Add { name, redirect, public, scope, id_token, json } => {
            let mut fields = Map::new();
            let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
            put("client_name", json!(name));
            put("redirect_uris", json!(redirect));
            put("scope", json!(scope));
            put("id_token_signed_response_alg", json!(id_token));
            if public {
                put("token_endpoint_auth_method", json!("none"));
            }
            Order::Add { fields, json }
        }
        OauthApp::List { json } => Order::List { json },
        OauthApp::Remove { id } => Order::Remove { id: id.to_string() },
    }
}
