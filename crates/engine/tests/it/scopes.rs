//! What an application was granted bounds each operation by the types that it names, at every position.

use std::sync::Arc;

use bistro_engine::{Changed, Context};
use bistro_ir::{
    Action, Aggregate, Body, Caller, Conflict, Embed, Expr, Input, Item, Operand, Operation, Order, Read,
    Root, Scopes, Write,
};
use bistro_problem::{Code, Problem};
use bistro_schema::{RelationId, TypeId, Value};
use bistro_store::Collect;
use futures_util::FutureExt as _;

use crate::seat::{NOW, Seat, person, seats, service, wait};

const DATA: &str = "insert User id=1 name=ann; insert Post id=1 title=one author_id=1; insert Tag id=1 word=a / id=2 word=b; \
                    insert posts_tags post_id=1 tag_id=1; insert Note id=1 text=all post_id=1";

/// The operations of the table, by name.
const OPERATIONS: [(&str, &str); 18] = [
    ("read posts", "posts:read"),
    ("count posts", "posts:read"),
    ("embed author", "posts:read users:read"),
    ("embed notes", "notes:read posts:read"),
    ("embed tags", "posts:read tags:read"),
    ("embed author over notes", "notes:read posts:read users:read"),
    ("filter by author", "posts:read users:read"),
    ("filter by tags", "posts:read tags:read"),
    ("order by author", "posts:read users:read"),
    ("read links", "posts_tags:read"),
    ("insert tag", "tags:write"),
    ("insert tag, returned", "tags:read tags:write"),
    ("upsert tag", "tags:read tags:write"),
    ("update tag", "tags:read tags:write"),
    ("update posts of author", "posts:read posts:write users:read"),
    ("delete tag", "tags:read tags:write"),
    ("insert link", "posts_tags:write"),
    ("delete notes of posts", "notes:read notes:write posts:read"),
];

fn way(seat: &Seat, ty: &str, name: &str) -> RelationId {
    seat.schema().ty(seat.ty(ty)).relation_named(name).unwrap()
}

fn read(ty: TypeId, select: Vec<Item>) -> Read {
    Read { ty, select, filter: Expr::TRUE, order: vec![], limit: None, offset: None, total: false }
}

fn column(seat: &Seat, ty: &str, name: &str) -> Operand {
    Operand::Field(Root::Scope(0), seat.schema().ty(seat.ty(ty)).field_named(name).unwrap())
}

fn value(operand: Operand) -> Item {
    Item::Value { key: "v".into(), operand, cast: None }
}

fn embed(relation: RelationId, read: Read) -> Item {
    let (when, link) = (Box::new(Expr::TRUE), Box::new(Expr::TRUE));
    Item::Embed(Embed { key: "e".into(), relation, read: Box::new(read), when, link, spread: false })
}

fn some(via: RelationId, filter: Expr) -> Expr {
    Expr::Some { root: Root::Scope(0), via: vec![via], filter: Box::new(filter) }
}

