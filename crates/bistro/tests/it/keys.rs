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

/// The ids of the keys in a line of `bistro keys list`.
fn kids(listed: &str, line: &str) -> Vec<String> {
    let of_line = listed.lines().filter_map(|l| l.strip_prefix(line));
    of_line.filter_map(|rest| rest.split_whitespace().next()).map(str::to_owned).collect()
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
    let secrets = kids(&listed, "secret key");
    assert_eq!(secrets.len(), 1, "{listed}");
    server.folder.run(&["keys", "rotate", "--legacy"]).well();
    assert_eq!(asked(), 200);
    server.folder.run(&["keys", "rotate", "--revoke", &secrets[0]]).well();
    assert_eq!(asked(), 401);
}

#[test]
fn the_next_key_is_announced_and_an_old_one_can_be_dropped() {
    let server = Server::serve(MINE);
    let list = || server.folder.run(&["keys", "list"]).well();
    let pairs = || kids(&list(), "signing");
    let first = pairs();
    assert_eq!(first.len(), 1, "{}", list());
    let token = server.folder.run(&["keys", "token", "--sub", ADA]).well();
    let said = server.folder.run(&["keys", "rotate"]).well();
    let both = pairs();
    assert!(said.starts_with(&format!("{} signs ES256 tokens from ", both[1])), "{said}");
    assert!(list().contains("ES256, signs from ") && list().contains("ES256, signs since "), "{}", list());
    server.folder.run(&["keys", "rotate", "--revoke", &first[0]]).well();
    assert_eq!(pairs(), both[1..]);
    assert!(!list().contains("signs from"), "the next one signs at once: {}", list());
    server.folder.run(&["keys", "rotate", "--revoke", "nobody"]).said_no(1, &both[1]);
    // Minted tokens are signed with the secret, which was not touched.
    let key = server.publishable();
    server.get("/rest/v1/notes").key(&key).token(&token).send().with(200);
}

#[test]
fn keys_of_an_older_version_are_completed() {
    let server = Server::serve(MINE);
    let key = server.publishable();
    let path = server.folder.path().join("data/keys.json");
    let text = std::fs::read_to_string(&path).expect("the keys");
    let mut file: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let members = file.as_object_mut().expect("an object");
    let (tokens, pepper) = (members.remove("tokens"), members.remove("pepper"));
    assert!(tokens.is_some() && pepper.is_some(), "{members:?}");
    std::fs::write(&path, file.to_string()).expect("the keys are written");
    let listed = server.folder.run(&["keys", "list"]).well();
    assert_eq!(kids(&listed, "signing").len(), 1, "{listed}");
    assert!(listed.contains(&key));
    let again = std::fs::read_to_string(&path).expect("the keys");
    assert!(again.contains("pepper") && again.contains("tokens"), "what was made is kept");
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
