//! Rules: CEL text to typed conditions, and the only builder of an authorised operation.
//!
//! Knows the rule language (the parser is the `cel` crate's, seen in `syntax` alone) and what rules mean for each
//! action. Deliberately doesn't know any store, wire or surface; does no I/O and reads no clock: the caller's id, the
//! time and headers stay operands ([`bistro_ir::Operand::Auth`], `Now`, `Request`) that the plan turns into binds.
//!
//! Start reading at [`Rules::compile`], then [`authorize()`].
//!
//! # What an [`Authorized`] holds
//! - A read: the caller's read, where the filter of the root and of every embed begins with the READ rules of its type;
//!   ways over relations hold the rules of each row on them; a field with a `when` of its own stands in
//!   [`bistro_ir::Operand::If`]; computed fields are replaced by what they stand for.
//! - A write ([`AuthorizedWrite`]): an update's or delete's filter holds READ and the action's rules on the stored row
//!   (rows that fail are silently not touched); `create`, `update_row` and `update_new` must be *true* (42501 otherwise);
//!   `checks` must not be *false* (23514 otherwise); `readable` and the filter of `returning` say which rows may be seen
//!   afterwards (42501 if a row written is not among them and is asked back).
//! - Conditions name the stored row as scope 0 and the row being written as [`bistro_ir::Root::New`]. `create` and the
//!   checks name only the new row.
//! - Parameters keep their numbers; rules bring none.
//!
//! # Invariants
//! - Authorising only narrows: no row, field or type becomes visible that the operation did not have.
//! - Hidden and unknown answer alike. A field marked hidden is named by no operation, whoever asks, but by the system's.
//! - A rule with a mistake lets nobody through.

pub mod codes;

mod absorb;
mod authorize;
mod compile;
mod error;
mod predicate;
mod roots;
mod rules;
mod syntax;

pub use authorize::{Authorized, AuthorizedBody, AuthorizedWrite, authorize, authorize_system};
pub use error::AuthorizeError;
pub use roots::rebase;
pub use rules::{NamedCheck, Rules};
