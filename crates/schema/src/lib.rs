//! The words that everything else speaks: types, fields, relations, values, names, and what one caller can see.
//!
//! This crate does no I/O, reads no clock and knows no wire format, no store and no rule language. A [`Schema`] is
//! resolved: every name in it has been looked up, so the crates above hold ids, not strings. Start reading at
//! [`model::Schema`]; values live in [`value`], their text forms in [`literal`] (in) and [`text`] (out), callers' patterns in [`pattern`], and what a
//! caller's roles can see in [`view::SchemaView`].
//!
//! Invariants: a [`model::TypeId`], [`model::FieldId`] or [`model::RelationId`] taken from a schema indexes that schema;
//! a [`value::Value`] stored in a field has that field's [`scalar::Scalar`].

pub mod datetime;
pub mod decimal;
pub mod literal;
pub mod model;
pub mod names;
pub mod pattern;
pub mod roles;
pub mod scalar;
pub mod text;
pub mod value;
pub mod view;

pub use decimal::Decimal;
pub use literal::{LiteralError, LiteralErrorKind};
pub use model::{
    Allow, Check, Default, EnumId, EnumType, Field, FieldId, FieldKind, Index, OnDelete, Relation,
    RelationId, RelationKind, RuleText, Schema, Span, Through, Type, TypeId, TypeKind, Unique, Was,
};
pub use roles::{Action, Roles};
pub use scalar::{Kind, Scalar};
pub use value::{Value, ValueRef};
pub use view::SchemaView;
