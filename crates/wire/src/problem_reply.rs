//! A [`Problem`] as a response: one object that is both the Supabase dialect's error and an RFC 9457 document.

use std::fmt::Write as _;

use bistro_problem::{Code, Details, Problem};

use crate::{Headers, Request, Response};

/// The content type of problems and of every other JSON answer.
pub const JSON: &str = "application/json; charset=utf-8";

/// The content type for callers that ask for it by name.
const PROBLEM_JSON: &str = "application/problem+json";

/// Seconds that a client waits before it repeats a request that met a 503.
const RETRY_AFTER: &str = "1";

/// The response that tells a caller of a problem. `anonymous` says that no user's token came with the request: a rule's
/// refusal is then 401 rather than 403, so that clients know that signing in may help.
pub fn problem_reply(problem: Problem, request: &Request<'_>, anonymous: bool) -> Response {
    problem_response(problem, request.headers, request.id, anonymous)
}

/// The same for callers who hold no whole [`Request`].
pub fn problem_response(problem: Problem, headers: &dyn Headers, id: &str, anonymous: bool) -> Response {
    let status = status_of(&problem, anonymous);
    let asked = headers.get("accept").is_some_and(|accept| accept.contains(PROBLEM_JSON));
    let mut body = String::with_capacity(384);
    write_problem(&mut body, &problem, status, id);
    let mut response = Response::new(status, body)
        .header("content-type", if asked { PROBLEM_JSON } else { JSON })
        .header("proxy-status", format!("PostgREST; error={}", problem.code.wire_text()));
    match status {
        401 => response = response.header("www-authenticate", challenge(&problem)),
        403 if problem.code == Code::InsufficientScope => {
            response = response.header("www-authenticate", "Bearer error=\"insufficient_scope\"");
        }
        503 if problem.retry_after.is_none() => response = response.header("retry-after", RETRY_AFTER),
        _ => {}
    }
    if let Some(seconds) = problem.retry_after {
        response = response.header("retry-after", seconds.to_string());
    }
    response.problem = Some(Box::new(problem));
    response
}

/// The response of a surface that takes a key by HTTP Basic too: a 401 says so beside what it says already (RFC 9110, 11.6.1).
pub fn with_basic_challenge(response: Response) -> Response {
    match response.status {
        401 => response.header("www-authenticate", "Basic realm=\"bistro\""),
        _ => response,
    }
}

/// The status of a problem for this caller.
pub fn status_of(problem: &Problem, anonymous: bool) -> u16 {
    match problem.code {
        Code::Forbidden if anonymous && problem.status == Code::Forbidden.status() => 401,
        _ => problem.status,
    }
}

/// The `WWW-Authenticate` header: what is wrong with a token, or that one is wanted.
fn challenge(problem: &Problem) -> String {
    if !matches!(problem.code, Code::TokenInvalid | Code::TokenClaims | Code::SessionNotFound) {
        return "Bearer".to_owned();
    }
    let plain = |c: char| c == ' ' || c.is_ascii_graphic();
    let text: String = problem
        .message
        .chars()
        .filter(|c| plain(*c))
        .map(|c| if matches!(c, '"' | '\\') { '\'' } else { c })
        .collect();
    format!("Bearer error=\"invalid_token\", error_description=\"{text}\"")
}

/// Writes the object `{"code","message","details","hint","type","title","status","detail","instance"}`, and `index` and
/// `pointer` where the problem has them.
pub fn write_problem(out: &mut String, problem: &Problem, status: u16, instance: &str) {
    let code = problem.code.wire_text();
    out.push_str("{\"code\":");
    write_string(out, code);
    out.push_str(",\"message\":");
    write_string(out, &problem.message);
    out.push_str(",\"details\":");
    match &problem.details {
        Details::None => out.push_str("null"),
        Details::Text(text) => write_string(out, text),
        Details::Json(json) => out.push_str(json),
    }
    out.push_str(",\"hint\":");
    match &problem.hint {
        None => out.push_str("null"),
        Some(hint) => write_string(out, hint),
    }
    out.push_str(",\"type\":\"/docs/errors#");
    out.push_str(code);
    out.push_str("\",\"title\":");
    write_string(out, problem.code.title());
    write!(out, ",\"status\":{status},\"detail\":").expect("a string takes all text");
    write_string(out, &problem.message);
    out.push_str(",\"instance\":");
    write_string(out, instance);
    if let Some(index) = problem.index {
        write!(out, ",\"index\":{index}").expect("a string takes all text");
    }
    if let Some(pointer) = &problem.pointer {
        out.push_str(",\"pointer\":");
        write_string(out, pointer);
    }
    out.push('}');
}

