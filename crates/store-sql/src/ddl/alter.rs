//! Changes on PostgreSQL and MySQL: `ALTER TABLE`, statement by statement.
//!
//! What lies over a column whose type or name changes and would be in its way is put away first and comes back at the end:
//! foreign keys on both, and on MySQL the columns that are generated from it and their indexes.

mod aside;

use bistro_schema::{FieldId, Relation, RelationKind, TypeId};
use bistro_store::{Change, StoreError};

use crate::ddl::context::Context;
use crate::ddl::literal::fill;
use crate::ddl::script::{Script, add_field, add_relation};
use crate::ddl::{column, convert, foreign, index, search, table};
use crate::dialect::Dialect;

use aside::Aside;

pub(crate) fn write(cx: &Context<'_>, script: &mut Script) -> Result<(), StoreError> {
    let aside = Aside::of(cx);
    aside.away(cx, script);
    let (mut early, mut late) = (false, false);
    for (at, change) in cx.changes.iter().enumerate() {
        let names = matches!(
            change,
            Change::DropView(_)
                | Change::RenameType(..)
                | Change::RenameField(..)
                | Change::DropForeign(..)
                | Change::RenameForeign(..)
        );
        if !names && !early {
            early = true;
            needed_indexes(cx, script);
        }
        // A foreign key that finds no index makes one of its own on MySQL.
        if matches!(change, Change::AddForeign(..)) && !late {
            late = true;
            aside.indexes_back(cx, script);
        }
        one(cx, script, &aside, at, change)?;
    }
    if !late {
        aside.indexes_back(cx, script);
    }
    own_indexes(cx, script);
    aside.back(cx, script);
    Ok(())
}

fn one(
    cx: &Context<'_>,
    script: &mut Script,
    aside: &Aside,
    at: usize,
    change: &Change,
) -> Result<(), StoreError> {
    let (next, dialect) = (cx.next, cx.dialect);
    let table = |id: TypeId| dialect.quote(&next.ty(id).collection);
    match change {
        Change::CreateType(id) => create(cx, script, at, *id),
        Change::AddField(id, field) => script.all(*id, at, add_field(next, dialect, *id, *field)?),
        Change::AddRelation(id, relation) => {
            let checked = !aside::waits(cx, next.ty(*id).relation(*relation));
            script.all(*id, at, add_relation(next, dialect, *id, *relation, checked)?);
        }
        Change::AddIndex(id, n) => script.all(*id, at, vec![index::add_index(dialect, next.ty(*id), *n)]),
        Change::DropIndex(id, name) if !aside.has_index(*id, name) => {
            script.all(*id, at, vec![index::drop_index(dialect, next.ty(*id), name)]);
        }
        Change::AddUnique(id, n) => unique(cx, script, aside, at, *id, *n),
        Change::RebuildSearch(id) => script.all(*id, at, search::create_search(dialect, next.ty(*id))),
        Change::DropType(old) => drop_type(cx, script, at, *old),
        Change::RenameType(old, id) => rename_type(cx, script, at, *old, *id),
        Change::RenameField(id, old, new) => {
            let Some((_, was)) = cx.before(*id) else { return Ok(()) };
            let from = dialect.quote(&was.field(*old).column);
            let to = dialect.quote(&next.ty(*id).field(*new).column);
            let sql = format!("ALTER TABLE {} RENAME COLUMN {from} TO {to}", table(*id));
            script.push(Some(*id), &[at], sql);
        }
        Change::DropField(id, old) => {
            let Some((_, was)) = cx.before(*id) else { return Ok(()) };
            let column = dialect.quote(&was.field(*old).column);
            script.push(Some(*id), &[at], format!("ALTER TABLE {} DROP COLUMN {column}", table(*id)));
        }
        Change::Convert(id, old, new) | Change::Fit(id, old, new) => convert(cx, script, at, *id, *old, *new),
        Change::Require(id, field) => require(cx, script, at, *id, *field)?,
        Change::Release(id, field) => script.all(*id, at, vec![nullable(cx, *id, *field, true)]),
        Change::AddForeign(id, relation) => {
            add_foreign(cx, script, at, *id, next.ty(*id).relation(*relation))
        }
        Change::DropForeign(id, name) => drop_foreign(cx, script, aside, at, *id, name),
        Change::RenameForeign(id, name, relation) if !aside.has_foreign(*id, name) => {
            let is = dialect.quote(&next.ty(*id).relation(*relation).constraint);
            let was = dialect.quote(name);
            let sql = format!("ALTER TABLE {} RENAME CONSTRAINT {was} TO {is}", table(*id));
            script.push(Some(*id), &[at], sql);
        }
        Change::RenameIndex(id, was, is) if !aside.has_index(*id, was) => {
            script.all(*id, at, vec![rename_index(cx, *id, was, is)]);
        }
        _ => {}
    }
    Ok(())
}

