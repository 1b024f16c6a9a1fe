//! The key of one row: which set of fields it gives, their values, and the condition that finds the row.
//!
//! Its values come first among those of an operation.

use bistro_ir::{Compare, Expr, Operand, ParamId, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, TypeId, Value};

use super::members::check_once;
use super::place::inside;
use super::{Compiler, Slots, value};
use crate::envelope::{Element, misplaced};

/// Up to so many members a key is told which of them it has twice; more are no key at all.
const FIELDS_TOLD: usize = 64;

impl Compiler<'_> {
    /// The condition of a key.
    pub(super) fn by_key(&self, slots: &mut Slots, ty: TypeId, key: &Element<'_>) -> Result<Expr, Problem> {
        let (set, values) = self.key_values(ty, key)?;
        for (f, value) in self.described.shown(ty).keys[set].iter().zip(values) {
            slots.push(self.described.ty(ty).field(*f).scalar.compared(), value)?;
        }
        Ok(self.key_equals(ty, set))
    }

    /// Which set of fields a key gives, and their values: all of one set, and no others.
    pub(super) fn key_values(&self, ty: TypeId, key: &Element<'_>) -> Result<(usize, Vec<Value>), Problem> {
        let (of, members) = (self.described.ty(ty), key.members()?);
        if members.len() <= FIELDS_TOLD {
            (0..members.len()).try_for_each(|n| check_once(members, n))?;
        }
        let name = |f: &FieldId| of.field(*f).name.as_str();
        let given = |f: &FieldId| members.iter().find(|member| member.name == name(f));
        let keys = &self.described.shown(ty).keys;
        let fits = |set: &Vec<FieldId>| set.len() == members.len() && set.iter().all(|f| given(f).is_some());
        let set = keys.iter().position(fits).ok_or_else(|| {
            let sets = keys.iter().map(|set| set.iter().map(name).collect::<Vec<_>>().join(" and "));
            let message = format!("The key does not name one {}", of.name);
            misplaced(message).hint(format!("Send {}.", sets.collect::<Vec<_>>().join(", or ")))
        })?;
        let values = keys[set].iter().filter_map(|f| Some((f, given(f)?))).map(|(f, element)| {
            if element.is_nil().map_err(|problem| inside(problem, &element.name))? {
                let message = format!("{} cannot be null: it names one row", element.name);
                return Err(inside(Problem::new(Code::BadParameter, message), &element.name));
            }
            let scalar = of.field(*f).scalar.compared();
            let value = value::compared(self.described.view().schema(), scalar, element);
            value.map_err(|problem| inside(problem, &element.name))
        });
        Ok((set, values.collect::<Result<_, _>>()?))
    }

    /// The condition that the fields of a set have the values of the first slots.
    pub(super) fn key_equals(&self, ty: TypeId, set: usize) -> Expr {
        let equal = self.described.shown(ty).keys[set].iter().enumerate().map(|(n, f)| {
            let (left, right) = (Operand::Field(Root::Scope(0), *f), Operand::Param(ParamId(n as u16)));
            Expr::Compare(Compare::Eq, left, right)
        });
        Expr::all(equal)
    }
}
