//! What is said of all rows of a list, whatever its page: `totalCount`, `aggregate`, `groups`.

use bistro_ir::{Aggregate, Bound, Item, Operand, Order, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, Kind, Scalar, TypeId};

use super::connection::{Hang, List, key_of};
use super::row::{Members, Row, print};
use super::{Compiler, Draft, Field, Given, Reading, select};
use crate::describe::FieldMeaning;
use crate::failure::Failure;
use crate::plan::Rows;
use crate::render::{Form, Print, Slot};

const ROWS: Scalar = Scalar::one(Kind::BigInt);
/// A count is an Int of GraphQL, whatever the store calls it.
const COUNT: Print = Print { scalar: ROWS, quoted: false };
/// How many fields groups may agree in.
const BY_MAX: usize = 20;

impl<'a> Compiler<'a> {
    /// Prints one of them where the row's text stands.
    pub(super) fn amount(
        &self,
        draft: &mut Draft,
        row: &mut Row,
        hang: &mut Hang,
        list: &List<'_, 'a>,
        field: &Field<'a>,
    ) -> Result<(), Failure> {
        let at = |problem: Problem| Failure::at(problem, field.place);
        let groups = field.name == "groups";
        let mut inner = Row::default();
        let by = if groups { self.by(list.ty, field).map_err(at)? } else { Vec::new() };
        match field.name {
            "totalCount" => inner.value(count("count"), COUNT),
            _ => self.calculated(&mut inner, list.ty, field, &by)?,
        }
        if inner.reads_nothing() {
            // Nothing but `__typename`: it is known without a read.
            row.text.append(inner.text);
            return Ok(());
        }
        draft.begin(hang);
        let filter = self.chosen(draft, list).map_err(|p| Failure::at(p, list.field.place))?;
        let (items, level) = inner.finish();
        let mut read = select::read(list.ty, items, filter);
        if groups {
            let limit = self.groups_limit(draft, field).map_err(at)?;
            let rows = Rows { part: draft.part, bound: limit, plus: 0 };
            draft.cost.lists.push((rows, Default::default()));
            read.limit = Some(limit);
            read.order = by.iter().map(|f| ascending(*f)).collect();
        }
        let form = if groups { Form::Many } else { Form::One };
        let level = draft.level(level);
        draft.hang(row, hang, (key_of(list, Some(field)), read), (form, level, None));
        Ok(())
    }

    /// The members of an aggregate, or of a group whose rows agree in `by`.
    fn calculated(
        &self,
        row: &mut Row,
        ty: TypeId,
        field: &Field<'a>,
        by: &[FieldId],
    ) -> Result<(), Failure> {
        let type_name = field.first.selection_set.ty.as_str();
        let fields = self.collect(type_name, &field.sets)?;
        let mut unseen = by.to_vec();
        let mut members = Members::open(row);
        for field in fields {
            members.name(row, field.key);
            let function = match field.name {
                "__typename" => {
                    row.text.push(&format!("\"{type_name}\""));
                    continue;
                }
                "count" => {
                    row.value(count(field.key), COUNT);
                    continue;
                }
                "key" => {
                    self.group_key(row, ty, &field, (by, &mut unseen))?;
                    continue;
                }
                "sum" => Aggregate::Sum,
                "avg" => Aggregate::Avg,
                "min" => Aggregate::Min,
                _ => Aggregate::Max,
            };
            self.function(row, ty, &field, function)?;
        }
        members.close(row);
        // What makes the groups is read, printed or not.
        for id in unseen {
            let of = self.view.schema().ty(ty).field(id);
            row.keep(Slot::Key, value(&format!("by.{}", of.name), id), print(of.scalar));
        }
        Ok(())
    }

    fn function(
        &self,
        row: &mut Row,
        ty: TypeId,
        field: &Field<'a>,
        function: Aggregate,
    ) -> Result<(), Failure> {
        let type_name = field.first.selection_set.ty.as_str();
        let mut members = Members::open(row);
        for of in self.collect(type_name, &field.sets)? {
            members.name(row, of.key);
            if of.name == "__typename" {
                row.text.push(&format!("\"{type_name}\""));
                continue;
            }
            let id = self.column(ty, of.name)?;
            let scalar = self.view.schema().ty(ty).field(id).scalar;
            let operand = Some(Operand::Field(Root::Scope(0), id));
            let key = format!("{}.{}", field.key, of.key);
            row.value(Item::Aggregate { key, function, operand, cast: None }, printed(function, scalar));
        }
        members.close(row);
        Ok(())
    }

