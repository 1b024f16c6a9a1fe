//! The steps of a write while they are made: each is authorised as it comes.

use std::ops::Range;

use bistro_ir::{Action, Body, Expr, Item, Operand, Operation, Read, Root, Write};
use bistro_problem::{Code, Problem};
use bistro_schema::{Action as Right, FieldId, TypeId, Value};

use super::rows::{Cell, Filled, FilledRow};
use super::step::{Kept, Must, Run, Slot, Step};
use crate::compile::select::read;
use crate::compile::{Compiler, Slots, Source};

/// How many rows the input of one write may hold, those that are connected included.
pub(super) const ROWS_MAX: usize = 1_000;

/// The steps so far.
pub(super) struct Steps<'c, 'a> {
    pub(super) compiler: &'c Compiler<'a>,
    pub(super) made: Vec<Step>,
    /// Rows of the input.
    pub(super) rows: usize,
    /// The steps that touch as many rows as the reply says.
    pub(super) counts: Range<usize>,
}

/// Rows of a step that later ones refer to.
#[derive(Clone, Copy)]
pub(super) struct Made {
    pub(super) step: usize,
    /// The first of them.
    pub(super) row: usize,
}

/// What a step gives back.
pub(super) enum Back {
    /// These fields, for later steps.
    Fields(Vec<FieldId>),
    /// What the caller asks for, as the reply.
    Printed(Option<Box<Read>>),
}

impl<'c, 'a> Steps<'c, 'a> {
    pub(super) fn new(compiler: &'c Compiler<'a>) -> Self {
        Self { compiler, made: Vec::new(), rows: 0, counts: 0..0 }
    }

    /// Counts one more row of the input.
    pub(super) fn count(&mut self) -> Result<(), Problem> {
        self.rows += 1;
        if self.rows <= ROWS_MAX {
            return Ok(());
        }
        let message = format!("The input of one write holds more than {ROWS_MAX} rows");
        Err(Problem::new(Code::TooComplex, message).hint("Write in smaller parts."))
    }

    /// Whether some step so far changes data.
    pub(super) fn writes(&self) -> bool {
        self.made.iter().any(|step| step.ready.writes())
    }

    /// Inserts the rows, whose members may differ: what a row leaves out gets its default.
    pub(super) fn insert(
        &mut self,
        ty: TypeId,
        rows: Vec<FilledRow>,
        conflict: Option<bistro_ir::Conflict>,
        (slots, back): (Slots, Back),
    ) -> Result<Made, Problem> {
        let mut columns: Vec<FieldId> = Vec::new();
        for filled in rows.iter().flat_map(|(cells, _)| cells) {
            if !columns.contains(&filled.field) {
                columns.push(filled.field);
            }
        }
        let mut run = Run::default();
        for (cells, place) in rows {
            push_row(&mut run, &columns, cells, place);
        }
        self.write(ty, Action::Insert { columns, conflict }, (slots, back), run, Must::Any)
    }

    /// Updates the rows that a condition finds.
    pub(super) fn update(
        &mut self,
        ty: TypeId,
        filter: Expr,
        (slots, back): (Slots, Back),
        cells: Vec<Filled>,
        (mut run, must): (Run, Must),
    ) -> Result<Made, Problem> {
        let columns: Vec<FieldId> = cells.iter().map(|filled| filled.field).collect();
        let place = run.places.pop().unwrap_or_default();
        push_row(&mut run, &columns, cells, place);
        self.write(ty, Action::Update { filter, columns }, (slots, back), run, must)
    }

    /// A write of any kind.
    pub(super) fn write(
        &mut self,
        ty: TypeId,
        action: Action,
        (slots, back): (Slots, Back),
        run: Run,
        must: Must,
    ) -> Result<Made, Problem> {
        let (returning, returns, prints) = match back {
            Back::Printed(read) => (read.map(|read| *read), Vec::new(), true),
            Back::Fields(fields) if fields.is_empty() => (None, fields, false),
            Back::Fields(fields) => (Some(self.fields(ty, &fields, Expr::TRUE)?), fields, false),
        };
        let body = Body::Write(Write { ty, action, returning });
        self.push(body, slots, (returns, prints), run, must)
    }

