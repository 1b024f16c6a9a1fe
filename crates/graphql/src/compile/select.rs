//! What each row holds: fields, related rows, `__typename`.

use apollo_compiler::executable::SelectionSet;
use bistro_ir::{Expr, Item, Operand, Read, Root};
use bistro_problem::Problem;
use bistro_schema::{Action, FieldId, Kind, RelationId, Scalar, TypeId};

use super::connection::{Hang, List};
use super::row::{Members, Row, print};
use super::{Compiler, Draft, Field, order};
use crate::describe::FieldMeaning;
use crate::failure::Failure;
use crate::render::{Form, Level, Piece, Slot};

impl<'a> Compiler<'a> {
    /// The items and the level of one row of `ty` for these selection sets; nested levels are pushed to `draft.levels`.
    pub(crate) fn object(
        &self,
        draft: &mut Draft,
        ty: TypeId,
        type_name: &str,
        sets: &[&'a SelectionSet],
        depth: usize,
    ) -> Result<(Vec<Item>, Level), Failure> {
        let mut row = Row::default();
        self.members(draft, &mut row, ty, (type_name, sets), depth)?;
        self.read_something(&mut row, ty)?;
        Ok(row.finish())
    }

    /// Prints the object where the row's text stands.
    pub(super) fn members(
        &self,
        draft: &mut Draft,
        row: &mut Row,
        ty: TypeId,
        (type_name, sets): (&str, &[&'a SelectionSet]),
        depth: usize,
    ) -> Result<(), Failure> {
        let mut members = Members::open(row);
        for field in self.collect(type_name, sets)? {
            members.name(row, field.key);
            if field.name == "__typename" {
                row.text.push(&format!("\"{type_name}\""));
                continue;
            }
            match self.described.field(ty, field.name) {
                Some(FieldMeaning::GlobalId) => {
                    row.keep_key(self.key(ty));
                    row.place(Piece::GlobalId(type_name.into()));
                }
                Some(FieldMeaning::Field(id)) => self.value(row, ty, id, &field)?,
                Some(FieldMeaning::Relation(id)) => self.relation(draft, row, ty, id, &field, depth)?,
                None => return Err(Problem::bug("a field that is not described was asked for").into()),
            }
        }
        members.close(row);
        Ok(())
    }

    fn key(&self, ty: TypeId) -> impl Iterator<Item = (FieldId, Scalar)> {
        let of = self.view.schema().ty(ty);
        of.key.iter().map(|f| (*f, of.field(*f).scalar))
    }

    fn value(&self, row: &mut Row, ty: TypeId, id: FieldId, field: &Field<'a>) -> Result<(), Failure> {
        let scalar = self.view.schema().ty(ty).field(id).scalar;
        let mut operand = Operand::Field(Root::Scope(0), id);
        if scalar == Scalar::one(Kind::Json)
            && let Some(path) = self.said(field, "path")
        {
            let path = self.json_path(&path).map_err(|p| Failure::at(p, field.place))?;
            if !path.is_empty() {
                operand = Operand::Json { base: Box::new(operand), path, text: false };
            }
        }
        row.value(Item::Value { key: field.key.into(), operand, cast: None }, print(scalar));
        Ok(())
    }

    fn relation(
        &self,
        draft: &mut Draft,
        row: &mut Row,
        ty: TypeId,
        id: RelationId,
        field: &Field<'a>,
        depth: usize,
    ) -> Result<(), Failure> {
        if depth >= self.limits.relations {
            return Err(Failure::at(order::too_deep(self.limits.relations), field.place));
        }
        let way = self.view.schema().ty(ty).relation(id);
        if !way.to_one() {
            let list = List { ty: way.target, field, depth: depth + 1, most: self.limits.page_most };
            return self.connection(draft, row, &mut Hang::Embed(id), &list);
        }
        let name = &self.view.schema().ty(way.target).name;
        let (select, level) = self.object(draft, way.target, name, &field.sets, depth + 1)?;
        let level = draft.level(level);
        let read = read(way.target, select, Expr::TRUE);
        row.embed((field.key.into(), id, read), (Form::One, level, None));
        Ok(())
    }

    /// A row of which nothing is printed but what is known must still be found.
    pub(super) fn read_something(&self, row: &mut Row, ty: TypeId) -> Result<(), Failure> {
        if !row.reads_nothing() {
            return Ok(());
        }
        let of = self.view.schema().ty(ty);
        let key = of.key.iter().copied().filter(|f| self.view.field_allows(ty, *f, Action::Read));
        let readable = self.view.readable_fields(ty).map(|(id, _)| id);
        let field = key.chain(readable).next();
        let field = field.ok_or_else(|| Problem::bug("a type without readable fields was described"))?;
        let item =
            Item::Value { key: "row".into(), operand: Operand::Field(Root::Scope(0), field), cast: None };
        row.keep(Slot::Key, item, print(of.field(field).scalar));
        Ok(())
    }
}

/// A read of all rows for which a condition holds, in no order.
pub(super) fn read(ty: TypeId, select: Vec<Item>, filter: Expr) -> Read {
    Read { ty, select, filter, order: Vec::new(), limit: None, offset: None, total: false }
}
