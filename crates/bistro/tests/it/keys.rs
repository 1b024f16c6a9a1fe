//! `bistro keys`.

use crate::harness::{Folder, Server};

const MINE: &str = r#"
enum Role @roles { editor }
type User @account @allow(to: [READ]) { id: ID!  name: String! }
type Note @model @allow(to: [READ], when: "row.owner == auth.id") @allow(to: [READ], roles: ["editor"]) {
  id: Int! @id
  owner: User!
}
"#;

const ADA: &str = "01920000-0000-7000-8000-000000000001";

#[test]
fn a_minted_token_is_its_person() {
    let server = Server::serve(MINE);
    let (key, secret) = (server.publishable(), server.secret());
    let warned = server.folder.run(&["keys", "token", "--sub", ADA]);
    warned.well();
    assert!(warned.err().contains("users has no row"), "{}", warned.err());
    let made = server.folder.run(&["keys", "token", "--sub", ADA, "--create", r#"{"name": "Ada"}"#]);
    assert_eq!(made.err(), "");
    let token = made.well();
    assert_eq!(token.trim().split('.').count(), 3);
    server.post("/rest/v1/notes", &format!(r#"{{"id": 1, "owner": "{ADA}"}}"#)).key(&secret).send().with(201);
    let notes =
        |token: &str| server.get("/rest/v1/notes?select=id").key(&key).token(token).send().ok().to_owned();
    assert_eq!(notes(&token), r#"[{"id":1}]"#);
    assert_eq!(server.get("/rest/v1/notes?select=id").key(&key).send().ok(), "[]");
    let other = server.folder.run(&[
        "keys",
        "token",
        "--sub",
        "01920000-0000-7000-8000-000000000002",
        "--role",
        "editor",
    ]);
    assert_eq!(notes(&other.well()), r#"[{"id":1}]"#);
}

#[test]
fn machines_have_keys_that_hold_until_revoked() {
    let server = Server::serve(MINE);
    let key = server.folder.run(&["keys", "add", "printer", "--role", "editor", "--expires", "90d"]).well();
    let asked = |status| server.get("/rest/v1/notes").key(key.trim()).send().with(status).to_owned();
    assert_eq!(asked(200), "[]");
    assert!(server.folder.run(&["keys", "list"]).well().contains("printer (editor)"));
    server.folder.run(&["keys", "revoke", "printer"]).well();
    asked(401);
}

#[test]
fn rotated_secrets_end_old_tokens_when_revoked() {
    let server = Server::serve(MINE);
    let key = server.publishable();
    let token = server.folder.run(&["keys", "token", "--sub", ADA]).well();
    let asked = || server.get("/rest/v1/notes").key(&key).token(&token).send().status;
    let listed = server.folder.run(&["keys", "list"]).well();
    assert_eq!(
        server.folder.run(&["keys", "--json"]).well(),
        server.folder.run(&["keys", "list", "--json"]).well()
    );
    let kid = listed
        .lines()
        .find_map(|l| l.strip_prefix("signing"))
        .and_then(|l| l.split_whitespace().next())
        .expect("a kid");
    server.folder.run(&["keys", "rotate"]).well();
    assert_eq!(asked(), 200);
    server.folder.run(&["keys", "rotate", "--revoke", kid]).well();
    assert_eq!(asked(), 401);
}

#[test]
fn what_cannot_be_asked_for_is_named() {
    let folder = Folder::with(MINE);
    folder.run(&["keys", "token", "--sub", ADA, "--role", "editr"]).said_no(2, "did you mean editor?");
    folder.run(&["keys", "token"]).said_no(1, "needs --sub");
    folder.run(&["keys", "token", "--sub", ADA, "--claims", "{"]).said_no(1, "--claims is not JSON");
    folder.run(&["keys", "token", "--sub", ADA, "--ttl", "soon"]).said_no(2, "90d, 12h, 30m or 45s");
    folder.run(&["keys", "revoke", "nobody"]).said_no(1, "no key is called");
    folder
        .run(&["keys", "add", "x", "--role", "service_role"])
        .said_no(1, "only the project's own secret key");
}

#[cfg(unix)]
#[test]
fn secrets_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::serve(MINE);
    for entry in std::fs::read_dir(server.folder.path().join("data")).expect("a folder") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("its mode").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} {mode:o}", entry.file_name());
    }
}
