//! REST in the PostgREST dialect, item routes, batches, and the documents that describe them.
//!
//! A request becomes an operation (`compile`), the engine runs it, and rows become bytes ([`render`]). This crate knows
//! no store, no rule and no server: it is given a borrowed request and a caller, and answers a finished response.
//! Start reading at [`Rest::handle`] in `router`; reads are in `read`, writes in `write`, rows by key in `item`, several
//! operations in one transaction in `batch`, OpenAPI in [`describe`], the page at `/docs` in [`docs`].
//!
//! Invariants: every name that a caller mentions is looked up in the caller's view; no tree of values is built between
//! a row and the body; every refusal is a JSON problem.

mod batch;
mod call;
pub mod compile;
pub mod describe;
pub mod docs;
mod encode;
mod headers;
mod item;
pub mod media;
pub mod prefer;
mod read;
pub mod render;
mod root;
mod router;
mod warm;
mod write;

pub use bistro_store::Sink;
pub use docs::{Beside, Docs};
pub use router::{Options, Rest};
