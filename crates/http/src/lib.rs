//! The server: connections, limits, CORS, request ids, authentication, drain.
//!
//! A request comes in through [`server::Server::run`], is judged by `service` in a fixed order (limits, host, preflight,
//! route, caller, body) and handed to a [`route::Surface`], which answers at once or later. This crate knows no data,
//! no rule and no dialect; surfaces know no hyper.
//!
//! Start reading at `service::answer`. The life of a connection is in `connection`, what a connection may do to us in
//! [`limits::Limits`], how a schema is swapped under running connections in [`route::Site`]. Bodies without an end are in
//! `stream`, WebSockets in `socket`.
//!
//! Invariants: every response carries its request id; a panic of a surface ends its request alone; whatever a stranger
//! sends, memory and time are bounded by [`limits::Limits`]; a synchronous answer allocates no future.

mod admitted;
mod again;
mod body;
mod connection;
pub mod cors;
mod guarded_io;
mod headers;
mod health;
pub mod limits;
mod log;
pub mod metrics;
mod panics;
pub mod proxies;
mod pulse;
mod refusal;
mod reply;
pub mod request_id;
pub mod route;
pub mod server;
mod service;
mod socket;
mod stream;
mod transport;

pub use cors::Cors;
pub use health::Readiness;
pub use limits::Limits;
pub use metrics::Metrics;
pub use proxies::Proxies;
pub use route::{AuthNeed, Route, Site, Surface};
pub use server::{Config, Drained, Server};
pub use transport::confidential;
