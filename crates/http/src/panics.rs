//! What becomes of a surface's panic: it is counted and logged, and ends its request alone.

use std::any::Any;

use bistro_problem::Problem;

use crate::server::Front;

impl Front {
    /// The problem that answers a request whose surface panicked.
    pub(crate) fn panicked(&self, panic: &(dyn Any + Send)) -> Problem {
        self.metrics.panicked();
        Problem::bug(format!("panic: {}", text(panic)))
    }

    /// Notes a panic after which nothing can be answered any more.
    pub(crate) fn panicked_in(&self, place: &str, panic: &(dyn Any + Send)) {
        self.metrics.panicked();
        tracing::error!(target: "bistro::http", place, panic = text(panic), "a panic ended a connection");
    }
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let owned = || panic.downcast_ref::<String>().map(String::as_str);
    panic.downcast_ref::<&str>().copied().or_else(owned).unwrap_or("of unknown cause")
}
