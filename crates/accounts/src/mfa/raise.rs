//! A session becomes `aal2`: with another refresh token, and without the sessions that only know the first factor.

use bistro_problem::{Code, Problem};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Session};
use crate::data::{Rows as _, Tx, is, is_not, null, set};
use crate::flows::Issued;
use crate::flows::session::{self, Method};
use crate::revoke;
use crate::visit::Visit;

/// Steps of signing in that a session remembers.
const STEPS: usize = 16;

/// A session to raise, and by what.
#[derive(Clone, Debug)]
pub struct Raise {
    /// The account.
    pub account: Account,
    /// The session.
    pub session: Uuid,
    /// How it was proved.
    pub method: Method,
    /// The factor; `None` for a recovery code.
    pub factor: Option<Uuid>,
}

/// Raises a session, in the transaction that used up the proof.
pub async fn raise(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    raise: Raise,
    after: &mut After,
) -> Result<Issued, Problem> {
    let Raise { account, session, method, factor } = raise;
    let over = || Problem::new(Code::SessionNotFound, "Session from session_id claim in JWT does not exist");
    let mut session = tx.one::<Session>(is("id", session)).await?.ok_or_else(over)?;
    let mut steps = vec![session::step(method, visit.now)];
    steps.extend(session.amr.as_array().into_iter().flatten().take(STEPS - 1).cloned());
    let in_force = is("id", session.id).and(is("counter", session.counter));
    session.counter += 1;
    session.aal = "aal2".to_owned();
    session.amr = Value::Array(steps);
    session.factor_id = factor.or(session.factor_id);
    (session.refreshed_at, session.used_at) = (visit.now, visit.now);
    let set = set! {
        counter: session.counter,
        aal: session.aal.clone(),
        amr: session.amr.clone(),
        factor_id: session.factor_id,
        refreshed_at: visit.now,
        used_at: visit.now,
    };
    if tx.update::<Session>(in_force, set).await? == 0 {
        return Err(Problem::new(Code::Conflict, "The session was refreshed meanwhile; try again"));
    }
    let lower = is("account_id", account.id).and(is("aal", "aal1")).and(is_not("id", session.id));
    // An application's session is none of the person's own signing in.
    tx.delete::<Session>(lower.and(null("client_id"))).await?;
    revoke::changed(tx, accounts, after, account.id).await?;
    let details = json!({"method": method.word(), "session": session.id.to_string()});
    audit::note(tx, visit, "factor_verified", Actor::Account(account.id), Some(account.id), details).await?;
    let now = visit.now;
    session::issue(tx, accounts, account, session, now).await
}