/// A new table; where it refers to one that is made later, the foreign key follows that one.
fn create(cx: &Context<'_>, script: &mut Script, at: usize, id: TypeId) {
    let (next, dialect) = (cx.next, cx.dialect);
    let made = |c: &Change, target: TypeId| matches!(c, Change::CreateType(t) if *t == target);
    let later = |r: &Relation| r.target != id && cx.changes[at + 1..].iter().any(|c| made(c, r.target));
    script.all(id, at, table::create_with(next, dialect, id, &|r| !later(r) && !aside::waits(cx, r)));
    for change in &cx.changes[..at] {
        let Change::CreateType(done) = change else { continue };
        let ty = next.ty(*done);
        let waiting = ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne && r.target == id);
        if ty.writable() {
            for relation in waiting {
                script.push(Some(*done), &[at], foreign::add(next, dialect, ty, relation));
            }
        }
    }
}

/// A table away. Others that go as well may refer to it in a circle, so these references go first.
fn drop_type(cx: &Context<'_>, script: &mut Script, at: usize, old: TypeId) {
    let later = cx.changes[at + 1..].iter().filter_map(|c| match c {
        Change::DropType(id) => Some(*id),
        _ => None,
    });
    for other in later {
        let ty = cx.old.ty(other);
        for relation in ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne && r.target == old) {
            script.push(None, &[at], foreign::remove(cx.dialect, &ty.collection, &relation.constraint));
        }
    }
    let name = cx.dialect.quote(&cx.old.ty(old).collection);
    script.push(None, &[at], format!("DROP TABLE {name}"));
}

fn rename_type(cx: &Context<'_>, script: &mut Script, at: usize, old: TypeId, id: TypeId) {
    let (was, is) = (cx.old.ty(old), cx.next.ty(id));
    let quote = |name: &str| cx.dialect.quote(name);
    let table = quote(&is.collection);
    script.push(Some(id), &[at], format!("ALTER TABLE {} RENAME TO {table}", quote(&was.collection)));
    if cx.dialect == Dialect::Postgres {
        let (from, to) = (quote(&table::key_name(was)), quote(&table::key_name(is)));
        script.push(Some(id), &[at], format!("ALTER TABLE {table} RENAME CONSTRAINT {from} TO {to}"));
    }
}

fn rename_index(cx: &Context<'_>, id: TypeId, was: &str, is: &str) -> String {
    let (was, is) = (cx.dialect.quote(was), cx.dialect.quote(is));
    match cx.dialect {
        Dialect::Mysql => {
            let table = cx.dialect.quote(&cx.next.ty(id).collection);
            format!("ALTER TABLE {table} RENAME INDEX {was} TO {is}")
        }
        _ => format!("ALTER INDEX {was} RENAME TO {is}"),
    }
}

