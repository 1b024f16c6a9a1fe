//! Sessions of our own tokens: what their records say now, remembered, and forgotten at once when they change.
//!
//! A verified token holds its session's [`Seat`](seat::Seat). A request looks into the seat, which is an atomic load; an
//! empty seat is filled by one look at the records, which all who ask meanwhile share. Whoever changes a session or an
//! account empties its seats.

mod seat;
mod table;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bistro_ir::Scopes;
use bistro_problem::{Code, Problem};
use futures_util::future::BoxFuture;

pub(crate) use seat::{Found, Looking, Seat};
pub(crate) use table::Seats;

/// The id of a session.
pub type SessionId = [u8; 16];

/// What the records say of a session and its account.
#[derive(Clone, Debug)]
pub struct SessionState {
    /// The account.
    pub account: [u8; 16],
    /// The roles of the schema that the account has, and `admin`.
    pub roles: Box<[String]>,
    /// What an application may do, if the session is one's.
    pub scopes: Option<Arc<Scopes>>,
    /// When the session ends by itself, in seconds since the epoch.
    pub ends_s: Option<i64>,
    /// Counts what was proved and refreshed in it: a cookie of an earlier turn is over. Of an account, which password it has
    /// at which address: one that was verified in another turn is none any more.
    pub turn: i64,
    /// The claims of a token that the session would get now, as JSON, if they were asked for.
    pub claims: Option<Arc<str>>,
}

/// Whose records a seat holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Whose {
    /// Those of a session, for its tokens, which say who they are.
    Token(SessionId),
    /// Those of a session, for its cookie.
    Cookie(SessionId),
    /// Those of an account, for callers who showed its password.
    Password([u8; 16]),
}

/// Who knows the records of sessions.
pub trait SessionSource: Send + Sync {
    /// What the records say; `None` if the session is over, or its account banned or gone. `claims`: what a token of the session
    /// would say as well, for callers who have none.
    fn session(
        &self,
        id: SessionId,
        claims: bool,
    ) -> BoxFuture<'static, Result<Option<SessionState>, Problem>>;

    /// What the records say of an account, as if it had just signed in with its password, whose turn it is; `None` if it
    /// may not.
    fn account(&self, id: [u8; 16]) -> BoxFuture<'static, Result<Option<SessionState>, Problem>>;
}

/// Ready when a session must be looked at again.
pub struct Watch(BoxFuture<'static, ()>);

impl Watch {
    pub(crate) fn of(seat: Arc<Seat>) -> Self {
        let changed = seat.changed();
        Self(Box::pin(async move {
            changed.await;
            // It was held so that a change finds it.
            drop(seat);
        }))
    }
}

impl Future for Watch {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

/// The session is over: it was ended or has run out, or its account is banned or gone. Tokens are told with 401, so that
/// clients refresh, which fails too.
pub(crate) fn over() -> Problem {
    Problem::new(Code::SessionNotFound, "JWT session is over").status(401).hint("Sign in again.")
}

#[cfg(test)]
mod tests;
