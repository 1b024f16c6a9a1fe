//! The time of what runs long after its request.

use std::time::{SystemTime, UNIX_EPOCH};

use bistro_engine::Context;

/// The same caller, now.
pub(super) fn now(cx: &Context) -> Context {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Context { now: i64::try_from(since.as_micros()).unwrap_or(i64::MAX), ..cx.clone() }
}
