//! `/admin/oauth/clients`: administrators register applications.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use serde_json::json;
use uuid::Uuid;

use super::client::{client_json, describe, register};
use super::secret;
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Client, Session};
use crate::data::{Rows as _, Tx, all, is, set};
use crate::http::{Asked, Fields, admin, json, nothing, ok};
use crate::revoke;
use crate::surface::Answered;
use crate::visit::Visit;

/// The rows of a page, unless asked otherwise.
const PAGE: u64 = 50;
/// The most rows of a page.
const PAGE_MOST: u64 = 1_000;
/// So many sessions are ended at a time.
const BATCH: u64 = 1_000;

/// `GET /admin/oauth/clients?page=&per_page=`.
pub async fn list(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    admin(accounts, asked).await?;
    let page = number(asked, "page", 1)?.max(1);
    let rows = number(asked, "per_page", PAGE)?.clamp(1, PAGE_MOST);
    let filter = all().oldest("created_at").oldest("id").limit(rows).offset((page - 1).saturating_mul(rows));
    let clients = accounts.data.find::<Client>(filter).await?;
    let total = accounts.data.count::<Client>(all()).await?;
    let clients: Vec<_> = clients.iter().map(|client| client_json(client, None)).collect();
    let reply = ok(&json!({ "clients": clients, "aud": "authenticated" }));
    Ok(paged(reply, page, rows, total))
}

/// `POST /admin/oauth/clients`: the only answer that tells the secret, beside that of a new one.
pub async fn create(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let actor = admin(accounts, asked).await?;
    let (client, secret) = add(accounts, &asked.visit, actor, asked.fields()?).await?;
    Ok(json(201, &client_json(&client, secret.as_deref())))
}

/// Registers an application; its secret, if it has one, is told this once.
///
/// # Errors
/// `validation_failed` naming the member.
pub async fn add(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    actor: Actor,
    fields: Fields,
) -> Result<(Client, Option<String>), Problem> {
    let seen = visit.clone();
    let made = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let (client, secret) = register(tx, &fields, seen.now).await?;
                note(tx, &seen, "oauth_client_created", actor, &client).await?;
                Ok(((client, secret), After::default()))
            })
        }),
    );
    made.await
}

/// `GET /admin/oauth/clients/<id>`.
pub async fn get(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    admin(accounts, asked).await?;
    let found = accounts.data.one::<Client>(is("id", key(id)?)).await?;
    Ok(ok(&client_json(&found.ok_or_else(missing)?, None)))
}

/// `PUT /admin/oauth/clients/<id>`: what the body leaves out stays.
pub async fn put(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    let actor = admin(accounts, asked).await?;
    let (id, fields, seen) = (key(id)?, asked.fields()?, asked.visit.clone());
    let changed = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let mut client = tx.one::<Client>(is("id", id)).await?.ok_or_else(missing)?;
                describe(&mut client, &fields)?;
                client.updated_at = seen.now;
                let to = client.clone();
                let columns = set! {
                    name: to.name, redirect_uris: to.redirect_uris, grant_types: to.grant_types,
                    scopes: to.scopes, uri: to.uri, logo_uri: to.logo_uri,
                    id_token_algorithm: to.id_token_algorithm, updated_at: to.updated_at,
                };
                tx.update::<Client>(is("id", id), columns).await?;
                note(tx, &seen, "oauth_client_changed", actor, &client).await?;
                Ok((client, After::default()))
            })
        }),
    );
    Ok(ok(&client_json(&changed.await?, None)))
}

/// `DELETE /admin/oauth/clients/<id>`, with all that the application holds.
pub async fn remove(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    let actor = admin(accounts, asked).await?;
    end(accounts, &asked.visit, actor, key(id)?).await?;
    Ok(nothing())
}

/// Removes an application, and ends its sessions.
///
/// # Errors
/// `oauth_client_not_found`.
pub async fn end(accounts: &Arc<Accounts>, visit: &Visit, actor: Actor, id: Uuid) -> Result<(), Problem> {
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let removed = accounts.transact(
        visit,
        Box::new(move |tx| Box::pin(async move { Ok(((), removal(tx, &inside, &seen, actor, id).await?)) })),
    );
    removed.await
}

async fn removal(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    actor: Actor,
    id: Uuid,
) -> Result<After, Problem> {
    let client = tx.one::<Client>(is("id", id)).await?.ok_or_else(missing)?;
    let mut after = After::default();
    loop {
        let sessions = tx.find::<Session>(is("client_id", id).limit(BATCH)).await?;
        for session in &sessions {
            revoke::session(tx, accounts, &mut after, session.id).await?;
        }
        if sessions.is_empty() {
            break;
        }
    }
    tx.delete::<Client>(is("id", id)).await?;
    note(tx, visit, "oauth_client_removed", actor, &client).await?;
    Ok(after)
}

/// `POST /admin/oauth/clients/<id>/regenerate_secret`: the one before holds no longer.
pub async fn regenerate_secret(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    let actor = admin(accounts, asked).await?;
    let (id, seen, secret) = (key(id)?, asked.visit.clone(), secret::random()?);
    let hash = secret::hashed(&secret);
    let changed = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let mut client = tx.one::<Client>(is("id", id)).await?.ok_or_else(missing)?;
                if client.secret.is_none() {
                    let message = "A public application has no secret";
                    return Err(Problem::new(Code::ValidationFailed, message));
                }
                client.updated_at = seen.now;
                let columns = set! { secret: Some(hash), updated_at: seen.now };
                tx.update::<Client>(is("id", id), columns).await?;
                note(tx, &seen, "oauth_client_secret_changed", actor, &client).await?;
                Ok((client, After::default()))
            })
        }),
    );
    Ok(ok(&client_json(&changed.await?, Some(&secret))))
}

async fn note(
    tx: &mut Tx<'_>,
    visit: &Visit,
    action: &'static str,
    actor: Actor,
    client: &Client,
) -> Result<(), Problem> {
    let details = json!({ "client": client.id.to_string(), "name": client.name });
    audit::note(tx, visit, action, actor, None, details).await
}

fn missing() -> Problem {
    Problem::new(Code::OauthClientNotFound, "OAuth client not found")
}

fn key(id: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(id).map_err(|_| missing())
}

fn number(asked: &Asked, name: &str, otherwise: u64) -> Result<u64, Problem> {
    let wrong = || Problem::new(Code::ValidationFailed, format!("{name} must be a number"));
    asked.query(name).map_or(Ok(otherwise), |text| text.parse().map_err(|_| wrong()))
}

/// The headers from which clients read how many pages there are.
fn paged(reply: Response, page: u64, rows: u64, total: u64) -> Response {
    let last = total.div_ceil(rows).max(1);
    let link = |page: u64, rel: &str| {
        format!("</auth/v1/admin/oauth/clients?page={page}&per_page={rows}>; rel=\"{rel}\"")
    };
    let next = (page < last).then(|| link(page + 1, "next"));
    let links: Vec<String> = next.into_iter().chain([link(last, "last")]).collect();
    reply.header("x-total-count", total.to_string()).header("link", links.join(", "))
}
