//! What the records say of a session: for requests to every surface.

use std::sync::{Arc, Weak};

use bistro_auth::{SessionId, SessionSource, SessionState};
use bistro_ir::Scopes;
use bistro_problem::{Code, Problem};
use futures_util::future::{BoxFuture, FutureExt as _};
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::{Account, Session};
use crate::data::{Rows as _, Time, before, is, set};
use crate::flows::admitted;
use crate::visit::Visit;
use crate::{flows, mfa};

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
    fn session(
        &self,
        id: SessionId,
        claims: bool,
    ) -> BoxFuture<'static, Result<Option<SessionState>, Problem>> {
        let (accounts, now) = (self.accounts.upgrade(), Time((self.clock)()));
        async move {
            let Some(accounts) = accounts else { return Ok(None) };
            accounts.session_state(Uuid::from_bytes(id), now, claims).await
        }
        .boxed()
    }

    fn account(&self, id: [u8; 16]) -> BoxFuture<'static, Result<Option<SessionState>, Problem>> {
        let (accounts, now) = (self.accounts.upgrade(), Time((self.clock)()));
        async move {
            let Some(accounts) = accounts else { return Ok(None) };
            accounts.account_state(Uuid::from_bytes(id), now).await
        }
        .boxed()
    }
}

impl Accounts {
    /// What the records say; `None` if the session is over, or its account banned or gone.
    async fn session_state(
        self: &Arc<Self>,
        id: Uuid,
        now: Time,
        claims: bool,
    ) -> Result<Option<SessionState>, Problem> {
        let Some(session) = self.data.one::<Session>(is("id", id)).await? else { return Ok(None) };
        match self.who(session.id, session.account_id, now).await {
            Ok((account, mut session)) => {
                if claims {
                    self.used(&mut session, now).await?;
                }
                // An application's own token says less than rules ask.
                let told = match claims || session.client_id.is_some() {
                    true => Some(flows::claims::text(self, &account, &session, now).await?.into()),
                    false => None,
                };
                let state = self.state(account, session).await?;
                Ok(Some(SessionState { claims: told, ..state }))
            }
            Err(problem) if over(problem.code) => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// Notes that a browser used the session: a cookie is never rotated. Seldom enough that reading costs no writes.
    pub(crate) async fn used(self: &Arc<Self>, session: &mut Session, now: Time) -> Result<(), Problem> {
        let due = now.plus_s(-self.settings.session_idle_s / 10);
        if self.settings.session_idle_s == 0 || due < session.used_at {
            return Ok(());
        }
        session.used_at = now;
        let (id, visit) = (session.id, Visit::command(now.0));
        let noted = self.transact(
            &visit,
            Box::new(move |tx| {
                Box::pin(async move {
                    tx.update::<Session>(is("id", id).and(before("used_at", due)), set! { used_at: now })
                        .await?;
                    Ok(((), After::default()))
                })
            }),
        );
        noted.await
    }

    async fn state(&self, account: Account, session: Session) -> Result<SessionState, Problem> {
        Ok(SessionState {
            account: account.id.into_bytes(),
            roles: self.roles(account, &session.aal).await?,
            scopes: session
                .client_id
                .map(|_| Arc::new(Scopes::parse(session.scope.as_deref().unwrap_or_default()))),
            ends_s: session.ends(&self.settings).map(Time::seconds),
            turn: session.counter,
            claims: None,
        })
    }

    /// What the records say of who shows an account's password with each request; `None` if they may not sign in now.
    async fn account_state(&self, id: Uuid, now: Time) -> Result<Option<SessionState>, Problem> {
        let found = self.data.one::<Account>(is("id", id)).await?;
        let may = |account: &Account| account.deleted_at.is_none() && admitted(account, now).is_ok();
        let Some(account) = found.filter(may) else { return Ok(None) };
        let claims = flows::claims::text_by_password(self, &account, now).await?;
        Ok(Some(SessionState {
            account: id.into_bytes(),
            turn: flows::user_name::turn(self, &account),
            roles: self.roles(account, "aal1").await?,
            scopes: None,
            ends_s: None,
            claims: Some(claims.into()),
        }))
    }

    /// The roles of an account that proved so much.
    async fn roles(&self, account: Account, aal: &str) -> Result<Box<[String]>, Problem> {
        let mut roles = account.roles;
        // Who has a second factor must have used it, to pass every rule.
        let low = aal != "aal2" && roles.iter().any(|role| role == "admin");
        if low && mfa::has_verified(self, account.id).await? {
            roles.retain(|role| role != "admin");
        }
        Ok(roles.into())
    }
}

const fn over(code: Code) -> bool {
    matches!(code, Code::SessionNotFound | Code::UserNotFound | Code::UserBanned)
}
