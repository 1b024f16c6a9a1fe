//! Writes: the fields given, the rows touched, and what judges them.

use bistro_ir::{Action, Conflict, Expr, Write};
use bistro_schema::{Action as Verb, FieldId, FieldKind, TypeId, TypeKind};

use super::AuthorizedWrite;
use super::name::{Step, Walk};
use crate::absorb;
use crate::error::AuthorizeError;
use crate::predicate::Power;

impl Walk<'_> {
    /// A write with its judges.
    pub(super) fn write(&mut self, write: &Write) -> Step<AuthorizedWrite> {
        let ty = write.ty;
        let verb = match &write.action {
            Action::Insert { .. } => Verb::Create,
            Action::Update { .. } => Verb::Update,
            Action::Delete { .. } => Verb::Delete,
        };
        self.may(ty, verb)?;
        if !self.schema().ty(ty).writable() {
            return Err(AuthorizeError::Forbidden { collection: self.collection(ty) });
        }
        let (action, update_row, update_new, create) = match &write.action {
            Action::Insert { columns, conflict } => self.insert(ty, columns, conflict.as_ref())?,
            Action::Update { filter, columns } => self.update(ty, filter, columns)?,
            Action::Delete { filter } => {
                let filter = self.touched(ty, self.rules.delete(ty), filter)?;
                (Action::Delete { filter }, Expr::TRUE, Expr::TRUE, Expr::TRUE)
            }
        };
        let checks = match verb {
            Verb::Delete => Vec::new(),
            _ => self.rules.rules.checks(ty).to_vec(),
        };
        let readable = self.rules.read(ty);
        let returning = match &write.returning {
            Some(read) if read.ty == ty => Some(self.root(read)?),
            Some(_) => return Err(AuthorizeError::Malformed("another type is returned")),
            None => None,
        };
        Ok(AuthorizedWrite { ty, action, create, update_row, update_new, checks, readable, returning })
    }

    fn insert(
        &mut self,
        ty: TypeId,
        columns: &[FieldId],
        conflict: Option<&Conflict>,
    ) -> Step<(Action, Expr, Expr, Expr)> {
        let mut create = vec![self.rules.create(ty)];
        for field in columns {
            self.writes(ty, *field, Verb::Create)?;
            create.push(self.rules.field_create(ty, *field));
        }
        let (mut row, mut new) = (Expr::TRUE, Expr::TRUE);
        if let Some(conflict) = conflict {
            let mut matched = Vec::new();
            for field in &conflict.fields {
                matched.push(self.field_guard(ty, *field)?);
            }
            if conflict.merge {
                self.may(ty, Verb::Update)?;
                let rest: Vec<FieldId> =
                    columns.iter().copied().filter(|c| !conflict.fields.contains(c)).collect();
                let update = self.rules.update(ty);
                row = absorb::all([self.rules.read(ty), update.row].into_iter().chain(matched));
                new = Expr::all([update.new, self.changes(ty, &rest)?]);
            }
        }
        let action = Action::Insert { columns: columns.to_vec(), conflict: conflict.cloned() };
        Ok((action, row, new, Expr::all(create)))
    }

    fn update(&mut self, ty: TypeId, filter: &Expr, columns: &[FieldId]) -> Step<(Action, Expr, Expr, Expr)> {
        let update = self.rules.update(ty);
        let filter = self.touched(ty, update.row, filter)?;
        let new = Expr::all([update.new, self.changes(ty, columns)?]);
        Ok((Action::Update { filter, columns: columns.to_vec() }, Expr::TRUE, new, Expr::TRUE))
    }

    /// Which rows are touched: those that the caller filters, may read, and that meet the rule.
    fn touched(&mut self, ty: TypeId, rule: Expr, filter: &Expr) -> Step<Expr> {
        self.may(ty, Verb::Read)?;
        let filter = self.within(ty, |walk| walk.expr(filter))?;
        // A link's own rules hold those of reading it.
        let read = match self.schema().ty(ty).kind {
            TypeKind::Join { .. } => Expr::TRUE,
            TypeKind::Model | TypeKind::Account | TypeKind::View { .. } => self.rules.read(ty),
        };
        Ok(absorb::all([read, rule, filter]))
    }

    /// What the fields' own UPDATE rules ask.
    fn changes(&self, ty: TypeId, columns: &[FieldId]) -> Step<Expr> {
        let mut parts = Vec::new();
        for field in columns {
            self.writes(ty, *field, Verb::Update)?;
            parts.push(self.rules.field_update(ty, *field));
        }
        Ok(Expr::all(parts))
    }

    /// Whether the caller may give the field at all.
    fn writes(&self, ty: TypeId, field: FieldId, verb: Verb) -> Step<()> {
        let Some(f) = self.schema().ty(ty).fields.get(usize::from(field.0)) else {
            return Err(AuthorizeError::Malformed("a field that is not there"));
        };
        let system = self.rules.power == Power::System;
        let readable = system || self.view.field_allows(ty, field, Verb::Read);
        let writable = system || self.view.field_allows(ty, field, verb);
        let computed = matches!(f.kind, FieldKind::Computed(_) | FieldKind::Generated);
        let collection = || self.collection(ty);
        match (readable || writable, writable, computed) {
            (true, _, true) => Err(AuthorizeError::Generated { field: f.name.clone() }),
            (_, true, false) => Ok(()),
            (true, false, false) => {
                Err(AuthorizeError::ReadOnly { collection: collection(), field: f.name.clone() })
            }
            (false, ..) => {
                Err(AuthorizeError::UnknownWriteColumn { collection: collection(), field: f.name.clone() })
            }
        }
    }
}
