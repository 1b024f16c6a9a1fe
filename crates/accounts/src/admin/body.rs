//! The bodies of administrators: what they say of an account, read once for making and for changing one.

use bistro_problem::{Code, Problem};
use serde_json::{Map, Value};

use super::acts::Change;
use super::span;
use crate::accounts::Accounts;
use crate::data::Time;
use crate::flows::{email, password};
use crate::http::Fields;

/// Reads what a body says; a password in it is judged and hashed.
pub(super) async fn read(accounts: &Accounts, fields: &Fields, now: Time) -> Result<Change, Problem> {
    if fields.text("phone")?.is_some_and(|phone| !phone.is_empty()) {
        return Err(Problem::new(Code::PhoneProviderDisabled, "Phone numbers are not served here"));
    }
    let text = |name: &str| Ok::<_, Problem>(fields.text(name)?.filter(|text| !text.is_empty()));
    let email = text("email")?.map(email::normalised).transpose()?;
    if fields.text("role")?.is_some_and(|role| !matches!(role, "" | "authenticated")) {
        let message = "role must be authenticated: roles of the project are app_metadata.roles";
        return Err(Problem::new(Code::ValidationFailed, message));
    }
    let (app_metadata, roles) = server_side(fields)?;
    Ok(Change {
        password: secret(accounts, fields, email.as_deref()).await?,
        email,
        confirm: fields.flag("email_confirm")?,
        data: fields.object("user_metadata")?.cloned(),
        app_metadata,
        roles,
        banned_until: text("ban_duration")?.map(|text| banned(text, now)).transpose()?,
    })
}

/// The hash of the password that a body brings, or the hash itself.
async fn secret(
    accounts: &Accounts,
    fields: &Fields,
    email: Option<&str>,
) -> Result<Option<String>, Problem> {
    match (fields.text("password")?, fields.text("password_hash")?) {
        (Some(_), Some(_)) => {
            Err(Problem::new(Code::ValidationFailed, "Only a password or a password hash should be provided"))
        }
        (Some(text), None) => {
            let related: Vec<&str> = email.into_iter().collect();
            accounts.hash(password::new(accounts, text, &related)?).await.map(Some)
        }
        (None, Some(hash)) if bistro_password::readable(hash) => Ok(Some(hash.to_owned())),
        (None, Some(_)) => {
            let message = "password_hash must be one of argon2id, argon2i, bcrypt, scrypt or fbscrypt";
            Err(Problem::new(Code::ValidationFailed, message))
        }
        (None, None) => Ok(None),
    }
}

/// Members of what the server says, if any are given.
type Metadata = Option<Map<String, Value>>;

/// What the server says of an account: its roles have a place of their own.
fn server_side(fields: &Fields) -> Result<(Metadata, Option<Vec<String>>), Problem> {
    let Some(mut metadata) = fields.object("app_metadata")?.cloned() else { return Ok((None, None)) };
    // These follow from the identities.
    metadata.remove("provider");
    metadata.remove("providers");
    let roles = match metadata.remove("roles") {
        None => None,
        Some(Value::Null) => Some(Vec::new()),
        Some(roles) => {
            let wrong =
                || Problem::new(Code::ValidationFailed, "app_metadata.roles must be a list of strings");
            let names = roles.as_array().ok_or_else(wrong)?;
            let names = names.iter().map(|name| name.as_str().map(str::to_owned));
            Some(names.collect::<Option<Vec<_>>>().ok_or_else(wrong)?)
        }
    };
    Ok((Some(metadata), roles))
}

fn banned(text: &str, now: Time) -> Result<Option<Time>, Problem> {
    if text == "none" {
        return Ok(None);
    }
    let wrong =
        || Problem::new(Code::ValidationFailed, "ban_duration must be a length of time such as 24h, or none");
    span::seconds(text).map(|seconds| Some(now.plus_s(seconds))).ok_or_else(wrong)
}
