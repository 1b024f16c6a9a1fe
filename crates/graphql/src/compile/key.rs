//! The condition that finds one row.

use bistro_ir::{Compare, Expr, Operand, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, RelationKind, TypeId};

use super::{Compiler, Field, Given, Reading, Slots};

impl<'a> Compiler<'a> {
    /// The condition of a `PostKey`: one unique set and its values.
    pub(crate) fn by_key(&self, slots: &mut Slots, ty: TypeId, key: &Given<'a>) -> Result<Expr, Problem> {
        let (name, value) = self.one_of(key, || format!("{}Key", self.view.schema().ty(ty).name))?;
        let members = self.described.keys(ty);
        let member = members.iter().find(|m| m.name == name);
        let member = member.ok_or_else(|| Problem::bug("a key has a member that is not described"))?;
        if let [field] = member.fields[..] {
            return self.equal(slots, ty, field, &value);
        }
        let given = value.members()?;
        let parts = member.fields.iter().map(|field| {
            let name = &self.view.schema().ty(ty).field(*field).name;
            let value = given.iter().find(|(n, _)| n == name).map(|(_, value)| value);
            self.equal(slots, ty, *field, value.ok_or_else(|| missing(name))?)
        });
        Ok(Expr::all(parts.collect::<Result<Vec<_>, _>>()?))
    }

    /// The condition of a field with an argument for each field of the type's key.
    pub(crate) fn by_arguments(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        field: &Field<'a>,
    ) -> Result<Expr, Problem> {
        let parts = self.view.schema().ty(ty).key.iter().map(|id| {
            let name = &self.view.schema().ty(ty).field(*id).name;
            self.equal(slots, ty, *id, &self.argument(field, name).ok_or_else(|| missing(name))?)
        });
        Ok(Expr::all(parts.collect::<Result<Vec<_>, _>>()?))
    }

    fn equal(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        field: FieldId,
        value: &Given<'a>,
    ) -> Result<Expr, Problem> {
        let of = self.view.schema().ty(ty).field(field);
        if value.is_null() {
            return Err(missing(&of.name));
        }
        let reading = self.key_of(ty, field).unwrap_or(Reading::Compared);
        let right = slots.operand(self.rules(), (of.scalar.compared(), reading), value)?;
        Ok(Expr::Compare(Compare::Eq, Operand::Field(Root::Scope(0), field), right))
    }

    /// How a global id is read for the field, where there are such ids and it is part of a key or refers to one.
    pub(crate) fn key_of(&self, ty: TypeId, field: FieldId) -> Option<Reading> {
        if !self.described.options().global_ids {
            return None;
        }
        let (schema, nodes) = (self.view.schema(), self.described.node_types());
        let of = schema.ty(ty);
        if let Some(at) = of.key.iter().position(|f| *f == field).filter(|_| nodes.contains(&ty)) {
            return Some(Reading::Key { at, ty: ty.0 });
        }
        let owned =
            of.relations.iter().filter(|r| r.kind == RelationKind::ToOne && nodes.contains(&r.target));
        let mut ends = owned.flat_map(|r| r.pairs.iter().map(|(near, far)| (*near, *far, r.target)));
        let (_, far, target) = ends.find(|(near, ..)| *near == field)?;
        let at = schema.ty(target).key.iter().position(|f| *f == far)?;
        Some(Reading::Key { at, ty: target.0 })
    }

    /// The one member of an input of which exactly one is given.
    pub(crate) fn one_of(
        &self,
        given: &Given<'a>,
        type_name: impl Fn() -> String,
    ) -> Result<(&'a str, Given<'a>), Problem> {
        let mut members = given.members()?;
        match (members.pop(), members.is_empty()) {
            (Some((name, value)), true) if !value.is_null() => Ok((name, value)),
            _ => {
                let message = format!("A {} takes exactly one member, which is not null", type_name());
                Err(Problem::new(Code::BadParameter, message))
            }
        }
    }
}

fn missing(name: &str) -> Problem {
    Problem::new(Code::BadParameter, format!("{name} cannot be null: it names one row"))
}
