//! What a row takes of what people send when they sign up, and later: what they could change themselves and nothing else.

use bistro_accounts::flows::account::New;
use bistro_accounts::profile;
use bistro_problem::Code;
use uuid::Uuid;

use crate::place::{Place, object, places, visit};

const SCHEMA: &str = r#"
enum Role @roles { editor }
type Team @model @allow(to: [READ]) { id: Int! @id }
type User @account
  @allow(to: [READ], when: "row.id == auth.id")
  @allow(to: [UPDATE], when: "row.id == auth.id") {
  id: ID!
  email: Email @unique
  phone: String
  name: String! @length(min: 2, max: 10)
  nick: String @default(value: "nick") @unique
  age: Int @range(min: 0, max: 150)
  tags: [String!]
  meta: JSON
  born: Date
  team: Team
  rank: Int! @default(value: 1) @allow(to: [UPDATE], when: "new.rank <= 3")
  role: String! @default(value: "member") @allow(to: [UPDATE], roles: ["editor"])
  closed: String @default(value: "closed") @allow(to: [READ]) @allow(to: [UPDATE], when: "false")
  guest: String @allow(to: [UPDATE], when: "auth.claims.is_anonymous == 'true'")
  strong: String @allow(to: [UPDATE], when: "auth.aal == 'aal2'")
  later: String @allow(to: [UPDATE], when: "row.nick == 'old'")
  mailed: String @allow(to: [UPDATE], when: "auth.email == 'ada@example.org'")
  code: String @default(value: "code") @immutable
  secret: String @default(value: "secret") @hidden
  told: String @computed(expr: "row.secret")
  made: DateTime @default(expr: "now") @immutable
  seen: DateTime! @updated
  self: ID @default(expr: "auth.id")
}
"#;

fn ada(place: &Place, data: &str, roles: &[&str], anonymous: bool) -> Result<Uuid, String> {
    let email = (!anonymous).then(|| "ada@example.org".to_owned());
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    let new = New { email, data: object(data), roles, anonymous, ..New::default() };
    let signed_up = place.sign_up(new);
    signed_up.map(|account| account.id).map_err(|p| format!("{} {}", p.status, p.message))
}

/// The fields that a text like `name=Ada age=36` names.
fn names(expected: &str) -> Vec<&str> {
    expected.split(' ').filter_map(|part| Some(part.split_once('=')?.0)).collect()
}

fn forget(place: &Place, id: Uuid) {
    let gone = place.transact(Box::new(move |tx, accounts| {
        Box::pin(async move { profile::remove(tx, &accounts, &visit(), id).await })
    }));
    gone.unwrap();
    assert!(place.account(id).is_none() && place.row(id, &["name"]).is_none(), "{}", place.name);
}

