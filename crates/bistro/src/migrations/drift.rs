//! What somebody did to a database by hand: its tables beside those that its recorded schema makes.

use bistro_schema::{Field, FieldId, FieldKind, OnDelete, RelationKind, Schema, Type};
use bistro_store::StoreErrorKind;
use bistro_store::catalogue::{Catalogue, Column, ColumnSet, Table};
use bistro_store_sql::ddl::column::column_type;

use super::baseline;
use super::engine::Engine;
use super::state::{Seen, Site};
use crate::error::Failure;
use crate::tables;

/// One thing that is not as the history left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Drift {
    /// What, and what to do.
    pub(crate) text: String,
    /// Whether a migration must not run over it.
    pub(crate) blocks: bool,
}

/// Compares a database with its recorded schema; nothing where it cannot say what it has.
pub(crate) async fn find(site: &Site<'_>, seen: &Seen) -> Result<Vec<Drift>, Failure> {
    if seen.recorded.is_none() {
        return Ok(Vec::new());
    }
    match site.store.catalogue().await {
        Ok(catalogue) => Ok(compare(&seen.schema, site.engine, site.folders.begin_with_theirs(), &catalogue)),
        Err(error) if matches!(error.kind, StoreErrorKind::Unsupported(_)) => Ok(Vec::new()),
        Err(error) => Err(tables::data(site.project, &error)),
    }
}

/// Refuses to change tables that somebody changed by hand.
pub(crate) async fn refuse(site: &Site<'_>, seen: &Seen) -> Result<(), Failure> {
    let found = find(site, seen).await?;
    let lines = in_the_way(&found);
    if lines.is_empty() {
        return Ok(());
    }
    let text = format!(
        "the database is not as its history left it:\n{}nothing was changed; mend it, or go on over it with --allow-drift",
        lines.concat()
    );
    Err(Failure::Tables(text))
}

/// What a migration must not run over, in lines.
pub(super) fn in_the_way(found: &[Drift]) -> Vec<String> {
    found.iter().filter(|d| d.blocks).map(|d| format!("  {}\n", d.text)).collect()
}

/// What differs between a schema and a catalogue. Tables that are `theirs` were made by somebody else: their types may be
/// others that carry the same values, and what the engine keeps may have other names.
pub(crate) fn compare(schema: &Schema, engine: Engine, theirs: bool, catalogue: &Catalogue) -> Vec<Drift> {
    let mut found = Found { engine, theirs, drifts: Vec::new() };
    for ty in schema.types.iter().filter(|t| t.writable()) {
        match catalogue.table(&ty.collection) {
            Some(table) if !table.view => found.table(schema, ty, table),
            _ => found.blocks(format!(
                "the table {} is not in the database: somebody dropped or renamed it; bring it back",
                ty.collection
            )),
        }
    }
    for table in catalogue.tables.iter().filter(|t| !schema.types.iter().any(|ty| ty.collection == t.name)) {
        let what = if table.view { "view" } else { "table" };
        found.notes(format!(
            "the {what} {} is in the database and in no migration; Bistro leaves it alone",
            table.name
        ));
    }
    found.drifts
}

struct Found {
    engine: Engine,
    theirs: bool,
    drifts: Vec<Drift>,
}

impl Found {
    fn blocks(&mut self, text: String) {
        self.drifts.push(Drift { text, blocks: true });
    }

    fn notes(&mut self, text: String) {
        self.drifts.push(Drift { text, blocks: false });
    }

