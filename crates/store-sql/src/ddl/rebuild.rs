//! Changes on SQLite: what its `ALTER TABLE` cannot do makes the table again, as its documentation prescribes.
//!
//! Names are changed first, so that what refers to a table or a column follows; then each table that needs it is made
//! under another name, filled, and put in place of the old one, with its indexes and its full-text index.

use bistro_schema::{Field, FieldId, FieldKind, TypeId};
use bistro_store::{Change, StoreError, StoreErrorKind};

use crate::ddl::context::Context;
use crate::ddl::literal::fill;
use crate::ddl::script::{Script, add_field, add_relation, unfilled};
use crate::ddl::{column, convert, foreign, index, search, table};
use crate::dialect::Dialect;

const SQLITE: Dialect = Dialect::Sqlite;

pub(crate) fn write(cx: &Context<'_>, script: &mut Script) -> Result<(), StoreError> {
    let rebuilt: Vec<TypeId> = cx
        .next
        .types()
        .map(|(id, _)| id)
        .filter(|id| cx.changes.iter().any(|c| needs(cx, c) == Some(*id)))
        .collect();
    let dropped = cx.changes.iter().any(|c| matches!(c, Change::DropType(_)));
    script.foreign_keys_off = !rebuilt.is_empty() || dropped;
    search_away(cx, script, &rebuilt);
    names(cx, script);
    for (at, change) in cx.changes.iter().enumerate() {
        let touched = type_of(change);
        if let Some(id) = touched.filter(|id| rebuilt.contains(id)) {
            // All changes of the table are one.
            let first = cx.changes.iter().position(|c| folded(c) && type_of(c) == Some(id));
            if first == Some(at) {
                again(cx, script, id)?;
            }
            continue;
        }
        one(cx, script, at, change)?;
    }
    own_indexes(cx, script, &rebuilt);
    Ok(())
}

/// The type whose table a change makes again.
fn needs(cx: &Context<'_>, change: &Change) -> Option<TypeId> {
    match change {
        Change::DropField(id, _)
        | Change::Require(id, _)
        | Change::Release(id, _)
        | Change::AddForeign(id, _)
        | Change::DropForeign(id, _) => Some(*id),
        Change::Convert(id, old, new) => {
            let (_, was) = cx.before(*id)?;
            let (from, to) = (was.field(*old).scalar.kind, cx.next.ty(*id).field(*new).scalar.kind);
            let moved = convert::expression(SQLITE, from, to, "").is_some();
            (moved || cx.retyped(*id, *new)).then_some(*id)
        }
        Change::Fit(id, _, new) => cx.retyped(*id, *new).then_some(*id),
        _ => None,
    }
}

/// The type of a change to a table that there is.
fn type_of(change: &Change) -> Option<TypeId> {
    match change {
        Change::AddField(id, _)
        | Change::AddRelation(id, _)
        | Change::AddIndex(id, _)
        | Change::DropIndex(id, _)
        | Change::AddUnique(id, _)
        | Change::RebuildSearch(id)
        | Change::DropField(id, _)
        | Change::Convert(id, ..)
        | Change::Fit(id, ..)
        | Change::Require(id, _)
        | Change::Release(id, _)
        | Change::AddForeign(id, _)
        | Change::DropForeign(id, _)
        | Change::RenameForeign(id, ..)
        | Change::RenameIndex(id, ..) => Some(*id),
        Change::CreateType(_)
        | Change::Narrow(..)
        | Change::AddCheck(..)
        | Change::DropType(_)
        | Change::DropView(_)
        | Change::RenameType(..)
        | Change::RenameField(..) => None,
    }
}

fn folded(change: &Change) -> bool {
    type_of(change).is_some()
}

