//! Requests that are refused before anybody looks at their document: for their credentials, their size, their time.

use bistro_problem::Problem;
use bistro_schema::text::write_json_string;
use bistro_wire::problem_reply::problem_response;
use bistro_wire::{Headers, Response};

use super::media::{Accepted, Media, negotiate};
use crate::execute::Reply;

/// The response: a reply of errors alone. As `application/json` it has the message beside them, where clients look for it
/// that know nothing of GraphQL.
pub(crate) fn refused(problem: Problem, headers: &dyn Headers, id: &str, anonymous: bool) -> Response {
    let media = match negotiate(headers.get("accept")) {
        Ok(Accepted { best: Media::GraphQl, .. }) => Media::GraphQl,
        _ => Media::Json,
    };
    let mut body = Reply::refused(vec![problem.clone().into()]).body;
    if media == Media::Json && body.pop().is_some() {
        body.extend_from_slice(b",\"message\":");
        write_json_string(&problem.message, &mut body);
        body.push(b'}');
    }
    let mut response = problem_response(problem, headers, id, anonymous);
    response.body = body.into();
    response.headers.retain(|(name, _)| *name != "content-type");
    response.header("content-type", media.content_type()).header("vary", "Accept")
}

#[cfg(test)]
mod tests {
    use bistro_problem::Code;

    use super::*;

    #[test]
    fn regress_what_is_refused_in_front_is_a_reply_of_errors() {
        let errors = |code: &str, reason: &str| {
            format!(
                r#"{{"errors":[{{"message":"said","extensions":{{"code":"{code}","reason":"{reason}"}}}}]"#
            )
        };
        let cases = [
            ("*/*", Code::BadKey, 401, errors("UNAUTHENTICATED", "BIS-302"), r#","message":"said"}"#),
            (
                "application/json",
                Code::TokenInvalid,
                401,
                errors("UNAUTHENTICATED", "PGRST301"),
                r#","message":"said"}"#,
            ),
            (
                "application/graphql-response+json",
                Code::BadKey,
                401,
                errors("UNAUTHENTICATED", "BIS-302"),
                "}",
            ),
            (
                "application/pdf",
                Code::BadKey,
                401,
                errors("UNAUTHENTICATED", "BIS-302"),
                r#","message":"said"}"#,
            ),
        ];
        for (accept, code, status, errors, end) in cases {
            let headers = vec![("accept".to_owned(), accept.to_owned())];
            let response = refused(Problem::new(code, "said"), &headers, "r1", true);
            assert_eq!(response.status, status, "{accept}");
            assert_eq!(String::from_utf8_lossy(&response.body), format!("{errors}{end}"), "{accept}");
            let types = response.headers.iter().filter(|(name, _)| *name == "content-type");
            assert_eq!(types.count(), 1, "{accept}");
            assert!(response.headers.iter().any(|(name, _)| *name == "www-authenticate"), "{accept}");
        }
    }
}
