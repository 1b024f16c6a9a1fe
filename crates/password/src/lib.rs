//! Passwords: read and judged ([`Password`], [`judge`]), hashed on threads of their own ([`Hasher`]), verified in the forms
//! that other systems store ([`form`]).
//!
//! Invariants: a password is compared in one Unicode form and never cut; hashing holds up no request; a stored hash cannot
//! make a verification cost much more than our own; nothing here prints or keeps a password.

pub mod form;
mod guess;
mod hasher;
mod judge;
mod lists;
mod password;

pub use form::{Cost, readable};
pub use hasher::{HashError, Hasher, Verdict};
pub use judge::{Policy, Weak, judge};
pub use password::{LONGEST, Password, TooLong};
