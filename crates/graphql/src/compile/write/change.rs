//! Rows that are there are changed or removed: one by its key, or all that meet a condition.

use bistro_ir::{Action, Expr, Read};
use bistro_problem::{Code, Problem};
use bistro_schema::TypeId;

use super::nested::Hung;
use super::rows::{Filled, NewRow};
use super::step::{Must, Run};
use super::steps::{Back, Steps};
use crate::compile::{Compiler, Field, Slots};

/// What `set` says.
struct Change<'a> {
    cells: Vec<Filled>,
    hung: Vec<Hung<'a>>,
}

impl<'a> Steps<'_, 'a> {
    fn change(&mut self, ty: TypeId, field: &Field<'a>) -> Result<Change<'a>, Problem> {
        let given = self.compiler.said(field, "set");
        let given = given.ok_or_else(|| Problem::bug("an update has no argument set"))?;
        let row = NewRow { given, place: "/set".into(), preset: Vec::new() };
        self.count()?;
        let mut members = [self.compiler.row_members(ty, row)?];
        self.references(ty, &mut members, 0)?;
        let [members] = members;
        let hung = members.many.into_iter().map(|link| Hung { row: 0, link }).collect();
        Ok(Change { cells: members.cells, hung })
    }

    /// The row of `updateX`.
    pub(super) fn update_root(
        &mut self,
        ty: TypeId,
        field: &Field<'a>,
        filter: Expr,
        key_slots: Slots,
        asked: impl FnOnce(Slots) -> Result<(Read, Slots), crate::failure::Failure>,
    ) -> Result<(), crate::failure::Failure> {
        let Change { cells, hung } = self.change(ty, field)?;
        let run = Run { places: vec!["/set".into()], ..Run::default() };
        if hung.is_empty() {
            let (read, slots) = asked(key_slots)?;
            let back = Back::Printed(Some(Box::new(read)));
            self.update(ty, filter, (slots, back), cells, (run, Must::One))?;
            return Ok(());
        }
        let back = self.needed(ty, &hung, &self.compiler.view.schema().ty(ty).key);
        // Who changes only what hangs on a row needs the right to that alone.
        let made = match cells.is_empty() {
            true => self.find(ty, filter, (key_slots, back), run)?,
            false => self.update(ty, filter, (key_slots, Back::Fields(back)), cells, (run, Must::One))?,
        };
        self.hang(ty, made, hung, 0)?;
        self.read_back(ty, made, asked(Slots::default())?, vec!["/set".into()])?;
        Ok(())
    }

    /// The rows of `updateXs`; with nothing to change none is touched.
    pub(super) fn update_many(
        &mut self,
        ty: TypeId,
        field: &Field<'a>,
        filter: Expr,
        (read, slots): (Option<Read>, Slots),
    ) -> Result<(), Problem> {
        let Change { cells, hung } = self.change(ty, field)?;
        if !hung.is_empty() || self.writes() {
            let message = "Rows are nested into one row at a time, not into all that match";
            return Err(Problem::new(Code::BadParameter, message)
                .hint("Update the rows one by one, by their keys, or connect them all to one that is there.")
                .pointer("/set"));
        }
        if cells.is_empty() {
            return Ok(());
        }
        let run = Run { places: vec!["/set".into()], ..Run::default() };
        let made =
            self.update(ty, filter, (slots, Back::Printed(read.map(Box::new))), cells, (run, Must::Any))?;
        self.counts = made.step..made.step + 1;
        Ok(())
    }

    /// The rows of `deleteX` and `deleteXs`, as they were.
    pub(super) fn delete(
        &mut self,
        ty: TypeId,
        filter: Expr,
        (read, slots): (Option<Read>, Slots),
        must: Must,
    ) -> Result<(), Problem> {
        let back = Back::Printed(read.map(Box::new));
        let made = self.write(ty, Action::Delete { filter }, (slots, back), Run::default(), must)?;
        self.counts = made.step..made.step + 1;
        Ok(())
    }
}

impl<'a> Compiler<'a> {
    /// The condition of the argument `filter`; one that is always true is refused.
    pub(super) fn touched(&self, slots: &mut Slots, ty: TypeId, field: &Field<'a>) -> Result<Expr, Problem> {
        let given = self.said(field, "filter");
        let filter = given.map_or(Ok(Expr::TRUE), |given| self.condition(slots, ty, &given))?;
        if filter.is_true() && !self.limits.unfiltered_writes {
            let message = format!("{} without any condition is refused", field.name);
            return Err(Problem::new(Code::UnfilteredWrite, message)
                .hint("Say in filter which rows are meant.")
                .pointer("/filter"));
        }
        Ok(filter)
    }
}
