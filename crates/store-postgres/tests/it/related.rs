//! Ways along relations: embeds, conditions, values.

use bistro_ir::{Expr, Operand, ParamId, Root};
use bistro_schema::{Kind, Scalar, Value};
use bistro_store::sink::{Cell, Row};
use bistro_store::{Insert, Judge, Nested, NestedForm, NewRow, Output, Select, Statement, Store};

use crate::fixture::{Fixture, eq, param, text, uuid, wait};

const BLOG: &str = r#"
type Person @model { id: ID!  name: String!  posts: [Post!]! @inverse(of: "author") }
type Post @model {
  id: ID!
  title: String!
  author: Person @relation(onDelete: SET_NULL)
  parent: Post
  tags: [Tag!]!
}
type Tag @model { id: Int! @id  name: String!  posts: [Post!]! @inverse(of: "tags") }
"#;

fn blog() -> Fixture {
    let fixture = Fixture::new(BLOG);
    for (n, name) in [(1, "ada"), (2, "bob")] {
        fixture.insert("Person", &[("id", uuid(n)), ("name", text(name))]).unwrap();
    }
    for (n, title, author, parent) in
        [(11, "one", Some(1), None), (12, "two", Some(1), Some(11)), (13, "three", None, Some(12))]
    {
        let value = |n: Option<u8>| n.map_or(Value::Null, uuid);
        let values = [
            ("id", uuid(n)),
            ("title", text(title)),
            ("author_id", value(author)),
            ("parent_id", value(parent)),
        ];
        fixture.insert("Post", &values).unwrap();
    }
    for name in ["red", "blue"] {
        fixture.insert("Tag", &[("name", text(name))]).unwrap();
    }
    let join = fixture.link("Post", "tags");
    let ty = fixture.schema.ty(join);
    let values = vec![(ty.key[0], ParamId(0)), (ty.key[1], ParamId(1))];
    let link =
        fixture.store.prepare(&Statement::Insert(Insert { ty: join, values, guarded: false })).unwrap();
    for (post, tag) in [(11, 1), (11, 2), (12, 2)] {
        let link = link.clone();
        wait(fixture.store.transact(Box::new(move |open| {
            Box::pin(async move { open.write(&link, &[uuid(post), Value::Int(tag)]).await.map(drop) })
        })))
        .unwrap();
    }
    fixture
}

/// A row as text: values, and nested rows in brackets.
fn shown(rows: &[Row]) -> String {
    let cell = |c: &Cell| match c {
        Cell::Value(Value::Text(t)) => t.to_string(),
        Cell::Value(Value::Null) => "null".into(),
        Cell::Value(other) => format!("{other:?}"),
        Cell::Nested(rows) => format!("[{}]", shown(rows)),
    };
    let row = |r: &Row| r.cells.iter().map(cell).collect::<Vec<_>>().join(" ");
    rows.iter().map(row).collect::<Vec<_>>().join(", ")
}

pub(crate) fn nested(fixture: &Fixture, ty: &str, relation: &str, select: Select) -> Output {
    let relation = fixture.relation(ty, relation);
    Output::Nested(Box::new(Nested {
        relation,
        select,
        when: Expr::TRUE,
        link: Expr::TRUE,
        form: NestedForm::Many,
    }))
}

#[test]
fn embeds_hang_on_their_rows() {
    let fixture = blog();
    let by = |mut select: Select, ty: &str, name: &str| {
        select.order = vec![fixture.by(ty, name)];
        select
    };
    let tags = || by(fixture.select("Tag", &["name"], Expr::TRUE), "Tag", "name");
    let mut parent = fixture.select("Post", &["title"], Expr::TRUE);
    parent.outputs.push(nested(&fixture, "Post", "tags", tags()));
    let mut posts = by(fixture.select("Post", &["title"], Expr::TRUE), "Post", "id");
    posts.outputs.push(nested(&fixture, "Post", "author", fixture.select("Person", &["name"], Expr::TRUE)));
    posts.outputs.push(nested(&fixture, "Post", "tags", tags()));
    posts.outputs.push(nested(&fixture, "Post", "parent", parent));
    let (rows, _) = fixture.rows(posts.clone(), &[]).unwrap();
    assert_eq!(
        shown(&rows),
        "one [ada] [blue, red] [], two [ada] [blue] [one [blue, red]], three [] [] [two [blue]]"
    );

    let mut people = by(fixture.select("Person", &["name"], Expr::TRUE), "Person", "name");
    people.outputs.push(nested(&fixture, "Person", "posts", posts));
    let (rows, _) = fixture.rows(people, &[]).unwrap();
    assert_eq!(shown(&rows), "ada [one [ada] [blue, red] [], two [ada] [blue] [one [blue, red]]], bob []");
}

