//! Reading a body whole, within its limits.

use bistro_problem::{Code, Problem};
use bytes::Bytes;
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
    let declared = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    let mut whole = Bytes::new();
    let mut rest = Vec::new();
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
                let first = std::mem::take(&mut whole);
                grow(&mut rest, first.len() + data.len(), declared);
                rest.extend_from_slice(&first);
                rest.extend_from_slice(&data);
            }
            _ => {
                grow(&mut rest, data.len(), declared);
                rest.extend_from_slice(&data);
            }
        }
    }
    Ok(if rest.is_empty() { whole } else { Bytes::from(rest) })
}

/// Makes room for `more` bytes: twice what there was, as vectors do, but no more than the head declared. What was declared and
/// has not come takes no room, and what came whole has none left over, since many bodies may wait.
fn grow(buffer: &mut Vec<u8>, more: usize, declared: Option<usize>) {
    let needed = buffer.len() + more;
    if needed > buffer.capacity() {
        let usual = needed.max(2 * buffer.capacity());
        let most = declared.map_or(usual, |declared| usual.min(declared).max(needed));
        buffer.reserve_exact(most - buffer.len());
    }
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

#[cfg(test)]
mod tests {
    use super::grow;

    /// The room that pieces of 16 KB end in, and the most on the way.
    fn check(pieces: usize, declared: Option<usize>, ends_in: usize) {
        let (piece, mut buffer) = ([7; 16 << 10], Vec::new());
        for n in 1..=pieces {
            grow(&mut buffer, piece.len(), declared);
            buffer.extend_from_slice(&piece);
            assert!(buffer.capacity() <= 2 * n * piece.len(), "{} bytes after {n} pieces", buffer.capacity());
        }
        assert_eq!(buffer.len(), pieces * piece.len());
        assert_eq!(buffer.capacity(), ends_in, "{pieces} pieces, {declared:?} declared");
    }

    #[test]
    fn a_body_takes_its_own_room_and_none_before_it_comes() {
        check(60, Some(60 << 14), 60 << 14);
        check(60, None, 64 << 14);
        // Declared, and nearly nothing of it came.
        check(2, Some(1 << 40), 2 << 14);
        check(1, Some(1 << 40), 1 << 14);
        // More than was declared, which the reader of HTTP does not let through.
        check(4, Some(1 << 14), 4 << 14);
    }
}
