//! Mutations: a root field becomes the steps of one write, nested rows included, that are run in one transaction.
//!
//! A step is an ordinary operation, authorised for the caller like any other: nesting adds no right, and what one step needs
//! to know of another's rows (their keys) must be readable to the caller. Rows that are made together, at the same place of
//! the input, are one step.

mod answer;
mod change;
mod create;
mod link;
mod nested;
mod rows;
mod step;
mod steps;

use std::ops::Range;
use std::sync::Arc;

use apollo_compiler::response::JsonMap;
use bistro_ir::{Input, Operation};
use bistro_problem::Problem;
use bistro_schema::TypeId;

use self::answer::Printed;
use self::create::new_row;
use self::steps::Steps;
use super::{Compiler, Field, Rules, Slots, bind};
use crate::describe::RootField;
use crate::document::{PageNow, cost, cut};
use crate::failure::Failure;
use crate::plan::{Cost, PageBounds};
use crate::render::Shape;

#[cfg(test)]
pub(crate) use step::Kept;
pub(crate) use step::{Must, Run, Slot, Step};

/// A write as steps of one transaction, for any values.
pub(crate) struct Writing {
    pub(crate) steps: Vec<Step>,
    pub(crate) shape: Arc<Shape>,
    /// Whether the shape prints rows.
    pub(crate) prints: bool,
    /// The steps that touch as many rows as the reply says.
    pub(crate) counts: Range<usize>,
    pages: Vec<PageBounds>,
    cost: Cost,
    /// Rows of the input.
    rows: usize,
}

/// The rows and conditions of a write for one request.
pub(crate) struct BoundWriting {
    /// For each step one for each of its runs.
    pub(crate) inputs: Vec<Vec<Input>>,
    pub(crate) pages: Vec<PageNow>,
    /// Rows that the write may come to, those of the input and those that are read back.
    pub(crate) rows: u64,
}

impl Writing {
    /// The steps of a field of `Mutation`.
    pub(crate) fn compile<'a>(
        compiler: &Compiler<'a>,
        field: &Field<'a>,
        means: RootField,
    ) -> Result<Self, Failure> {
        let mut steps = Steps::new(compiler);
        let printed = steps.root(field, means).map_err(|mut failure| {
            if failure.places.is_empty() {
                failure.places.push(field.place);
            }
            failure
        })?;
        let Steps { made, counts, rows, .. } = steps;
        let Printed { shape, rows: prints, pages, cost } = printed;
        Ok(Self { steps: made, shape: Arc::new(shape), prints, counts, pages, cost, rows })
    }

    /// The values of a request.
    pub(crate) fn bind(&self, rules: Rules<'_>, variables: &JsonMap) -> Result<BoundWriting, Problem> {
        let inputs = self.steps.iter().map(|step| {
            let runs = step.runs.iter().map(|run| step.bind(run, rules, variables));
            runs.collect::<Result<Vec<_>, _>>()
        });
        let inputs = inputs.collect::<Result<Vec<_>, Problem>>()?;
        let printing = self.steps.iter().zip(&inputs).filter(|(step, _)| step.prints);
        let (mut pages, mut read) = (Vec::new(), 0_u64);
        for (_, runs) in printing {
            let [first, ..] = &runs[..] else { continue };
            let parts = std::slice::from_ref(first);
            pages = self.pages.iter().map(|page| cut(page, parts)).collect();
            let rows = first.rows.len().max(runs.len()) as u64;
            read = read.saturating_add(cost(&self.cost, parts).saturating_mul(rows));
        }
        Ok(BoundWriting { inputs, pages, rows: read.saturating_add(self.rows()) })
    }

    /// How many rows its input holds.
    pub(crate) fn rows(&self) -> u64 {
        self.rows as u64
    }

    /// The operations of its steps, in order.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        self.steps.iter().map(|step| step.operation.clone()).collect()
    }

    /// How large it is, as [`bistro_engine::Ready::weight`] has it.
    pub(crate) fn weight(&self) -> usize {
        let values = |run: &Run| run.rows.iter().map(Vec::len).sum::<usize>() + run.params.len() + 4;
        let steps = self.steps.iter();
        steps.map(|step| step.ready.weight() + 8 * step.runs.iter().map(values).sum::<usize>()).sum()
    }
}