    fn group_key(
        &self,
        row: &mut Row,
        ty: TypeId,
        field: &Field<'a>,
        (by, unseen): (&[FieldId], &mut Vec<FieldId>),
    ) -> Result<(), Failure> {
        let type_name = field.first.selection_set.ty.as_str();
        let mut members = Members::open(row);
        for of in self.collect(type_name, &field.sets)? {
            members.name(row, of.key);
            if of.name == "__typename" {
                row.text.push(&format!("\"{type_name}\""));
                continue;
            }
            let id = self.column(ty, of.name)?;
            if by.contains(&id) {
                unseen.retain(|other| *other != id);
                let scalar = self.view.schema().ty(ty).field(id).scalar;
                row.value(value(&format!("{}.{}", field.key, of.key), id), print(scalar));
            } else {
                row.text.push("null");
            }
        }
        members.close(row);
        Ok(())
    }

    /// The field that the schema describes by its name in the file.
    fn column(&self, ty: TypeId, name: &str) -> Result<FieldId, Problem> {
        let exact = self.view.schema().ty(ty).fields().find(|(_, f)| f.name == name).map(|(id, _)| id);
        match (exact, self.described.input(ty, name)) {
            (Some(id), _) | (None, Some(FieldMeaning::Field(id))) => Ok(id),
            _ => Err(Problem::bug("an aggregate names what is not described")),
        }
    }

    fn by(&self, ty: TypeId, field: &Field<'a>) -> Result<Vec<FieldId>, Problem> {
        let given = self.said(field, "by").map_or_else(Vec::new, |by| by.elements());
        if given.is_empty() || given.len() > BY_MAX {
            let message = format!("groups takes 1 to {BY_MAX} fields in by");
            return Err(Problem::new(Code::BadParameter, message));
        }
        let mut by = Vec::with_capacity(given.len());
        for name in given.iter().map(Given::name) {
            let name = name.ok_or_else(|| Problem::new(Code::BadParameter, "by holds names of fields"))?;
            let id = self.column(ty, name)?;
            if !by.contains(&id) {
                by.push(id);
            }
        }
        Ok(by)
    }

    fn groups_limit(&self, draft: &mut Draft, field: &Field<'a>) -> Result<Bound, Problem> {
        let most = self.limits.page_most;
        match self.said(field, "first") {
            Some(first) => {
                let reading = Reading::Rows { most, plus: 0 };
                draft.slots.given(self.rules(), (ROWS, reading), &first).map(Bound::Param)
            }
            None => Ok(Bound::Fixed(self.limits.page)),
        }
    }
}

fn count(key: &str) -> Item {
    Item::Aggregate { key: key.into(), function: Aggregate::Count, operand: None, cast: None }
}

fn value(key: &str, field: FieldId) -> Item {
    Item::Value { key: key.into(), operand: Operand::Field(Root::Scope(0), field), cast: None }
}

fn ascending(field: FieldId) -> Order {
    Order { operand: Operand::Field(Root::Scope(0), field), descending: false, nulls_first: false }
}

/// What an aggregate gives, and how GraphQL prints it: the average of integers is a Float.
fn printed(function: Aggregate, of: Scalar) -> Print {
    let wide = |scale, bare| Scalar::one(Kind::Decimal { precision: 38, scale, bare });
    match (function, of.kind) {
        (Aggregate::Sum, Kind::Int) => print(ROWS),
        (Aggregate::Sum, Kind::BigInt) => print(wide(0, false)),
        (Aggregate::Sum, Kind::Decimal { scale, .. }) => print(wide(scale, false)),
        (Aggregate::Avg, Kind::Int | Kind::BigInt) => Print { scalar: wide(18, true), quoted: false },
        (Aggregate::Avg, Kind::Decimal { .. }) => print(wide(18, true)),
        _ => print(of),
    }
}