#[test]
fn mass_assignment_is_impossible() {
    // What is sent, and what the row then holds of it; or what is answered.
    let cases: [(&str, Result<&str, &str>); 31] = [
        (r#"{"name":"Ada"}"#, Ok("name=Ada nick=nick age=null rank=1 role=member")),
        (r#"{"name":"Ada","nick":"a","age":36,"born":"1815-12-10"}"#, Ok("nick=a age=36 born=1815-12-10")),
        (r#"{"name":"Ada","age":"36"}"#, Ok("age=36")),
        (r#"{"name":"Ada","nick":null}"#, Ok("nick=null")),
        (
            r#"{"name":"Ada","tags":["a","b"],"meta":{"a":[1,null]}}"#,
            Ok(r#"tags=["a","b"] meta={"a":[1,null]}"#),
        ),
        (r#"{"name":"Ada","team":null}"#, Ok("team_id=null")),
        (r#"{"name":"Ada","full_name":"Ada L","rows":[1],"id_token":{}}"#, Ok("name=Ada nick=nick")),
        // The key, and what the account holds.
        (r#"{"name":"Ada","id":"00000000-0000-7000-8000-000000000001"}"#, Ok("name=Ada")),
        (r#"{"name":"Ada","email":"eve@example.org","phone":"1"}"#, Ok("email=ada@example.org phone=null")),
        // What is written once, hidden, computed, or by the project.
        (r#"{"name":"Ada","code":"x","made":"1815-12-10"}"#, Ok("code=code made=2025-10-09T08:53:20+00:00")),
        (r#"{"name":"Ada","secret":"x","told":"x"}"#, Ok("told=secret")),
        (r#"{"name":"Ada","seen":"1815-12-10"}"#, Ok("seen=2025-10-09T08:53:20+00:00")),
        // Fields with rules of their own.
        (r#"{"name":"Ada","rank":3}"#, Ok("rank=3")),
        (r#"{"name":"Ada","rank":4,"nick":"kept"}"#, Ok("rank=1 nick=kept name=Ada")),
        (r#"{"name":"Ada","role":"editor","nick":"kept"}"#, Ok("role=member nick=kept")),
        (r#"{"name":"Ada","closed":"open"}"#, Ok("closed=closed")),
        (r#"{"name":"Ada","guest":"x"}"#, Ok("guest=null")),
        (r#"{"name":"Ada","strong":"x"}"#, Ok("strong=null")),
        (r#"{"name":"Ada","later":"x"}"#, Ok("later=null")),
        (r#"{"name":"Ada","mailed":"x"}"#, Ok("mailed=x")),
        (r#"{"name":"Ada","__proto__":{},"is_admin":true,"roles":["admin"]}"#, Ok("role=member rank=1")),
        // What is missing or does not fit.
        ("{}", Err("422 name is required")),
        (r#"{"name":null}"#, Err("422 name is required")),
        (r#"{"name":"A"}"#, Err("422 name")),
        (r#"{"name":"Ada Lovelace"}"#, Err("422 name")),
        (r#"{"name":["Ada"]}"#, Err("422 name has no value of its type")),
        (r#"{"name":"Ada","age":"old"}"#, Err("422 age has no value of its type")),
        (r#"{"name":"Ada","age":151}"#, Err("422 age")),
        (r#"{"name":"Ada","tags":"a"}"#, Err("422 tags has no value of its type")),
        (r#"{"name":"Ada","born":"yesterday"}"#, Err("422 born has no value of its type")),
        (r#"{"name":"Ada","team":7}"#, Err("422 team_id does not fit")),
    ];
    for place in places(SCHEMA) {
        for (data, expected) in &cases {
            let made = ada(&place, data, &[], false);
            match (made, expected) {
                (Ok(id), Ok(expected)) => {
                    let names = names(expected);
                    assert_eq!(place.row(id, &names).as_deref(), Some(*expected), "{}: {data}", place.name);
                    assert_eq!(
                        place.row(id, &["self"]),
                        Some(format!("self={id}")),
                        "{}: {data}",
                        place.name
                    );
                    forget(&place, id);
                }
                (Err(told), Err(expected)) => {
                    assert!(told.starts_with(expected), "{}: {data}: {told}", place.name);
                    assert!(
                        told.contains(expected.split(' ').next_back().unwrap()),
                        "{}: {told}",
                        place.name
                    );
                }
                (made, expected) => panic!("{}: {data}: {made:?}, not {expected:?}", place.name),
            }
        }
    }
}

#[test]
fn rules_see_the_new_account() {
    let cases: [(&[&str], bool, &str, &str); 5] = [
        (&["editor"], false, r#"{"name":"Ada","role":"x"}"#, "role=x"),
        // An administrator's power is not for what one says of oneself.
        (&["admin"], false, r#"{"name":"Ada","role":"x","closed":"x"}"#, "role=member closed=closed"),
        (&[], true, r#"{"name":"Ada","guest":"x","mailed":"x"}"#, "guest=x mailed=null email=null"),
        (
            &[],
            false,
            r#"{"name":"Ada","guest":"x","mailed":"x"}"#,
            "guest=null mailed=x email=ada@example.org",
        ),
        (&[], false, r#"{"name":"Ada","strong":"x"}"#, "strong=null"),
    ];
    for place in places(SCHEMA) {
        for (roles, anonymous, data, expected) in cases {
            let id = ada(&place, data, roles, anonymous).unwrap();
            let names = names(expected);
            assert_eq!(place.row(id, &names).as_deref(), Some(expected), "{}: {data}", place.name);
            forget(&place, id);
        }
    }
}

#[test]
fn what_people_say_later_is_judged_alike() {
    let cases: [(&str, &str, Result<&str, &str>); 9] = [
        ("aal1", r#"{"name":"Lady","rank":2}"#, Ok("name=Lady rank=2")),
        (
            "aal1",
            r#"{"name":"Lady","rank":9,"role":"x","email":"x@y.z"}"#,
            Ok("name=Lady rank=1 role=member"),
        ),
        ("aal1", r#"{"strong":"x"}"#, Ok("strong=null")),
        ("aal2", r#"{"strong":"x"}"#, Ok("strong=x")),
        // What is refused at once is tried one by one in the order in which it came, as if by one request after the other.
        ("aal1", r#"{"nick":"old","later":"x"}"#, Ok("nick=old later=x")),
        ("aal1", r#"{"later":"x","nick":"old"}"#, Ok("nick=old later=null")),
        ("aal1", r#"{"code":"x","id":"x","secret":"x"}"#, Ok("code=code told=secret name=Ada")),
        ("aal1", r#"{"age":-1}"#, Err("422 age")),
        ("aal1", r#"{"name":null}"#, Err("422 name is required")),
    ];
    for place in places(SCHEMA) {
        for (aal, data, expected) in cases {
            let id = ada(&place, r#"{"name":"Ada"}"#, &[], false).unwrap();
            let account = place.account(id).unwrap();
            let data_map = object(data);
            let done = place.transact(Box::new(move |tx, accounts| {
                Box::pin(
                    async move { profile::change(tx, &accounts, &visit(), (&account, aal), &data_map).await },
                )
            }));
            match (done, expected) {
                (Ok(()), Ok(expected)) => {
                    let names = names(expected);
                    assert_eq!(place.row(id, &names).as_deref(), Some(expected), "{}: {data}", place.name);
                }
                (Err(problem), Err(expected)) => {
                    let told = format!("{} {}", problem.status, problem.message);
                    assert!(told.starts_with(expected), "{}: {data}: {told}", place.name);
                }
                (done, expected) => panic!("{}: {data}: {done:?}, not {expected:?}", place.name),
            }
            forget(&place, id);
        }
    }
}

#[test]
fn rows_without_credentials_are_claimed_by_name() {
    for place in places(SCHEMA) {
        let find = |email: &'static str| {
            let found = place.transact(Box::new(move |tx, accounts| {
                Box::pin(async move { profile::find_by_email(tx, &accounts, &visit(), email).await })
            }));
            found.unwrap()
        };
        let id = Uuid::now_v7();
        place.insert(id, &[("email", "ada@example.org"), ("name", "Row"), ("nick", "row")]).unwrap();
        assert_eq!(find("ada@example.org"), Some(id), "{}", place.name);
        assert_eq!(find("eve@example.org"), None, "{}", place.name);
        // Who signs up with the address does not get the row.
        let known = place.sign_up(New {
            email: Some("ada@example.org".to_owned()),
            data: object(r#"{"name":"Eve"}"#),
            ..New::default()
        });
        assert_eq!(known.unwrap_err().code, Code::UserAlreadyExists, "{}", place.name);
        let claimed = New {
            id: Some(id),
            email: Some("ada@example.org".to_owned()),
            data: object(r#"{"nick":"ada","role":"x"}"#),
            ..New::default()
        };
        place.sign_up(claimed).unwrap();
        let row = place.row(id, &["name", "nick", "role", "email"]);
        assert_eq!(
            row.as_deref(),
            Some("name=Row nick=ada role=member email=ada@example.org"),
            "{}",
            place.name
        );
        assert_eq!(find("ada@example.org"), None, "{}", place.name);
        forget(&place, id);
    }
}

#[test]
fn without_an_account_model_there_is_no_row() {
    let place = Place::new("sqlite", "type Note @model { id: ID! }");
    let account = place.sign_up(New { data: object(r#"{"name":1}"#), ..New::default() }).unwrap();
    let id = account.id;
    let done = place.transact(Box::new(move |tx, accounts| {
        Box::pin(async move {
            profile::mirror(tx, &accounts, &visit(), &account).await?;
            profile::change(tx, &accounts, &visit(), (&account, "aal1"), &object("{}")).await?;
            profile::remove(tx, &accounts, &visit(), account.id).await?;
            profile::find_by_email(tx, &accounts, &visit(), "a@b.c").await
        })
    }));
    assert_eq!(done.unwrap(), None);
    assert!(place.account(id).is_some());
}

#[test]
fn regress_what_is_wrong_with_data_does_not_tell_whether_an_address_is_known() {
    let cases = [
        (r#"{"name":"Eve"}"#, "waits"),
        ("{}", "422 name is required"),
        (r#"{"name":"E"}"#, "422 name does not fit"),
        (r#"{"name":"Eve","age":"x"}"#, "422 age has no value of its type"),
        (r#"{"name":"Eve","nick":"ada"}"#, "409 duplicate key value"),
        (r#"{"name":"Eve","role":"x","email":"x","secret":1}"#, "waits"),
    ];
    for place in places(SCHEMA) {
        let known = place.sign_up(New {
            email: Some("ada@example.org".to_owned()),
            confirmed: true,
            data: object(r#"{"name":"Ada","nick":"ada"}"#),
            ..New::default()
        });
        let known = known.unwrap().id;
        place
            .insert(Uuid::now_v7(), &[("email", "row@example.org"), ("name", "Row"), ("nick", "row")])
            .unwrap();
        for (data, expected) in cases {
            for email in ["ada@example.org", "row@example.org", "eve@example.org"] {
                let told = place.apply(email, data);
                assert!(told.starts_with(expected), "{}: {email} {data}: {told}", place.name);
            }
            // Nothing is left of what was only tried.
            assert_eq!(place.rows(), if expected == "waits" { 3 } else { 2 }, "{}: {data}", place.name);
            place.forget("eve@example.org");
        }
        assert_eq!(
            place.row(known, &["name", "nick"]).as_deref(),
            Some("name=Ada nick=ada"),
            "{}",
            place.name
        );
    }
}
