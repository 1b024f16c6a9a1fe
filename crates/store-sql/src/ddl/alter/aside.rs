//! What is put away before columns change, and comes back.

use bistro_schema::{FieldId, Relation, RelationKind, Type, TypeId};
use bistro_store::Change;

use crate::ddl::context::Context;
use crate::ddl::script::Script;
use crate::ddl::{foreign, index, search};
use crate::dialect::Dialect;

/// Names by type of the next schema.
#[derive(Default)]
pub(super) struct Aside {
    /// Foreign keys that both schemas have: the name before.
    foreign: Vec<(TypeId, String)>,
    /// Foreign keys of tables that go, over columns that change before: the type of the schema before.
    leaving: Vec<(TypeId, String)>,
    /// Full-text indexes; those without a change that makes them again come back here.
    search: Vec<TypeId>,
    /// Indexes and unique sets, by their names before.
    indexes: Vec<(TypeId, String)>,
    /// Columns of hashes, by their names before.
    hashes: Vec<(TypeId, String)>,
}

impl Aside {
    pub(super) fn of(cx: &Context<'_>) -> Self {
        let mut aside = Self::default();
        aside.find_foreign(cx);
        for (id, ty) in cx.next.types().filter(|(_, t)| t.writable()) {
            let Some((_, was)) = cx.before(id) else { continue };
            aside.find_search(cx, id, was, ty);
            if cx.dialect == Dialect::Mysql {
                aside.find_indexes(cx, id, was);
            }
        }
        if cx.dialect == Dialect::Mysql {
            aside.find_served(cx);
        }
        aside
    }

    pub(super) fn has_foreign(&self, id: TypeId, name: &str) -> bool {
        self.foreign.iter().any(|(t, n)| *t == id && n == name)
    }

    pub(super) fn has_index(&self, id: TypeId, name: &str) -> bool {
        self.indexes.iter().any(|(t, n)| *t == id && n == name)
    }

    pub(super) fn has_hash(&self, id: TypeId, name: &str) -> bool {
        self.hashes.iter().any(|(t, n)| *t == id && n == name)
    }

    fn find_foreign(&mut self, cx: &Context<'_>) {
        for ((_, before), (id, now)) in cx.kept_foreign() {
            let touched =
                now.pairs.iter().any(|(near, far)| cx.retyped(id, *near) || cx.retyped(now.target, *far));
            // MySQL has no words for another name.
            let renamed = cx.dialect == Dialect::Mysql && before.constraint != now.constraint;
            if touched || renamed {
                self.foreign.push((id, before.constraint.clone()));
            }
        }
        for change in cx.changes {
            let Change::DropType(old) = change else { continue };
            for relation in cx.old.ty(*old).relations.iter().filter(|r| r.kind == RelationKind::ToOne) {
                if retyped_before(cx, relation) {
                    self.leaving.push((*old, relation.constraint.clone()));
                }
            }
        }
    }

    /// MySQL lets no index go that a foreign key needs, so that the foreign key goes before.
    fn find_served(&mut self, cx: &Context<'_>) {
        for change in cx.changes {
            if let Change::DropForeign(id, name) = change {
                self.foreign.push((*id, name.clone()));
            }
        }
        for ((was, before), (id, _)) in cx.kept_foreign() {
            let near = foreign::near(before);
            let uniques = was.uniques.iter().map(|u| (&u.name, &u.fields));
            let mut all = uniques.chain(was.indexes.iter().map(|i| (&i.name, &i.fields)));
            let served = all.any(|(name, over)| over.starts_with(&near) && self.has_index(id, name));
            if served && !self.has_foreign(id, &before.constraint) {
                self.foreign.push((id, before.constraint.clone()));
            }
        }
    }