    /// Reads fields of the rows that a condition finds.
    pub(super) fn find(
        &mut self,
        ty: TypeId,
        filter: Expr,
        (slots, fields): (Slots, Vec<FieldId>),
        run: Run,
    ) -> Result<Made, Problem> {
        let body = Body::Read(self.fields(ty, &fields, filter)?);
        self.push(body, slots, (fields, false), run, Must::One)
    }

    /// Adds a run; one that differs from the step before in its values alone belongs to that step.
    pub(super) fn push(
        &mut self,
        body: Body,
        slots: Slots,
        (returns, prints): (Vec<FieldId>, bool),
        mut run: Run,
        must: Must,
    ) -> Result<Made, Problem> {
        let operation = Operation { body, params: slots.params };
        run.params = slots.sources;
        let cells = run.rows.iter().flatten().flatten();
        if run.params.iter().chain(cells).any(|source| matches!(source, Source::Mixed(_))) {
            self.compiler.only_once();
        }
        if let Some(last) = self.made.last_mut()
            && last.must != Must::Any
            && (last.must, last.prints) == (must, prints)
            && last.operation == operation
        {
            last.runs.push(run);
            return Ok(Made {
                step: self.made.len() - 1,
                row: self.made[self.made.len() - 1].runs.len() - 1,
            });
        }
        let ready = self.compiler.engine.ready(self.compiler.view.roles(), &operation)?;
        self.made.push(Step { operation, ready, returns, prints, must, runs: vec![run] });
        Ok(Made { step: self.made.len() - 1, row: 0 })
    }

    /// The value of a field of the n-th of these rows.
    pub(super) fn kept(&self, made: Made, n: usize, field: FieldId) -> Result<Kept, Problem> {
        let at = self.made[made.step].returns.iter().position(|f| *f == field);
        let at = at.ok_or_else(|| Problem::bug("a step does not give back what another needs"))?;
        Ok(Kept { step: made.step, row: made.row + n, at })
    }

    /// A condition that a field has a value which only an earlier step knows.
    pub(super) fn equals(
        &self,
        (slots, run): (&mut Slots, &mut Run),
        ty: TypeId,
        field: FieldId,
        cell: Cell,
    ) -> Result<Expr, Problem> {
        let scalar = self.compiler.view.schema().ty(ty).field(field).scalar;
        let id = match cell {
            Cell::Kept(kept) => {
                let id = slots.fixed(scalar, Value::Null)?;
                run.fed.push((Slot::Param(id), kept));
                id
            }
            Cell::Given(source) => slots.source(scalar, source)?,
        };
        let left = Operand::Field(Root::Scope(0), field);
        Ok(Expr::Compare(bistro_ir::Compare::Eq, left, Operand::Param(id)))
    }

    /// A read of these fields. What a later step needs must be readable, as if the caller had asked for it.
    fn fields(&self, ty: TypeId, fields: &[FieldId], filter: Expr) -> Result<Read, Problem> {
        let (view, of) = (self.compiler.view, self.compiler.view.schema().ty(ty));
        let readable = |f: &FieldId| view.field_allows(ty, *f, Right::Read);
        if !view.type_allows(ty, Right::Read) || !fields.iter().all(readable) {
            let message = format!("permission denied for table {}", of.collection);
            return Err(Problem::new(Code::Forbidden, message)
                .details("What is nested needs a key that you may not read."));
        }
        let select = fields.iter().map(|field| {
            let operand = Operand::Field(Root::Scope(0), *field);
            Item::Value { key: of.field(*field).name.clone(), operand, cast: None }
        });
        Ok(read(ty, select.collect(), filter))
    }
}

fn push_row(run: &mut Run, columns: &[FieldId], cells: Vec<Filled>, place: Box<str>) {
    let (row, mut sources) = (run.rows.len(), vec![None; columns.len()]);
    for filled in cells {
        let Some(column) = columns.iter().position(|c| *c == filled.field) else { continue };
        if let Some(member) = filled.member {
            run.members.push(((row, column), member));
        }
        sources[column] = Some(match filled.cell {
            Cell::Given(source) => source,
            Cell::Kept(kept) => {
                run.fed.push((Slot::Cell(row, column), kept));
                Source::Fixed(Value::Null)
            }
        });
    }
    run.rows.push(sources);
    run.places.push(place);
}
