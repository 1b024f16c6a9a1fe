//! One operation of a write: what it is run with, and what must come of it.

use std::sync::Arc;

use bistro_engine::Ready;
use bistro_ir::{Action, Body, Operation, ParamId};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, Schema, TypeId};

use crate::compile::Source;

/// One operation, run once or several times with other values.
pub(crate) struct Step {
    pub(crate) operation: Operation,
    pub(crate) ready: Arc<Ready>,
    /// What it gives back of its rows for later steps, in this order.
    pub(super) returns: Vec<FieldId>,
    /// Whether its rows are those of the reply.
    pub(crate) prints: bool,
    pub(crate) must: Must,
    pub(crate) runs: Vec<Run>,
}

/// The values of one run.
#[derive(Default)]
pub(crate) struct Run {
    /// One a parameter slot.
    pub(super) params: Vec<Source>,
    /// In the order of the operation's columns; `None` asks for the default.
    pub(super) rows: Vec<Vec<Option<Source>>>,
    /// The values that only earlier steps know.
    pub(crate) fed: Vec<(Slot, Kept)>,
    /// Where in the field's arguments the row is named that must be there; empty where several arguments name it.
    pub(crate) named: Box<str>,
    /// Where in the field's arguments each row stands, as JSON pointers.
    pub(crate) places: Vec<Box<str>>,
    /// Where the values of some cells stand within their row, which is not under the name of their field.
    pub(super) members: Vec<((usize, usize), Box<str>)>,
}

/// A place in the input of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Param(ParamId),
    /// A cell of the n-th row, by its column.
    Cell(usize, usize),
}

/// A value that a step gave back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) step: usize,
    /// The row, counted over all runs of the step.
    pub(crate) row: usize,
    /// Which of its values.
    pub(crate) at: usize,
}

/// What must come of each run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Must {
    /// Nothing in particular.
    Any,
    /// One row is found or touched.
    One,
    /// At least one is.
    Some,
    /// The row that was written may be read.
    Show,
}

impl Step {
    pub(super) fn ty(&self) -> TypeId {
        match &self.operation.body {
            Body::Read(read) => read.ty,
            Body::Write(write) => write.ty,
        }
    }

    /// Refuses a run that did not touch what it must.
    pub(crate) fn judge(&self, schema: &Schema, rows: u64, run: &Run) -> Result<(), Problem> {
        let meets = match self.must {
            Must::Any => true,
            Must::One | Must::Show => rows == 1,
            Must::Some => rows > 0,
        };
        if meets {
            return Ok(());
        }
        let collection = &schema.ty(self.ty()).collection;
        if self.must == Must::Show {
            let message = format!("new row violates row-level security policy for table \"{collection}\"");
            return Err(Problem::new(Code::Forbidden, message)
                .hint("The row would be hidden from you: write it without asking for it back."));
        }
        let what = if self.must == Must::Some { "link in" } else { "row of" };
        let problem = Problem::new(Code::NoSuchRow, format!("There is no such {what} {collection}"))
            .hint("No row has this key, or none that you may see and change.");
        Err(if run.named.is_empty() { problem } else { problem.pointer(&*run.named) })
    }

    /// Says where in the arguments the refused row or value stands, where the problem does not say.
    pub(crate) fn placed(&self, schema: &Schema, mut problem: Problem, run: &Run) -> Problem {
        if problem.code == Code::Forbidden && problem.hint.is_some() && !self.prints {
            // The row is hidden, and it was not the caller who asked for it.
            problem.hint = Some("A row that others hang on must be yours to read.".into());
        }
        let row = problem.row.unwrap_or(0);
        let Some(place) = run.places.get(row).filter(|_| problem.pointer.is_none()) else { return problem };
        let ty = schema.ty(self.ty());
        let given = problem.column.as_deref().and_then(|name| {
            let column = self.columns().iter().position(|field| ty.field(*field).name == name)?;
            run.rows.get(row)?.get(column)?.as_ref()?;
            Some(run.place(row, column, name))
        });
        let place = given.unwrap_or_else(|| place.to_string());
        problem.pointer(place)
    }

    /// The fields that its rows fill.
    pub(super) fn columns(&self) -> &[FieldId] {
        match &self.operation.body {
            Body::Write(write) => match &write.action {
                Action::Insert { columns, .. } | Action::Update { columns, .. } => columns,
                Action::Delete { .. } => &[],
            },
            Body::Read(_) => &[],
        }
    }
}
