//! A validated document and its variables become a [`crate::plan::Plan`].
//!
//! A plan is kept and run again: while it is made, each value notes where it came from ([`Source`]), and everything else
//! that is read of the variables (which members are there, names of enums, Booleans) is part of the plan's shape.

pub(crate) mod changes;
pub(crate) mod given;
pub(crate) mod slots;
pub(crate) mod write;

pub(crate) use changes::Changes;
pub(crate) use given::{Given, Step, Way};
pub(crate) use slots::{Reading, Rules, Slots, Source, bind};
