//! Who is at the other end, and whether that is still so.

use std::sync::Arc;
use std::time::Duration;

use bistro_engine::Context;
use bistro_ir::Caller;
use bistro_problem::{Code, Problem};
use bistro_wire::{Browser, Headers};
use futures_util::future::BoxFuture;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

/// What a caller shows: each as the header of this name has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The API key.
    pub apikey: Option<String>,
    /// The token, with `Bearer` before it.
    pub authorization: Option<String>,
    /// What its browser says, if it is one with cookies: the headers of [`Browser::HEADERS`].
    pub browser: Vec<(String, String)>,
}

impl Credentials {
    /// Those of a request.
    pub(super) fn of(headers: &dyn Headers) -> Self {
        let header = |name: &str| headers.get(name).map(str::to_owned);
        let (apikey, authorization) = (header("apikey"), header("authorization"));
        let mut browser = Vec::new();
        // A cookie counts where nothing else is said, as on requests that are answered at once.
        if apikey.is_none() && authorization.is_none() && headers.get("cookie").is_some() {
            for name in Browser::HEADERS {
                browser
                    .extend(headers.all(name).into_iter().map(|value| (name.to_owned(), value.to_owned())));
            }
        }
        Self { apikey, authorization, browser }
    }

    /// These, and the others' where these have none at all.
    pub(super) fn or(self, others: &Credentials) -> Self {
        if self == Self::default() { others.clone() } else { self }
    }
}

/// Who judges credentials.
pub trait Authenticate: Send + Sync {
    /// Who has these credentials at the time of the call.
    fn judge(&self, shown: &Credentials) -> BoxFuture<'static, Result<Caller, Problem>>;

    /// Ready when a caller should be judged again at once, and not only when its turn comes.
    fn changed(&self, caller: &Caller) -> BoxFuture<'static, ()> {
        let _ = caller;
        Box::pin(std::future::pending())
    }
}

impl<F> Authenticate for F
where
    F: Fn(&Credentials) -> BoxFuture<'static, Result<Caller, Problem>> + Send + Sync,
{
    fn judge(&self, shown: &Credentials) -> BoxFuture<'static, Result<Caller, Problem>> {
        self(shown)
    }
}

/// How often credentials are judged again.
const JUDGED: Duration = Duration::from_secs(1);
/// How long judging may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A caller whose credentials are judged again while it stays.
pub(super) struct Identity {
    authenticate: Option<Arc<dyn Authenticate>>,
    credentials: Credentials,
    turns: Interval,
    changed: BoxFuture<'static, ()>,
    pub(super) cx: Context,
}

impl Identity {
    /// The caller of a request, whom the front has judged.
    pub(super) fn judged(
        authenticate: Option<&Arc<dyn Authenticate>>,
        credentials: Credentials,
        cx: Context,
    ) -> Self {
        let mut turns = interval_at(Instant::now() + JUDGED, JUDGED);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let authenticate = authenticate.cloned();
        let changed = changed(authenticate.as_ref(), &cx.caller);
        Self { authenticate, credentials, turns, changed, cx }
    }

    /// Whoever has these credentials; headers and address are those of `cx`.
    ///
    /// # Errors
    /// What is wrong with the credentials.
    pub(super) async fn judge(
        authenticate: Option<&Arc<dyn Authenticate>>,
        credentials: Credentials,
        cx: &Context,
    ) -> Result<Self, Problem> {
        let judge = authenticate.ok_or_else(|| Problem::bug("a socket has nobody who judges credentials"))?;
        let caller = timeout(PATIENCE, judge.judge(&credentials)).await.map_err(|_| late())??;
        let caller = Caller { ip: cx.caller.ip, ..caller };
        Ok(Self::judged(authenticate, credentials, Context { caller, ..cx.clone() }))
    }

    /// Waits until the credentials are to be judged again.
    pub(super) async fn due(&mut self) {
        tokio::select! {
            biased;
            // Listened to again before they are judged, so that no change falls between.
            () = &mut self.changed => self.changed = changed(self.authenticate.as_ref(), &self.cx.caller),
            _ = self.turns.tick() => {}
        }
    }

    /// Refuses where the credentials do not hold any more, or stand for other roles than they did. Where that cannot be
    /// known now, it is asked again at the next turn.
    pub(super) async fn still(&mut self) -> Result<(), Problem> {
        let Some(judge) = &self.authenticate else { return Ok(()) };
        match timeout(PATIENCE, judge.judge(&self.credentials)).await {
            Ok(Ok(caller)) if same(&caller, &self.cx.caller) => Ok(()),
            Ok(Ok(_)) => {
                Err(Problem::new(Code::TokenClaims, "The token stands for another caller than before"))
            }
            Ok(Err(problem)) if problem.status < 500 => Err(problem),
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }
}

/// Whether two callers may do the same.
fn same(a: &Caller, b: &Caller) -> bool {
    (a.roles, a.id, a.session, &a.scopes) == (b.roles, b.id, b.session, &b.scopes)
}

fn changed(authenticate: Option<&Arc<dyn Authenticate>>, caller: &Caller) -> BoxFuture<'static, ()> {
    match authenticate {
        Some(authenticate) => authenticate.changed(caller),
        None => Box::pin(std::future::pending()),
    }
}

fn late() -> Problem {
    Problem::new(Code::StoreUnavailable, "Who this is could not be found out in time")
}
