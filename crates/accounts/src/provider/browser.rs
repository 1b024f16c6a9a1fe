//! Who sits at the browser, and whether it is our page that posts.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_problem::Problem;
use uuid::Uuid;

use super::pending::Person;
use super::secret;
use crate::accounts::Accounts;
use crate::http::Asked;
use crate::ui::cookie;

/// What the keyed hash in the form is for.
const SPACE: &str = "consent_form";

/// The person who is signed in at the browser.
pub(super) async fn signed_in(accounts: &Arc<Accounts>, asked: &Asked) -> Result<Option<Person>, Problem> {
    let found = cookie::signed_in(accounts, asked).await?;
    Ok(found.map(|bearer| Person { account: bearer.account, session: bearer.session }))
}

/// What the page of consent carries and no other page can know: bound to the session and to the request.
pub(super) fn form_token(accounts: &Accounts, person: &Person, authorization: Uuid) -> String {
    let parts: [&[u8]; 2] = [person.session.id.as_bytes(), authorization.as_bytes()];
    URL_SAFE_NO_PAD.encode(accounts.keys.pepper().tag(SPACE, &parts))
}

/// Whether a form came from the page of consent that this person was shown.
pub(super) fn ours(
    accounts: &Accounts,
    asked: &Asked,
    person: &Person,
    authorization: Uuid,
    token: &str,
) -> bool {
    // Browsers say "null" where a page hides where it is from, as ours do: then the token alone decides.
    let origin = asked.header("origin").filter(|origin| *origin != "null");
    let public = accounts.settings.public_url.as_str();
    origin.is_none_or(|origin| origin == public)
        && secret::equal(token, &form_token(accounts, person, authorization))
}
