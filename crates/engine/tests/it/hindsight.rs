//! Who may hear of a row that is gone.

use std::sync::Arc;

use bistro_engine::{Changed, Commit, Context, OldRow};
use bistro_ir::{Body, Caller, Expr, Input, Operand, Operation, Param, Root};
use bistro_schema::{Kind, Scalar, Value};

use crate::depends::read;
use crate::seat::{NOW, Seat, person, seats, wait};

/// A row (of posts, or of notes on the first), the subscriber's filter, and who may hear that it is gone: ada wrote what
/// her id is on, bob did not.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("Post", "id=9 title=n open=true author_id=1", "", "anon ada bob service"),
    ("Post", "id=9 title=n open=false author_id=1", "", "ada service"),
    ("Post", "id=9 title=n open=false", "", "service"),
    // The filter narrows, also over what the rules hide.
    ("Post", "id=9 title=n author_id=1", "title=n", "anon ada bob service"),
    ("Post", "id=9 title=n author_id=1", "title=m", ""),
    ("Post", "id=9 title=n author_id=1 mark=1", "mark=1", "ada service"),
    ("Post", "id=9 title=n author_id=1 mark=1", "mark=2", ""),
    // What memory cannot decide goes to the store: a calculated field, a pattern, a rule over another row.
    ("Post", "id=9 title=abc author_id=1", "size=3", "anon ada bob service"),
    ("Post", "id=9 title=abc author_id=1", "size=4", ""),
    ("Post", "id=9 title=abc author_id=1", "title~ab%", "anon ada bob service"),
    ("Post", "id=9 title=abc author_id=1 open=false", "title~ab%", "ada service"),
    ("Post", "id=9 title=abc author_id=1", "title~b%", ""),
    ("Note", "id=9 text=all post_id=1", "", "anon ada bob service"),
    ("Note", "id=9 text=own post_id=1", "", "ada service"),
];

#[test]
fn a_row_that_is_gone_is_told_to_those_who_could_read_it() {
    for (name, row, filter, expected) in CASES {
        for seat in seats() {
            let told: Vec<&str> = ["anon", "ada", "bob", "service"]
                .into_iter()
                .filter(|caller| could(&seat, caller, (name, row), filter))
                .collect();
            assert_eq!(told.join(" "), *expected, "{name} {row} where {filter} on {}", seat.name);
        }
    }
}

fn could(seat: &Seat, caller: &str, (name, row): (&str, &str), filter: &str) -> bool {
    let _ =
        seat.transact("upsert User id=1 name=ada / id=2 name=bob; upsert Post id=1 title=first author_id=1");
    let (old, commit) = deleted(seat, name, row);
    let (filter, params, values) = match filter.split_once('~') {
        None => seat.filter(seat.ty(name), &filter.split_whitespace().collect::<Vec<_>>()),
        Some((field, pattern)) => {
            let field = seat.schema().ty(seat.ty(name)).field_named(field).unwrap();
            let pattern = Operand::Literal(Value::text(pattern), Scalar::one(Kind::String));
            let operand = Operand::Field(Root::Scope(0), field);
            (Expr::Like { operand, pattern, fold: false }, Vec::new(), Vec::new())
        }
    };
    hears(seat, caller, name, (filter, &params, &values), (&old, &commit))
}

/// Whether a caller whose subscription has this filter may hear of a row that is gone.
fn hears(
    seat: &Seat,
    caller: &str,
    name: &str,
    (filter, params, values): (Expr, &[Param], &[Value]),
    gone: (&OldRow, &Commit),
) -> bool {
    let caller = match caller {
        "anon" => Caller::anonymous(),
        "ada" => Caller::user(person(1)),
        "bob" => Caller::user(person(2)),
        _ => Caller::service(),
    };
    let operation = Operation { body: Body::Read(read(seat.ty(name), filter)), params: params.to_vec() };
    let hindsight = seat.engine.hindsight(caller.roles, &operation).unwrap();
    let input = Input { params: values.to_vec(), ..Input::default() };
    wait(seat.engine.could_read(&Context::new(caller, NOW), &hindsight, &input, gone)).unwrap()
}

/// What is told of a row that was there and is not any more.
fn deleted(seat: &Seat, name: &str, row: &str) -> (OldRow, Arc<Commit>) {
    seat.transact(&format!("insert {name} {row}")).unwrap();
    gone(seat, name, &format!("delete {name} id=9"))
}

/// The row of a type that a transaction takes away.
fn gone(seat: &Seat, name: &str, transaction: &str) -> (OldRow, Arc<Commit>) {
    let mut listener = seat.engine.feed().listen(&seat.types(name));
    seat.transact(transaction).unwrap();
    let commit = wait(listener.next()).unwrap().unwrap();
    let old = commit.changes().iter().find_map(|change| match change {
        Changed::Row { old, .. } => old.clone(),
        _ => None,
    });
    (old.expect("a row that is gone comes with what it held"), commit)
}

/// What is there, what goes, of which type, under which filter on the notes of a post, and who may hear of it.
const TOGETHER: &[(&str, &str, &str, &str, &str)] = &[
    ("insert Note id=1 text=own post_id=1", "delete Post id=1", "Note", "", "ada service"),
    ("insert Note id=1 text=all post_id=1", "delete Post id=1", "Note", "", "anon ada bob service"),
    (
        "insert Note id=1 text=own post_id=1; insert Note id=2 text=own post_id=1 parent_id=1",
        "delete Post id=1",
        "Note",
        "",
        "ada service",
    ),
    // What hung on the row went with it, so that nobody knows any more.
    ("insert Note id=1 text=x post_id=1", "delete Post id=1", "Post", "none", ""),
    ("insert Note id=1 text=x post_id=1", "delete Post id=1", "Post", "some", ""),
];

#[test]
fn regress_rows_that_go_together_are_judged_by_what_they_were() {
    for (there, goes, name, notes, expected) in TOGETHER {
        for seat in seats() {
            let _ = seat.transact("upsert User id=1 name=ada / id=2 name=bob");
            seat.transact("insert Post id=1 title=first author_id=1").unwrap();
            seat.transact(there).unwrap();
            let (old, commit) = gone(&seat, name, goes);
            let notes = notes_of(&seat, notes);
            let hears =
                |caller: &&str| hears(&seat, caller, name, (notes.clone(), &[], &[]), (&old, &commit));
            let told: Vec<&str> = ["anon", "ada", "bob", "service"].into_iter().filter(hears).collect();
            assert_eq!(told.join(" "), *expected, "{goes} after {there} on {}", seat.name);
        }
    }
}

/// The condition that a post has some note, or none.
fn notes_of(seat: &Seat, word: &str) -> Expr {
    let post = seat.schema().ty(seat.ty("Post"));
    let via = vec![post.relation_named("notes").unwrap()];
    let some = Expr::Some { root: Root::Scope(0), via, filter: Box::new(Expr::TRUE) };
    match word {
        "some" => some,
        "none" => Expr::Not(Box::new(some)),
        _ => Expr::TRUE,
    }
}

#[test]
fn hindsight_is_for_the_roles_that_it_was_made_for() {
    let [seat, _] = seats();
    let (old, commit) = deleted(&seat, "Post", "id=9 title=n");
    let operation = Operation { body: Body::Read(read(seat.ty("Post"), Expr::TRUE)), params: Vec::new() };
    let hindsight = seat.engine.hindsight(Caller::service().roles, &operation).unwrap();
    let cx = Context::new(Caller::anonymous(), NOW);
    assert!(wait(seat.engine.could_read(&cx, &hindsight, &Input::default(), (&old, &commit))).is_err());
}
