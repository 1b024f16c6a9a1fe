//! Somebody has signed in at this browser.

use bistro_problem::Problem;
use bistro_wire::Response;

use super::cookie::keep;
use super::path;
use super::turn::Turn;
use crate::flows::{Issued, logout};
use crate::http::redirect;
use crate::mfa;
use crate::redirect::encoded;

/// Signs the browser in to the session that was opened; the one that it had before ends. `page` is where the person goes first;
/// without one, where they wanted to.
pub(super) async fn enter(turn: &Turn<'_>, issued: &Issued, page: Option<&str>) -> Result<Response, Problem> {
    let accounts = turn.accounts;
    if let Some(before) = turn.person().await?.filter(|before| before.session.id != issued.session) {
        logout::end(accounts, &turn.asked.visit, before, "local").await?;
    }
    let low = mfa::has_verified(accounts, issued.account.id).await?;
    let reply = match page {
        // The second factor first, and then the page.
        Some(page) if low => {
            redirect(303, format!("{}?{}", path("mfa"), encoded(&[("next", &turn.address(page, &[]))])))
        }
        None if low => turn.on("mfa"),
        Some(page) => turn.on(page),
        None => turn.next.go(turn.settings()),
    };
    Ok(keep(accounts, issued, reply))
}
