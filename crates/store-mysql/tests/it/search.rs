//! Full text: what is found, and that the index follows every write.

use bistro_ir::{Expr, SearchMode};
use bistro_schema::Value;
use bistro_store::StoreErrorKind;

use crate::fixture::{Fixture, param, text, uuid};

fn found(fixture: &Fixture, ty: &str, field: Option<&str>, mode: SearchMode, query: &str) -> Vec<Value> {
    let filter = Expr::Search { field: field.map(|f| fixture.field(ty, f)), mode, query: param(0) };
    let mut select = fixture.select(ty, &["n"], filter);
    select.order = vec![fixture.by(ty, "n")];
    fixture.column(select, &[text(query)])
}

#[test]
fn queries_find_words_in_every_mode() {
    use SearchMode::{Phrase, Plain, Query, Web};
    let schema = "type Doc @model { id: ID!  n: Int!  title: String! @search  body: String @search }
                  type Log @model { id: Int! @id  n: Int!  line: String! @search }";
    let fixture = Fixture::new(schema);
    let rows = [
        (1, "The quick fox", "jumps over dogs"),
        (2, "A lazy dog", "sleeps; the quick cat"),
        (3, "Éclair", "!"),
    ];
    for (n, title, body) in rows {
        let values =
            [("id", uuid(n)), ("n", Value::Int(n.into())), ("title", text(title)), ("body", text(body))];
        fixture.insert("Doc", &values).unwrap();
        fixture.insert("Log", &[("n", Value::Int(n.into())), ("line", text(title))]).unwrap();
    }
    let cases: [(Option<&str>, SearchMode, &str, &[i64]); 12] = [
        (None, Plain, "quick", &[1, 2]),
        (Some("title"), Plain, "QUICK", &[1]),
        (None, Plain, "quick dogs", &[1]),
        (None, Plain, "!?", &[]),
        (None, Plain, "éclair", &[3]),
        (None, Phrase, "quick cat", &[2]),
        (None, Web, "quick -cat", &[1]),
        (None, Web, "fox or \"lazy dog\"", &[1, 2]),
        (None, Query, "!quick", &[3]),
        (None, Query, "qui:* & !fox", &[2]),
        (None, Query, "(fox | lazy) & quick", &[1, 2]),
        (None, Plain, "every", &[]),
    ];
    for (field, mode, query, expected) in cases {
        let expected: Vec<Value> = expected.iter().map(|n| Value::Int(*n)).collect();
        assert_eq!(found(&fixture, "Doc", field, mode, query), expected, "{mode:?} {query}");
    }
    assert_eq!(found(&fixture, "Log", None, Plain, "fox"), [Value::Int(1)]);
    let filter = Expr::Search { field: None, mode: Query, query: param(0) };
    let error = fixture.rows(fixture.select("Doc", &["n"], filter), &[text("a &")]).unwrap_err();
    assert!(matches!(error.kind, StoreErrorKind::Rejected(..)));
}

#[test]
fn the_index_follows_updates_and_deletes() {
    let fixture = Fixture::new("type Doc @model { id: ID!  n: Int!  title: String @search }");
    fixture.insert("Doc", &[("id", uuid(1)), ("n", Value::Int(1)), ("title", text("old words"))]).unwrap();
    fixture.update("Doc", uuid(1), "title", text("new words")).unwrap();
    let find = |query| found(&fixture, "Doc", None, SearchMode::Plain, query).len();
    assert_eq!((find("old"), find("new")), (0, 1));
    fixture.update("Doc", uuid(1), "title", Value::Null).unwrap();
    assert_eq!(find("new"), 0);
    fixture.update("Doc", uuid(1), "title", text("back")).unwrap();
    fixture.delete("Doc", uuid(1)).unwrap();
    assert_eq!(find("back"), 0);
}
