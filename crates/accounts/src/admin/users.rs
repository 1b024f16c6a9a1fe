//! `/admin/users/…`: one account.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::json;
use uuid::Uuid;

use super::acts::{self, Found};
use super::body;
use crate::accounts::Accounts;
use crate::flows::account::New;
use crate::http::{Asked, admin, ok, user_json};
use crate::surface::Answered;

/// An id in a path.
pub(super) fn id(text: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(text)
        .map_err(|_| Problem::new(Code::ValidationFailed, "user_id must be an UUID").status(404))
}

fn shown((account, identities, factors): &Found) -> Answered {
    Ok(ok(&user_json(account, identities, factors)))
}

/// `GET /admin/users/<id>`.
pub async fn get(accounts: &Arc<Accounts>, asked: &Asked, user: &str) -> Answered {
    admin(accounts, asked).await?;
    shown(&acts::find(accounts, id(user)?).await?)
}

/// `POST /admin/users`.
pub async fn create(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let actor = admin(accounts, asked).await?;
    let fields = asked.fields()?;
    let said = body::read(accounts, &fields, asked.visit.now).await?;
    if said.email.is_none() {
        let message = "Cannot create a user without either an email or phone";
        return Err(Problem::new(Code::ValidationFailed, message));
    }
    let wanted = fields.text("id")?.filter(|text| !text.is_empty());
    let wrong = |_| Problem::new(Code::ValidationFailed, "id must be an UUID");
    let new = New {
        id: wanted.map(Uuid::try_parse).transpose().map_err(wrong)?,
        email: said.email,
        password: said.password,
        confirmed: said.confirm,
        data: said.data.unwrap_or_default(),
        app_metadata: said.app_metadata.unwrap_or_default(),
        roles: said.roles.unwrap_or_default(),
        ..New::default()
    };
    let banned = said.banned_until.flatten();
    shown(&acts::create(accounts, &asked.visit, actor, new, banned).await?)
}

/// `PUT /admin/users/<id>`.
pub async fn put(accounts: &Arc<Accounts>, asked: &Asked, user: &str) -> Answered {
    let actor = admin(accounts, asked).await?;
    let id = id(user)?;
    let change = body::read(accounts, &asked.fields()?, asked.visit.now).await?;
    shown(&acts::change(accounts, &asked.visit, actor, id, change).await?)
}

/// `DELETE /admin/users/<id>`.
pub async fn remove(accounts: &Arc<Accounts>, asked: &Asked, user: &str) -> Answered {
    let actor = admin(accounts, asked).await?;
    let id = id(user)?;
    let softly = asked.fields()?.flag("should_soft_delete")?;
    acts::remove(accounts, &asked.visit, actor, id, softly).await?;
    Ok(ok(&json!({})))
}
