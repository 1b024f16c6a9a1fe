//! Reading a body whole, within its limits.

use bistro_problem::{Code, Problem};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout_at};

use crate::limits::Limits;

/// How large a body may be, and the setting that says so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Most {
    pub(crate) bytes: usize,
    pub(crate) setting: &'static str,
}

/// The whole body, within its limit. Errors: 413 beyond, 408 when it comes too slowly, 400 when it breaks off.
pub(crate) async fn read(mut body: Incoming, most: Most, limits: &Limits) -> Result<Bytes, Problem> {
    if body.size_hint().lower() > most.bytes as u64 {
        return Err(too_large(most));
    }
    let end = Instant::now() + limits.body_time;
    let mut whole = Bytes::new();
    let mut rest = BytesMut::new();
    loop {
        let idle = Instant::now() + limits.body_idle;
        let frame = match timeout_at(idle.min(end), body.frame()).await {
            Err(_) => return Err(too_slow(idle < end, limits)),
            Ok(None) => break,
            Ok(Some(Err(error))) => {
                return Err(Problem::new(
                    Code::BadRequest,
                    "The body broke off or is not framed as its headers say",
                )
                .cause(error.to_string()));
            }
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + rest.len() + data.len() > most.bytes {
            return Err(too_large(most));
        }
        // Nearly every body is one piece: keep it as it came.
        match (whole.is_empty(), rest.is_empty()) {
            (true, true) => whole = data,
            (false, true) => {
                rest.reserve(whole.len() + data.len());
                rest.extend_from_slice(&std::mem::take(&mut whole));
                rest.extend_from_slice(&data);
            }
            _ => rest.extend_from_slice(&data),
        }
    }
    Ok(if rest.is_empty() { whole } else { rest.freeze() })
}

fn too_large(most: Most) -> Problem {
    let Most { bytes, setting } = most;
    Problem::new(Code::RequestTooLarge, format!("The body is larger than {bytes} bytes ({setting})"))
        .hint(format!("Send less at once, or raise {setting}."))
}

fn too_slow(idle: bool, limits: &Limits) -> Problem {
    let (time, name) = if idle { (limits.body_idle, "body_idle") } else { (limits.body_time, "body_time") };
    Problem::new(
        Code::Timeout,
        format!("The body did not arrive within {} s (limits.{name})", time.as_secs_f32()),
    )
}
