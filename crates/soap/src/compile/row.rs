//! Rows to write: `<input>` and `<set>`.

use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, TypeId, Value};

use super::members::{check_once, unknown};
use super::place::{inside, inside_nth};
use super::{Compiler, value};
use crate::envelope::{Element, misplaced, shown};

/// The columns that rows fill, and their values.
pub(super) struct Rows {
    pub(super) columns: Vec<FieldId>,
    /// In the order of the columns; `None` asks for the default.
    pub(super) rows: Vec<Vec<Option<Value>>>,
}

impl Compiler<'_> {
    /// The new rows of `input` elements, of which there may be `several`.
    pub(super) fn new_rows(
        &self,
        ty: TypeId,
        inputs: &[&Element<'_>],
        several: bool,
    ) -> Result<Rows, Problem> {
        if inputs.len() > self.limits.rows {
            let message = format!("There are more than {} input elements", self.limits.rows);
            return Err(Problem::new(Code::TooComplex, message).hint("Write in smaller parts."));
        }
        let (mut columns, mut rows) = (Vec::<FieldId>::new(), Vec::with_capacity(inputs.len()));
        let fields = &self.described.shown(ty).create;
        for (n, input) in inputs.iter().enumerate() {
            let cells = self.cells(ty, fields, input).map_err(|problem| match several {
                true => inside_nth(problem, "input", n),
                false => inside(problem, "input"),
            })?;
            columns
                .extend(cells.iter().map(|(f, _)| *f).filter(|f| !columns.contains(f)).collect::<Vec<_>>());
            rows.push(cells);
        }
        let rows = rows.into_iter().map(|mut cells| {
            let mut take = |column: &FieldId| {
                let at = cells.iter().position(|(f, _)| f == column)?;
                Some(cells.swap_remove(at).1)
            };
            columns.iter().map(&mut take).collect()
        });
        let rows = rows.collect();
        Ok(Rows { columns, rows })
    }

    /// The change of a `set` element, and of the `clear` elements that name what becomes null.
    pub(super) fn change(
        &self,
        ty: TypeId,
        set: Option<&Element<'_>>,
        clear: &[&Element<'_>],
    ) -> Result<Rows, Problem> {
        let fields = &self.described.shown(ty).update;
        let cells = set.map(|set| self.cells(ty, fields, set)).transpose();
        let mut cells = cells.map_err(|problem| inside(problem, "set"))?.unwrap_or_default();
        for (n, element) in clear.iter().enumerate() {
            let cleared = element.value().and_then(|name| {
                let name = name.trim_ascii();
                let field = fields.iter().find(|f| self.described.ty(ty).field(**f).name == name);
                let field = field.ok_or_else(|| match name {
                    "" => misplaced("clear holds the name of a field"),
                    name => misplaced(format!("There is no {} to clear", shown(name))),
                })?;
                if !self.described.ty(ty).field(*field).nullable {
                    return Err(misplaced(format!("{name} cannot be null")));
                }
                match cells.iter().any(|(f, _)| f == field) {
                    true => Err(misplaced(format!("{name} is set or cleared twice"))),
                    false => Ok(*field),
                }
            });
            cells.push((cleared.map_err(|problem| inside_nth(problem, "clear", n))?, Value::Null));
        }
        let (columns, row): (Vec<_>, Vec<_>) = cells.into_iter().map(|(f, value)| (f, Some(value))).unzip();
        Ok(Rows { columns, rows: vec![row] })
    }

    /// The values of one row.
    fn cells(
        &self,
        ty: TypeId,
        fields: &[FieldId],
        row: &Element<'_>,
    ) -> Result<Vec<(FieldId, Value)>, Problem> {
        if row.is_nil()? {
            return Err(misplaced(format!("{} cannot be null", shown(&row.name))));
        }
        let (of, members) = (self.described.ty(ty), row.members()?);
        let cells = members.iter().enumerate().map(|(n, member)| {
            let name = |f: &FieldId| of.field(*f).name.as_str();
            let field = fields.iter().find(|f| name(f) == &*member.name);
            let known = || fields.iter().map(name).collect::<Vec<_>>();
            let field = *field.ok_or_else(|| unknown(&member.name, &row.name, known().iter()))?;
            check_once(members, n)?;
            if member.is_nil().map_err(|problem| inside(problem, &member.name))? {
                return Ok((field, Value::Null));
            }
            let scalar = of.field(field).scalar;
            let value = value::plain(self.described.view().schema(), scalar, member);
            value.map(|value| (field, value)).map_err(|problem| inside(problem, &member.name))
        });
        cells.collect()
    }
}
