//! What is asked. An [`Operation`] speaks the schema's words (types, fields, relations) and never a table, a header or a
//! rule; literal values sit in parameter slots, so an operation has a shape apart from its values and plans are cached
//! by shape.
//!
//! Start reading at [`operation::Operation`]; conditions are in [`expr`], who asks in [`caller`], and the one text form
//! for people and snapshots in [`text`].
//!
//! Invariants: every [`expr::ParamId`] indexes the operation's `params`; a scope number never exceeds the depth of the
//! [`expr::Expr::Some`] and [`expr::Operand::Via`] nodes around it.

pub mod caller;
pub mod expr;
pub mod keyset;
pub mod operation;
pub mod scopes;
pub mod test;
pub mod text;

pub use caller::{Caller, CallerKind};
pub use expr::{
    AuthValue, Compare, Expr, Function, JsonStep, Operand, ParamId, RequestValue, Root, SearchMode,
};
pub use operation::{
    Action, Aggregate, Body, Bound, Conflict, Embed, Input, Item, Operation, Order, Param, Read, Write,
};
pub use scopes::{Reach, Scopes};
pub use test::Test;
