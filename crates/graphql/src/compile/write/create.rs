//! New rows, with what is nested in them: first the rows that they refer to, then they, then the rows that refer to them.

use std::collections::BTreeSet;

use bistro_ir::{Conflict, Read};
use bistro_problem::{Code, Problem};
use bistro_schema::{Action, FieldId, TypeId};

use super::nested::Hung;
use super::rows::{FilledRow, NewRow};
use super::steps::{Back, Made, Steps};
use crate::compile::order::too_deep;
use crate::compile::{Compiler, Field, Given, Slots};

/// How many different sets of members the rows of one upsert may name: each is an operation of its own.
const MEMBER_SETS_MAX: usize = 250;

/// Rows that are ready to be inserted, and what hangs on them.
pub(super) struct Prepared<'a> {
    pub(super) rows: Vec<FilledRow>,
    pub(super) hung: Vec<Hung<'a>>,
}

impl<'a> Steps<'_, 'a> {
    /// Makes rows with everything nested in them; `wants` are fields that others need of them.
    pub(super) fn create(
        &mut self,
        ty: TypeId,
        rows: Vec<NewRow<'a>>,
        wants: &[FieldId],
        depth: usize,
    ) -> Result<Made, Problem> {
        let prepared = self.prepare(ty, rows, depth)?;
        let back = self.needed(ty, &prepared.hung, wants);
        let made = self.insert(ty, prepared.rows, None, (Slots::default(), Back::Fields(back)))?;
        self.hang(ty, made, prepared.hung, depth)?;
        Ok(made)
    }

    /// Reads new rows, and makes the rows that they refer to.
    pub(super) fn prepare(
        &mut self,
        ty: TypeId,
        rows: Vec<NewRow<'a>>,
        depth: usize,
    ) -> Result<Prepared<'a>, Problem> {
        let most = self.compiler.limits.relations;
        if depth > most {
            return Err(too_deep(most));
        }
        let (mut places, mut members) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for row in rows {
            self.count()?;
            places.push(row.place.clone());
            members.push(self.compiler.row_members(ty, row)?);
        }
        self.references(ty, &mut members, depth)?;
        let (mut rows, mut hung) = (Vec::with_capacity(places.len()), Vec::new());
        for (n, (members, place)) in members.into_iter().zip(places).enumerate() {
            self.compiler.check_references(ty, &members.cells, &place)?;
            rows.push((members.cells, place));
            hung.extend(members.many.into_iter().map(|link| Hung { row: n, link }));
        }
        Ok(Prepared { rows, hung })
    }

    /// The rows of `createX` and `createXs`, printed as they are asked for.
    pub(super) fn create_root(
        &mut self,
        ty: TypeId,
        rows: Vec<NewRow<'a>>,
        (read, slots): (Option<Read>, Slots),
    ) -> Result<(), Problem> {
        let Prepared { rows, hung } = self.prepare(ty, rows, 0)?;
        if rows.is_empty() {
            return Ok(());
        }
        if hung.is_empty() {
            let made = self.insert(ty, rows, None, (slots, Back::Printed(read.map(Box::new))))?;
            self.counts = made.step..made.step + 1;
            return Ok(());
        }
        let places: Vec<Box<str>> = rows.iter().map(|(_, place)| place.clone()).collect();
        let key = &self.compiler.view.schema().ty(ty).key;
        let back = self.needed(ty, &hung, if read.is_some() { key } else { &[] });
        let made = self.insert(ty, rows, None, (Slots::default(), Back::Fields(back)))?;
        self.counts = made.step..made.step + 1;
        self.hang(ty, made, hung, 0)?;
        match read {
            Some(read) => self.read_back(ty, made, (read, slots), places),
            None => Ok(()),
        }
    }

    /// The rows of `upsertXs`.
    pub(super) fn upsert(
        &mut self,
        ty: TypeId,
        rows: Vec<NewRow<'a>>,
        conflict: Conflict,
        (read, slots): (Option<Read>, Slots),
    ) -> Result<(), Problem> {
        let Prepared { rows, hung } = self.prepare(ty, rows, 0)?;
        if !hung.is_empty() || self.writes() {
            let message = "An upsert takes no nested rows: which of its rows are new is not known before";
            return Err(Problem::new(Code::BadParameter, message)
                .hint("Write them on their own, or connect rows that are there.")
                .pointer("/input"));
        }
        if rows.is_empty() {
            return Ok(());
        }
        let first = self.made.len();
        for rows in alike(rows)? {
            let back = Back::Printed(read.clone().map(Box::new));
            self.insert(ty, rows, Some(conflict.clone()), (slots.clone(), back))?;
        }
        self.counts = first..self.made.len();
        Ok(())
    }
}

