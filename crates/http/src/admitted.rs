//! A request that may be answered, and who asks: known at once, or after a look at the record of the session.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bistro_auth::{Asked, Credentials};
use bistro_ir::Caller;
use bistro_problem::{Code, Problem};
use futures_util::FutureExt as _;
use hyper::http::request::Parts;
use tokio::time::{Instant, timeout};

use crate::connection::Peer;
use crate::headers::credential;
use crate::route::{AuthNeed, Route, Site, Surface};
use crate::server::Front;

/// A request that may be answered: by whom, for whom, when.
pub(crate) struct Admitted<C> {
    pub(crate) surface: Arc<dyn Surface>,
    pub(crate) caller: C,
    pub(crate) body_limit: usize,
    /// The time of the request in microseconds since the epoch.
    pub(crate) now: i64,
    /// What is left of the time that a request may take.
    pub(crate) time: Duration,
}

impl Admitted<Asked> {
    /// The same with its caller, if that is known without a look: nothing is waited for then.
    pub(crate) fn known(self) -> Result<Admitted<Caller>, Self> {
        let Self { surface, caller, body_limit, now, time } = self;
        match caller {
            Asked::Known(caller) => Ok(Admitted { surface, caller, body_limit, now, time }),
            Asked::Look(_) => Err(Self { surface, caller, body_limit, now, time }),
        }
    }

    /// The same with its caller, whatever that takes of the request's time.
    pub(crate) async fn looked_up(self, front: &Front) -> Result<Admitted<Caller>, Problem> {
        let Self { surface, caller, body_limit, now, time } = self;
        let (caller, time) = match caller {
            Asked::Known(caller) => (caller, time),
            Asked::Look(look) => {
                let began = Instant::now();
                let caller = within(front, time, look.wait()).await??;
                (caller, time.saturating_sub(began.elapsed()))
            }
        };
        Ok(Admitted { surface, caller, body_limit, now, time })
    }
}

/// Waits for work as long as it may take. Errors: the end of patience, and a panic.
pub(crate) async fn within<T>(
    front: &Front,
    time: Duration,
    work: impl Future<Output = T>,
) -> Result<T, Problem> {
    match timeout(time, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(panic)) => Err(front.panicked(&*panic)),
        Err(_) => Err(out_of_time(front)),
    }
}

/// Who asks, as far as the route wants to know.
pub(crate) fn caller(
    peer: &Peer,
    parts: &Parts,
    site: &Site,
    route: &Route,
    now: i64,
) -> Result<Asked, Problem> {
    let authenticator = &peer.front.authenticator;
    let apikey = credential(&parts.headers, "apikey");
    let authorization = credential(&parts.headers, "authorization");
    let ip = Some(peer.front.proxies.client(peer.ip, &parts.headers));
    let nothing = apikey.is_none() && authorization.is_none();
    match route.need() {
        AuthNeed::Open => Ok(Asked::Known(Caller { ip, ..Caller::anonymous() })),
        AuthNeed::Optional if nothing && !authenticator.open() => {
            Ok(Asked::Known(Caller { ip, ..Caller::anonymous() }))
        }
        _ => {
            let shown = Credentials { apikey, authorization };
            authenticator.caller(site.schema(), &shown, now / 1_000_000, ip)
        }
    }
}

fn out_of_time(front: &Front) -> Problem {
    let time = front.limits.request_time.as_secs_f32();
    Problem::new(Code::RequestTimeout, format!("The request took longer than {time} s (limits.request)"))
        .hint("Ask for less at once. If it was a write, read before you repeat it: it may have been made.")
}