impl Step {
    fn bind(&self, run: &Run, rules: Rules<'_>, variables: &JsonMap) -> Result<Input, Problem> {
        let params = self.operation.params.iter().zip(&run.params);
        let params = params.map(|(param, source)| bind(rules, param.scalar, source, variables));
        let named =
            |problem| if run.named.is_empty() { problem } else { Problem::pointer(problem, &*run.named) };
        let params = params.collect::<Result<_, Problem>>().map_err(named)?;
        let ty = rules.schema.ty(self.ty());
        let mut rows = Vec::with_capacity(run.rows.len());
        for (n, sources) in run.rows.iter().enumerate() {
            let cells = sources.iter().zip(self.columns()).enumerate().map(|(column, (source, field))| {
                let Some(source) = source else { return Ok(None) };
                let value = bind(rules, ty.field(*field).scalar, source, variables);
                value
                    .map(Some)
                    .map_err(|problem| problem.pointer(run.place(n, column, &ty.field(*field).name)))
            });
            rows.push(cells.collect::<Result<Vec<_>, Problem>>()?);
        }
        Ok(Input { params, rows, ..Input::default() })
    }
}

impl Run {
    /// Where in the arguments the value of a cell stands.
    pub(super) fn place(&self, row: usize, column: usize, field: &str) -> String {
        let member = self.members.iter().find(|(cell, _)| *cell == (row, column));
        let member = member.map_or(field, |(_, member)| &**member);
        format!("{}/{member}", self.places.get(row).map_or("", |place| &**place))
    }
}

impl<'a> Steps<'_, 'a> {
    /// The steps of a root field, and how their rows are printed.
    fn root(&mut self, field: &Field<'a>, means: RootField) -> Result<Printed, Failure> {
        let compiler = self.compiler;
        match means {
            RootField::Create(ty) => {
                let given = compiler.said(field, "input");
                let given = given.ok_or_else(|| Problem::bug("a new row has no argument input"))?;
                let (read, slots, printed) = compiler.row_asked(field, ty, Slots::default())?;
                self.create_root(ty, vec![new_row(given, "/input")], (Some(read), slots))?;
                Ok(printed)
            }
            RootField::CreateMany(ty) => {
                let (read, slots, printed) = compiler.rows_asked(field, ty, Slots::default())?;
                self.create_root(ty, compiler.input_rows(field), (read, slots))?;
                Ok(printed)
            }
            RootField::Upsert(ty) => {
                let (read, slots, printed) = compiler.rows_asked(field, ty, Slots::default())?;
                let conflict = compiler.conflict(ty, field)?;
                self.upsert(ty, compiler.input_rows(field), conflict, (read, slots))?;
                Ok(printed)
            }
            RootField::Update(ty) | RootField::Delete(ty) => self.one(field, ty, means),
            RootField::UpdateMany(ty) | RootField::DeleteMany(ty) => self.many(field, ty, means),
            _ => Err(Problem::bug("a field of Mutation does not write").into()),
        }
    }

    /// All rows that meet a condition.
    fn many(&mut self, field: &Field<'a>, ty: TypeId, means: RootField) -> Result<Printed, Failure> {
        let (compiler, mut slots) = (self.compiler, Slots::default());
        let filter = compiler.touched(&mut slots, ty, field)?;
        let (mut read, slots, printed) = compiler.rows_asked(field, ty, slots)?;
        if let Some(read) = &mut read {
            // Rows are found in the order in which they come back, the same on every store.
            let mut terms = Vec::new();
            compiler.tie(ty, &mut terms);
            read.order = terms.into_iter().map(|term| term.order).collect();
        }
        match means {
            RootField::UpdateMany(_) => self.update_many(ty, field, filter, (read, slots))?,
            _ => self.delete(ty, filter, (read, slots), Must::Any)?,
        }
        Ok(printed)
    }

    /// The row of a key.
    fn one(&mut self, field: &Field<'a>, ty: TypeId, means: RootField) -> Result<Printed, Failure> {
        let compiler = self.compiler;
        let mut slots = Slots::default();
        let filter = compiler.by_arguments(&mut slots, ty, field)?;
        if matches!(means, RootField::Delete(_)) {
            let (read, slots, printed) = compiler.row_asked(field, ty, slots)?;
            self.delete(ty, filter, (Some(read), slots), Must::One)?;
            return Ok(printed);
        }
        let mut printed = None;
        self.update_root(ty, field, filter, slots, |slots| {
            let (read, slots, how) = compiler.row_asked(field, ty, slots)?;
            printed = Some(how);
            Ok((read, slots))
        })?;
        printed.ok_or_else(|| Problem::bug("a write was not asked for its row").into())
    }
}