/// A column of another type.
fn convert(cx: &Context<'_>, script: &mut Script, at: usize, id: TypeId, old: FieldId, new: FieldId) {
    if !cx.retyped(id, new) {
        return;
    }
    let Some((_, was)) = cx.before(id) else { return };
    let (ty, before) = (cx.next.ty(id), was.field(old));
    let field = ty.field(new);
    let (from, to) = (before.scalar.kind, field.scalar.kind);
    let (table, column) = (cx.dialect.quote(&ty.collection), cx.dialect.quote(&field.column));
    let value = convert::expression(cx.dialect, from, to, &column).filter(|_| !field.scalar.list);
    let nulls = before.nullable && !table::in_key(ty, field);
    if cx.dialect == Dialect::Postgres {
        let of = column::column_type(cx.dialect, cx.next, ty, field);
        let using = value.map_or_else(String::new, |v| format!(" USING {v}"));
        // A default that the column once got for the rows of that day may have no counterpart.
        let counted = table::counter(ty).is_some_and(|c| c.name == field.name);
        let bare = if counted { String::new() } else { format!("ALTER COLUMN {column} DROP DEFAULT, ") };
        let sql = format!("ALTER TABLE {table} {bare}ALTER COLUMN {column} TYPE {of}{using}");
        return script.push(Some(id), &[at], sql);
    }
    let Some(value) = value else {
        let definition = table::defined(cx.next, cx.dialect, ty, field, nulls);
        let counted = table::counted(cx.dialect, ty, field);
        return script.push(
            Some(id),
            &[at],
            format!("ALTER TABLE {table} MODIFY COLUMN {definition}{counted}"),
        );
    };
    let other = cx.dialect.quote("bistro_new");
    let of = column::column_type(cx.dialect, cx.next, ty, field);
    let mut statements = vec![
        format!("ALTER TABLE {table} ADD COLUMN {other} {of} AFTER {column}"),
        format!("UPDATE {table} SET {other} = {value}"),
        format!("ALTER TABLE {table} DROP COLUMN {column}"),
        format!("ALTER TABLE {table} RENAME COLUMN {other} TO {column}"),
    ];
    if !nulls {
        let definition = table::defined(cx.next, cx.dialect, ty, field, false);
        statements.push(format!("ALTER TABLE {table} MODIFY COLUMN {definition}"));
    }
    script.all(id, at, statements);
}

fn require(
    cx: &Context<'_>,
    script: &mut Script,
    at: usize,
    id: TypeId,
    field_id: FieldId,
) -> Result<(), StoreError> {
    let ty = cx.next.ty(id);
    let field = ty.field(field_id);
    if let Some(fill) = fill(cx.dialect, cx.next, ty, field)? {
        let (table, column) = (cx.dialect.quote(&ty.collection), cx.dialect.quote(&field.column));
        let sql = format!("UPDATE {table} SET {column} = {} WHERE {column} IS NULL", fill.text());
        script.push(Some(id), &[at], sql);
    }
    script.push(Some(id), &[at], nullable(cx, id, field_id, false));
    Ok(())
}

/// A column that may be null, or may not.
fn nullable(cx: &Context<'_>, id: TypeId, field: FieldId, may: bool) -> String {
    let ty = cx.next.ty(id);
    let field = ty.field(field);
    let table = cx.dialect.quote(&ty.collection);
    if cx.dialect == Dialect::Postgres {
        let word = if may { "DROP" } else { "SET" };
        return format!(
            "ALTER TABLE {table} ALTER COLUMN {} {word} NOT NULL",
            cx.dialect.quote(&field.column)
        );
    }
    let definition = table::defined(cx.next, cx.dialect, ty, field, may);
    format!("ALTER TABLE {table} MODIFY COLUMN {definition}")
}

fn add_foreign(cx: &Context<'_>, script: &mut Script, at: usize, id: TypeId, relation: &Relation) {
    let ty = cx.next.ty(id);
    for (name, near) in foreign::own_indexes(ty) {
        if near == foreign::near(relation) {
            let had = cx.before(id).map_or_else(Vec::new, |(_, was)| foreign::own_indexes(was));
            let sql = foreign::add_own_index(cx.dialect, ty, &name, &near);
            let gone = dropped_with(cx, id, &name);
            if !script.has(&sql) && (gone || !had.iter().any(|(known, _)| *known == name)) {
                script.push(Some(id), &[at], sql);
            }
        }
    }
    script.push(Some(id), &[at], foreign::add(cx.next, cx.dialect, ty, relation));
}

fn drop_foreign(cx: &Context<'_>, script: &mut Script, aside: &Aside, at: usize, id: TypeId, name: &str) {
    let Some((_, was)) = cx.before(id) else { return };
    let ty = cx.next.ty(id);
    if !aside.has_foreign(id, name) {
        script.push(Some(id), &[at], foreign::remove(cx.dialect, &ty.collection, name));
    }
    let Some(relation) = was.relations.iter().find(|r| r.constraint == name && r.kind == RelationKind::ToOne)
    else {
        return;
    };
    let near = foreign::near(relation);
    for (own, _) in foreign::own_indexes(was).into_iter().filter(|(_, over)| *over == near) {
        script.push(Some(id), &[at], index::drop_index(cx.dialect, ty, &own));
    }
}

/// Whether the index of a foreign key went with one that this script drops.
fn dropped_with(cx: &Context<'_>, id: TypeId, own: &str) -> bool {
    cx.changes.iter().any(|c| match c {
        Change::DropForeign(t, name) => {
            *t == id && bistro_schema::names::constraint(&["bistro_fk", name]) == own
        }
        _ => false,
    })
}

