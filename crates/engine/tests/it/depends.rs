//! The types that a read depends on.

use bistro_ir::{Body, Compare, Embed, Expr, Item, Operand, Operation, Read, Root};
use bistro_schema::{Roles, Scalar, TypeId, Value};

use crate::seat::{Seat, seats};

/// A read of nothing but rows.
pub(crate) fn read(ty: TypeId, filter: Expr) -> Read {
    let key = Item::Value {
        key: "id".into(),
        operand: Operand::Field(Root::Scope(0), bistro_schema::FieldId(0)),
        cast: None,
    };
    Read { ty, select: vec![key], filter, order: Vec::new(), limit: None, offset: None, total: false }
}

fn check(seat: &Seat, roles: Roles, read: Read, expected: &str) {
    let operation = Operation { body: Body::Read(read), params: Vec::new() };
    let ready = seat.engine.ready(roles, &operation).unwrap();
    assert_eq!(seat.engine.types_of(&ready), seat.types(expected), "{expected}");
}

#[test]
fn a_read_depends_on_all_that_it_mentions() {
    let [seat, _] = seats();
    let relation = |ty: &str, name: &str| seat.schema().ty(seat.ty(ty)).relation_named(name).unwrap();
    let (service, anon) = (Roles::SERVICE, Roles::ANON);
    check(&seat, service, read(seat.ty("Post"), Expr::TRUE), "Post");
    // The rule of notes looks at their posts.
    check(&seat, service, read(seat.ty("Note"), Expr::TRUE), "Note");
    check(&seat, anon, read(seat.ty("Note"), Expr::TRUE), "Note Post");
    let tagged = Expr::Some {
        root: Root::Scope(0),
        via: vec![relation("Post", "tags")],
        filter: Box::new(Expr::TRUE),
    };
    check(&seat, service, read(seat.ty("Post"), tagged), "Post Tag PostTags");
    let user = seat.ty("User");
    let name = seat.schema().ty(user).field_named("name").unwrap();
    let via = vec![relation("Post", "author")];
    let operand = Box::new(Operand::Field(Root::Scope(0), name));
    let text = Operand::Literal(Value::text("a"), Scalar::one(bistro_schema::Kind::String));
    let named = Expr::Compare(Compare::Eq, Operand::Via { root: Root::Scope(0), via, operand }, text);
    check(&seat, service, read(seat.ty("Post"), named), "Post User");
    let mut embedding = read(seat.ty("Tag"), Expr::TRUE);
    embedding.select.push(Item::Embed(Embed {
        key: "posts".into(),
        relation: relation("Tag", "posts"),
        read: Box::new(read(seat.ty("Post"), Expr::TRUE)),
        when: Box::new(Expr::TRUE),
        link: Box::new(Expr::TRUE),
        spread: false,
    }));
    check(&seat, service, embedding, "Tag Post PostTags");
}

#[test]
fn a_read_whose_rules_look_at_the_time_changes_by_itself() {
    let [seat, _] = seats();
    let cases =
        [("User", Roles::ANON, false), ("Event", Roles::SERVICE, false), ("Event", Roles::ANON, true)];
    for (name, roles, drifts) in cases {
        let body = Body::Read(read(seat.ty(name), Expr::TRUE));
        let ready = seat.engine.ready(roles, &Operation { body, params: Vec::new() }).unwrap();
        assert_eq!(seat.engine.drifts(&ready), drifts, "{name}");
    }
}