    fn find_search(&mut self, cx: &Context<'_>, id: TypeId, was: &Type, ty: &Type) {
        let again = cx.changes.iter().any(|c| matches!(c, Change::RebuildSearch(t) if *t == id));
        let generated = cx.dialect == Dialect::Mysql
            && ty.search_fields().iter().any(|f| cx.retyped(id, *f) || altered(cx, id, *f));
        if !was.search_fields().is_empty() && (again || generated) {
            self.search.push(id);
        }
    }

    /// On MySQL a generated column holds what it is made from, and an index loses a column that is replaced.
    fn find_indexes(&mut self, cx: &Context<'_>, id: TypeId, was: &Type) {
        let after = |old: FieldId| cx.field_after(id, old);
        let moved = |old: FieldId| match after(old) {
            None => true,
            Some(new) => {
                cx.retyped(id, new)
                    || altered(cx, id, new)
                    || was.field(old).column != cx.next.ty(id).field(new).column
            }
        };
        let still: Vec<String> =
            index::hashed(cx.next, cx.next.ty(id)).into_iter().map(index::hash_column).collect();
        for field in index::hashed(cx.old, was) {
            let old = was.fields().find(|(_, f)| f.name == field.name).map(|(f, _)| f);
            let name = index::hash_column(field);
            if old.is_none_or(moved) || !still.contains(&name) {
                self.hashes.push((id, name));
            }
        }
        let hashed = |f: &FieldId| self.has_hash(id, &index::hash_column(was.field(*f)));
        let mut away: Vec<String> = Vec::new();
        for unique in &was.uniques {
            let fitted = index::fits(cx.old, was, &unique.fields);
            let over_hash = !fitted && unique.fields.iter().any(hashed);
            let now: Vec<FieldId> = unique.fields.iter().filter_map(|f| after(*f)).collect();
            let whole = now.len() == unique.fields.len();
            let other = whole && index::fits(cx.next, cx.next.ty(id), &now) != fitted;
            if over_hash || other || now.iter().any(|new| is_replaced(cx, id, *new)) {
                away.push(unique.name.clone());
            }
        }
        for index in &was.indexes {
            if index.fields.iter().any(|f| after(*f).is_some_and(|new| is_replaced(cx, id, new))) {
                away.push(index.name.clone());
            }
        }
        self.indexes.extend(away.into_iter().map(|name| (id, name)));
    }

    /// Puts everything away; tables and columns have their old names still.
    pub(super) fn away(&self, cx: &Context<'_>, script: &mut Script) {
        let before = |id: TypeId| cx.before(id).map(|(_, was)| was);
        for (old, name) in &self.leaving {
            script.push(None, &[], foreign::remove(cx.dialect, &cx.old.ty(*old).collection, name));
        }
        for (id, name) in &self.foreign {
            if let Some(was) = before(*id) {
                script.push(Some(*id), &[], foreign::remove(cx.dialect, &was.collection, name));
            }
        }
        for id in &self.search {
            if let Some(was) = before(*id) {
                for sql in search::drop_search(cx.dialect, was, &was.collection, &|_| true) {
                    script.push(Some(*id), &[], sql);
                }
            }
        }
        for (id, name) in &self.indexes {
            if let Some(was) = before(*id) {
                script.push(Some(*id), &[], index::drop_index(cx.dialect, was, name));
            }
        }
        for (id, name) in &self.hashes {
            if let Some(was) = before(*id) {
                let (table, column) = (cx.dialect.quote(&was.collection), cx.dialect.quote(name));
                script.push(Some(*id), &[], format!("ALTER TABLE {table} DROP COLUMN {column}"));
            }
        }
    }

    /// Brings back the indexes that the next schema still has.
    pub(super) fn indexes_back(&self, cx: &Context<'_>, script: &mut Script) {
        for (id, name) in &self.indexes {
            self.index_back(cx, script, *id, name);
        }
    }

