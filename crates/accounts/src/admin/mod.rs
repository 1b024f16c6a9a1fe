//! What administrators do: accounts of others, invitations, links, the audit log. Every act is noted with who did it.
//!
//! [`acts`] has what is done, for the endpoints here and for commands alike.

pub mod acts;
mod audit;
mod body;
mod factors;
mod invite;
mod link;
mod list;
mod span;
mod users;

pub use acts::{Change, Found};
pub use audit::audit;
pub use factors::{list as list_factors, list_passkeys, remove as remove_factor, remove_passkey};
pub use invite::invite;
pub use link::generate_link;
pub use list::list;
pub use users::{create, get, put, remove};
