//! What comes of each row: all that the caller may read, and the related rows that `include` names.

use std::sync::atomic::{AtomicUsize, Ordering};

use bistro_ir::keyset;
use bistro_ir::{Bound, Embed, Expr, Item, Operand, Read, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::{RelationId, TypeId};

use super::place::inside_nth;
use super::{Compiler, too_deep};
use crate::describe::Member;
use crate::envelope::{Element, misplaced, shown};
use crate::render::{Level, Out, Shape};

/// How many times `include` may be there.
const INCLUDES_MAX: usize = 100;
/// How many relations they may come to together.
const RELATIONS_MAX: usize = 50;

/// The most bytes that are made room for before a reply is known.
const ROOM_MAX: usize = 64 << 10;

/// The items of a read, and how its rows are printed.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) items: Vec<Item>,
    pub(crate) shape: Shape,
    /// The size of its last reply in bytes, which the next one is likely to have.
    size: AtomicUsize,
}

impl Selection {
    /// A selection that nobody asked for yet.
    pub(crate) fn new(items: Vec<Item>, shape: Shape) -> Self {
        Self { items, shape, size: AtomicUsize::new(256) }
    }

    /// Room for the next reply: a little more than last time, so that the buffer seldom grows.
    pub(crate) fn room(&self) -> usize {
        let size = self.size.load(Ordering::Relaxed).min(ROOM_MAX);
        size + size / 8 + 64
    }

    /// How large it is, as caches count.
    pub(crate) fn weight(&self) -> u64 {
        self.shape.levels.iter().map(|level| 1 + level.outs.len() as u64).sum()
    }

    /// Notes what a reply came to.
    pub(crate) fn note(&self, bytes: usize) {
        self.size.store(bytes, Ordering::Relaxed);
    }
}

/// Relations that are included, each with what is included in its rows.
#[derive(Debug, Default, PartialEq, Eq, Hash, Clone)]
pub(crate) struct Includes(Vec<(RelationId, Includes)>);

impl Compiler<'_> {
    /// The relations that `include` elements name.
    pub(super) fn includes(&self, ty: TypeId, given: &[&Element<'_>]) -> Result<Includes, Problem> {
        if given.len() > INCLUDES_MAX {
            let message = format!("include is there more than {INCLUDES_MAX} times");
            return Err(Problem::new(Code::TooComplex, message));
        }
        let mut all = Includes::default();
        for (n, path) in given.iter().enumerate() {
            let added = path.value().and_then(|path| self.include(&mut all, ty, path.trim_ascii()));
            let added = added.and_then(|()| match all.count() <= RELATIONS_MAX {
                true => Ok(()),
                false => {
                    let message = format!("More than {RELATIONS_MAX} relations are included");
                    Err(Problem::new(Code::TooComplex, message).hint("List some of them by themselves."))
                }
            });
            added.map_err(|problem| inside_nth(problem, "include", n))?;
        }
        Ok(all)
    }

    fn include(&self, all: &mut Includes, ty: TypeId, path: &str) -> Result<(), Problem> {
        let (mut at, mut within) = (ty, all);
        for (depth, step) in path.split('.').enumerate() {
            if depth >= self.limits.relations {
                return Err(too_deep(self.limits.relations));
            }
            let of = self.described.ty(at);
            let Some(Member::Relation(relation)) = self.described.shown(at).member(of, step) else {
                let problem = match step {
                    "" => misplaced("include holds the name of a relation"),
                    step => misplaced(format!("{} has no relation {}", of.name, shown(step))),
                };
                return Err(problem.hint("include takes relations, joined by points: comments.author."));
            };
            at = of.relation(relation).target;
            within = within.enter(relation);
        }
        Ok(())
    }

    /// All that a caller may read of rows of `ty`, with related rows.
    pub(super) fn selection(&self, ty: TypeId, includes: &Includes) -> Selection {
        let mut levels = Vec::new();
        let items = self.row(ty, (&self.described.ty(ty).name, u64::MAX), includes, &mut levels).0;
        Selection::new(items, Shape { levels })
    }

    /// The items of a row, and which level prints it. The row's own level stands before those in it.
    fn row(
        &self,
        ty: TypeId,
        (tag, most): (&str, u64),
        includes: &Includes,
        levels: &mut Vec<Level>,
    ) -> (Vec<Item>, usize) {
        let (of, shown) = (self.described.ty(ty), self.described.shown(ty));
        let index = levels.len();
        levels.push(Level::default());
        let (mut items, mut outs) = (Vec::new(), Vec::new());
        for f in &shown.fields {
            let field = of.field(*f);
            let operand = Operand::Field(Root::Scope(0), *f);
            items.push(Item::Value { key: field.name.clone(), operand, cast: None });
            outs.push(Out::value(&field.name, field.scalar));
        }
        // In the order of the schema, whatever the order of the wishes: readers of XML Schema insist on it.
        let wanted = |relation: &RelationId| includes.0.iter().find(|(r, _)| r == relation);
        for (relation, inner) in shown.relations.iter().filter_map(wanted) {
            let way = of.relation(*relation);
            let most = if way.to_one() { u64::MAX } else { self.limits.included };
            let (select, level) = self.row(way.target, (&way.name, most), inner, levels);
            items.push(self.embed(*relation, &way.name, way.target, (select, way.to_one())));
            outs.push(Out::Nested(level));
        }
        levels[index] = Level::new(tag, most, outs);
        (items, index)
    }

    /// Related rows in a row; several come in the order of their key.
    fn embed(
        &self,
        relation: RelationId,
        key: &str,
        ty: TypeId,
        (select, to_one): (Vec<Item>, bool),
    ) -> Item {
        let mut terms = Vec::new();
        if !to_one {
            keyset::tie(self.described.view(), ty, &mut terms);
        }
        let order = terms.into_iter().map(|term| term.order).collect();
        // One more than is printed, to know whether it is there.
        let limit = (!to_one).then_some(Bound::Fixed(self.limits.included + 1));
        let read = Read { ty, select, filter: Expr::TRUE, order, limit, offset: None, total: false };
        let (when, link) = (Box::new(Expr::TRUE), Box::new(Expr::TRUE));
        Item::Embed(Embed { key: key.into(), relation, read: Box::new(read), when, link, spread: false })
    }
}

impl Includes {
    /// How many relations there are, those within others too.
    fn count(&self) -> usize {
        self.0.iter().map(|(_, inner)| 1 + inner.count()).sum()
    }

    /// What is included in the rows of a relation, which is included from now on.
    fn enter(&mut self, relation: RelationId) -> &mut Includes {
        let at = match self.0.iter().position(|(r, _)| *r == relation) {
            Some(at) => at,
            None => {
                self.0.push((relation, Includes::default()));
                self.0.len() - 1
            }
        };
        &mut self.0[at].1
    }
}