fn operation(seat: &Seat, name: &str) -> (Operation, Input) {
    let (user, post, tag, note) = (seat.ty("User"), seat.ty("Post"), seat.ty("Tag"), seat.ty("Note"));
    let title = || vec![value(column(seat, "Post", "title"))];
    let named = |relation: &str, of: &str, field: &str| {
        let is_null = Expr::IsNull(column(seat, of, field));
        some(way(seat, "Post", relation), Expr::Not(Box::new(is_null)))
    };
    let asked = |read: Read| (Operation { body: Body::Read(read), params: vec![] }, Input::default());
    let written = |ty, action, returning, rows| {
        let body = Body::Write(Write { ty, action, returning });
        (Operation { body, params: vec![] }, Input { rows, ..Input::default() })
    };
    let field = |ty: TypeId, name: &str| seat.schema().ty(ty).field_named(name).unwrap();
    let words = || vec![vec![Some(Value::Int(3)), Some(Value::text("c"))]];
    let columns = || vec![field(tag, "id"), field(tag, "word")];
    let author = || embed(way(seat, "Post", "author"), read(user, vec![value(column(seat, "User", "name"))]));
    match name {
        "read posts" => asked(read(post, title())),
        "count posts" => {
            let count =
                Item::Aggregate { key: "n".into(), function: Aggregate::Count, operand: None, cast: None };
            asked(read(post, vec![count]))
        }
        "embed author" => asked(read(post, vec![author()])),
        "embed notes" => {
            let notes = read(note, vec![value(column(seat, "Note", "text"))]);
            asked(read(post, vec![embed(way(seat, "Post", "notes"), notes)]))
        }
        "embed tags" => {
            let tags = read(tag, vec![value(column(seat, "Tag", "word"))]);
            asked(read(post, vec![embed(way(seat, "Post", "tags"), tags)]))
        }
        "embed author over notes" => {
            asked(read(note, vec![embed(way(seat, "Note", "post"), read(post, vec![author()]))]))
        }
        "filter by author" => asked(Read { filter: named("author", "User", "name"), ..read(post, title()) }),
        "filter by tags" => asked(Read { filter: named("tags", "Tag", "word"), ..read(post, title()) }),
        "order by author" => {
            let operand = Operand::Via {
                root: Root::Scope(0),
                via: vec![way(seat, "Post", "author")],
                operand: Box::new(column(seat, "User", "name")),
            };
            let order = vec![Order { operand, descending: false, nulls_first: false }];
            asked(Read { order, ..read(post, title()) })
        }
        "read links" => {
            let links = seat.ty("posts_tags");
            asked(read(links, vec![value(column(seat, "posts_tags", "tag_id"))]))
        }
        "insert tag" => written(tag, Action::Insert { columns: columns(), conflict: None }, None, words()),
        "insert tag, returned" => {
            let back = read(tag, vec![value(column(seat, "Tag", "word"))]);
            written(tag, Action::Insert { columns: columns(), conflict: None }, Some(back), words())
        }
        "upsert tag" => {
            let conflict = Some(Conflict { fields: vec![field(tag, "id")], merge: true });
            written(tag, Action::Insert { columns: columns(), conflict }, None, words())
        }
        "update tag" => {
            let action = Action::Update { filter: Expr::TRUE, columns: vec![field(tag, "word")] };
            written(tag, action, None, vec![vec![Some(Value::text("c"))]])
        }
        "update posts of author" => {
            let filter = named("author", "User", "name");
            let action = Action::Update { filter, columns: vec![field(post, "title")] };
            written(post, action, None, vec![vec![Some(Value::text("c"))]])
        }
        "delete tag" => written(tag, Action::Delete { filter: Expr::TRUE }, None, vec![]),
        "insert link" => {
            let links = seat.ty("posts_tags");
            let columns = vec![field(links, "post_id"), field(links, "tag_id")];
            let row = vec![vec![Some(Value::Int(1)), Some(Value::Int(2))]];
            written(links, Action::Insert { columns, conflict: None }, None, row)
        }
        "delete notes of posts" => {
            let filter = some(way(seat, "Note", "post"), Expr::TRUE);
            written(note, Action::Delete { filter }, None, vec![])
        }
        other => panic!("no operation {other}"),
    }
}

/// Somebody whom no rule binds, through an application with these scopes.
fn through(scopes: &str) -> Context {
    let mut caller = Caller::service();
    caller.scopes = Some(Arc::new(Scopes::parse(scopes)));
    Context::new(caller, NOW)
}

fn run(
    seat: &Seat,
    cx: Context,
    (operation, input): (Operation, Input),
) -> Result<Option<Vec<Value>>, Problem> {
    let ready = seat.engine.ready(cx.caller.roles, &operation)?;
    let sink = || Box::new(Collect::new());
    let done = match ready.writes() {
        true => wait(seat.engine.write(cx, ready, input, sink())),
        false => {
            let now = seat.engine.read_now(&cx, &ready, &input, &mut Collect::new()).map(drop);
            let later = wait(seat.engine.read(cx, ready, input, sink()));
            assert_eq!(now.is_ok(), later.is_ok(), "both ways to read judge alike");
            later
        }
    };
    done.map(|(_, outcome)| outcome.key)
}

