//! Relations that lead to one row: its key fills the foreign key, whether it is there or new.

use bistro_problem::Problem;
use bistro_schema::{FieldId, Relation, RelationId, TypeId};

use super::rows::{Cell, Filled, Link, Members, NewRow, add, null};
use super::step::Run;
use super::steps::{Made, Steps};
use crate::compile::{Compiler, Given, Slots};

/// New rows that a relation leads to, and for which row each is made.
struct New<'a> {
    relation: RelationId,
    rows: Vec<NewRow<'a>>,
    wanted_by: Vec<(usize, Box<str>)>,
}

impl<'a> Steps<'_, 'a> {
    /// Fills the foreign keys of these rows, and makes the rows that they shall refer to.
    pub(super) fn references(
        &mut self,
        ty: TypeId,
        rows: &mut [Members<'a>],
        depth: usize,
    ) -> Result<(), Problem> {
        let of = self.compiler.view.schema().ty(ty);
        let mut new: Vec<New<'a>> = Vec::new();
        for (n, row) in rows.iter_mut().enumerate() {
            for link in std::mem::take(&mut row.one) {
                let relation = of.relation(link.relation);
                let link_type = || format!("{}Link", self.compiler.view.schema().ty(relation.target).name);
                let added = if link.given.is_null() {
                    relation.pairs.iter().map(|(near, _)| filled(*near, null(), &relation.name)).collect()
                } else {
                    let (how, given) =
                        self.compiler.one_of(&link.given, link_type).map_err(|p| at(p, &link.place))?;
                    let place = format!("{}/{how}", link.place).into();
                    if how == "create" {
                        later(&mut new, link, NewRow { given, place, preset: Vec::new() }, n);
                        continue;
                    }
                    self.count()?;
                    self.connect(ty, relation, &given, &place)?
                };
                put(&mut row.cells, added, of, (relation, &link.place))?;
            }
        }
        for New { relation, rows: made, wanted_by } in new {
            let relation = of.relation(relation);
            let wants: Vec<FieldId> = relation.pairs.iter().map(|(_, far)| *far).collect();
            let made = self.create(relation.target, made, &wants, depth + 1)?;
            for (k, (n, place)) in wanted_by.iter().enumerate() {
                let cells = self.ends(relation, made, k)?;
                put(&mut rows[*n].cells, cells, of, (relation, place))?;
            }
        }
        Ok(())
    }

    /// The values of a relation's fields that lead to a row which is there. By the fields that it refers to, they are as the
    /// caller gives them, and judged as if the foreign key itself were given; by others, the row is looked up.
    fn connect(
        &mut self,
        ty: TypeId,
        relation: &Relation,
        key: &Given<'a>,
        place: &str,
    ) -> Result<Vec<Filled>, Problem> {
        if let Some(cells) = self.compiler.ends_given(ty, relation, key).map_err(|p| at(p, place))? {
            return Ok(cells);
        }
        let wants = relation.pairs.iter().map(|(_, far)| *far).collect();
        let made = self.look_up(relation.target, key, wants, place)?;
        self.ends(relation, made, 0)
    }

    /// Looks a row up that the caller names, by the caller's rules.
    pub(super) fn look_up(
        &mut self,
        ty: TypeId,
        key: &Given<'a>,
        wants: Vec<FieldId>,
        place: &str,
    ) -> Result<Made, Problem> {
        let mut slots = Slots::default();
        let filter = self.compiler.by_key(&mut slots, ty, key).map_err(|p| at(p, place))?;
        let run = Run { named: place.into(), places: vec![place.into()], ..Run::default() };
        self.find(ty, filter, (slots, wants), run)
    }

    /// The values of a relation's fields that lead to the n-th of these rows.
    pub(super) fn ends(&self, relation: &Relation, made: Made, n: usize) -> Result<Vec<Filled>, Problem> {
        let ends = relation
            .pairs
            .iter()
            .map(|(near, far)| Ok(filled(*near, Cell::Kept(self.kept(made, n, *far)?), &relation.name)));
        ends.collect()
    }
}

impl<'a> Compiler<'a> {
    /// The values of a relation's fields, if the key that is given says them all.
    pub(super) fn ends_given(
        &self,
        ty: TypeId,
        relation: &Relation,
        key: &Given<'a>,
    ) -> Result<Option<Vec<Filled>>, Problem> {
        let key_type = || format!("{}Key", self.view.schema().ty(relation.target).name);
        let (name, value) = self.one_of(key, key_type)?;
        let member = self.described.keys(relation.target).iter().find(|m| m.name == name);
        let member = member.ok_or_else(|| Problem::bug("a key has a member that is not described"))?;
        let parts = if member.fields.len() == 1 { Vec::new() } else { value.members()? };
        let part = |far: FieldId| match member.fields[..] {
            [one] if one == far => Some((value.clone(), String::new())),
            _ if member.fields.contains(&far) => {
                let field = &self.view.schema().ty(relation.target).field(far).name;
                let part = parts.iter().find(|(n, _)| n == field);
                part.map(|(n, given)| (given.clone(), format!("/{n}")))
            }
            _ => None,
        };
        let mut cells = Vec::with_capacity(relation.pairs.len());
        for (near, far) in &relation.pairs {
            let Some((given, inner)) = part(*far) else { return Ok(None) };
            let cell = Cell::Given(self.cell(ty, *near, &given)?);
            cells.push(filled(*near, cell, &format!("{}/connect/{name}{inner}", relation.name)));
        }
        Ok(Some(cells))
    }
}

fn filled(field: FieldId, cell: Cell, member: &str) -> Filled {
    Filled { field, cell, member: Some(member.into()) }
}

fn later<'a>(new: &mut Vec<New<'a>>, link: Link<'a>, row: NewRow<'a>, n: usize) {
    let wanted = (n, link.place);
    match new.iter_mut().find(|new| new.relation == link.relation) {
        Some(new) => {
            new.rows.push(row);
            new.wanted_by.push(wanted);
        }
        None => new.push(New { relation: link.relation, rows: vec![row], wanted_by: vec![wanted] }),
    }
}

fn put(
    cells: &mut Vec<Filled>,
    added: Vec<Filled>,
    of: &bistro_schema::Type,
    (relation, place): (&Relation, &str),
) -> Result<(), Problem> {
    add(cells, added, (&relation.name, place), |field| of.field(field).name.clone())
}

/// Says where in the arguments a mistake is, whether or not its value came in a variable.
pub(super) fn at(problem: Problem, place: &str) -> Problem {
    problem.pointer(place)
}
