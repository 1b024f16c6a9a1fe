//! Ways along relations: joins inside one text.

use bistro_ir::Root;
use bistro_schema::{FieldId, RelationId, RelationKind, TypeId};
use bistro_store::StoreError;

use super::{Emitter, Scope};

/// A way that has been written: tables after `FROM`, the condition that ties it to its start, its last row.
pub(super) struct Way {
    pub(super) from: String,
    pub(super) tie: String,
    pub(super) last: Scope,
}

impl Emitter<'_> {
    /// Writes the way from a row along `via`.
    pub(super) fn way(&mut self, root: Root, via: &[RelationId]) -> Result<Way, StoreError> {
        let mut ty = self.root_type(root)?;
        let (mut from, mut tie, mut near) = (String::new(), String::new(), None::<String>);
        for id in via {
            let (hop, last) = self.hop(ty, *id)?;
            for (table, alias, pairs) in hop {
                let mut conditions = Vec::new();
                for (left, left_ty, right) in pairs {
                    let left = match (&left, &near) {
                        (Side::Start(field), None) => self.root_field(root, *field)?,
                        (Side::Start(field), Some(alias)) => self.column(alias, left_ty, *field),
                        (Side::Alias(alias, field), _) => self.column(alias, left_ty, *field),
                    };
                    conditions.push(format!("{alias}.{right} = {left}"));
                }
                let on = conditions.join(" AND ");
                if from.is_empty() {
                    (from, tie) = (format!("{table} AS {alias}"), on);
                } else {
                    from = format!("{from} JOIN {table} AS {alias} ON {on}");
                }
            }
            ty = last.ty;
            near = Some(last.alias);
        }
        let alias = near.ok_or_else(|| StoreError::bug("a way without relations"))?;
        Ok(Way { from, tie, last: Scope { ty, alias } })
    }

    /// The tables of one step, each with what ties it to the one before.
    fn hop(&mut self, ty: TypeId, id: RelationId) -> Result<(Vec<Hop>, Scope), StoreError> {
        let schema = self.schema;
        let relation = schema.ty(ty).relation(id);
        let dialect = self.dialect;
        let name = |ty: TypeId, field: FieldId| dialect.quote(&schema.ty(ty).field(field).column);
        let target = relation.target;
        let RelationKind::ManyToMany(through) = &relation.kind else {
            let pairs = relation.pairs.iter().map(|(n, f)| (Side::Start(*n), ty, name(target, *f))).collect();
            let alias = self.alias();
            return Ok((vec![(self.table(target), alias.clone(), pairs)], Scope { ty: target, alias }));
        };
        let join = schema.ty(through.join);
        let near = join.relation(through.near).pairs.iter();
        let near = near.map(|(j, o)| (Side::Start(*o), ty, name(through.join, *j))).collect();
        let (middle, alias) = (self.alias(), self.alias());
        let far = join.relation(through.far).pairs.iter();
        let far =
            far.map(|(j, t)| (Side::Alias(middle.clone(), *j), through.join, name(target, *t))).collect();
        let hops = vec![(self.table(through.join), middle, near), (self.table(target), alias.clone(), far)];
        Ok((hops, Scope { ty: target, alias }))
    }

    fn root_type(&self, root: Root) -> Result<TypeId, StoreError> {
        match root {
            Root::Scope(back) => Ok(self.scope(back)?.ty),
            Root::New => self.new.as_ref().map(|n| n.ty).ok_or_else(no_new),
        }
    }

    fn root_field(&mut self, root: Root, field: FieldId) -> Result<String, StoreError> {
        Ok(self.field(root, field)?.text)
    }
}

/// A table, its alias, and pairs of (column before, its type, column of this table).
type Hop = (String, String, Vec<(Side, TypeId, String)>);

/// Where the column before stands.
enum Side {
    Start(FieldId),
    Alias(String, FieldId),
}

pub(super) fn no_new() -> StoreError {
    StoreError::bug("a statement speaks of a new row that it does not have")
}