/// Full-text indexes that are made again later, or go with their tables: their triggers must not see what happens.
fn search_away(cx: &Context<'_>, script: &mut Script, rebuilt: &[TypeId]) {
    for (at, change) in cx.changes.iter().enumerate() {
        if let Change::DropType(old) = change {
            let ty = cx.old.ty(*old);
            if !ty.search_fields().is_empty() {
                for sql in search::drop_search(SQLITE, ty, &ty.collection, &|_| true) {
                    script.push(None, &[at], sql);
                }
            }
        }
    }
    for (id, ty) in cx.next.types().filter(|(_, t)| t.writable()) {
        let at = cx.changes.iter().position(|c| matches!(c, Change::RebuildSearch(t) if *t == id));
        let before = cx.before(id).map(|(_, was)| was);
        // Without the schema before, the index that there may be has this type's name.
        let was = before.unwrap_or(ty);
        let had = before.is_none_or(|was| !was.search_fields().is_empty());
        if (at.is_some() || rebuilt.contains(&id)) && had {
            for sql in search::drop_search(SQLITE, was, &was.collection, &|_| true) {
                script.push(Some(id), at.as_slice(), sql);
            }
        }
    }
}

/// Tables and columns under their new names.
fn names(cx: &Context<'_>, script: &mut Script) {
    let quote = |name: &str| SQLITE.quote(name);
    for (at, change) in cx.changes.iter().enumerate() {
        match change {
            Change::RenameType(old, id) => {
                let (was, is) = (&cx.old.ty(*old).collection, &cx.next.ty(*id).collection);
                script.push(Some(*id), &[at], format!("ALTER TABLE {} RENAME TO {}", quote(was), quote(is)));
            }
            Change::RenameField(id, old, new) => {
                let Some((_, was)) = cx.before(*id) else { continue };
                let ty = cx.next.ty(*id);
                let (from, to) = (quote(&was.field(*old).column), quote(&ty.field(*new).column));
                let table = quote(&ty.collection);
                script.push(Some(*id), &[at], format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}"));
            }
            _ => {}
        }
    }
}

/// A change that SQLite makes in place.
fn one(cx: &Context<'_>, script: &mut Script, at: usize, change: &Change) -> Result<(), StoreError> {
    let next = cx.next;
    match change {
        Change::CreateType(id) => script.all(*id, at, table::create_type(next, SQLITE, *id)),
        Change::AddField(id, field) => script.all(*id, at, add_field(next, SQLITE, *id, *field)?),
        Change::AddRelation(id, relation) => {
            let statements = add_relation(next, SQLITE, *id, *relation, true)?;
            script.all(*id, at, statements);
            let ty = next.ty(*id);
            let near = foreign::near(ty.relation(*relation));
            for (name, over) in foreign::own_indexes(ty).into_iter().filter(|(_, over)| *over == near) {
                script.push(Some(*id), &[at], foreign::add_own_index(SQLITE, ty, &name, &over));
            }
        }
        Change::AddIndex(id, n) => script.all(*id, at, vec![index::add_index(SQLITE, next.ty(*id), *n)]),
        Change::DropIndex(id, name) => {
            script.all(*id, at, vec![index::drop_index(SQLITE, next.ty(*id), name)]);
        }
        Change::RenameIndex(id, was, is) => {
            let mut statements = vec![index::drop_index(SQLITE, next.ty(*id), was)];
            statements.extend(index::named(next, SQLITE, next.ty(*id), is));
            script.all(*id, at, statements);
        }
        Change::AddUnique(id, n) => {
            script.all(*id, at, vec![index::add_unique(next, SQLITE, next.ty(*id), *n)]);
        }
        Change::RebuildSearch(id) => script.all(*id, at, search::create_search(SQLITE, next.ty(*id))),
        Change::DropType(old) => {
            let sql = format!("DROP TABLE {}", SQLITE.quote(&cx.old.ty(*old).collection));
            script.push(None, &[at], sql);
        }
        _ => {}
    }
    Ok(())
}