/// Runs of rows that fill the same fields: what a row leaves out is no column of its upsert, and so stays as it is where the
/// row is there already, whatever its neighbours say.
fn alike(rows: Vec<FilledRow>) -> Result<Vec<Vec<FilledRow>>, Problem> {
    let (mut runs, mut sets) = (Vec::<Vec<_>>::new(), BTreeSet::new());
    let mut last = BTreeSet::new();
    for (cells, place) in rows {
        let fills: BTreeSet<FieldId> = cells.iter().map(|filled| filled.field).collect();
        match runs.last_mut() {
            Some(run) if fills == last => run.push((cells, place)),
            _ => {
                runs.push(vec![(cells, place)]);
                sets.insert(fills.clone());
                last = fills;
            }
        }
    }
    if sets.len() <= MEMBER_SETS_MAX {
        return Ok(runs);
    }
    let message = format!("The rows name more than {MEMBER_SETS_MAX} different sets of members");
    Err(Problem::new(Code::TooComplex, message).hint("Write in smaller parts.").pointer("/input"))
}

impl<'a> Compiler<'a> {
    /// The rows of the argument `input`.
    pub(super) fn input_rows(&self, field: &Field<'a>) -> Vec<NewRow<'a>> {
        let given = self.said(field, "input");
        let elements = given.map_or_else(Vec::new, |given| given.elements());
        let rows = elements.into_iter().enumerate();
        rows.map(|(n, given)| new_row(given, format!("/input/{n}"))).collect()
    }

    /// What an upsert compares rows by: the key, or what `onConflict` names.
    pub(super) fn conflict(&self, ty: TypeId, field: &Field<'a>) -> Result<Conflict, Problem> {
        let merge = self.said(field, "ignore").and_then(|ignore| ignore.boolean()) != Some(true);
        let of = self.view.schema().ty(ty);
        let named = self.said(field, "onConflict").map_or_else(Vec::new, |named| named.elements());
        let mut fields: Vec<FieldId> = Vec::with_capacity(named.len());
        for name in named.iter().filter_map(Given::name) {
            let readable = |f: &FieldId| self.view.field_allows(ty, *f, Action::Read);
            let id = of.fields().find(|(_, f)| f.name == name).map(|(id, _)| id).filter(readable);
            let id = id.ok_or_else(|| Problem::bug("onConflict names what is not described"))?;
            if !fields.contains(&id) {
                fields.push(id);
            }
        }
        if fields.is_empty() {
            fields.clone_from(&of.key);
        }
        if of.unique_over(&fields) {
            return Ok(Conflict { fields, merge });
        }
        let message = "there is no unique or exclusion constraint matching the ON CONFLICT specification";
        Err(Problem::new(Code::NoConflictKey, message)
            .hint("Name the fields of the key or of one unique set.")
            .pointer("/onConflict"))
    }
}

/// A row of the caller's own.
pub(super) fn new_row<'a>(given: Given<'a>, place: impl Into<Box<str>>) -> NewRow<'a> {
    NewRow { given, place: place.into(), preset: Vec::new() }
}
