//! Who is signed in at a browser, and how that begins and ends there.

use std::sync::Arc;

use bistro_auth::SessionCookie;
use bistro_problem::Problem;
use bistro_wire::Response;

use crate::accounts::Accounts;
use crate::flows::Issued;
use crate::http::{Asked, Bearer, seated};

/// For so many seconds browsers keep a cookie whose session has no end: the longest that they do.
const LONGEST_S: i64 = 400 * 86_400;

/// The person who is signed in at the browser that asks, as stored now. Wherever the request comes from: for pages, which only
/// show. What acts is judged before by its origin.
pub async fn signed_in(accounts: &Arc<Accounts>, asked: &Asked) -> Result<Option<Bearer>, Problem> {
    let Some(cookie) = accounts.keys.cookie_of(&asked.browser()) else { return Ok(None) };
    match seated(accounts, cookie, asked).await {
        // An application's session is nobody's browser.
        Ok(bearer) if bearer.session.client_id.is_some() => Ok(None),
        Ok(mut bearer) => {
            accounts.used(&mut bearer.session, asked.visit.now).await?;
            Ok(Some(bearer))
        }
        Err(problem) if problem.status < 500 => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// The reply with which the browser is signed in.
pub fn keep(accounts: &Accounts, issued: &Issued, reply: Response) -> Response {
    let (session, account) = (issued.session.into_bytes(), issued.account.id.into_bytes());
    let value = SessionCookie { session, account, turn: issued.turn }.text(&accounts.keys.pepper());
    let settings = &accounts.settings;
    // Idleness is judged here, by use: the browser only forgets what cannot be good any more.
    let life = if settings.session_ttl_s > 0 { settings.session_ttl_s } else { LONGEST_S };
    reply.header("set-cookie", accounts.keys.cookies().header(&value, life))
}

/// The reply with which it is not any more.
pub fn forget(accounts: &Accounts, reply: Response) -> Response {
    reply.header("set-cookie", accounts.keys.cookies().header("", 0))
}