/// The table made again.
fn again(cx: &Context<'_>, script: &mut Script, id: TypeId) -> Result<(), StoreError> {
    let ty = cx.next.ty(id);
    if let Some(field) = ty.fields.iter().find(|f| f.kind == FieldKind::Generated) {
        let text = format!(
            "{}.{} is calculated by the database, and SQLite would make the table again without that; write this change \
             in SQL by hand",
            ty.collection, field.name
        );
        return Err(StoreError::new(
            StoreErrorKind::Unsupported("making a table with calculated columns again"),
            text,
        ));
    }
    let all: Vec<usize> = (0..cx.changes.len())
        .filter(|n| folded(&cx.changes[*n]) && type_of(&cx.changes[*n]) == Some(id))
        .collect();
    let name = format!("bistro_new_{}", ty.collection);
    let (new, table) = (SQLITE.quote(&name), SQLITE.quote(&ty.collection));
    let (mut into, mut from) = (Vec::new(), Vec::new());
    let counter = table::counter(ty);
    if counter.is_none() {
        into.push(table::ROW.to_owned());
        // The same number under the name that SQLite gives it, since a table of somebody else's has no column of ours.
        let named = |name: &&str| !ty.fields.iter().any(|f| f.column.eq_ignore_ascii_case(name));
        from.push(["rowid", "oid", "_rowid_"].into_iter().find(named).unwrap_or(table::ROW).to_owned());
    }
    for (field_id, field) in ty.fields().filter(|(_, f)| column::stored(f)) {
        into.push(SQLITE.quote(&field.column));
        from.push(value(cx, id, field_id, field)?);
    }
    script.push(Some(id), &all, table::create_table(cx.next, SQLITE, ty, &name, &|_| true));
    let copy = format!("INSERT INTO {new} ({}) SELECT {} FROM {table}", into.join(", "), from.join(", "));
    script.push(Some(id), &all, copy);
    if counter.is_some() {
        // Numbers of rows that are gone are not given again.
        let (is, was) = (SQLITE.text(&name), SQLITE.text(&ty.collection));
        script.push(Some(id), &all, format!("DELETE FROM sqlite_sequence WHERE name = {is}"));
        script.push(
            Some(id),
            &all,
            format!("INSERT INTO sqlite_sequence (name, seq) SELECT {is}, seq FROM sqlite_sequence WHERE name = {was}"),
        );
    }
    script.push(Some(id), &all, format!("DROP TABLE {table}"));
    script.push(Some(id), &all, format!("ALTER TABLE {new} RENAME TO {table}"));
    let mut rest: Vec<String> =
        (0..ty.uniques.len()).map(|n| index::add_unique(cx.next, SQLITE, ty, n)).collect();
    rest.extend((0..ty.indexes.len()).map(|n| index::add_index(SQLITE, ty, n)));
    rest.extend(foreign::foreign_indexes(SQLITE, ty));
    rest.extend(search::create_search(SQLITE, ty));
    rest.into_iter().for_each(|sql| script.push(Some(id), &all, sql));
    Ok(())
}

/// What a field of the new table gets from a row of the old one, whose columns have their new names already.
fn value(cx: &Context<'_>, id: TypeId, field_id: FieldId, field: &Field) -> Result<String, StoreError> {
    let ty = cx.next.ty(id);
    let column = SQLITE.quote(&field.column);
    let required =
        cx.changes.iter().any(|c| matches!(c, Change::Require(t, f) if *t == id && *f == field_id));
    let fill = fill(SQLITE, cx.next, ty, field)?;
    let Some((_, was)) = cx.field_before(id, field_id) else {
        return match fill {
            Some(fill) => Ok(fill.text().to_owned()),
            None if field.nullable => Ok("NULL".to_owned()),
            None => Err(unfilled(&ty.collection, &field.name)),
        };
    };
    let same_list = was.scalar.list || field.scalar.list;
    let moved = if same_list {
        None
    } else {
        convert::expression(SQLITE, was.scalar.kind, field.scalar.kind, &column)
    };
    let value = moved.unwrap_or(column);
    Ok(match fill {
        Some(fill) if required => format!("coalesce({value}, {})", fill.text()),
        _ => value,
    })
}

/// The indexes of foreign keys that there may not be yet, and those that are not needed any more.
fn own_indexes(cx: &Context<'_>, script: &mut Script, rebuilt: &[TypeId]) {
    for (id, ty) in cx.next.types() {
        let had = cx.before(id).map_or_else(Vec::new, |(_, was)| foreign::own_indexes(was));
        let has = foreign::own_indexes(ty);
        if rebuilt.contains(&id) {
            continue;
        }
        for (name, _) in had.iter().filter(|(name, _)| !has.iter().any(|(kept, _)| kept == name)) {
            script.push(Some(id), &[], index::drop_index(SQLITE, ty, name));
        }
        for (name, near) in has {
            let sql = foreign::add_own_index(SQLITE, ty, &name, &near);
            if !script.has(&sql) && !had.iter().any(|(known, _)| *known == name) {
                script.push(Some(id), &[], sql);
            }
        }
    }
}
