//! Writes of one row.

use bistro_ir::ParamId;
use bistro_schema::{FieldId, FieldKind, Schema, TypeId};
use bistro_store::{Delete, Insert, StoreError, Update};

use super::{Emitter, Slot, Write, WriteKey};
use crate::dialect::Dialect;
use crate::encode::{Encode, Round, Width};

/// Lowers an insert.
///
/// # Errors
/// A bug if the type has a key that nobody gives.
pub fn insert(schema: &Schema, dialect: Dialect, insert: &Insert) -> Result<Write, StoreError> {
    let mut emitter = Emitter::new(schema, dialect, Width::NARROW, 0);
    let ty = schema.ty(insert.ty);
    let names: Vec<String> = insert.values.iter().map(|(f, _)| dialect.quote(&ty.field(*f).column)).collect();
    let slots: Vec<String> = insert.values.iter().map(|(f, p)| emitter.given(insert.ty, *f, *p)).collect();
    let table = emitter.table(insert.ty);
    let text = match names.is_empty() {
        true => emitter.words.insert_defaults(&table),
        false => format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), slots.join(", ")),
    };
    let part = |field: &FieldId| {
        let given = insert.values.iter().find(|(f, _)| f == field);
        match given {
            Some((_, id)) => Ok(WriteKey::Bind(*id)),
            None if ty.field(*field).kind == FieldKind::Counter => Ok(WriteKey::Counted),
            None => Err(StoreError::bug(format!("an insert into {} without its key", ty.collection))),
        }
    };
    let key = ty.key.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    let counted = |at: &usize| ty.field(ty.key[*at]).kind == FieldKind::Counter;
    let parts: Vec<usize> = (0..key.len()).filter(counted).collect();
    let columns: Vec<String> = parts.iter().map(|at| dialect.quote(&ty.field(ty.key[*at]).column)).collect();
    let (text, returning) = match emitter.words.returning(&columns) {
        Some(clause) => (text + &clause, parts),
        None => (text, Vec::new()),
    };
    Ok(Write { ty: insert.ty, sql: emitter.finish(text), key, returning })
}

/// Lowers an update; one that sets nothing still tells whether the row is there.
///
/// # Errors
/// A bug if the key has another length than the type's.
pub fn update(schema: &Schema, dialect: Dialect, update: &Update) -> Result<Write, StoreError> {
    let mut emitter = Emitter::new(schema, dialect, Width::NARROW, 0);
    let ty = schema.ty(update.ty);
    let name = |f: FieldId| dialect.quote(&ty.field(f).column);
    let mut sets: Vec<String> = Vec::new();
    for (field, param) in &update.set {
        sets.push(format!("{} = {}", name(*field), emitter.stored(update.ty, *field, *param)));
    }
    if sets.is_empty() {
        sets.extend(ty.key.iter().map(|f| format!("{0} = {0}", name(*f))));
    }
    let found = emitter.by_key(update.ty, &update.key)?;
    let text = format!("UPDATE {} SET {} WHERE {found}", emitter.table(update.ty), sets.join(", "));
    Ok(Write { ty: update.ty, sql: emitter.finish(text), key: Vec::new(), returning: Vec::new() })
}

/// Lowers a delete.
///
/// # Errors
/// As [`update`].
pub fn delete(schema: &Schema, dialect: Dialect, delete: &Delete) -> Result<Write, StoreError> {
    let mut emitter = Emitter::new(schema, dialect, Width::NARROW, 0);
    let found = emitter.by_key(delete.ty, &delete.key)?;
    let text = format!("DELETE FROM {} WHERE {found}", emitter.table(delete.ty));
    Ok(Write { ty: delete.ty, sql: emitter.finish(text), key: Vec::new(), returning: Vec::new() })
}

/// A statement that sets the counter of a type's key above all keys that its table holds, after rows were put in with
/// their keys; `None` where there is no counter, or where the engine does so by itself.
pub fn recount(schema: &Schema, dialect: Dialect, ty: TypeId) -> Option<String> {
    let ty = schema.ty(ty);
    let field = ty.key.iter().map(|f| ty.field(*f)).find(|f| f.kind == FieldKind::Counter)?;
    dialect.words().recount(ty, field)
}

impl Emitter<'_> {
    fn stored(&mut self, ty: TypeId, field: FieldId, param: ParamId) -> String {
        let form = self.form_of(ty, field);
        let index = self.index(Slot::Bind(param, Encode::As(form, Round::Store)));
        let slot = self.words.stored(index);
        let field = self.schema.ty(ty).field(field);
        match &field.declared {
            Some(declared) => self.words.written(slot, field.scalar, declared),
            None => slot,
        }
    }

    /// The value of a field of a new row.
    fn given(&mut self, ty: TypeId, field: FieldId, param: ParamId) -> String {
        let slot = self.stored(ty, field, param);
        let ty = self.schema.ty(ty);
        match ty.field(field).kind {
            FieldKind::Counter => self.words.counted(ty, ty.field(field), slot),
            _ => slot,
        }
    }

    fn by_key(&mut self, ty: TypeId, params: &[ParamId]) -> Result<String, StoreError> {
        let key = self.schema.ty(ty).key.clone();
        if key.is_empty() || key.len() != params.len() {
            return Err(StoreError::bug(format!(
                "a write to {} without its whole key",
                self.schema.ty(ty).collection
            )));
        }
        let mut parts = Vec::with_capacity(key.len());
        for (field, param) in key.iter().zip(params) {
            let form = self.form_of(ty, *field);
            let slot = self.slot(Slot::Bind(*param, Encode::As(form, Round::Exact)));
            let field = self.schema.ty(ty).field(*field);
            parts.push(format!("{} = {slot}", self.known(self.dialect.quote(&field.column), field)));
        }
        Ok(parts.join(" AND "))
    }
}
