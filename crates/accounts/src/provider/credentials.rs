//! Which application asks: by HTTP Basic, by members of the form, or, for one without a secret, by its id alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_problem::{Code, Problem};
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use super::form::{Form, invalid};
use super::secret;
use crate::accounts::Accounts;
use crate::data::is;
use crate::data::records::Client;
use crate::http::Asked;

/// The application that asks, proved as it is registered.
///
/// # Errors
/// `invalid_client` (401) alike for an unknown id, a wrong secret, a missing one, and one for an application that has none.
pub(super) async fn client(accounts: &Accounts, asked: &Asked, form: &Form) -> Result<Client, Problem> {
    let refused = || Problem::new(Code::OauthInvalidClient, "The application can't be authenticated");
    let (id, secret) = shown(asked, form)?;
    let id = Uuid::try_parse(&id).map_err(|_| refused())?;
    let client = accounts.data.one::<Client>(is("id", id)).await?.ok_or_else(refused)?;
    let proved = match (&client.secret, &secret) {
        (Some(stored), Some(secret)) => secret::fits(stored, secret),
        (None, None) => true,
        _ => false,
    };
    if proved { Ok(client) } else { Err(refused()) }
}

/// The id and the secret, in one way of showing them (RFC 6749, 2.3).
fn shown(asked: &Asked, form: &Form) -> Result<(String, Option<String>), Problem> {
    let (id, secret) = (form.get("client_id"), form.get("client_secret"));
    match asked.header("authorization").and_then(|header| header.trim().split_once(' ')) {
        Some((scheme, encoded)) if scheme.eq_ignore_ascii_case("basic") => {
            let (named, shown) =
                basic(encoded).ok_or_else(|| invalid("The Basic credentials can't be read"))?;
            if secret.is_some() || id.is_some_and(|id| id != named) {
                return Err(invalid("The application shows itself in two ways"));
            }
            Ok((named, Some(shown).filter(|shown| !shown.is_empty())))
        }
        _ => Ok((form.needed("client_id")?.to_owned(), secret.map(str::to_owned))),
    }
}

/// The id and the secret of a Basic header; both are encoded as forms are.
fn basic(encoded: &str) -> Option<(String, String)> {
    let plain = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = plain.split_once(':')?;
    let decoded = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().ok().map(|text| text.into_owned())
    };
    Some((decoded(id)?, decoded(secret)?))
}
