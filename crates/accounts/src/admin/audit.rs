//! `GET /admin/audit`: what happened, the newest first.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::list::Page;
use super::users::id;
use crate::accounts::Accounts;
use crate::data::records::AuditEntry;
use crate::data::{Filter, all, is};
use crate::http::{Asked, admin, ok};
use crate::surface::Answered;

/// The endpoint; `user` narrows it to one account, `action` to one kind of entry.
pub async fn audit(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    admin(accounts, asked).await?;
    let page = Page::of(asked)?;
    let user = asked.query("user").map(id).transpose()?;
    let wanted = || -> Filter {
        let of_user = user.map_or_else(all, |id| is("account_id", id));
        asked.query("action").map_or(of_user.clone(), |action| of_user.and(is("action", action)))
    };
    let total = accounts.data.count::<AuditEntry>(wanted()).await?;
    let newest = wanted().newest("at").newest("id").offset(page.skips()).limit(page.size);
    let entries = accounts.data.find::<AuditEntry>(newest).await?;
    let response = ok(&json!({"entries": entries.iter().map(shown).collect::<Vec<_>>()}));
    let mut kept = String::new();
    if let Some(id) = user {
        kept.push_str(&format!("&user={id}"));
    }
    // An action that is no word has no entries, and so no other page.
    if let Some(action) = asked.query("action").filter(|action| is_word(action)) {
        kept.push_str(&format!("&action={action}"));
    }
    Ok(page.dress(response, "/admin/audit", &kept, total))
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn shown(entry: &AuditEntry) -> Value {
    let text = |id: Option<Uuid>| id.map(|id| id.to_string());
    json!({
        "id": entry.id.to_string(),
        "created_at": entry.at.text(),
        "action": entry.action,
        "actor_id": text(entry.actor_id),
        "actor_kind": entry.actor_kind,
        "user_id": text(entry.account_id),
        "ip_address": entry.ip,
        "user_agent": entry.user_agent,
        "request_id": entry.request_id,
        "details": entry.details,
    })
}
