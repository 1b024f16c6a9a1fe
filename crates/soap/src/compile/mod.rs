//! The element of a body becomes an operation of the shared middle with its values, and the shape of its reply.
//!
//! Every name goes through [`Described`], which holds what the caller's view shows: hidden and unknown are the same.

mod cursor;
mod filter;
mod key;
mod members;
mod order;
mod place;
mod row;
mod select;
mod slots;
mod test;
mod value;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bistro_ir::keyset::{self, Term};
use bistro_ir::{Action, Aggregate, Body, Bound, Expr, Input, Item, Operation, Param, Read, Write};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, Kind, Scalar, TypeId, Value};

use crate::Limits;
use crate::describe::{Described, Verb};
use crate::envelope::Element;

pub(crate) use cursor::{append as append_cursor, write as write_cursor};
pub(crate) use members::Members;
pub(crate) use place::{inside, inside_nth};
pub(crate) use select::{Includes, Selection};
pub(crate) use slots::Slots;

/// Where the selections that were made before are kept.
pub(crate) trait Selections {
    /// The selection of a type with related rows, made where it is not there.
    fn find(&self, ty: TypeId, includes: &Includes, make: &dyn Fn() -> Selection) -> Arc<Selection>;
}

/// What compiling needs to know.
#[derive(Clone, Copy)]
pub(crate) struct Compiler<'c> {
    pub(crate) described: &'c Described,
    pub(crate) limits: &'c Limits,
    pub(crate) selections: &'c dyn Selections,
}

/// One operation with its values.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) operation: Operation,
    pub(crate) input: Input,
}

/// What a request asks, and how it is answered.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) main: Asked,
    /// How its rows are printed; `None` where the caller may read none.
    pub(crate) shape: Option<Arc<Selection>>,
    /// Of a list: its page.
    pub(crate) page: Option<Page>,
    /// Of a list: how many rows there are in all, where that is wanted.
    pub(crate) total: Option<Asked>,
}

/// One row and what is wanted with it.
pub(crate) struct Wanted {
    /// Which of the sets that name a row.
    pub(crate) set: usize,
    /// The values of its fields.
    pub(crate) key: Vec<Value>,
    /// The related rows.
    pub(crate) includes: Includes,
}

/// The page of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// At most so many rows; one more is asked for, to know whether it is there.
    pub(crate) rows: u64,
    /// The signature of the order.
    pub(crate) signature: u32,
}