    fn table(&mut self, schema: &Schema, ty: &Type, table: &Table) {
        for field in ty.fields.iter().filter(|f| !matches!(f.kind, FieldKind::Computed(_))) {
            let name = format!("{}.{}", ty.collection, field.column);
            match table.column(&field.column) {
                Some(column) => self.column(schema, ty, field, (&name, column)),
                None => self.blocks(format!(
                    "the column {name} is not in the database: somebody dropped or renamed it; bring it back"
                )),
            }
        }
        for column in table.columns.iter().filter(|c| !known(ty, c)) {
            if self.theirs && baseline::may_stay(self.engine, column) {
                self.notes(format!(
                    "the column {}.{} is in the database and in no migration; Bistro leaves it alone",
                    ty.collection, column.name
                ));
                continue;
            }
            self.blocks(format!(
                "the column {}.{} is in the database and in no migration: somebody added it by hand; drop it, or add it \
                 to schema.graphql, drop it and run bistro migrate new",
                ty.collection, column.name
            ));
        }
        let key: Vec<&str> = ty.key.iter().map(|f| ty.field(*f).column.as_str()).collect();
        let other = self.theirs && table.uniques.iter().any(|u| baseline::same(&u.columns, &key));
        if !other && !table.key.iter().map(String::as_str).eq(key.iter().copied()) {
            self.blocks(format!(
                "the key of {} is ({}) in the database and ({}) in the schema",
                ty.collection,
                table.key.join(", "),
                key.join(", ")
            ));
        }
        self.sets(ty, table);
        self.references(schema, ty, table);
    }

    fn column(&mut self, schema: &Schema, ty: &Type, field: &Field, (name, column): (&str, &Column)) {
        let expected = column_type(self.engine.dialect(), schema, ty, field);
        let carries = self.theirs
            && bistro_draft::holds(schema, field, column)
            && self.engine.dialect().as_own(field.scalar, &column.declared);
        if !carries && coarse(&expected) != coarse(&column.declared) && self.theirs {
            self.blocks(format!(
                "the column {name} is {} in the database, and Bistro keeps such values as {}: change its type there, or \
                 leave the tables as they are, with managed = false",
                column.declared,
                expected.trim_end_matches(" COLLATE \"C\"")
            ));
        } else if !carries && coarse(&expected) != coarse(&column.declared) {
            self.blocks(format!(
                "the column {name} is {} in the database and {} in the schema: somebody changed its type",
                column.declared,
                expected.trim_end_matches(" COLLATE \"C\"")
            ));
        }
        let in_key = ty.key.iter().any(|k| ty.field(*k).name == field.name);
        let required = !field.nullable || in_key;
        // A key of SQLite may say that it can be null; what a schema cannot say of a default, the database knows.
        let filled = !required && baseline::fills_itself(column);
        if required == column.nullable && !(self.theirs && (in_key || filled)) {
            let (is, was) = if required { ("may be null", "required") } else { ("is required", "optional") };
            self.blocks(format!("the column {name} {is} in the database and is {was} in the schema"));
        }
    }

    fn sets(&mut self, ty: &Type, table: &Table) {
        // Somebody else gave them other names.
        let theirs = self.theirs;
        let is = |name: &str, fields: &[FieldId], set: &ColumnSet| {
            let columns: Vec<&str> = fields.iter().map(|f| ty.field(*f).column.as_str()).collect();
            set.name == name || (theirs && baseline::same(&set.columns, &columns))
        };
        let key: Vec<&str> = ty.key.iter().map(|f| ty.field(*f).column.as_str()).collect();
        for unique in ty.uniques.iter().filter(|u| !table.uniques.iter().any(|t| is(&u.name, &u.fields, t))) {
            self.blocks(format!(
                "the unique {} is not in the database: somebody dropped it; bring it back",
                unique.name
            ));
        }
        for unique in table.uniques.iter().filter(|t| !ty.uniques.iter().any(|u| is(&u.name, &u.fields, t))) {
            if theirs && baseline::same(&unique.columns, &key) {
                continue;
            }
            self.blocks(format!(
                "the unique {} ({}) of {} is in the database and in no migration: somebody added it by hand; drop it, or \
                 add it to schema.graphql, drop it and run bistro migrate new",
                unique.name,
                unique.columns.join(", "),
                ty.collection
            ));
        }
        for index in ty.indexes.iter().filter(|i| !table.indexes.iter().any(|t| is(&i.name, &i.fields, t))) {
            self.blocks(format!(
                "the index {} is not in the database: somebody dropped it; bring it back",
                index.name
            ));
        }
        for index in table.indexes.iter().filter(|t| !ty.indexes.iter().any(|i| is(&i.name, &i.fields, t))) {
            // MySQL makes indexes under foreign keys by itself, with their names.
            let own =
                index.name.starts_with("bistro_") || ty.relations.iter().any(|r| r.constraint == index.name);
            if !own {
                self.notes(format!(
                    "the index {} ({}) of {} is in the database and in no migration: it goes with the next change that \
                     makes the table again; @index keeps it",
                    index.name,
                    index.columns.join(", "),
                    ty.collection
                ));
            }
        }
    }

