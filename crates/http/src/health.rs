//! Whether the process lives and whether it should be sent requests.

use bistro_wire::{Response, problem_reply::JSON, problem_reply::write_string};

/// Says whether the server can work, and if not, why: text that strangers may read.
pub type Readiness = dyn Fn() -> Result<(), String> + Send + Sync;

/// The answer to a path of health; `None` for every other path.
pub(crate) fn answer(path: &str, draining: bool, readiness: &Readiness) -> Option<Response> {
    match path {
        "/health/live" => Some(json(200, "{\"status\":\"live\"}")),
        "/health/ready" if draining => Some(json(503, "{\"status\":\"draining\"}")),
        "/health/ready" => Some(match readiness() {
            Ok(()) => json(200, "{\"status\":\"ready\"}"),
            Err(reason) => {
                let mut body = String::from("{\"status\":\"unavailable\",\"reason\":");
                write_string(&mut body, &reason);
                body.push('}');
                json(503, body).header("retry-after", "1")
            }
        }),
        _ => None,
    }
}

fn json(status: u16, body: impl Into<bytes::Bytes>) -> Response {
    Response::new(status, body).header("content-type", JSON).header("cache-control", "no-store")
}
