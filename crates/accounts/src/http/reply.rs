//! Replies, and problems in the forms of the dialect.

use bistro_problem::{Code, Details, Problem};
use bistro_wire::Response;
use bistro_wire::problem_reply::JSON;
use serde_json::{Value, json as object};

use super::asked::Asked;

/// The version of the dialect whose errors have `code` and `message`.
const VERSION: &str = "2024-01-01";

/// A JSON reply. Nothing of accounts is kept by caches.
pub fn json(status: u16, body: &Value) -> Response {
    Response::new(status, body.to_string()).header("content-type", JSON).header("cache-control", "no-store")
}

/// 200 with JSON.
pub fn ok(body: &Value) -> Response {
    json(200, body)
}

/// 204.
pub fn nothing() -> Response {
    Response::new(204, "").header("cache-control", "no-store")
}

/// To another address. Its own address, which may hold a code, is told to nobody.
pub fn redirect(status: u16, to: String) -> Response {
    Response::new(status, "")
        .header("location", to)
        .header("cache-control", "no-store")
        .header("referrer-policy", "no-referrer")
}

/// A problem, as this client reads errors.
pub fn failure(problem: Problem, asked: &Asked) -> Response {
    let (code, status) = (public_code(problem.code), problem.status);
    let mut body = match problem.code {
        Code::NoKey | Code::BadKey => object!({"message": problem.message, "hint": problem.hint}),
        _ if is_oauth(problem.code) => object!({"error": code, "error_description": problem.message}),
        _ if asked.new_errors() => object!({"code": code, "message": problem.message}),
        _ => object!({"code": status, "error_code": code, "msg": problem.message}),
    };
    if problem.code == Code::WeakPassword
        && let Details::Json(reasons) = &problem.details
        && let Ok(reasons) = serde_json::from_str::<Value>(reasons)
    {
        body["weak_password"] = object!({"reasons": reasons});
    }
    let mut response = json(status, &body).header("x-sb-error-code", code);
    if asked.new_errors() {
        response = response.header("x-supabase-api-version", VERSION);
    }
    if status == 401 {
        let scheme = if problem.code == Code::OauthInvalidClient { "Basic" } else { "Bearer" };
        response = response.header("www-authenticate", scheme);
    }
    match problem.retry_after {
        Some(seconds) => response = response.header("retry-after", seconds.to_string()),
        None if status == 503 => response = response.header("retry-after", "1"),
        None => {}
    }
    response.problem = Some(Box::new(problem));
    response
}

/// The code of the dialect. What goes wrong below has codes of its own, which clients of accounts do not know.
pub fn public_code(code: Code) -> &'static str {
    match code {
        Code::Bug => Code::UnexpectedFailure.text(),
        Code::UniqueViolation | Code::Serialization | Code::ForeignKey => Code::Conflict.text(),
        Code::RequestTooLarge => "request_entity_too_large",
        Code::RequestTimeout | Code::StatementTimeout => "request_timeout",
        code => match code.text().bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            true => code.text(),
            false if code.status() < 500 => Code::ValidationFailed.text(),
            false => Code::UnexpectedFailure.text(),
        },
    }
}

fn is_oauth(code: Code) -> bool {
    matches!(
        code,
        Code::OauthInvalidRequest
            | Code::OauthInvalidClient
            | Code::OauthInvalidGrant
            | Code::OauthInvalidScope
            | Code::OauthUnauthorizedClient
            | Code::OauthUnsupportedGrant
            | Code::OauthAccessDenied
    )
}
