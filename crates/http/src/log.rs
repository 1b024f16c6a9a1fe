//! One structured event for each request that failed; none for those that did not.

use bistro_wire::Response;

/// Logs what is worth it: our failures always, callers' mistakes in development, everything at the level `debug`.
pub(crate) fn request(id: &str, method: &str, path: &str, response: &Response, dev: bool) {
    let status = response.counts_as();
    let Some(problem) = &response.problem else {
        if status >= 500 && !path.starts_with("/health/") {
            tracing::error!(target: "bistro::http", id, method, path, status, "request failed");
        } else {
            tracing::debug!(target: "bistro::access", id, method, path, status, "request");
        }
        return;
    };
    let (code, message) = (problem.code.wire_text(), problem.message.as_str());
    let (cause, rule) = (problem.cause.as_deref(), problem.rule.as_deref());
    // A reply of GraphQL is 200 although a part of it failed.
    if status >= 500 || problem.status >= 500 {
        tracing::error!(target: "bistro::http", id, method, path, status, code, message, cause, "request failed");
    } else if dev {
        tracing::info!(target: "bistro::http", id, method, path, status, code, message, rule, cause, "request refused");
    } else {
        tracing::debug!(target: "bistro::access", id, method, path, status, code, "request refused");
    }
}