    fn references(&mut self, schema: &Schema, ty: &Type, table: &Table) {
        let mut expected = Vec::new();
        for relation in ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne) {
            let target = schema.ty(relation.target);
            let near: Vec<&str> = relation.pairs.iter().map(|(n, _)| ty.field(*n).column.as_str()).collect();
            let far: Vec<&str> =
                relation.pairs.iter().map(|(_, f)| target.field(*f).column.as_str()).collect();
            let text = reference(&near, &target.collection, &far, self.action(relation.on_delete));
            expected.push(text);
        }
        let words = |v: &[String]| v.iter().map(String::clone).collect::<Vec<_>>();
        let mut there = Vec::new();
        for r in &table.references {
            let (near, far) = (words(&r.columns), words(&r.to));
            let near: Vec<&str> = near.iter().map(String::as_str).collect();
            let far: Vec<&str> = far.iter().map(String::as_str).collect();
            there.push(reference(&near, &r.table, &far, self.action(r.on_delete)));
        }
        for gone in expected.iter().filter(|e| !there.contains(e)) {
            self.blocks(format!(
                "the foreign key {} {gone} is not in the database: somebody dropped or changed it; bring it back",
                ty.collection
            ));
        }
        for more in there.iter().filter(|t| !expected.contains(t)) {
            self.blocks(format!(
                "the foreign key {} {more} is in the database and in no migration: somebody added it by hand; drop it",
                ty.collection
            ));
        }
    }

    /// MySQL does not tell the two ways to refuse apart.
    fn action(&self, on_delete: OnDelete) -> &'static str {
        match on_delete {
            OnDelete::NoAction => "",
            OnDelete::Restrict if self.engine == Engine::Mysql => "",
            OnDelete::Restrict => " on delete restrict",
            OnDelete::Cascade => " on delete cascade",
            OnDelete::SetNull => " on delete set null",
        }
    }
}

fn reference(near: &[&str], table: &str, far: &[&str], action: &str) -> String {
    format!("({}) → {table} ({}){action}", near.join(", "), far.join(", "))
}

/// Whether a column is a field's, or one that Bistro made beside it.
fn known(ty: &Type, column: &Column) -> bool {
    let name = &column.name;
    name.starts_with("bistro_") || column.generated || ty.fields.iter().any(|f| f.column == *name)
}

