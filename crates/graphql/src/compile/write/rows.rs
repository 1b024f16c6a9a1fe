//! The members of a row to write: the values of its fields, and what is nested in it.

use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, FieldKind, RelationId, RelationKind, TypeId, Value};

use super::step::Kept;
use crate::compile::slots::source_of;
use crate::compile::{Compiler, Given, Reading, Source};
use crate::describe::FieldMeaning;

/// A row as the caller gives it.
pub(super) struct NewRow<'a> {
    pub(super) given: Given<'a>,
    /// Its JSON pointer in the arguments.
    pub(super) place: Box<str>,
    /// The values that the row around it decides.
    pub(super) preset: Vec<(FieldId, Cell)>,
}

/// The value of one field.
#[derive(Clone)]
pub(super) struct Filled {
    pub(super) field: FieldId,
    pub(super) cell: Cell,
    /// Where within its row it stands, if not under the field's name.
    pub(super) member: Option<Box<str>>,
}

/// The values of a row, and its JSON pointer in the arguments.
pub(super) type FilledRow = (Vec<Filled>, Box<str>);

/// Where a value comes from.
#[derive(Clone)]
pub(super) enum Cell {
    Given(Source),
    Kept(Kept),
}

/// What is said of a relation.
pub(super) struct Link<'a> {
    pub(super) relation: RelationId,
    pub(super) given: Given<'a>,
    /// Its JSON pointer in the arguments.
    pub(super) place: Box<str>,
}

/// The members of one row, read apart.
#[derive(Default)]
pub(super) struct Members<'a> {
    pub(super) cells: Vec<Filled>,
    /// Over relations that lead to one row.
    pub(super) one: Vec<Link<'a>>,
    /// Over relations that lead to many.
    pub(super) many: Vec<Link<'a>>,
}

impl<'a> Compiler<'a> {
    /// Reads the members of a row of `ty` apart.
    pub(super) fn row_members(&self, ty: TypeId, row: NewRow<'a>) -> Result<Members<'a>, Problem> {
        let NewRow { given, place, preset } = row;
        if given.is_null() {
            return Err(Problem::new(Code::BadParameter, "A row to write cannot be null").pointer(place));
        }
        let of = self.view.schema().ty(ty);
        let mut members = Members::default();
        for (field, cell) in preset {
            members.cells.push(Filled { field, cell, member: None });
        }
        let preset = members.cells.len();
        for (name, given) in given.members()? {
            let at = || Box::from(format!("{place}/{name}"));
            match self.described.input(ty, name) {
                Some(FieldMeaning::Field(field)) => {
                    if members.cells[..preset].iter().any(|filled| filled.field == field) {
                        return Err(decided(name, &at()));
                    }
                    let source = self.cell(ty, field, &given).map_err(|p| p.pointer(at()))?;
                    members.cells.push(Filled { field, cell: Cell::Given(source), member: None });
                }
                Some(FieldMeaning::Relation(relation)) => {
                    let way = of.relation(relation);
                    let link = Link { relation, given, place: at() };
                    if !way.to_one() {
                        members.many.push(link);
                        continue;
                    }
                    let near = |filled: &Filled| way.pairs.iter().any(|(near, _)| *near == filled.field);
                    if members.cells[..preset].iter().any(near) {
                        return Err(decided(name, &link.place));
                    }
                    members.one.push(link);
                }
                _ => return Err(Problem::bug("a row has a member that is not described")),
            }
        }
        Ok(members)
    }

    /// Where the value of a field comes from. It is read once here, so that what no value could be is refused early.
    pub(super) fn cell(&self, ty: TypeId, field: FieldId, given: &Given<'a>) -> Result<Source, Problem> {
        let scalar = self.view.schema().ty(ty).field(field).scalar;
        let reading = self.key_of(ty, field).unwrap_or(Reading::Plain);
        source_of(self.rules(), (scalar, reading), given)
    }

    /// Refuses a new row without a reference that it needs, in words that name both ways to give it.
    pub(super) fn check_references(&self, ty: TypeId, cells: &[Filled], place: &str) -> Result<(), Problem> {
        let of = self.view.schema().ty(ty);
        for (_, relation) in self.view.relations(ty).filter(|(_, r)| r.declared) {
            if relation.kind != RelationKind::ToOne {
                continue;
            }
            for (near, _) in &relation.pairs {
                let field = of.field(*near);
                let made = field.default.is_some() || field.updated || field.kind != FieldKind::Stored;
                if field.nullable || made || cells.iter().any(|filled| filled.field == *near) {
                    continue;
                }
                let message = format!(
                    "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                    field.name, of.collection
                );
                let hint = match self.described.input(ty, &field.name) {
                    Some(FieldMeaning::Field(_)) => format!("Give {} or {}.", relation.name, field.name),
                    _ => format!("Give {}.", relation.name),
                };
                return Err(Problem::new(Code::NotNull, message).hint(hint).pointer(place));
            }
        }
        Ok(())
    }
}

/// Adds the values that a relation gives; a field that has one already is refused.
pub(super) fn add(
    cells: &mut Vec<Filled>,
    added: Vec<Filled>,
    (name, place): (&str, &str),
    field_name: impl Fn(FieldId) -> String,
) -> Result<(), Problem> {
    for filled in added {
        if cells.iter().any(|other| other.field == filled.field) {
            let field = field_name(filled.field);
            let message = format!("{name} and {field} are the same: give one of them");
            return Err(Problem::new(Code::BadParameter, message).pointer(place));
        }
        cells.push(filled);
    }
    Ok(())
}

/// A member that would say again which row it is nested in.
fn decided(name: &str, place: &str) -> Problem {
    let message = format!("{name} is decided by the row around it");
    Problem::new(Code::BadParameter, message).hint(format!("Leave {name} out.")).pointer(place)
}

/// The cell that holds null.
pub(super) fn null() -> Cell {
    Cell::Given(Source::Fixed(Value::Null))
}
