//! Tables follow the schema, all or nothing.

use bistro_ir::Expr;
use bistro_schema::Value;
use bistro_store::{Change, Store, StoreErrorKind};

use bistro_store_mysql::MysqlStore;

use crate::fixture::{Fixture, all_types, schema, text, uuid, wait};

const FIRST: &str = r#"
type Note @model { id: ID!  title: String!  mark: String }
"#;

const SECOND: &str = r#"
enum Mark { good bad }
type Person @model { id: Int! @id  name: String! }
type Note @model @index(fields: ["mark"]) {
  id: ID!
  title: String! @search @length(max: 3) @unique
  mark: Mark
  count: Int! @default(value: 7)
  made: DateTime! @default(expr: "now")
  author: Person
}
type Busy @view(sql: "select title, count from notes where count > 5") @allow(to: [READ]) {
  title: String!
  count: Int
}
"#;

#[test]
fn additive_changes_keep_rows_and_fill_them() {
    let fixture = Fixture::new(FIRST);
    fixture.insert("Note", &[("id", uuid(1)), ("title", text("one"))]).unwrap();
    let next = schema(SECOND);
    let note = next.by_name("Note").unwrap();
    let field = |name| next.ty(note).field_named(name).unwrap();
    let changes = vec![
        Change::CreateType(next.by_name("Person").unwrap()),
        Change::AddField(note, field("count")),
        Change::AddField(note, field("made")),
        Change::AddRelation(note, next.ty(note).relation_named("author").unwrap()),
        Change::AddUnique(note, 0),
        Change::AddIndex(note, 0),
        Change::RebuildSearch(note),
        Change::Narrow(note, field("title")),
        Change::CreateType(next.by_name("Busy").unwrap()),
    ];
    for change in &changes {
        assert_eq!(wait(fixture.store.violations(&next, change)).unwrap(), 0, "{change:?}");
    }
    wait(fixture.store.apply(next.clone(), changes, "second".into())).unwrap();
    assert_eq!(wait(fixture.store.recorded()).unwrap().as_deref(), Some("second"));
    let store = wait(MysqlStore::open(&fixture.database.url(), next.clone(), Default::default())).unwrap();
    let fixture = Fixture { store, schema: next, ..fixture };
    assert_eq!(fixture.column(fixture.select("Note", &["count"], Expr::TRUE), &[]), [Value::Int(7)]);
    assert!(
        matches!(fixture.column(fixture.select("Note", &["made"], Expr::TRUE), &[])[0], Value::DateTime(t) if t > 0)
    );
    assert_eq!(fixture.column(fixture.select("Busy", &["title"], Expr::TRUE), &[]), [text("one")]);
    let query =
        Expr::Search { field: None, mode: bistro_ir::SearchMode::Plain, query: crate::fixture::param(0) };
    assert_eq!(fixture.column(fixture.select("Note", &["title"], query), &[text("one")]), [text("one")]);
    let stranger = fixture.insert(
        "Note",
        &[
            ("id", uuid(2)),
            ("title", text("x")),
            ("count", Value::Int(1)),
            ("made", Value::DateTime(0)),
            ("author_id", Value::Int(5)),
        ],
    );
    assert!(matches!(stranger.unwrap_err().kind, StoreErrorKind::ForeignKey(Some(_))));
}

#[test]
fn rows_in_the_way_are_counted_and_a_failed_change_leaves_nothing() {
    let fixture = Fixture::new(FIRST);
    for (n, title, mark) in [(1, "same", "good"), (2, "same", "odd"), (3, "abc", "bad")] {
        fixture.insert("Note", &[("id", uuid(n)), ("title", text(title)), ("mark", text(mark))]).unwrap();
    }
    let next = schema(SECOND);
    let note = next.by_name("Note").unwrap();
    let field = |name| next.ty(note).field_named(name).unwrap();
    let cases = [
        (Change::AddUnique(note, 0), 1),
        (Change::Narrow(note, field("title")), 2),
        (Change::Narrow(note, field("mark")), 1),
        (Change::Narrow(note, field("count")), 0),
    ];
    for (change, expected) in cases {
        assert_eq!(wait(fixture.store.violations(&next, &change)).unwrap(), expected, "{change:?}");
    }
    let changes = vec![Change::AddField(note, field("count")), Change::AddUnique(note, 0)];
    let error = wait(fixture.store.apply(next.clone(), changes, "second".into())).unwrap_err();
    let constraint = "notes_title_key".into();
    assert_eq!(error.kind, StoreErrorKind::Unique { ty: note, constraint }, "{}", error.cause);
    assert_eq!(wait(fixture.store.recorded()).unwrap().as_deref(), Some("record"));
    let again = vec![
        Change::CreateType(next.by_name("Person").unwrap()),
        Change::AddField(note, field("count")),
        Change::AddRelation(note, next.ty(note).relation_named("author").unwrap()),
    ];
    let mut without = (*next).clone();
    without.types.retain(|t| t.writable());
    wait(fixture.store.apply(without.into(), again, "third".into())).unwrap();
}

#[test]
fn a_view_that_does_not_work_is_refused() {
    let database = bistro_testkit::mysql();
    let broken = schema("type Bad @view(sql: \"select nothing from nowhere\") @allow(to: [READ]) { n: Int }");
    let store = wait(MysqlStore::open(&database.url(), broken.clone(), Default::default())).unwrap();
    let error = wait(store.apply(broken.clone(), all_types(&broken), "r".into())).unwrap_err();
    assert!(
        matches!(&error.kind, StoreErrorKind::Rejected(_, t) if t.contains("the view Bad does not work")),
        "{error}"
    );
    assert_eq!(wait(store.recorded()).unwrap(), None);
}

#[test]
fn databases_of_a_newer_version_are_refused_with_the_reason() {
    let database = bistro_testkit::mysql();
    let plain = schema("type Note @model { id: ID! }");
    let open = || wait(MysqlStore::open(&database.url(), plain.clone(), Default::default()));
    open().unwrap().close();
    database.sql("UPDATE bistro_meta SET value = '99' WHERE `key` = 'format'").unwrap();
    let error = open().unwrap_err();
    assert!(error.cause.contains("format 99") && error.cause.contains("newer Bistro"), "{}", error.cause);
}