#[test]
fn every_type_that_an_operation_names_must_be_granted() {
    for (name, needed) in OPERATIONS {
        let needed: Vec<String> = needed.split(' ').map(|scope| format!("data:{scope}")).collect();
        let others = "openid data:others:read data:others:write";
        let all = format!("{others} {}", needed.join(" "));
        let mut grants = vec![(all, None), ("data:read data:write".to_owned(), None)];
        for (n, left_out) in needed.iter().enumerate() {
            let rest: Vec<&str> =
                needed.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, scope)| scope.as_str()).collect();
            grants.push((format!("{others} {}", rest.join(" ")), Some(left_out)));
        }
        for (scopes, lacking) in grants {
            for seat in seats() {
                seat.transact(DATA).unwrap();
                let done = run(&seat, through(&scopes), operation(&seat, name));
                let problem = done.as_ref().err();
                assert_eq!(
                    problem.map(|p| (p.code, p.message.clone())),
                    lacking.map(|scope| {
                        (Code::InsufficientScope, format!("the application was not granted {scope}"))
                    }),
                    "{}: {name} with {scopes}",
                    seat.name
                );
            }
        }
    }
}

#[test]
fn links_belong_to_the_rows_that_declare_them() {
    let cases = [
        ("read links", "data:posts:read", true),
        ("read links", "data:tags:read", false),
        ("insert link", "data:posts:write", true),
        ("insert link", "data:tags:write", false),
        ("insert link", "data:posts:read", false),
        ("read posts", "data:posts_tags:read", false),
    ];
    for (name, scopes, granted) in cases {
        let [seat, _] = seats();
        seat.transact(DATA).unwrap();
        let done = run(&seat, through(scopes), operation(&seat, name));
        assert_eq!(done.is_ok(), granted, "{name} with {scopes}: {done:?}");
    }
}

#[test]
fn what_rules_look_at_needs_no_grant_and_rules_hold_still() {
    let [seat, _] = seats();
    seat.transact(DATA).unwrap();
    let cx = |scopes: Option<&str>| {
        let mut caller = Caller::user(person(2));
        caller.scopes = scopes.map(|scopes| Arc::new(Scopes::parse(scopes)));
        Context::new(caller, NOW)
    };
    // Notes are read by a rule about their posts.
    let notes = || {
        let note = seat.ty("Note");
        let select = vec![value(column(&seat, "Note", "text"))];
        (Operation { body: Body::Read(read(note, select)), params: vec![] }, Input::default())
    };
    assert!(run(&seat, cx(Some("data:notes:read")), notes()).is_ok());
    assert!(run(&seat, cx(Some("data:posts:read")), notes()).is_err());
    let forbidden = run(&seat, cx(Some("data:write data:read")), operation(&seat, "insert tag"));
    assert_eq!(forbidden.unwrap_err().code, Code::Forbidden);
    assert!(run(&seat, cx(None), notes()).is_ok(), "who asks in person needs no scope");
}

#[test]
fn who_may_not_read_is_not_told_of_what_was_written() {
    for (scopes, told) in [("data:write", false), ("data:write data:tags:read", true)] {
        let [seat, _] = seats();
        let key = run(&seat, through(scopes), operation(&seat, "insert tag")).unwrap();
        assert_eq!(key.is_some(), told, "{scopes}");
    }
}

#[test]
fn followers_of_changes_need_the_same_grants() {
    let [seat, _] = seats();
    seat.transact(DATA).unwrap();
    let (operation, input) = operation(&seat, "filter by author");
    let service = service();
    let roles = service.caller.roles;
    let ready = seat.engine.ready(roles, &operation).unwrap();
    let hindsight = seat.engine.hindsight(roles, &operation).unwrap();
    let mut listener = seat.engine.feed().listen(&seat.types("Post"));
    seat.transact("delete Post id=1").unwrap();
    let commit = listener.next().now_or_never().flatten().unwrap().unwrap();
    let Changed::Row { old: Some(old), .. } = &commit.changes()[0] else { panic!("a row went") };
    let cases = [
        (service, true),
        (through("data:posts:read data:users:read"), true),
        (through("data:posts:read"), false),
        (through("data:users:read data:write"), false),
    ];
    for (cx, granted) in cases {
        let judged = wait(seat.engine.could_read(&cx, &hindsight, &input, (old, &commit)));
        assert_eq!(judged.is_ok(), granted, "{:?}", cx.caller.scopes);
        assert_eq!(seat.engine.permits(&cx, &ready).is_ok(), granted, "{:?}", cx.caller.scopes);
    }
}