/// A unique set; on MySQL with the hash columns that it is the first to need.
fn unique(cx: &Context<'_>, script: &mut Script, aside: &Aside, at: usize, id: TypeId, n: usize) {
    let ty = cx.next.ty(id);
    if cx.dialect == Dialect::Mysql {
        hash_columns(cx, script, aside, id, &ty.uniques[n].fields, Some(at));
    }
    let sql = index::add_unique(cx.next, cx.dialect, ty, n);
    script.push(Some(id), &[at], sql);
}

/// The hash columns of these fields that there are not yet.
fn hash_columns(
    cx: &Context<'_>,
    script: &mut Script,
    aside: &Aside,
    id: TypeId,
    fields: &[FieldId],
    at: Option<usize>,
) {
    let ty = cx.next.ty(id);
    let table = cx.dialect.quote(&ty.collection);
    let had: Vec<String> = match cx.before(id) {
        Some((_, was)) => index::hashed(cx.old, was).into_iter().map(index::hash_column).collect(),
        None => Vec::new(),
    };
    if index::fits(cx.next, ty, fields) {
        return;
    }
    for field in index::hashed(cx.next, ty) {
        let of = fields.iter().any(|f| ty.field(*f).name == field.name);
        let name = index::hash_column(field);
        let sql = format!("ALTER TABLE {table} ADD COLUMN {}", index::hash_definition(field));
        if of && (!had.contains(&name) || aside.has_hash(id, &name)) && !script.has(&sql) {
            script.push(Some(id), at.as_slice(), sql);
        }
    }
}

/// The indexes of foreign keys that stay, where what served them until now may go.
fn needed_indexes(cx: &Context<'_>, script: &mut Script) {
    for (id, ty) in cx.next.types() {
        let Some((_, was)) = cx.before(id) else { continue };
        let had = foreign::own_indexes(was);
        for (name, near) in foreign::own_indexes(ty) {
            let Some(before) = cx.fields_before(id, &near) else { continue };
            let served = had.iter().any(|(_, over)| *over == before);
            let foreign =
                was.relations.iter().any(|r| r.kind == RelationKind::ToOne && foreign::near(r) == before);
            // Another column would take the index with it; the foreign key over that one brings its own.
            let replaced = near.iter().any(|f| aside::is_replaced(cx, id, *f));
            if !served && foreign && !replaced {
                script.push(Some(id), &[], foreign::add_own_index(cx.dialect, ty, &name, &near));
            }
        }
    }
}

/// The other indexes of foreign keys: new names, those that are missing, those that something else serves now.
fn own_indexes(cx: &Context<'_>, script: &mut Script) {
    for (id, ty) in cx.next.types() {
        let has = foreign::own_indexes(ty);
        let Some((_, was)) = cx.before(id) else {
            if cx.dialect == Dialect::Postgres {
                add_missing(cx, script, id, &[]);
            }
            continue;
        };
        let had = foreign::own_indexes(was);
        for (name, over) in &had {
            if dropped_with(cx, id, name) {
                continue;
            }
            let same = has.iter().find(|(_, near)| cx.fields_before(id, near).as_ref() == Some(over));
            match same {
                Some((kept, _)) if kept == name => {}
                Some((kept, _)) => script.push(Some(id), &[], rename_index(cx, id, name, kept)),
                // Those of columns that are gone went with them.
                None if over.iter().all(|f| cx.field_after(id, *f).is_none()) => {}
                None => script.push(Some(id), &[], index::drop_index(cx.dialect, ty, name)),
            }
        }
        let known: Vec<String> = has
            .iter()
            .filter(|(_, near)| {
                let before = cx.fields_before(id, near);
                had.iter().any(|(name, over)| Some(over) == before.as_ref() && !dropped_with(cx, id, name))
            })
            .map(|(name, _)| name.clone())
            .collect();
        if cx.dialect == Dialect::Postgres {
            add_missing(cx, script, id, &known);
        }
    }
}

fn add_missing(cx: &Context<'_>, script: &mut Script, id: TypeId, known: &[String]) {
    let ty = cx.next.ty(id);
    for (name, near) in foreign::own_indexes(ty) {
        let sql = foreign::add_own_index(cx.dialect, ty, &name, &near);
        if !known.contains(&name) && !script.has(&sql) {
            script.push(Some(id), &[], sql);
        }
    }
}