impl Compiler<'_> {
    /// What the element of an operation asks.
    pub(crate) fn compile(&self, verb: Verb, ty: TypeId, payload: &Element<'_>) -> Result<Compiled, Problem> {
        let compiled = match verb {
            Verb::Get => self.get(ty, payload),
            Verb::List => self.list(ty, payload),
            Verb::Count => self.count(ty, payload),
            Verb::Create | Verb::CreateMany => self.create(ty, payload, verb == Verb::CreateMany),
            Verb::Update => self.update(ty, payload),
            Verb::Delete => self.delete(ty, payload),
            Verb::SignIn => Err(Problem::bug("a sign-in was compiled")),
        };
        compiled.map_err(|problem| inside(problem, &payload.name))
    }

    /// `GetPost` whole, for plans that are shown; what serves it keeps [`Self::one`] for all values of the key.
    fn get(&self, ty: TypeId, payload: &Element<'_>) -> Result<Compiled, Problem> {
        let wanted = self.wanted(payload, ty)?;
        let (operation, selection) = self.one(ty, &wanted);
        let input = Input { params: wanted.key, ..Input::default() };
        let main = Asked { operation, input };
        Ok(Compiled { main, shape: Some(selection), page: None, total: None })
    }

    /// Which row `GetPost` wants, and what with it.
    pub(crate) fn wanted(&self, payload: &Element<'_>, ty: TypeId) -> Result<Wanted, Problem> {
        let mut members = Members::of(payload)?;
        let (key, include) = (members.sure("key")?, members.all("include"));
        members.finish()?;
        let (set, key) = self.key_values(ty, key).map_err(|problem| inside(problem, "key"))?;
        Ok(Wanted { set, key, includes: self.includes(ty, &include)? })
    }

    /// The operation that finds one row, whatever the values of its key.
    pub(crate) fn one(&self, ty: TypeId, wanted: &Wanted) -> (Operation, Arc<Selection>) {
        let selection = self.selected(ty, &wanted.includes);
        let read = read(ty, selection.items.clone(), self.key_equals(ty, wanted.set));
        let of = self.described.ty(ty);
        let scalar = |f: &FieldId| Param { scalar: of.field(*f).scalar.compared() };
        let params = self.described.shown(ty).keys[wanted.set].iter().map(scalar).collect();
        (Operation { body: Body::Read(read), params }, selection)
    }

    fn list(&self, ty: TypeId, payload: &Element<'_>) -> Result<Compiled, Problem> {
        let mut members = Members::of(payload)?;
        let chosen = (members.maybe("filter")?, members.maybe("search")?);
        let (order, include) = (members.all("orderBy"), members.all("include"));
        let (first, after) = (members.maybe("first")?, members.maybe("after")?);
        let total = members.maybe("withTotal")?.map_or(Ok(false), value::boolean);
        let total = total.map_err(|problem| inside(problem, "withTotal"))?;
        members.finish()?;
        let mut slots = Slots::default();
        let chosen_rows = self.chosen(&mut slots, ty, chosen)?;
        let terms = self.terms(ty, &order)?;
        let signature = keyset::signature(self.described.view(), ty, &terms);
        let beyond = match after {
            Some(after) => {
                let beyond = self.beyond(&mut slots, after, (signature, &terms));
                beyond.map_err(|problem| inside(problem, "after"))?
            }
            None => Expr::TRUE,
        };
        let rows = first.map_or(Ok(self.limits.page), |first| self.page(first));
        let rows = rows.map_err(|problem| inside(problem, "first"))?;
        let limit = slots.push(Scalar::one(Kind::BigInt), Value::Int(rows as i64 + 1))?;
        let selection = self.selected(ty, &self.includes(ty, &include)?);
        let mut select = selection.items.clone();
        select.extend(terms.iter().enumerate().map(|(n, term)| {
            let operand = term.order.operand.clone();
            Item::Value { key: format!("cursor.{n}"), operand, cast: None }
        }));
        let read = Read {
            order: terms.into_iter().map(|term| term.order).collect(),
            limit: Some(Bound::Param(limit)),
            ..read(ty, select, Expr::all([chosen_rows, beyond]))
        };
        let total = total.then(|| self.counted(ty, chosen)).transpose()?;
        let page = Some(Page { rows, signature });
        Ok(Compiled { shape: Some(selection), page, total, ..only(Body::Read(read), slots, Vec::new()) })
    }

    fn count(&self, ty: TypeId, payload: &Element<'_>) -> Result<Compiled, Problem> {
        let mut members = Members::of(payload)?;
        let chosen = (members.maybe("filter")?, members.maybe("search")?);
        members.finish()?;
        Ok(Compiled { main: self.counted(ty, chosen)?, shape: None, page: None, total: None })
    }

    fn create(&self, ty: TypeId, payload: &Element<'_>, several: bool) -> Result<Compiled, Problem> {
        let mut members = Members::of(payload)?;
        let inputs = if several { members.all("input") } else { vec![members.sure("input")?] };
        let returning = returning(&mut members)?;
        members.finish()?;
        let row::Rows { columns, rows } = self.new_rows(ty, &inputs, several)?;
        self.write(ty, Action::Insert { columns, conflict: None }, (Slots::default(), returning), rows)
    }

    fn update(&self, ty: TypeId, payload: &Element<'_>) -> Result<Compiled, Problem> {
        let mut members = Members::of(payload)?;
        let (key, set, clear) = (members.sure("key")?, members.maybe("set")?, members.all("clear"));
        let returning = returning(&mut members)?;
        members.finish()?;
        let mut slots = Slots::default();
        let filter = self.by_key(&mut slots, ty, key).map_err(|problem| inside(problem, "key"))?;
        let row::Rows { columns, rows } = self.change(ty, set, &clear)?;
        self.write(ty, Action::Update { filter, columns }, (slots, returning), rows)
    }

    fn delete(&self, ty: TypeId, payload: &Element<'_>) -> Result<Compiled, Problem> {
        let mut members = Members::of(payload)?;
        let key = members.sure("key")?;
        let returning = returning(&mut members)?;
        members.finish()?;
        let mut slots = Slots::default();
        let filter = self.by_key(&mut slots, ty, key).map_err(|problem| inside(problem, "key"))?;
        self.write(ty, Action::Delete { filter }, (slots, returning), Vec::new())
    }

    /// A write that gives back what it wrote, where the caller may read that and does not say otherwise.
    fn write(
        &self,
        ty: TypeId,
        action: Action,
        (slots, returning): (Slots, bool),
        rows: Vec<Vec<Option<Value>>>,
    ) -> Result<Compiled, Problem> {
        let shown = returning && self.described.shown(ty).rows();
        let shape = shown.then(|| self.selected(ty, &Includes::default()));
        let returning = shape.as_ref().map(|selection| read(ty, selection.items.clone(), Expr::TRUE));
        Ok(Compiled { shape, ..only(Body::Write(Write { ty, action, returning }), slots, rows) })
    }

    /// What comes of each row; made once for a caller's roles.
    fn selected(&self, ty: TypeId, includes: &Includes) -> Arc<Selection> {
        self.selections.find(ty, includes, &|| self.selection(ty, includes))
    }

    /// The condition of `filter` and `search`.
    fn chosen(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        (filter, search): (Option<&Element<'_>>, Option<&Element<'_>>),
    ) -> Result<Expr, Problem> {
        let filter = filter.map(|filter| self.condition(slots, ty, filter, 0));
        let filter = filter.transpose().map_err(|problem| inside(problem, "filter"))?;
        if search.is_some() && !self.described.searches(ty) {
            let message = format!("Rows of {} cannot be searched", self.described.ty(ty).name);
            return Err(inside(crate::envelope::misplaced(message), "search"));
        }
        let search = search.map(|words| self.searched(slots, words));
        let search = search.transpose().map_err(|problem| inside(problem, "search"))?;
        Ok(Expr::all([filter, search].into_iter().flatten()))
    }

    /// How many rows are chosen.
    fn counted(
        &self,
        ty: TypeId,
        chosen: (Option<&Element<'_>>, Option<&Element<'_>>),
    ) -> Result<Asked, Problem> {
        let mut slots = Slots::default();
        let filter = self.chosen(&mut slots, ty, chosen)?;
        let function = Aggregate::Count;
        let count = Item::Aggregate { key: "count".into(), function, operand: None, cast: None };
        Ok(only(Body::Read(read(ty, vec![count], filter)), slots, Vec::new()).main)
    }

    /// The rows behind a cursor.
    fn beyond(
        &self,
        slots: &mut Slots,
        after: &Element<'_>,
        (signature, terms): (u32, &[Term]),
    ) -> Result<Expr, Problem> {
        let schema = self.described.view().schema();
        let values = cursor::read(schema, after.value()?.trim_ascii(), (signature, terms))?;
        let values = terms.iter().zip(values).map(|(term, value)| slots.operand(term.scalar, value));
        Ok(keyset::beyond(terms, values.collect::<Result<Vec<_>, _>>()?, false))
    }

    fn page(&self, first: &Element<'_>) -> Result<u64, Problem> {
        let (rows, most) = (value::count(first)?, self.limits.page_most);
        if rows <= most {
            return Ok(rows);
        }
        let message = format!("A page has at most {most} rows; {rows} were asked for");
        Err(Problem::new(Code::TooComplex, message).hint("Ask for the rest with after: endCursor."))
    }
}

/// Whether what is written comes back: it does unless the caller says otherwise.
fn returning(members: &mut Members<'_, '_>) -> Result<bool, Problem> {
    let said = members.maybe("returning")?;
    said.map_or(Ok(true), value::boolean).map_err(|problem| inside(problem, "returning"))
}

/// A read of all rows for which a condition holds, in no order.
fn read(ty: TypeId, select: Vec<Item>, filter: Expr) -> Read {
    Read { ty, select, filter, order: Vec::new(), limit: None, offset: None, total: false }
}

/// One operation alone.
fn only(body: Body, slots: Slots, rows: Vec<Vec<Option<Value>>>) -> Compiled {
    let operation = Operation { body, params: slots.params };
    let input = Input { params: slots.values, rows, ..Input::default() };
    Compiled { main: Asked { operation, input }, shape: None, page: None, total: None }
}

/// Too many relations within each other.
fn too_deep(limit: usize) -> Problem {
    Problem::new(Code::TooComplex, format!("Relations nest deeper than the limit of {limit}"))
        .hint("Ask for less at once, or raise limits.embed_depth.")
}