    /// Brings back what else the next schema still has and no change of its own made again.
    pub(super) fn back(&self, cx: &Context<'_>, script: &mut Script) {
        for ((_, before), (id, now)) in cx.kept_foreign() {
            if self.has_foreign(id, &before.constraint) && !made_again(cx, id, now) {
                let ty = cx.next.ty(id);
                script.push(Some(id), &[], foreign::add(cx.next, cx.dialect, ty, now));
            }
        }
        for change in cx.changes {
            let (id, only) = match change {
                Change::CreateType(id) => (*id, None),
                Change::AddRelation(id, relation) => (*id, Some(cx.next.ty(*id).relation(*relation))),
                _ => continue,
            };
            let ty = cx.next.ty(id);
            let owned = ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne && ty.writable());
            let asked = owned.filter(|r| only.is_none_or(|only| only.constraint == r.constraint));
            for relation in asked.filter(|r| waits(cx, r)) {
                script.push(Some(id), &[], foreign::add(cx.next, cx.dialect, ty, relation));
            }
        }
        for id in &self.search {
            if !cx.changes.iter().any(|c| matches!(c, Change::RebuildSearch(t) if t == id)) {
                for sql in search::create_search(cx.dialect, cx.next.ty(*id)) {
                    script.push(Some(*id), &[], sql);
                }
            }
        }
    }

    fn index_back(&self, cx: &Context<'_>, script: &mut Script, id: TypeId, name: &str) {
        let gone = |c: &Change| matches!(c, Change::DropIndex(t, n) if *t == id && n == name);
        if cx.changes.iter().any(gone) {
            return;
        }
        let renamed = cx.changes.iter().find_map(|c| match c {
            Change::RenameIndex(t, was, is) if *t == id && was == name => Some(is.as_str()),
            _ => None,
        });
        let ty = cx.next.ty(id);
        let name = renamed.unwrap_or(name);
        if let Some(unique) = ty.uniques.iter().find(|u| u.name == name) {
            super::hash_columns(cx, script, self, id, &unique.fields, None);
        }
        if let Some(sql) = index::named(cx.next, cx.dialect, ty, name).filter(|sql| !script.has(sql)) {
            script.push(Some(id), &[], sql);
        }
    }
}

/// Whether what a foreign key of the schema before refers to gets another type.
fn retyped_before(cx: &Context<'_>, relation: &Relation) -> bool {
    let was = |id: &TypeId| cx.before(*id).is_some_and(|(was, _)| was == relation.target);
    let Some(id) = cx.next.types().map(|(id, _)| id).find(was) else { return false };
    let far = relation.pairs.iter().filter_map(|(_, far)| cx.field_after(id, *far));
    far.into_iter().any(|field| cx.retyped(id, field))
}

/// Whether what a foreign key of the next schema refers to gets another type.
pub(super) fn waits(cx: &Context<'_>, relation: &Relation) -> bool {
    relation.pairs.iter().any(|(_, far)| cx.retyped(relation.target, *far))
}

/// Whether a change of its own makes the foreign key again.
fn made_again(cx: &Context<'_>, id: TypeId, relation: &Relation) -> bool {
    let ty = cx.next.ty(id);
    cx.changes
        .iter()
        .any(|c| matches!(c, Change::AddForeign(t, r) if *t == id && ty.relation(*r).constraint == relation.constraint))
}

/// Whether the column is modified at all, be it only in whether it may be null.
fn altered(cx: &Context<'_>, id: TypeId, field: FieldId) -> bool {
    cx.changes.iter().any(|c| match c {
        Change::Require(t, f) | Change::Release(t, f) | Change::RenameField(t, _, f) => {
            *t == id && *f == field
        }
        _ => false,
    })
}

/// Whether another column takes the place of the field's.
pub(super) fn is_replaced(cx: &Context<'_>, id: TypeId, field: FieldId) -> bool {
    let (Some((_, was)), Some((old, _))) = (cx.before(id), cx.field_before(id, field)) else { return false };
    let (from, to) = (was.field(old).scalar, cx.next.ty(id).field(field).scalar);
    !to.list && crate::ddl::convert::expression(cx.dialect, from.kind, to.kind, "").is_some()
}
