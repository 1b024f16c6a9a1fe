//! A validated document and its variables become a [`crate::plan::Plan`].
//!
//! A plan is kept and run again: while it is made, each value notes where it came from ([`Source`]), and everything else
//! that is read of the variables (which members are there, names of enums, Booleans) is part of the plan's shape.

mod amount;
pub(crate) mod changes;
mod collect;
mod connection;
pub(crate) mod cursor;
mod entities;
mod filter;
pub(crate) mod given;
pub(crate) mod global_id;
mod introspect;
mod key;
mod one_of;
mod order;
mod page;
mod root;
mod row;
mod scalar;
mod select;
pub(crate) mod slots;
mod test;
pub(crate) mod write;

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use apollo_compiler::ast::OperationType;
use apollo_compiler::executable::{self, ExecutableDocument, SelectionSet};
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use bistro_engine::Engine;
use bistro_schema::SchemaView;

use crate::Limits;
use crate::describe::Described;
use crate::plan::{Cost, Judged, PageBounds, Place};
use crate::render::Level;

pub(crate) use changes::Changes;
pub(crate) use entities::Entities;
pub(crate) use given::Given;
pub(crate) use root::node_type;
pub(crate) use slots::{Reading, Rules, Slots, Source, bind};

/// What compiling needs to know; it borrows the document and the request's variables.
#[derive(Clone, Copy)]
pub(crate) struct Compiler<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) described: &'a Described,
    pub(crate) view: &'a Arc<SchemaView>,
    pub(crate) document: &'a Valid<ExecutableDocument>,
    pub(crate) operation: &'a executable::Operation,
    /// Coerced to the types that the operation declares.
    pub(crate) variables: &'a JsonMap,
    pub(crate) limits: &'a Limits,
    /// Set where the plan holds what other variables would change, see [`Compiler::only_once`].
    pub(crate) once: &'a Cell<bool>,
    /// What is judged though nothing runs with it, for the plan.
    pub(crate) judged: &'a RefCell<Vec<Judged>>,
}

/// A field of an object as it is answered: fragments merged, `@skip` and `@include` followed.
pub(crate) struct Field<'a> {
    /// Its name in the reply.
    pub(crate) key: &'a str,
    pub(crate) name: &'a str,
    /// The first that was written; all that share a key have equal arguments.
    pub(crate) first: &'a executable::Field,
    pub(crate) sets: Vec<&'a SelectionSet>,
    pub(crate) place: Place,
}

/// One part of a reading while it is made.
#[derive(Default)]
pub(crate) struct Draft {
    /// Shared by the parts of a reading.
    pub(crate) levels: Vec<Level>,
    pub(crate) slots: Slots,
    /// Shared by the parts of a reading.
    pub(crate) pages: Vec<PageBounds>,
    pub(crate) cost: Cost,
    /// The index of the part.
    pub(crate) part: usize,
}

impl Compiler<'_> {
    /// What reading values needs to know.
    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules { schema: self.view.schema(), limits: self.limits }
    }

    /// Says that the plan is good for these variables alone, and is not to be kept.
    pub(crate) fn only_once(&self) {
        self.once.set(true);
    }

    /// The kind of the operation.
    pub(crate) fn kind(&self) -> OperationType {
        self.operation.operation_type
    }
}

#[cfg(test)]
mod tests;
