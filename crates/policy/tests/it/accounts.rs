//! Rows of the account type: who makes them, and which of their fields belong to the account itself.

use bistro_ir::{Action, Body, Conflict, Expr, Operation, Write};
use bistro_policy::authorize;
use bistro_problem::Details;
use bistro_schema::{Roles, SchemaView};

use crate::schema::{field, sound, ty};

const FILE: &str = r#"
enum Role @roles { editor }
type User @account
  @allow(to: [READ, CREATE, UPDATE])
  @allow(to: [READ, CREATE, UPDATE], roles: ["editor"]) {
  id: ID!
  email: Email @allow(to: [READ], roles: ["editor"])
  phone: String
  name: String @allow(to: [READ, CREATE, UPDATE])
}
type Contact @model @allow(to: [READ, CREATE, UPDATE]) { id: ID! email: Email phone: String }
"#;

const ANON: Roles = Roles::ANON;
const USER: Roles = Roles::AUTHENTICATED;
const EDITOR: Roles = Roles::AUTHENTICATED.with(Roles::declared(0));

fn told(roles: Roles, of: &str, action: &str, names: &[&str]) -> String {
    let (rules, schema) = sound(FILE);
    let ty = ty(&schema, of);
    let columns: Vec<_> = names.iter().map(|name| field(&schema, ty, name)).collect();
    let key = vec![field(&schema, ty, "id")];
    let action = match action {
        "insert" => Action::Insert { columns, conflict: None },
        "upsert" => Action::Insert { columns, conflict: Some(Conflict { fields: key, merge: true }) },
        "update" => Action::Update { filter: Expr::TRUE, columns },
        other => panic!("no action {other}"),
    };
    let body = Body::Write(Write { ty, action, returning: None });
    match authorize(&rules, roles, &Operation { body, params: vec![] }) {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            let problem = error.problem();
            let details = match problem.details {
                Details::Text(text) => text,
                _ => String::new(),
            };
            format!("{} {details}{}", problem.code.wire_text(), problem.hint.unwrap_or_default())
        }
    }
}

#[test]
fn signing_up_makes_rows_and_the_account_keeps_its_own_fields() {
    let sign_up = "42501 Accounts are made by signing up: POST /auth/v1/signup.";
    let email = "42501 The column \"email\" is not yours to write.";
    let phone = "42501 The column \"phone\" is not yours to write.";
    let cases: [(Roles, &str, &str, &[&str], &str); 17] = [
        (ANON, "User", "insert", &["name"], sign_up),
        (USER, "User", "insert", &["id", "email"], sign_up),
        (EDITOR, "User", "insert", &["name"], sign_up),
        (USER, "User", "upsert", &["id", "name"], sign_up),
        (Roles::SERVICE, "User", "insert", &["id", "email", "phone"], "ok"),
        (Roles::ADMIN, "User", "insert", &["id", "email"], "ok"),
        (Roles::ADMIN, "User", "upsert", &["id", "email"], "ok"),
        (USER, "User", "update", &["name"], "ok"),
        (USER, "User", "update", &["phone"], phone),
        (EDITOR, "User", "update", &["name", "email"], email),
        (USER, "User", "update", &["email"], "PGRST204 "),
        (ANON, "User", "update", &["email"], "PGRST204 "),
        (Roles::SERVICE, "User", "update", &["email", "phone"], "ok"),
        (Roles::ADMIN, "User", "update", &["email"], "ok"),
        (ANON, "Contact", "insert", &["email", "phone"], "ok"),
        (ANON, "Contact", "update", &["email", "phone"], "ok"),
        (USER, "Contact", "upsert", &["id", "email"], "ok"),
    ];
    for (roles, of, action, names, expected) in cases {
        assert_eq!(told(roles, of, action, names), expected, "{roles:?} {action} {of} {names:?}");
    }
}

#[test]
fn what_an_account_holds_is_described_to_nobody_as_writable() {
    let (_, schema) = sound(FILE);
    let user = ty(&schema, "User");
    let cases = [(ANON, false), (USER, false), (EDITOR, false), (Roles::SERVICE, true), (Roles::ADMIN, true)];
    for (roles, expected) in cases {
        let view = SchemaView::new(std::sync::Arc::clone(&schema), roles);
        assert_eq!(view.type_allows(user, bistro_schema::Action::Create), expected, "{roles:?}");
        for name in ["email", "phone"] {
            let writable = view.field_allows(user, field(&schema, user, name), bistro_schema::Action::Update);
            assert_eq!(writable, expected, "{roles:?} {name}");
        }
        assert!(view.field_allows(user, field(&schema, user, "name"), bistro_schema::Action::Update));
    }
    let key = schema.ty(user).field(field(&schema, user, "id"));
    assert!(key.immutable, "tokens name an account by its key for as long as it lives");
}
