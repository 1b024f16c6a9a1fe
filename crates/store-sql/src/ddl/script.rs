//! Changes as ordered statements.

use bistro_problem::Code;
use bistro_schema::{FieldId, Relation, RelationId, RelationKind, Schema, Type, TypeId};
use bistro_store::{Change, StoreError, StoreErrorKind};

use crate::ddl::literal::{Fill, fill};
use crate::ddl::{foreign, index, search, table, types, view};
use crate::dialect::Dialect;

/// What carries out changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// In order. On SQLite and PostgreSQL they are run in one transaction.
    pub statements: Vec<Statement>,
    /// Whether foreign keys must not be checked until the end, and all of them then: on SQLite, where a table is made again.
    pub foreign_keys_off: bool,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The text, without a semicolon at its end.
    pub sql: String,
    /// Whose rows it touches, as a type of the next schema.
    pub ty: Option<TypeId>,
    /// The change that it is part of, by position; none for views and the like.
    pub change: Option<usize>,
}

/// The statements that make tables which follow `old` follow `next`. Types of `changes` that `old` does not know count as
/// bare tables, so an empty `old` is right for what only adds.
///
/// # Errors
/// [`StoreErrorKind::Rejected`] for a required field without a value for the rows that exist.
pub fn script(
    dialect: Dialect,
    old: &Schema,
    next: &Schema,
    changes: &[Change],
) -> Result<Script, StoreError> {
    let mut writer = Writer { dialect, old, next, changes, script: Script::default() };
    writer.run()?;
    Ok(writer.script)
}

struct Writer<'a> {
    dialect: Dialect,
    old: &'a Schema,
    next: &'a Schema,
    changes: &'a [Change],
    script: Script,
}

