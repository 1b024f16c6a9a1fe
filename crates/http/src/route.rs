//! Which surface answers which path, and what it is given.

use std::sync::Arc;

use bistro_ir::Caller;
use bistro_problem::Problem;
use bistro_schema::Schema;
use bistro_wire::problem_reply::problem_response;
use bistro_wire::{Answer, Headers, Request, Response};

use crate::body::Most;

/// Something that answers requests: a dialect, a page, an upload.
pub trait Surface: Send + Sync {
    /// Answers a request of this caller. What is quick and needs no waiting is answered at once, on the calling thread;
    /// the rest as a future, which is dropped when the client goes away or the time is up.
    fn handle(&self, request: Request<'_>, caller: Caller) -> Answer;

    /// The response to a request that does not come here, or does not come to an end: whoever asks at this path reads this
    /// form. `id` is the request's; `anonymous` says that no user's token came with it.
    fn refused(&self, problem: Problem, headers: &dyn Headers, id: &str, anonymous: bool) -> Response {
        problem_response(problem, headers, id, anonymous)
    }
}

impl<F> Surface for F
where
    F: Fn(Request<'_>, Caller) -> Answer + Send + Sync,
{
    fn handle(&self, request: Request<'_>, caller: Caller) -> Answer {
        self(request, caller)
    }
}

/// What a route asks of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthNeed {
    /// A key or token: 401 without.
    Key,
    /// None needed: without credentials the caller is anonymous; bad ones are 401 all the same.
    Optional,
    /// Credentials are not looked at: pages and files for everybody.
    Open,
}

/// A path or all paths below it.
pub struct Route {
    path: String,
    exact: bool,
    need: AuthNeed,
    body: Option<Most>,
    own_pages: bool,
    basic: bool,
    surface: Arc<dyn Surface>,
}

impl Route {
    /// The path itself and all below it: `/rest/v1` has `/rest/v1` and `/rest/v1/posts`, not `/rest/v10`.
    pub fn below(path: &str, need: AuthNeed, surface: Arc<dyn Surface>) -> Self {
        Self::new(path.trim_end_matches('/'), false, need, surface)
    }

    /// This path alone, with a slash at its end or without; stronger than any route with [`Route::below`].
    pub fn exactly(path: &str, need: AuthNeed, surface: Arc<dyn Surface>) -> Self {
        Self::new(path.trim_end_matches('/'), true, need, surface)
    }

    fn new(path: &str, exact: bool, need: AuthNeed, surface: Arc<dyn Surface>) -> Self {
        Self { path: path.to_owned(), exact, need, body: None, own_pages: false, basic: false, surface }
    }

    /// Sets a limit for bodies that differs from `limits.body`, in bytes, and names the setting that it comes from.
    #[must_use]
    pub fn body_bytes(mut self, bytes: usize, setting: &'static str) -> Self {
        self.body = Some(Most { bytes, setting });
        self
    }

    /// Pages that act for who is signed in at the browser: no other origin's page may read them, whatever the settings say.
    #[must_use]
    pub fn own_pages(mut self) -> Self {
        self.own_pages = true;
        self
    }

    /// A key may come as the password of HTTP Basic too, for the user `apikey`.
    #[must_use]
    pub fn basic(mut self) -> Self {
        self.basic = true;
        self
    }

    pub(crate) fn takes_basic(&self) -> bool {
        self.basic
    }

    pub(crate) fn is_own_pages(&self) -> bool {
        self.own_pages
    }

    fn has(&self, path: &str) -> bool {
        match path.strip_prefix(self.path.as_str()) {
            Some(rest) if self.exact => matches!(rest, "" | "/"),
            Some(rest) => rest.is_empty() || rest.starts_with('/'),
            None => false,
        }
    }

    pub(crate) fn need(&self) -> AuthNeed {
        self.need
    }

    pub(crate) fn body_limit(&self) -> Option<Most> {
        self.body
    }

    pub(crate) fn surface(&self) -> &Arc<dyn Surface> {
        &self.surface
    }
}

/// All that changes when the schema does: swapped as one, while connections stay.
pub struct Site {
    schema: Arc<Schema>,
    routes: Vec<Route>,
}

impl Site {
    /// A site whose callers have the roles of `schema`.
    pub fn new(schema: Arc<Schema>, mut routes: Vec<Route>) -> Self {
        // Exact routes first, then the longest: the first that fits is the right one.
        routes.sort_by_key(|route| (!route.exact, std::cmp::Reverse(route.path.len())));
        Self { schema, routes }
    }

    /// The route of a path.
    pub(crate) fn route(&self, path: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.has(path))
    }

    /// The schema.
    pub(crate) fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The paths that are served, for the message of a 404.
    pub(crate) fn paths(&self) -> String {
        let inside = |r: &Route| {
            self.routes.iter().any(|other| !other.exact && r.path != other.path && other.has(&r.path))
        };
        let mut paths: Vec<&str> =
            self.routes.iter().filter(|r| !inside(r)).map(|r| r.path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        paths.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_exact_route_answers() {
        let surface: Arc<dyn Surface> =
            Arc::new(|_: Request<'_>, _: Caller| Answer::from(Response::new(200, "")));
        let below = |path: &str| Route::below(path, AuthNeed::Key, Arc::clone(&surface));
        let exact = |path: &str| Route::exactly(path, AuthNeed::Optional, Arc::clone(&surface));
        let routes =
            vec![below("/rest"), below("/rest/v1/"), exact("/rest/v1/"), below("/docs"), exact("/soap/v1")];
        let site = Site::new(Arc::default(), routes);
        let cases = [
            ("/rest/v1/", Some(("/rest/v1", true))),
            ("/rest/v1", Some(("/rest/v1", true))),
            ("/rest/v1/posts", Some(("/rest/v1", false))),
            ("/rest/v1//", Some(("/rest/v1", false))),
            ("/rest/v10", Some(("/rest", false))),
            ("/restless", None),
            ("/docs/", Some(("/docs", false))),
            ("/soap/v1/", Some(("/soap/v1", true))),
            ("/soap/v1/posts", None),
            ("/", None),
            ("*", None),
        ];
        for (path, expected) in cases {
            assert_eq!(site.route(path).map(|r| (r.path.as_str(), r.exact)), expected, "{path}");
        }
        assert_eq!(site.paths(), "/docs, /rest, /soap/v1");
    }
}
