//! The condition that finds one row.

use bistro_ir::{Compare, Expr, Operand, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::TypeId;

use super::members::check_once;
use super::place::inside;
use super::{Compiler, Slots, value};
use crate::envelope::{Element, misplaced};

impl Compiler<'_> {
    /// The condition of a key: the fields of one set that names a row, all of them.
    pub(super) fn by_key(&self, slots: &mut Slots, ty: TypeId, key: &Element<'_>) -> Result<Expr, Problem> {
        let (of, members) = (self.described.ty(ty), key.members()?);
        (0..members.len()).try_for_each(|n| check_once(members, n))?;
        let name = |f: &bistro_schema::FieldId| of.field(*f).name.as_str();
        let given = |f: &_| members.iter().find(|member| *member.name == *name(f));
        let keys = &self.described.shown(ty).keys;
        let set =
            keys.iter().find(|set| set.len() == members.len() && set.iter().all(|f| given(f).is_some()));
        let set = set.ok_or_else(|| {
            let sets = keys.iter().map(|set| set.iter().map(name).collect::<Vec<_>>().join(" and "));
            let message = format!("The key does not name one {}", of.name);
            misplaced(message).hint(format!("Send {}.", sets.collect::<Vec<_>>().join(", or ")))
        })?;
        let equal = set.iter().filter_map(|f| Some((f, given(f)?))).map(|(f, element)| {
            if element.is_nil() {
                let message = format!("{} cannot be null: it names one row", element.name);
                return Err(inside(Problem::new(Code::BadParameter, message), &element.name));
            }
            let scalar = of.field(*f).scalar.compared();
            let value = value::compared(self.described.view().schema(), scalar, element);
            let right = slots.operand(scalar, value.map_err(|problem| inside(problem, &element.name))?)?;
            Ok(Expr::Compare(Compare::Eq, Operand::Field(Root::Scope(0), *f), right))
        });
        Ok(Expr::all(equal.collect::<Result<Vec<_>, Problem>>()?))
    }
}
