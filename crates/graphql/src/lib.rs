//! The GraphQL surface. A document becomes operations of the shared middle, one for each root field with what hangs on it, and
//! rows become JSON as they arrive; nothing is resolved field by field.
//!
//! Start reading at `surface.rs`; `describe/` is the schema that a caller sees, `document/` reads and judges texts, `compile/`
//! makes operations, `render/` prints rows, `execute/` runs, `http/` and `watch/` speak with clients.

mod compile;
pub mod describe;
mod document;
mod execute;
mod explain;
pub mod explorer;
mod failure;
mod http;
mod limits;
pub mod names;
mod plan;
mod render;
mod surface;
mod watch;

pub use explain::Step;
pub use http::Trusted;
pub use limits::Limits;
pub use surface::{GraphQl, Introspection, Options};
pub use watch::{Authenticate, Credentials};
