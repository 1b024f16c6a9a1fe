//! Accounts and their rows go together, whoever deletes which, and hold the same address.

use bistro_accounts::data::records::{Account, AuditEntry, Identity};
use bistro_accounts::data::{Rows as _, is};
use bistro_accounts::flows::account::New;
use bistro_accounts::profile;
use bistro_ir::{Action, Body, Caller, Write};
use bistro_problem::Code;
use bistro_schema::Value;
use uuid::Uuid;

use crate::place::{Place, object, person, places, visit};

const SCHEMA: &str = r#"
type Team @model @allow(to: [READ]) { id: Int! @id }
type User @account
  @allow(to: [READ])
  @allow(to: [UPDATE, DELETE], when: "row.id == auth.id") {
  id: ID!
  name: String! @default(value: "")
  email: Email
  phone: String
  team: Team @relation(onDelete: CASCADE)
}
type Note @model { id: Int! @id  author: User! @relation(onDelete: RESTRICT) }
"#;

fn ada(place: &Place, email: &str) -> Uuid {
    place.sign_up(New { email: Some(email.to_owned()), ..New::default() }).unwrap().id
}

fn write(place: &Place, caller: Caller, id: Uuid, set: Option<(&str, Value)>) -> Result<(), Code> {
    let ty = place.engine.schema().account().unwrap();
    let of = place.engine.schema().ty(ty);
    let filter = place.own();
    let (action, row) = match set {
        Some((name, value)) => {
            (Action::Update { filter, columns: vec![of.field_named(name).unwrap()] }, vec![value])
        }
        None => (Action::Delete { filter }, vec![]),
    };
    let body = Body::Write(Write { ty, action, returning: None });
    place.run(caller, body, id, row).map(drop).map_err(|problem| problem.code)
}

#[test]
fn credentials_go_with_the_row() {
    for place in places(SCHEMA) {
        let (ada, eve) = (ada(&place, "ada@example.org"), ada(&place, "eve@example.org"));
        // Nobody deletes somebody else, and who deletes the own row deletes the account.
        assert_eq!(write(&place, person(eve), ada, None), Ok(()));
        assert!(place.account(ada).is_some(), "{}", place.name);
        assert_eq!(write(&place, person(ada), ada, None), Ok(()));
        assert!(place.account(ada).is_none() && place.account(eve).is_some(), "{}", place.name);
        let left = place.transact(Box::new(move |tx, _| {
            Box::pin(async move {
                let identities = tx.find::<Identity>(is("account_id", ada)).await?;
                let told = tx.find::<AuditEntry>(is("action", "user_deleted")).await?;
                Ok((identities.len(), told.into_iter().map(|entry| entry.actor_id).collect::<Vec<_>>()))
            })
        }));
        assert_eq!(left.unwrap(), (0, vec![Some(ada)]), "{}", place.name);
        // The project's key deletes rows, too.
        assert_eq!(write(&place, Caller::service(), eve, None), Ok(()));
        assert!(place.account(eve).is_none(), "{}", place.name);
    }
}

#[test]
fn rows_that_refer_to_an_account_keep_it() {
    for place in places(SCHEMA) {
        let ada = ada(&place, "ada@example.org");
        place.insert_into("Note", &[("author_id", Value::Uuid(ada.into_bytes()))]).unwrap();
        let refused = place.transact(Box::new(move |tx, accounts| {
            Box::pin(async move { profile::remove(tx, &accounts, &visit(), ada).await })
        }));
        let problem = refused.unwrap_err();
        assert_eq!((problem.code, problem.status), (Code::Conflict, 409), "{}", place.name);
        assert!(problem.message.contains("notes"), "{}: {}", place.name, problem.message);
        assert_eq!(write(&place, Caller::service(), ada, None), Err(Code::ForeignKey), "{}", place.name);
        assert!(place.account(ada).is_some() && place.row(ada, &["name"]).is_some(), "{}", place.name);
    }
}

#[test]
fn accounts_go_with_what_their_rows_hang_on() {
    for place in places(SCHEMA) {
        let id = ada(&place, "ada@example.org");
        place.insert_into("Team", &[("id", Value::Int(1))]).unwrap();
        write(&place, Caller::service(), id, Some(("team_id", Value::Int(1)))).unwrap();
        let team = place.engine.schema().by_name("Team").unwrap();
        let action = Action::Delete { filter: bistro_ir::Expr::TRUE };
        let body = Body::Write(Write { ty: team, action, returning: None });
        place.run(Caller::service(), body, id, vec![]).unwrap();
        assert!(place.account(id).is_none() && place.row(id, &["name"]).is_none(), "{}", place.name);
    }
}

#[test]
fn the_row_and_the_account_hold_the_same_address() {
    let text = |text: &str| Value::text(text);
    for place in places(SCHEMA) {
        let id = ada(&place, "ada@example.org");
        let free = Uuid::now_v7();
        place.insert(free, &[("email", "free@example.org")]).unwrap();
        let cases = [
            (person(id), id, "email", text("eve@example.org"), Err(Code::Forbidden)),
            (person(id), id, "name", text("Ada"), Ok(())),
            (Caller::service(), id, "email", text("eve@example.org"), Err(Code::Forbidden)),
            (Caller::service(), id, "phone", text("1"), Err(Code::Forbidden)),
            (Caller::service(), id, "email", Value::Null, Err(Code::Forbidden)),
            (Caller::service(), id, "email", text("ada@example.org"), Ok(())),
            (Caller::service(), free, "email", text("else@example.org"), Ok(())),
        ];
        for (caller, of, field, value, expected) in cases {
            let told = format!("{}: {field} {value:?}", place.name);
            assert_eq!(write(&place, caller, of, Some((field, value))), expected, "{told}");
        }
        assert_eq!(place.row(id, &["email", "phone"]).as_deref(), Some("email=ada@example.org phone=null"));
        let moved = place.transact(Box::new(move |tx, accounts| {
            Box::pin(async move {
                let set = vec![("email", Value::text("new@example.org"))];
                tx.update::<Account>(is("id", id), set).await?;
                let account = tx.one::<Account>(is("id", id)).await?.unwrap();
                profile::mirror(tx, &accounts, &visit(), &account).await
            })
        }));
        moved.unwrap();
        assert_eq!(place.row(id, &["email"]).as_deref(), Some("email=new@example.org"), "{}", place.name);
    }
}

#[test]
fn a_refused_row_makes_no_account() {
    let place = Place::new("sqlite", "type User @account { id: ID!  name: String! }");
    let refused = place.sign_up(New { data: object(r#"{"name":"Ada"}"#), ..New::default() });
    assert_eq!(refused.unwrap_err().status, 422, "no rule lets anybody fill the name in");
    let none = place.transact(Box::new(|tx, _| {
        Box::pin(async move { Ok(tx.find::<Account>(bistro_accounts::data::all()).await?.len()) })
    }));
    assert_eq!(none.unwrap(), 0);
}

#[test]
fn accounts_are_followed_after_the_schema_was_loaded_again() {
    let mut place = Place::new("sqlite", SCHEMA);
    let before = ada(&place, "ada@example.org");
    place.reload();
    let after = ada(&place, "eve@example.org");
    for id in [before, after] {
        assert_eq!(write(&place, Caller::service(), id, None), Ok(()));
        assert!(place.account(id).is_none());
    }
}
