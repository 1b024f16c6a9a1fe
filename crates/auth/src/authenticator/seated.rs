//! Callers of our own sessions: who they are is what the records say, known or to be looked up.

use std::sync::Arc;
use std::time::Duration;

use bistro_ir::Caller;
use bistro_problem::Problem;
use bistro_schema::Schema;

use super::Authenticator;
use crate::session::{Found, Looking, SessionId, SessionSource, Watch, Whose, over};

/// A caller, at once or after a look at the records of its session.
pub enum Asked {
    /// Who asks.
    Known(Caller),
    /// The session has to be looked up first.
    Look(Look),
}

impl Asked {
    /// Who asks, whatever it takes.
    pub async fn wait(self) -> Result<Caller, Problem> {
        match self {
            Asked::Known(caller) => Ok(caller),
            Asked::Look(look) => look.wait().await,
        }
    }
}

/// A caller whose session has to be looked up.
pub struct Look {
    pub(super) caller: Caller,
    pub(super) turn: Option<i64>,
    pub(super) looking: Looking,
    pub(super) schema: Arc<Schema>,
    pub(super) now_s: i64,
    /// Who asks if the session is over.
    pub(super) otherwise: Option<Box<Caller>>,
}

impl Look {
    /// The same for a request that anybody may make: its caller if the session is over.
    #[must_use]
    pub fn or(self, otherwise: Caller) -> Self {
        Self { otherwise: Some(Box::new(otherwise)), ..self }
    }

    /// Looks. Those who wait for the same session share one look.
    pub async fn wait(self) -> Result<Caller, Problem> {
        let found = self.looking.await?;
        let seated = seated(&self.schema, (self.caller, self.turn), &found, self.now_s);
        // There is no other error than that the session is over.
        seated.or_else(|over| self.otherwise.map_or(Err(over), |nobody| Ok(*nobody)))
    }
}

impl Authenticator {
    /// Says who knows the records of sessions. Without one, no token of our own accounts holds.
    pub fn attach_sessions(&self, source: Arc<dyn SessionSource>) {
        // A second one would be a mistake of the shell's: the first stays.
        let _ = self.source.set(source);
    }

    /// A session was changed or ended: the next request looks again, and who watches it is woken.
    pub fn session_changed(&self, id: SessionId) {
        self.seats.forget_session(id);
    }

    /// An account was changed, banned or deleted: its sessions are looked at again.
    pub fn account_changed(&self, account: [u8; 16]) {
        self.seats.forget_account(account);
    }

    /// Nobody knows what has changed: all sessions are looked at again.
    pub fn all_changed(&self) {
        self.seats.forget_all();
    }

    /// Sets how old what is known of a session may be, where a session can change without anybody saying so: on a database
    /// that other nodes write to and whose changes are not followed. A minute unless it is set.
    pub fn believe_sessions_for(&self, time: Duration) {
        self.seats.believe(time);
    }

    /// Waits until the session must be looked at again.
    pub fn watch(&self, id: SessionId) -> Watch {
        Watch::of(self.seats.seat(Whose::Token(id)))
    }
}

/// The caller with what the records say of its session: they decide, not the claims.
/// A cookie says of which turn of the session it is.
pub(super) fn seated(
    schema: &Schema,
    (caller, turn): (Caller, Option<i64>),
    found: &Found,
    now_s: i64,
) -> Result<Caller, Problem> {
    let state = found.state(now_s)?;
    if caller.id != Some(state.account) || turn.is_some_and(|turn| turn != state.turn) {
        return Err(over());
    }
    let roles = schema.roles_named(state.roles.iter().map(String::as_str));
    // A token says so itself; a cookie says nothing.
    let claims = state.claims.as_ref().unwrap_or(&caller.claims).clone();
    Ok(Caller { scopes: state.scopes.clone(), claims, ..caller.with_roles(roles) })
}
