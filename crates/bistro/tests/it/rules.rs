//! In development the log says which rule refused or emptied.

use crate::harness::Server;

const OWNED: &str = r#"
type User @account { id: ID! }
type Note @model
  @allow(to: [READ], when: "row.open")
  @allow(to: [UPDATE], when: "row.mine")
  @allow(to: [CREATE], when: "new.text != 'no'") {
  id: Int! @id
  text: String!
  open: Boolean! @default(value: false)
  mine: Boolean! @default(value: false)
}
"#;

#[test]
fn dev_names_the_rule_and_serve_does_not() {
    for (command, named) in [("dev", true), ("serve", false)] {
        let server = Server::start(crate::harness::Folder::with(OWNED), &[command]);
        let (key, secret) = (server.publishable(), server.secret());
        server.post("/rest/v1/notes", r#"{"id": 1, "text": "hidden"}"#).key(&secret).send().with(201);
        assert_eq!(server.get("/rest/v1/notes").key(&key).send().ok(), "[]");
        let refused = server.post("/rest/v1/notes", r#"{"id": 2, "text": "no"}"#).key(&key).send();
        assert!(!refused.with(401).contains("new.text"), "{}", refused.body);
        if named {
            server.logs("row.open");
            let patch =
                server.request("PATCH", "/rest/v1/notes?id=eq.1").json(r#"{"text": "mine"}"#).key(&key);
            assert_eq!(patch.header("prefer", "return=representation").send().ok(), "[]");
            server.logs("row.mine");
            server.logs("new.text != 'no'");
        }
    }
}