/// A type as engines say it in one way: display widths, collations and long names do not count.
fn coarse(declared: &str) -> String {
    let lower = declared.to_ascii_lowercase();
    let plain = lower.split(" collate ").next().unwrap_or_default().trim();
    let plain = plain.replace("timestamp with time zone", "timestamptz").replace(" without time zone", "");
    let plain = plain.replace("character varying", "varchar").replace(", ", ",");
    let base = plain.split('(').next().unwrap_or_default().trim_end();
    match base {
        "int" | "bigint" | "smallint" => base.to_owned(),
        "tinyint" => "boolean".to_owned(),
        "json" => "longtext".to_owned(),
        _ if base == "time" && plain.ends_with("(6)") => "time".to_owned(),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = "type Post @model { id: Int! @id  title: String! @unique  body: String  score: Int @index  author: Person }
        type Person @model { id: Int! @id }";

    fn catalogue() -> Catalogue {
        let column = |name: &str, declared: &str, nullable| Column {
            name: name.into(),
            declared: declared.into(),
            nature: None,
            list: false,
            length: None,
            nullable,
            default: None,
            counted: false,
            generated: false,
            comment: None,
        };
        let set = |name: &str, column: &str| bistro_store::catalogue::ColumnSet {
            name: name.into(),
            columns: vec![column.into()],
        };
        let posts = Table {
            name: "posts".into(),
            columns: vec![
                column("id", "INTEGER", false),
                column("title", "TEXT", false),
                column("body", "TEXT", true),
                column("score", "INTEGER", true),
                column("author_id", "INTEGER", true),
            ],
            key: vec!["id".into()],
            uniques: vec![set("posts_title_key", "title")],
            indexes: vec![
                set("posts_score_idx", "score"),
                set("bistro_fk_posts_author_id_fkey", "author_id"),
            ],
            references: vec![bistro_store::catalogue::Reference {
                name: None,
                columns: vec!["author_id".into()],
                table: "people".into(),
                to: vec!["id".into()],
                on_delete: OnDelete::NoAction,
            }],
            ..Table::default()
        };
        let people = Table {
            name: "persons".into(),
            columns: vec![column("id", "INTEGER", false)],
            key: vec!["id".into()],
            ..Table::default()
        };
        Catalogue { tables: vec![people, posts] }
    }

    fn check(change: impl FnOnce(&mut Table), words: &[&str]) {
        let checked = bistro_sdl::read("schema.graphql", SCHEMA);
        assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
        let mut catalogue = catalogue();
        catalogue.tables[1].references[0].table = "persons".into();
        let schema = &checked.schema;
        let post = schema.types.iter().find(|t| t.collection == "posts").expect("posts");
        let owner = post.relations.iter().find(|r| r.kind == RelationKind::ToOne).expect("author");
        catalogue.tables[1].references[0].on_delete = owner.on_delete;
        catalogue.tables[1].indexes[0].name.clone_from(&post.indexes[0].name);
        catalogue.tables[1].uniques[0].name.clone_from(&post.uniques[0].name);
        change(&mut catalogue.tables[1]);
        let found = compare(schema, Engine::Sqlite, false, &catalogue);
        assert_eq!(found.len(), words.len(), "{found:?}");
        for (drift, words) in found.iter().zip(words) {
            assert!(drift.text.contains(words), "{words:?} is not in {:?}", drift.text);
        }
    }

    #[test]
    fn what_was_done_by_hand_is_explained() {
        check(|_| {}, &[]);
        check(
            |t| {
                let mut extra = t.columns[2].clone();
                extra.name = "extra".into();
                t.columns.push(extra);
            },
            &["the column posts.extra is in the database and in no migration"],
        );
        check(|t| drop(t.columns.remove(2)), &["the column posts.body is not in the database"]);
        check(
            |t| t.columns[3].declared = "TEXT".into(),
            &["posts.score is TEXT in the database and INTEGER"],
        );
        check(|t| t.columns[1].nullable = true, &["posts.title may be null in the database and is required"]);
        check(|t| t.key.clear(), &["the key of posts is () in the database and (id)"]);
        check(|t| t.uniques.clear(), &["the unique posts_title_key is not in the database"]);
        check(|t| drop(t.indexes.remove(0)), &["the index"]);
        check(|t| t.references.clear(), &["the foreign key posts (author_id) → persons (id)"]);
        check(
            |t| t.indexes[0].name = "by_hand".into(),
            &["is not in the database", "by_hand (score) of posts"],
        );
    }

    #[test]
    fn engines_say_a_type_in_several_ways() {
        let check = |a: &str, b: &str| assert_eq!(coarse(a), coarse(b), "{a} {b}");
        check("text COLLATE \"C\"", "text");
        check("timestamptz", "timestamp with time zone");
        check("time(6)", "time without time zone");
        check("time(6)", "time(6) without time zone");
        check("numeric(10,2)", "numeric(10, 2)");
        check("INT", "int(11)");
        check("BOOLEAN", "tinyint(1)");
        check("JSON", "longtext");
        assert_ne!(coarse("numeric(10,2)"), coarse("numeric(12,2)"));
        assert_ne!(coarse("text[] COLLATE \"C\""), coarse("text"));
    }
}