#[test]
fn conditions_and_values_follow_relations() {
    let fixture = blog();
    let way =
        |names: &[(&str, &str)]| names.iter().map(|(ty, r)| fixture.relation(ty, r)).collect::<Vec<_>>();
    let some = |via, filter| Expr::Some { root: Root::Scope(0), via, filter: Box::new(filter) };
    let via = |via, operand| Operand::Via { root: Root::Scope(0), via, operand: Box::new(operand) };
    let cases = [
        (some(way(&[("Post", "tags")]), eq(fixture.own("Tag", "name"), param(0))), "blue", "one, two"),
        (
            some(way(&[("Post", "parent"), ("Post", "tags")]), eq(fixture.own("Tag", "name"), param(0))),
            "red",
            "two",
        ),
        (eq(via(way(&[("Post", "author")]), fixture.own("Person", "name")), param(0)), "ada", "one, two"),
        (
            eq(via(way(&[("Post", "parent"), ("Post", "author")]), fixture.own("Person", "name")), param(0)),
            "ada",
            "two, three",
        ),
        (Expr::Not(Box::new(some(way(&[("Post", "author")]), Expr::TRUE))), "", "three"),
    ];
    for (filter, bind, expected) in cases {
        let mut select = fixture.select("Post", &["title"], filter);
        select.order = vec![fixture.by("Post", "id")];
        let (rows, _) = fixture.rows(select, &[text(bind)]).unwrap();
        assert_eq!(shown(&rows), expected);
    }
}

#[test]
fn a_new_row_is_judged_before_it_is_stored() {
    let fixture = blog();
    let author = fixture.field("Post", "author_id");
    let ada = Expr::Some {
        root: Root::New,
        via: vec![fixture.relation("Post", "author")],
        filter: Box::new(eq(fixture.own("Person", "name"), param(1))),
    };
    let new = NewRow(vec![(author, ParamId(0))]);
    let title = Expr::IsNull(Operand::Field(Root::New, fixture.field("Post", "title")));
    let judge =
        Judge { ty: fixture.ty("Post"), new: new.clone(), conditions: vec![ada.clone(), title.clone()] };
    let prepared = fixture.store.prepare(&Statement::Judge(judge)).unwrap();
    for (author, expected) in [(uuid(1), true), (uuid(2), false), (Value::Null, false)] {
        let sink = Box::new(bistro_store::Collect::new());
        let (sink, _) = wait(fixture.store.read(prepared.clone(), vec![author, text("ada")], sink)).unwrap();
        let sink = sink.into_any().downcast::<bistro_store::Collect>().unwrap();
        assert_eq!(sink.values(), [[Value::Bool(expected), Value::Bool(true)]]);
    }
    let mut update = fixture.select("Post", &[], eq(fixture.own("Post", "id"), param(2)));
    update.new = new;
    let truth = |e| Output::Value(Operand::Truth(Box::new(e)), Scalar::one(Kind::Boolean));
    update.outputs = vec![truth(ada), truth(title)];
    let (rows, _) = fixture.rows(update, &[uuid(1), text("ada"), uuid(13)]).unwrap();
    assert_eq!(rows[0].cells, [Cell::Value(Value::Bool(true)), Cell::Value(Value::Bool(false))]);
}

#[test]
fn a_statement_is_explained_with_all_that_hangs_on_it() {
    let fixture = blog();
    let list = Expr::In(fixture.own("Post", "id"), param(0));
    let mut posts = fixture.select("Post", &["title"], list);
    posts.outputs.push(nested(&fixture, "Post", "tags", fixture.select("Tag", &["name"], Expr::TRUE)));
    let prepared = fixture.store.prepare(&Statement::Select(posts)).unwrap();
    let told = wait(fixture.store.explain(&prepared)).unwrap();
    let expected = [
        "SELECT t0.\"title\"",
        "  $1 = bind 0, a list of uuid",
        "  SELECT p.i, x.* FROM unnest($1::uuid[])",
        "    $1 = column 2 of the enclosing rows, a list of uuid",
        "Index Cond: (id = ANY ($1))",
    ];
    for line in expected {
        assert!(told.lines().any(|l| l.contains(line)), "{line}\n{told}");
    }
}
