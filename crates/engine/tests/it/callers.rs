//! What rules see of who asks: claims of a token, the assurance level of a session, and its roles.

use std::sync::Arc;

use bistro_engine::Context;
use bistro_ir::{Body, Caller, Expr, Input, Item, Operand, Operation, Read, Root};
use bistro_schema::{Roles, Value};
use bistro_store::Collect;

use crate::seat::{NOW, Seat, person, seats_of, wait};

const SCHEMA: &str = r#"
enum Role @roles { moderator editor @includes(roles: [moderator]) }
type Strong @model @allow(to: [READ], when: "auth.aal == 'aal2'") { id: Int! @id }
type Mailed @model @allow(to: [READ], when: "row.email == auth.email") { id: Int! @id email: String! }
type Known @model @allow(to: [READ], when: "auth.claims.is_anonymous == 'false'") { id: Int! @id }
type Moderated @model @allow(to: [READ], when: "'moderator' in auth.roles") { id: Int! @id }
type Edited @model @allow(to: [READ], roles: ["editor"]) { id: Int! @id }
type Closed @model { id: Int! @id }
"#;

const DATA: &str = "insert Strong id=1; insert Mailed id=1 email=ann@example.org; insert Known id=1; \
                    insert Moderated id=1; insert Edited id=1; insert Closed id=1";

/// The types whose one row a caller reads.
fn seen(seat: &Seat, caller: &Caller) -> String {
    let mut seen = Vec::new();
    for (ty, of) in seat.schema().types() {
        let operand = Operand::Field(Root::Scope(0), of.key[0]);
        let select = vec![Item::Value { key: "id".into(), operand, cast: None }];
        let read =
            Read { ty, select, filter: Expr::TRUE, order: vec![], limit: None, offset: None, total: false };
        let operation = Operation { body: Body::Read(read), params: vec![] };
        let Ok(ready) = seat.engine.ready(caller.roles, &operation) else { continue };
        let cx = Context::new(caller.clone(), NOW);
        let read = wait(seat.engine.read(cx, ready, Input::default(), Box::new(Collect::new())));
        let rows = read.unwrap().0.into_any().downcast::<Collect>().unwrap().values();
        if rows == [[Value::Int(1)]] {
            seen.push(of.name.as_str());
        }
    }
    seen.join(" ")
}

#[test]
fn rules_see_claims_levels_and_roles() {
    let user = |claims: &str, roles: Roles| Caller {
        claims: Arc::from(claims),
        ..Caller::user(person(1)).with_roles(roles)
    };
    for seat in seats_of(SCHEMA) {
        seat.transact(DATA).unwrap();
        let named = |names: &[&str]| seat.schema().roles_named(names.iter().copied());
        let all = "Strong Mailed Known Moderated Edited Closed";
        let cases = [
            (Caller::anonymous(), ""),
            (user("{}", Roles::NONE), ""),
            (user(r#"{"aal":"aal1"}"#, Roles::NONE), ""),
            (user(r#"{"aal":"aal2"}"#, Roles::NONE), "Strong"),
            (user(r#"{"aal":2}"#, Roles::NONE), ""),
            (user(r#"{"email":"ann@example.org"}"#, Roles::NONE), "Mailed"),
            (user(r#"{"email":"Ann@example.org"}"#, Roles::NONE), ""),
            (user(r#"{"email":null,"aal":null}"#, Roles::NONE), ""),
            (user(r#"{"is_anonymous":false}"#, Roles::NONE), "Known"),
            (user(r#"{"is_anonymous":true}"#, Roles::NONE), ""),
            (user("{}", named(&["moderator"])), "Moderated"),
            (user("{}", named(&["editor"])), "Moderated Edited"),
            (user("{}", named(&["admin"])), all),
            (user("{}", named(&["service_role", "anon", "unknown"])), ""),
            (Caller::service(), all),
        ];
        for (caller, expected) in cases {
            assert_eq!(seen(&seat, &caller), expected, "{}: {} {:?}", seat.name, caller.claims, caller.roles);
        }
    }
}
