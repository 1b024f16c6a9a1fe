//! Who is at the other end, and whether that is still so.

use std::sync::Arc;

use bistro_engine::Context;
use bistro_ir::Caller;
use bistro_problem::{Code, Problem};
use bistro_wire::Headers;
use futures_util::future::BoxFuture;

/// What a caller shows: each as the header of this name has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The API key.
    pub apikey: Option<String>,
    /// The token, with `Bearer` before it.
    pub authorization: Option<String>,
}

impl Credentials {
    /// Those of a request.
    pub(super) fn of(headers: &dyn Headers) -> Self {
        let header = |name: &str| headers.get(name).map(str::to_owned);
        Self { apikey: header("apikey"), authorization: header("authorization") }
    }

    /// These, and the others' where these have none at all.
    pub(super) fn or(self, others: &Credentials) -> Self {
        if self == Self::default() { others.clone() } else { self }
    }
}

/// Judges credentials at the time of the call.
pub type Authenticate =
    Arc<dyn Fn(&Credentials) -> BoxFuture<'static, Result<Caller, Problem>> + Send + Sync>;

/// A caller whose credentials are judged again while it stays.
#[derive(Clone)]
pub(super) struct Identity {
    authenticate: Option<Authenticate>,
    credentials: Credentials,
    pub(super) cx: Context,
}

impl Identity {
    /// The caller of a request, whom the front has judged.
    pub(super) fn judged(authenticate: Option<&Authenticate>, credentials: Credentials, cx: Context) -> Self {
        Self { authenticate: authenticate.cloned(), credentials, cx }
    }

    /// Whoever has these credentials; headers and address are those of `cx`.
    ///
    /// # Errors
    /// What is wrong with the credentials.
    pub(super) async fn judge(
        authenticate: Option<&Authenticate>,
        credentials: Credentials,
        cx: &Context,
    ) -> Result<Self, Problem> {
        let judge = authenticate.ok_or_else(|| Problem::bug("a socket has nobody who judges credentials"))?;
        let caller = Caller { ip: cx.caller.ip, ..judge(&credentials).await? };
        Ok(Self::judged(authenticate, credentials, Context { caller, ..cx.clone() }))
    }

    /// Refuses where the credentials do not hold any more, or stand for other roles than they did.
    pub(super) async fn still(&self) -> Result<(), Problem> {
        let Some(judge) = &self.authenticate else { return Ok(()) };
        let caller = judge(&self.credentials).await?;
        if caller.roles == self.cx.caller.roles && caller.id == self.cx.caller.id {
            return Ok(());
        }
        Err(Problem::new(Code::TokenClaims, "The token stands for another caller than before"))
    }
}
