//! Relations that lead to many rows: rows are connected, made and disconnected once the row that they hang on is there.

use bistro_ir::{Action, Conflict, Expr};
use bistro_problem::Problem;
use bistro_schema::{FieldId, Relation, RelationId, RelationKind, Through, TypeId};

use super::link::at;
use super::rows::{Cell, Filled, Link, NewRow, null};
use super::step::{Must, Run};
use super::steps::{Back, Made, Steps};
use crate::compile::{Given, Slots};

/// What is said of a relation of the n-th row.
pub(super) struct Hung<'a> {
    pub(super) row: usize,
    pub(super) link: Link<'a>,
}

/// A row that is named or given, for the n-th of the rows around it.
struct Part<'a> {
    row: usize,
    given: Given<'a>,
    place: Box<str>,
}

/// What is said of one relation, of all rows together.
#[derive(Default)]
struct Parts<'a> {
    disconnect: Vec<Part<'a>>,
    connect: Vec<Part<'a>>,
    create: Vec<Part<'a>>,
}

impl<'a> Steps<'_, 'a> {
    /// The fields that what hangs on rows needs to know of them, besides those that are wanted anyway.
    pub(super) fn needed(&self, ty: TypeId, hung: &[Hung<'a>], wants: &[FieldId]) -> Vec<FieldId> {
        let schema = self.compiler.view.schema();
        let mut needed = wants.to_vec();
        for hung in hung {
            let relation = schema.ty(ty).relation(hung.link.relation);
            let fields: Vec<FieldId> = match &relation.kind {
                RelationKind::ManyToMany(through) => {
                    let near = schema.ty(through.join).relation(through.near);
                    near.pairs.iter().map(|(_, own)| *own).collect()
                }
                _ => relation.pairs.iter().map(|(own, _)| *own).collect(),
            };
            for field in fields {
                if !needed.contains(&field) {
                    needed.push(field);
                }
            }
        }
        needed
    }

    /// Writes what hangs on rows that were made or found.
    pub(super) fn hang(
        &mut self,
        ty: TypeId,
        made: Made,
        hung: Vec<Hung<'a>>,
        depth: usize,
    ) -> Result<(), Problem> {
        let mut by_relation: Vec<(RelationId, Parts<'a>)> = Vec::new();
        for Hung { row, link } in hung {
            let parts = match by_relation.iter().position(|(relation, _)| *relation == link.relation) {
                Some(n) => &mut by_relation[n].1,
                None => {
                    by_relation.push((link.relation, Parts::default()));
                    &mut by_relation.last_mut().expect("it was pushed just now").1
                }
            };
            parts.add(row, &link)?;
        }
        let schema = self.compiler.view.schema();
        for (relation, parts) in by_relation {
            let relation = schema.ty(ty).relation(relation);
            match &relation.kind {
                RelationKind::ToMany => self.children(made, relation, parts, depth)?,
                RelationKind::ManyToMany(through) => {
                    self.linked(made, (relation, through), parts, depth)?;
                }
                RelationKind::ToOne | RelationKind::ToOneInverse => {
                    return Err(Problem::bug("many rows hang on a relation that leads to one"));
                }
            }
        }
        Ok(())
    }

    /// Rows whose foreign key leads to the rows that were made.
    fn children(
        &mut self,
        made: Made,
        relation: &Relation,
        parts: Parts<'a>,
        depth: usize,
    ) -> Result<(), Problem> {
        for part in parts.disconnect {
            self.count()?;
            let (mut slots, mut run) = (Slots::default(), part.run());
            let mut filter = vec![self.named(&mut slots, relation.target, &part)?];
            for (near, far) in &relation.pairs {
                let cell = Cell::Kept(self.kept(made, part.row, *near)?);
                filter.push(self.equals((&mut slots, &mut run), relation.target, *far, cell)?);
            }
            let cells = relation.pairs.iter().map(|(_, far)| unnamed(*far, null())).collect();
            let back = Back::Fields(Vec::new());
            self.update(relation.target, Expr::all(filter), (slots, back), cells, (run, Must::One))?;
        }
        for part in parts.connect {
            self.count()?;
            let mut slots = Slots::default();
            let filter = self.named(&mut slots, relation.target, &part)?;
            let cells = self.owner(made, relation, part.row)?;
            let cells = cells.into_iter().map(|(far, cell)| unnamed(far, cell)).collect();
            let back = Back::Fields(Vec::new());
            self.update(relation.target, filter, (slots, back), cells, (part.run(), Must::One))?;
        }
        let rows = parts.create.into_iter().map(|part| {
            let preset = self.owner(made, relation, part.row)?;
            Ok(NewRow { given: part.given, place: part.place, preset })
        });
        let rows = rows.collect::<Result<Vec<_>, Problem>>()?;
        if rows.is_empty() {
            return Ok(());
        }
        self.create(relation.target, rows, &[], depth + 1).map(drop)
    }

    /// The foreign key that leads to the n-th of the rows that were made.
    fn owner(&self, made: Made, relation: &Relation, n: usize) -> Result<Vec<(FieldId, Cell)>, Problem> {
        let cells =
            relation.pairs.iter().map(|(near, far)| Ok((*far, Cell::Kept(self.kept(made, n, *near)?))));
        cells.collect()
    }

    /// Rows that are linked over a join type. Who is connected is looked up by the caller's rules; whether a link may be
    /// made or removed is judged of the link itself.
    fn linked(
        &mut self,
        made: Made,
        (relation, through): (&Relation, &Through),
        parts: Parts<'a>,
        depth: usize,
    ) -> Result<(), Problem> {
        let schema = self.compiler.view.schema();
        let join = schema.ty(through.join);
        let (near, far) = (join.relation(through.near), join.relation(through.far));
        let wants: Vec<FieldId> = far.pairs.iter().map(|(_, far)| *far).collect();
        for part in parts.disconnect {
            self.count()?;
            let found = self.look_up(relation.target, &part.given, wants.clone(), &part.place)?;
            let ends = [self.ends(near, made, part.row)?, self.ends(far, found, 0)?].concat();
            self.unlink(through.join, ends, part.run())?;
        }
        let mut links: Vec<(Vec<Filled>, Box<str>)> = Vec::new();
        for part in parts.connect {
            self.count()?;
            let found = self.look_up(relation.target, &part.given, wants.clone(), &part.place)?;
            links.push(([self.ends(near, made, part.row)?, self.ends(far, found, 0)?].concat(), part.place));
        }
        let (owners, rows): (Vec<_>, Vec<_>) = parts
            .create
            .into_iter()
            .map(|part| {
                let row = NewRow { given: part.given, place: part.place.clone(), preset: Vec::new() };
                ((part.row, part.place), row)
            })
            .unzip();
        if !rows.is_empty() {
            let new = self.create(relation.target, rows, &wants, depth + 1)?;
            for (k, (row, place)) in owners.into_iter().enumerate() {
                links.push(([self.ends(near, made, row)?, self.ends(far, new, k)?].concat(), place));
            }
        }
        self.link(through.join, (near, far), links)
    }

    /// Makes links. One that is there already stays, where the join type has no two links of the same rows.
    fn link(
        &mut self,
        join: TypeId,
        (near, far): (&Relation, &Relation),
        links: Vec<(Vec<Filled>, Box<str>)>,
    ) -> Result<(), Problem> {
        if links.is_empty() {
            return Ok(());
        }
        let fields: Vec<FieldId> = near.pairs.iter().chain(&far.pairs).map(|(field, _)| *field).collect();
        let unique = self.compiler.view.schema().ty(join).unique_over(&fields);
        let conflict = unique.then_some(Conflict { fields, merge: false });
        self.insert(join, links, conflict, (Slots::default(), Back::Fields(Vec::new()))).map(drop)
    }

    fn unlink(&mut self, join: TypeId, ends: Vec<Filled>, mut run: Run) -> Result<(), Problem> {
        let mut slots = Slots::default();
        let ends = ends.into_iter().map(|end| self.equals((&mut slots, &mut run), join, end.field, end.cell));
        let filter = Expr::all(ends.collect::<Result<Vec<_>, _>>()?);
        let back = Back::Fields(Vec::new());
        self.write(join, Action::Delete { filter }, (slots, back), run, Must::Some).map(drop)
    }

    /// The condition that finds the row that a part names.
    fn named(&self, slots: &mut Slots, ty: TypeId, part: &Part<'a>) -> Result<Expr, Problem> {
        self.compiler.by_key(slots, ty, &part.given).map_err(|problem| at(problem, &part.place))
    }
}

impl<'a> Parts<'a> {
    fn add(&mut self, row: usize, link: &Link<'a>) -> Result<(), Problem> {
        for (name, list) in link.given.members()? {
            let parts = match name {
                "disconnect" => &mut self.disconnect,
                "connect" => &mut self.connect,
                _ => &mut self.create,
            };
            if list.is_null() {
                continue;
            }
            let elements = list.elements().into_iter().enumerate();
            let place = |n: usize| format!("{}/{name}/{n}", link.place).into();
            parts.extend(elements.map(|(n, given)| Part { row, given, place: place(n) }));
        }
        Ok(())
    }
}

impl Part<'_> {
    fn run(&self) -> Run {
        Run { named: self.place.clone(), places: vec![self.place.clone()], ..Run::default() }
    }
}

fn unnamed(field: FieldId, cell: Cell) -> Filled {
    Filled { field, cell, member: None }
}