/// Writes a JSON string with its quotes.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let short = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        from = at + 1;
        if short.is_empty() {
            write!(out, "\\u{byte:04x}").expect("a string takes all text");
        } else {
            out.push_str(short);
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use bistro_problem::{Code, Problem};

    use super::{problem_response, with_basic_challenge};

    fn header<'a>(response: &'a crate::Response, name: &str) -> Option<&'a str> {
        response.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_ref())
    }

    fn check(
        problem: Problem,
        accept: &str,
        anonymous: bool,
        status: u16,
        headers: &[(&str, &str)],
        body: &str,
    ) {
        let asked: Vec<(String, String)> = vec![("accept".to_owned(), accept.to_owned())];
        let response = problem_response(problem, &asked, "r1", anonymous);
        assert_eq!(response.status, status);
        for (name, value) in headers {
            assert_eq!(header(&response, name), Some(*value), "{name}");
        }
        assert_eq!(std::str::from_utf8(&response.body).unwrap(), body);
    }

    #[test]
    fn problems_are_the_dialects_error_and_a_problem_document() {
        check(
            Problem::new(Code::TokenClaims, "JWT expired"),
            "*/*",
            true,
            401,
            &[
                ("content-type", "application/json; charset=utf-8"),
                ("proxy-status", "PostgREST; error=PGRST303"),
                ("www-authenticate", "Bearer error=\"invalid_token\", error_description=\"JWT expired\""),
            ],
            r#"{"code":"PGRST303","message":"JWT expired","details":null,"hint":null,"type":"/docs/errors#PGRST303","title":"The token's claims do not hold","status":401,"detail":"JWT expired","instance":"r1"}"#,
        );
        check(
            Problem::new(Code::UnknownRole, "role \"x\" does not exist")
                .details("a\nb\u{1}")
                .index(3)
                .pointer("/0/a"),
            "application/problem+json",
            false,
            401,
            &[("content-type", "application/problem+json"), ("www-authenticate", "Bearer")],
            r#"{"code":"22023","message":"role \"x\" does not exist","details":"a\nb\u0001","hint":null,"type":"/docs/errors#22023","title":"The token's role does not exist","status":401,"detail":"role \"x\" does not exist","instance":"r1","index":3,"pointer":"/0/a"}"#,
        );
    }

    #[test]
    fn a_second_challenge_stands_beside_the_first() {
        let challenges = |code: Code| -> Vec<String> {
            let told = problem_response(Problem::new(code, "no"), &Vec::new(), "r1", false);
            let told = with_basic_challenge(told).headers;
            told.iter().filter(|(name, _)| *name == "www-authenticate").map(|(_, v)| v.to_string()).collect()
        };
        assert_eq!(challenges(Code::BadKey), ["Bearer", "Basic realm=\"bistro\""]);
        assert!(challenges(Code::NotFound).is_empty());
    }

    #[test]
    fn a_refusal_is_401_for_anonymous_callers_only() {
        let body = |status: u16| {
            format!(
                r#"{{"code":"42501","message":"no","details":[1],"hint":"h","type":"/docs/errors#42501","title":"A rule refuses","status":{status},"detail":"no","instance":"r1"}}"#
            )
        };
        let problem = || Problem::new(Code::Forbidden, "no").details_json("[1]").hint("h");
        check(problem(), "", true, 401, &[("www-authenticate", "Bearer")], &body(401));
        check(problem(), "", false, 403, &[], &body(403));
        let scope = Problem::new(Code::InsufficientScope, "not granted");
        let told = problem_response(scope, &Vec::new(), "r1", false);
        assert_eq!(
            (told.status, header(&told, "www-authenticate")),
            (403, Some("Bearer error=\"insufficient_scope\""))
        );
        let busy = Problem::new(Code::Overloaded, "busy");
        assert_eq!(header(&problem_response(busy, &Vec::new(), "r1", false), "retry-after"), Some("1"));
    }
}
