//! Replies as HTTP responses: status, media type, and what caches are told.

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use bistro_wire::problem_reply::status_of;

use super::media::Media;
use crate::execute::Reply;

/// How a reply is dressed for one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dress {
    pub(crate) media: Media,
    /// No user stands behind the request, so that a rule's refusal is 401.
    pub(crate) anonymous: bool,
}

impl Dress {
    /// The response of an operation. As `application/json` the status is 200 whatever the document came to, because old clients
    /// look no further where it is not; as `application/graphql-response+json` a reply without data has the status of its error.
    pub(crate) fn reply(self, reply: Reply) -> Response {
        let problem = reply.gravest();
        let status = match &problem {
            Some(problem) if self.media == Media::GraphQl && !reply.ran => {
                status_of(problem, self.anonymous).max(400)
            }
            _ => 200,
        };
        self.response(status, reply.body, problem)
    }

    /// The response of a request that cannot be read as one, whatever its document says.
    pub(crate) fn refused(self, problem: Problem) -> Response {
        let status = status_of(&problem, self.anonymous).max(400);
        let reply = Reply::refused(vec![problem.into()]);
        let problem = reply.gravest();
        self.response(status, reply.body, problem)
    }

    /// The response of a batch: its replies in order, in one list.
    pub(crate) fn batch(self, replies: Vec<Reply>) -> Response {
        let room = replies.iter().map(|reply| reply.body.len() + 1).sum::<usize>() + 1;
        let mut body = Vec::with_capacity(room);
        let mut gravest: Option<Problem> = None;
        for reply in &replies {
            body.push(if body.is_empty() { b'[' } else { b',' });
            body.extend_from_slice(&reply.body);
            if gravest.as_ref().is_none_or(|problem| problem.status < 500) {
                gravest = reply.gravest().or(gravest);
            }
        }
        body.push(b']');
        self.response(200, body, gravest)
    }

    fn response(self, status: u16, body: Vec<u8>, problem: Option<Problem>) -> Response {
        let mut response = Response::new(status, body)
            .header("content-type", self.media.content_type())
            .header("cache-control", "private, no-cache")
            .header("vary", "Accept");
        match status {
            401 => response = response.header("www-authenticate", "Bearer"),
            403 if problem.as_ref().is_some_and(|problem| problem.code == Code::InsufficientScope) => {
                response = response.header("www-authenticate", "Bearer error=\"insufficient_scope\"");
            }
            503 => response = response.header("retry-after", "1"),
            _ => {}
        }
        response.problem = problem.map(Box::new);
        response
    }
}

#[cfg(test)]
mod tests {
    use bistro_problem::{Code, Problem};

    use super::*;

    fn check(media: Media, anonymous: bool, problem: Problem, refused: u16, replied: u16) {
        let dress = Dress { media, anonymous };
        let (code, message) = (problem.code, problem.message.clone());
        let reply = dress.reply(Reply::refused(vec![problem.clone().into()]));
        let refusal = dress.refused(problem);
        assert_eq!((refusal.status, reply.status), (refused, replied), "{media:?} {code:?}");
        assert_eq!(refusal.problem.map(|p| p.message), Some(message));
        let typed =
            |r: &Response| r.headers.iter().any(|(n, v)| *n == "content-type" && v == media.content_type());
        assert!(typed(&reply) && reply.body.starts_with(b"{\"errors\":[{\"message\":"));
    }

    #[test]
    fn the_status_tells_of_the_document_only_where_the_client_asked_for_it() {
        let problem = |code| Problem::new(code, "said");
        check(Media::Json, false, problem(Code::GraphqlSyntax), 400, 200);
        check(Media::GraphQl, false, problem(Code::GraphqlSyntax), 400, 400);
        check(Media::GraphQl, false, problem(Code::NotTrusted), 403, 403);
        check(Media::GraphQl, true, problem(Code::Forbidden), 401, 401);
        check(Media::GraphQl, false, problem(Code::Method), 405, 405);
        check(Media::Json, false, problem(Code::ContentType), 415, 200);
        // A reply without data is never 200 in this form, which Apollo's own code is.
        check(Media::GraphQl, false, problem(Code::PersistedNotFound), 400, 400);
        check(Media::Json, false, problem(Code::PersistedNotFound), 400, 200);
    }

    #[test]
    fn applications_are_told_what_they_lack() {
        let dress = Dress { media: Media::GraphQl, anonymous: false };
        for (code, told) in [(Code::InsufficientScope, true), (Code::Forbidden, false)] {
            let response = dress.reply(Reply::refused(vec![Problem::new(code, "said").into()]));
            let challenge = ("www-authenticate", "Bearer error=\"insufficient_scope\"");
            let has = response.headers.iter().any(|(name, value)| (*name, &**value) == challenge);
            assert_eq!((response.status, has), (403, told), "{code:?}");
        }
    }

    #[test]
    fn a_batch_is_a_list_whose_gravest_problem_is_logged() {
        let dress = Dress { media: Media::Json, anonymous: false };
        let reply = |code| Reply::refused(vec![Problem::new(code, "said").into()]);
        let response =
            dress.batch(vec![reply(Code::GraphqlSyntax), reply(Code::Bug), reply(Code::NotTrusted)]);
        assert_eq!(response.status, 200);
        let body: Vec<serde_json::Value> = serde_json::from_slice(&response.body).expect("a list");
        assert_eq!(body.len(), 3);
        assert_eq!(response.problem.map(|p| p.code), Some(Code::Bug));
    }
}
