//! The SOAP surface. The element of an envelope's body becomes an operation of the shared middle, and rows become XML as they
//! arrive.
//!
//! Start reading at `surface.rs`; `describe/` is the service that a caller sees, `envelope/` reads what clients send,
//! `security.rs` what they say of themselves, `compile/` makes operations, `render/` prints rows, `fault.rs` problems.

mod authenticate;
mod characters;
mod compile;
pub mod describe;
mod envelope;
mod explain;
mod fault;
mod http;
mod limits;
pub mod names;
mod render;
mod reply;
mod run;
mod security;
mod sign_in;
mod surface;

pub use authenticate::{Authenticate, SignedIn, Visit};
pub use describe::{About, Described};
pub use envelope::Version;
pub use explain::Step;
pub use limits::Limits;
pub use security::UserName;
pub use surface::{Options, Soap};
