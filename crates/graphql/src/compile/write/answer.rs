//! What of the written rows is asked, and how it is printed.

use bistro_ir::{Body, Expr, Read};
use bistro_problem::{Code, Problem};
use bistro_schema::TypeId;

use super::rows::Cell;
use super::step::{Must, Run};
use super::steps::{Made, Steps};
use crate::compile::row::{Members, Row};
use crate::compile::select::read;
use crate::compile::{Compiler, Draft, Field, Slots};
use crate::failure::Failure;
use crate::plan::{Cost, PageBounds};
use crate::render::{Form, Level, Piece, Shape};

/// How the rows of a write are printed, and at what cost.
pub(super) struct Printed {
    pub(super) shape: Shape,
    /// Whether rows are printed.
    pub(super) rows: bool,
    pub(super) pages: Vec<PageBounds>,
    pub(super) cost: Cost,
}

impl<'a> Compiler<'a> {
    /// What is asked of the one row that is written. `slots` holds the conditions of the same operation.
    pub(super) fn row_asked(
        &self,
        field: &Field<'a>,
        ty: TypeId,
        slots: Slots,
    ) -> Result<(Read, Slots, Printed), Failure> {
        let (mut draft, mut row) = begin(field, slots);
        let items = self.part(&mut draft, &mut row, ty, field, Form::One)?;
        let (slots, printed) = end(draft, row, true);
        Ok((items, slots, printed))
    }

    /// What is asked of the many rows that are written: how many they are, and of each the same.
    pub(super) fn rows_asked(
        &self,
        field: &Field<'a>,
        ty: TypeId,
        slots: Slots,
    ) -> Result<(Option<Read>, Slots, Printed), Failure> {
        let (mut draft, mut row) = begin(field, slots);
        let type_name = field.first.selection_set.ty.as_str();
        let (mut members, mut asked) = (Members::open(&mut row), None);
        for field in self.collect(type_name, &field.sets)? {
            members.name(&mut row, field.key);
            match field.name {
                "count" => row.place(Piece::Affected),
                "nodes" if asked.is_some() => {
                    let message = "The nodes of what was written can be asked for under one name";
                    return Err(Failure::at(Problem::new(Code::BadParameter, message), field.place));
                }
                "nodes" => asked = Some(self.part(&mut draft, &mut row, ty, &field, Form::Many)?),
                _ => row.text.push(&format!("\"{type_name}\"")),
            }
        }
        members.close(&mut row);
        let (slots, printed) = end(draft, row, asked.is_some());
        Ok((asked, slots, printed))
    }

    fn part(
        &self,
        draft: &mut Draft,
        row: &mut Row,
        ty: TypeId,
        field: &Field<'a>,
        form: Form,
    ) -> Result<Read, Failure> {
        let name = &self.view.schema().ty(ty).name;
        let (select, level) = self.object(draft, ty, name, &field.sets, 0)?;
        let level = draft.level(level);
        row.part(form, level, None);
        Ok(read(ty, select, Expr::TRUE))
    }
}

fn begin(field: &Field<'_>, slots: Slots) -> (Draft, Row) {
    let (mut draft, mut row) = (Draft { slots, ..Draft::default() }, Row::default());
    // The row of the parts is the first level; it is known when they are.
    draft.levels.push(Level::default());
    row.text.name(field.key, true);
    (draft, row)
}

fn end(mut draft: Draft, row: Row, rows: bool) -> (Slots, Printed) {
    draft.levels[0] = row.finish().1;
    let Draft { levels, slots, pages, cost, .. } = draft;
    (slots, Printed { shape: Shape { levels }, rows, pages, cost })
}

impl Steps<'_, '_> {
    /// Reads the rows of a step back by their keys, once everything is written.
    pub(super) fn read_back(
        &mut self,
        ty: TypeId,
        made: Made,
        (read, mut slots): (Read, Slots),
        places: Vec<Box<str>>,
    ) -> Result<(), Problem> {
        let (key, mut run) = (self.compiler.view.schema().ty(ty).key.clone(), Run::default());
        let equal = key.iter().map(|field| {
            let cell = Cell::Kept(self.kept(made, 0, *field)?);
            self.equals((&mut slots, &mut run), ty, *field, cell)
        });
        let filter = Expr::all(equal.collect::<Result<Vec<_>, Problem>>()?);
        let fed = run.fed.clone();
        let body = Body::Read(Read { filter, ..read });
        let read = self.push(body, slots, (Vec::new(), true), run, Must::Show)?;
        let step = &mut self.made[read.step];
        let params = step.runs[0].params.clone();
        step.runs[0].places = places[..1].to_vec();
        for (n, place) in places.into_iter().enumerate().skip(1) {
            let mut fed = fed.clone();
            fed.iter_mut().for_each(|(_, kept)| kept.row += n);
            step.runs.push(Run { params: params.clone(), fed, places: vec![place], ..Run::default() });
        }
        Ok(())
    }
}
