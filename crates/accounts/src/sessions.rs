//! What the records say of a session: for requests to every surface.

use std::sync::{Arc, Weak};

use bistro_auth::{SessionId, SessionSource, SessionState};
use bistro_ir::Scopes;
use bistro_problem::{Code, Problem};
use futures_util::future::{BoxFuture, FutureExt as _};
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::data::records::{Account, Session};
use crate::data::{Time, is};
use crate::mfa;

/// Looks sessions up for the authenticator.
pub struct Sessions {
    accounts: Weak<Accounts>,
    clock: Clock,
}

/// Tells microseconds since the epoch.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

impl Sessions {
    /// A source over accounts.
    pub fn new(accounts: &Arc<Accounts>, clock: Clock) -> Self {
        Self { accounts: Arc::downgrade(accounts), clock }
    }
}

impl SessionSource for Sessions {
    fn session(&self, id: SessionId) -> BoxFuture<'static, Result<Option<SessionState>, Problem>> {
        let (accounts, now) = (self.accounts.upgrade(), Time((self.clock)()));
        async move {
            let Some(accounts) = accounts else { return Ok(None) };
            accounts.session_state(Uuid::from_bytes(id), now).await
        }
        .boxed()
    }
}

impl Accounts {
    /// What the records say; `None` if the session is over, or its account banned or gone.
    async fn session_state(&self, id: Uuid, now: Time) -> Result<Option<SessionState>, Problem> {
        let Some(session) = self.data.one::<Session>(is("id", id)).await? else { return Ok(None) };
        match self.who(session.id, session.account_id, now).await {
            Ok((account, session)) => self.state(account, session).await.map(Some),
            Err(problem) if over(problem.code) => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    async fn state(&self, account: Account, session: Session) -> Result<SessionState, Problem> {
        let mut roles = account.roles;
        // Who has a second factor must have used it, to pass every rule.
        let low = session.aal != "aal2" && roles.iter().any(|role| role == "admin");
        if low && mfa::has_verified(self, account.id).await? {
            roles.retain(|role| role != "admin");
        }
        Ok(SessionState {
            account: account.id.into_bytes(),
            roles: roles.into(),
            scopes: session
                .client_id
                .map(|_| Arc::new(Scopes::parse(session.scope.as_deref().unwrap_or_default()))),
            ends_s: session.ends(&self.settings).map(Time::seconds),
        })
    }
}

const fn over(code: Code) -> bool {
    matches!(code, Code::SessionNotFound | Code::UserNotFound | Code::UserBanned)
}