impl Writer<'_> {
    fn run(&mut self) -> Result<(), StoreError> {
        let views = self.touches_views();
        if views {
            let names: Vec<&str> = view::names(self.old);
            let more: Vec<&str> = view::names(self.next).into_iter().filter(|n| !names.contains(n)).collect();
            for name in names.into_iter().chain(more) {
                self.push(None, None, view::remove(self.dialect, name));
            }
        }
        for (at, change) in self.changes.iter().enumerate() {
            self.change(at, change)?;
        }
        self.own_indexes();
        if views {
            for (id, ty) in self.next.types() {
                if let Some(sql) = view::create(self.dialect, ty) {
                    self.push(Some(id), None, sql);
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, ty: Option<TypeId>, change: Option<usize>, sql: String) {
        self.script.statements.push(Statement { sql, ty, change });
    }

    fn all(&mut self, ty: TypeId, change: usize, statements: Vec<String>) {
        statements.into_iter().for_each(|sql| self.push(Some(ty), Some(change), sql));
    }

    /// Views hold no rows; they are made again with every change of columns, so that none speaks of an older schema.
    fn touches_views(&self) -> bool {
        self.changes.iter().any(|c| {
            !matches!(
                c,
                Change::AddIndex(..)
                    | Change::DropIndex(..)
                    | Change::AddUnique(..)
                    | Change::RebuildSearch(_)
                    | Change::Narrow(..)
                    | Change::AddCheck(..)
            )
        })
    }

    /// The type as the tables have it.
    fn before(&self, id: TypeId) -> Option<&Type> {
        let collection = &self.next.ty(id).collection;
        self.old.types.iter().find(|t| t.collection == *collection)
    }

    fn change(&mut self, at: usize, change: &Change) -> Result<(), StoreError> {
        let (next, dialect) = (self.next, self.dialect);
        match change {
            Change::CreateType(id) => self.create(at, *id),
            Change::AddField(id, field) => {
                let statements = add_field(next, dialect, *id, *field)?;
                self.all(*id, at, statements);
            }
            Change::AddRelation(id, relation) => {
                let statements = add_relation(next, dialect, *id, *relation)?;
                self.all(*id, at, statements);
            }
            Change::AddIndex(id, n) => self.all(*id, at, vec![index::add_index(dialect, next.ty(*id), *n)]),
            Change::DropIndex(id, name) => {
                self.all(*id, at, vec![index::drop_index(dialect, next.ty(*id), name)]);
            }
            Change::AddUnique(id, n) => self.unique(at, *id, *n),
            Change::RebuildSearch(id) => {
                let ty = next.ty(*id);
                let gone = self.before(*id).or((dialect == Dialect::Sqlite).then_some(ty));
                let mut statements = gone.map_or_else(Vec::new, |was| {
                    search::drop_search(dialect, was, &ty.collection, &|_| true)
                });
                statements.extend(search::create_search(dialect, ty));
                self.all(*id, at, statements);
            }
            Change::Narrow(..) | Change::AddCheck(..) => {}
        }
        Ok(())
    }

    /// A new table; where it refers to one that is made later, the foreign key follows that one.
    fn create(&mut self, at: usize, id: TypeId) {
        let (next, dialect) = (self.next, self.dialect);
        let made = |changes: &[Change], target: TypeId| {
            changes.iter().any(|c| matches!(c, Change::CreateType(t) if *t == target))
        };
        let later = |r: &Relation| {
            dialect != Dialect::Sqlite && r.target != id && made(&self.changes[at + 1..], r.target)
        };
        let statements = table::create_with(next, dialect, id, &|r| !later(r));
        self.all(id, at, statements);
        for done in self.changes[..at].iter().filter_map(created) {
            let ty = next.ty(done);
            let owned = ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne && r.target == id);
            if dialect != Dialect::Sqlite && ty.writable() {
                for relation in owned {
                    self.push(Some(done), Some(at), foreign::add(next, dialect, ty, relation));
                }
            }
        }
    }

    /// A unique set; on MySQL with the hash columns that it is the first to need.
    fn unique(&mut self, at: usize, id: TypeId, n: usize) {
        let (next, dialect) = (self.next, self.dialect);
        let ty = next.ty(id);
        if dialect == Dialect::Mysql && !index::fits(next, ty, &ty.uniques[n].fields) {
            let had: Vec<String> = match self.before(id) {
                Some(was) => index::hashed(self.old, was).into_iter().map(|f| f.column.clone()).collect(),
                None => Vec::new(),
            };
            let earlier: Vec<FieldId> = self.changes[..at]
                .iter()
                .filter_map(|c| match c {
                    Change::AddUnique(t, m) if *t == id => Some(&ty.uniques[*m]),
                    _ => None,
                })
                .filter(|u| !index::fits(next, ty, &u.fields))
                .flat_map(|u| u.fields.iter().copied())
                .collect();
            let table = dialect.quote(&ty.collection);
            let needed = |f: &&FieldId| {
                let field = ty.field(**f);
                !earlier.contains(f) && !had.contains(&field.column)
            };
            for field in ty.uniques[n].fields.iter().filter(needed).map(|f| ty.field(*f)) {
                if index::hashed(next, ty).iter().any(|h| h.name == field.name) {
                    let column = index::hash_definition(field);
                    self.push(Some(id), Some(at), format!("ALTER TABLE {table} ADD COLUMN {column}"));
                }
            }
        }
        self.push(Some(id), Some(at), index::add_unique(next, dialect, ty, n));
    }

    /// The indexes of foreign keys that the tables may not have yet.
    fn own_indexes(&mut self) {
        for (id, ty) in self.next.types() {
            if self.dialect == Dialect::Mysql {
                continue;
            }
            let had = self.before(id).map_or_else(Vec::new, foreign::own_indexes);
            for (name, near) in foreign::own_indexes(ty) {
                let sql = foreign::add_own_index(self.dialect, ty, &name, &near);
                let made = self.script.statements.iter().any(|s| s.sql == sql);
                if !made && !had.iter().any(|(known, _)| *known == name) {
                    self.push(Some(id), None, sql);
                }
            }
        }
    }
}

fn created(change: &Change) -> Option<TypeId> {
    match change {
        Change::CreateType(id) => Some(*id),
        _ => None,
    }
}

/// A new field with the value that rows get which exist.
fn add_field(
    schema: &Schema,
    dialect: Dialect,
    id: TypeId,
    field: FieldId,
) -> Result<Vec<String>, StoreError> {
    let ty = schema.ty(id);
    let field = ty.field(field);
    if !types::stored(field) || !ty.writable() {
        return Ok(Vec::new());
    }
    let fill = fill(dialect, schema, ty, field)?;
    if fill.is_none() && !field.nullable {
        let text = format!(
            "{}.{} is required and has no default for the rows that exist",
            ty.collection, field.name
        );
        return Err(StoreError::new(StoreErrorKind::Rejected(Code::NotNull, text.clone()), text));
    }
    let (table, column) = (dialect.quote(&ty.collection), table::definition(schema, dialect, ty, field));
    Ok(match fill {
        None => vec![format!("ALTER TABLE {table} ADD COLUMN {column}")],
        // SQLite takes constants only; the rows that exist get the time afterwards.
        Some(Fill::Clock(clock)) if dialect == Dialect::Sqlite => {
            let name = dialect.quote(&field.column);
            let first = if field.nullable { "" } else { " DEFAULT 0" };
            vec![
                format!("ALTER TABLE {table} ADD COLUMN {column}{first}"),
                format!("UPDATE {table} SET {name} = {clock}"),
            ]
        }
        Some(fill) => vec![format!("ALTER TABLE {table} ADD COLUMN {column} DEFAULT {}", fill.text())],
    })
}

/// A new foreign key field; rows that exist get null.
fn add_relation(
    schema: &Schema,
    dialect: Dialect,
    id: TypeId,
    relation: RelationId,
) -> Result<Vec<String>, StoreError> {
    let ty = schema.ty(id);
    let relation = ty.relation(relation);
    if relation.kind != RelationKind::ToOne {
        return Ok(Vec::new());
    }
    let table = dialect.quote(&ty.collection);
    let columns: Vec<String> = foreign::near(relation)
        .into_iter()
        .map(|near| table::definition(schema, dialect, ty, ty.field(near)))
        .collect();
    if dialect == Dialect::Sqlite {
        let [column] = columns.as_slice() else { return Err(several(relation)) };
        let name = dialect.quote(&relation.constraint);
        let references = foreign::references(schema, dialect, relation);
        let mut out = vec![format!("ALTER TABLE {table} ADD COLUMN {column} CONSTRAINT {name} {references}")];
        out.extend(foreign::foreign_indexes(dialect, ty));
        return Ok(out);
    }
    let mut parts: Vec<String> = columns.iter().map(|c| format!("ADD COLUMN {c}")).collect();
    if dialect == Dialect::Mysql {
        let own = foreign::own_indexes(ty).into_iter().filter(|(_, near)| *near == foreign::near(relation));
        parts.extend(own.map(|(name, near)| {
            format!("ADD KEY {} ({})", dialect.quote(&name), table::columns(dialect, ty, &near))
        }));
    }
    parts.push(format!("ADD {}", foreign::constraint(schema, dialect, ty, relation)));
    Ok(vec![format!("ALTER TABLE {table} {}", parts.join(", "))])
}

fn several(relation: &Relation) -> StoreError {
    let text = format!("adding {}: a foreign key of several fields to a table that exists", relation.constraint);
    StoreError::new(StoreErrorKind::Unsupported("adding a foreign key of several fields"), text)
}

impl Script {
    /// The script as a file: each statement with its semicolon, a remark before each change, `titles` being the changes in
    /// plain words.
    pub fn text(&self, titles: &[&str]) -> String {
        let mut out = String::new();
        let mut told = None;
        for statement in &self.statements {
            if let Some(at) = statement.change.filter(|at| told != Some(*at)) {
                told = Some(at);
                let title = titles.get(at).copied().unwrap_or_default();
                title.lines().for_each(|line| out.push_str(&format!("-- {line}\n")));
            }
            out.push_str(&statement.sql);
            out.push_str(";\n");
        }
        out
    }
}
