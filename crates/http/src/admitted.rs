//! A request that may be answered, and who asks: known at once, or after a look at the record of the session.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bistro_auth::{Asked, Credentials, basic};
use bistro_ir::Caller;
use bistro_problem::{Code, Problem};
use bistro_wire::Browser;
use futures_util::FutureExt as _;
use hyper::http::request::Parts;
use tokio::time::{Instant, timeout};

use crate::body::Most;
use crate::connection::Peer;
use crate::headers::{HeaderView, credential};
use crate::route::{AuthNeed, Route, Site, Surface};
use crate::server::Front;

/// A request that may be answered: by whom, for whom, when.
pub(crate) struct Admitted<C> {
    pub(crate) surface: Arc<dyn Surface>,
    pub(crate) caller: C,
    pub(crate) body_limit: Most,
    /// The scheme that the client used.
    pub(crate) scheme: &'static str,
    /// The time of the request in microseconds since the epoch.
    pub(crate) now: i64,
    /// What is left of the time that a request may take.
    pub(crate) time: Duration,
}

impl Admitted<Asked> {
    /// The same with its caller, if that is known without a look: nothing is waited for then.
    pub(crate) fn known(self) -> Result<Admitted<Caller>, Self> {
        let Self { surface, caller, body_limit, scheme, now, time } = self;
        match caller {
            Asked::Known(caller) => Ok(Admitted { surface, caller, body_limit, scheme, now, time }),
            Asked::Look(_) => Err(Self { surface, caller, body_limit, scheme, now, time }),
        }
    }

    /// The same with its caller, whatever that takes of the request's time.
    pub(crate) async fn looked_up(self, front: &Front) -> Result<Admitted<Caller>, Problem> {
        let Self { surface, caller, body_limit, scheme, now, time } = self;
        let (caller, time) = match caller {
            Asked::Known(caller) => (caller, time),
            Asked::Look(look) => {
                let began = Instant::now();
                let caller = within(front, time, look.wait()).await??;
                (caller, time.saturating_sub(began.elapsed()))
            }
        };
        Ok(Admitted { surface, caller, body_limit, scheme, now, time })
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
    if route.need() == AuthNeed::Open {
        return Ok(Asked::Known(Caller { ip, ..Caller::anonymous() }));
    }
    let basic = authorization.filter(|_| route.takes_basic()).and_then(basic::key).transpose()?;
    let (apikey, authorization) = match &basic {
        Some(key) => (Some(key.as_str()), None),
        None => (apikey, authorization),
    };
    let headers = view(parts);
    // What a header says is meant; a cookie comes along by itself, and counts where nothing else is said.
    let browser = match (apikey, authorization) {
        (None, None) => Some(Browser::of(parts.method.as_str(), &headers)),
        _ => None,
    };
    let shown = Credentials { apikey, authorization, browser: browser.as_ref() };
    let asked = authenticator.caller(site.schema(), &shown, now / 1_000_000, ip);
    if route.need() == AuthNeed::Key || shown.browser.is_none() {
        return asked;
    }
    // A browser goes on sending the cookie of a session that is over: where nothing is needed, it is as good as none.
    let nobody = Caller { ip, ..Caller::anonymous() };
    match asked {
        Ok(Asked::Look(look)) => Ok(Asked::Look(look.or(nobody))),
        Err(problem) if matches!(problem.code, Code::NoKey | Code::SessionNotFound) => {
            Ok(Asked::Known(nobody))
        }
        asked => asked,
    }
}

/// The headers as surfaces see them.
pub(crate) fn view(parts: &Parts) -> HeaderView<'_> {
    HeaderView { map: &parts.headers, authority: parts.uri.authority().map(|a| a.as_str()), scheme: "http" }
}

fn out_of_time(front: &Front) -> Problem {
    let time = front.limits.request_time.as_secs_f32();
    Problem::new(Code::RequestTimeout, format!("The request took longer than {time} s (limits.request)"))
        .hint("Ask for less at once. If it was a write, read before you repeat it: it may have been made.")
}
