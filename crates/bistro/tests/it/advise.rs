//! What operations cost, and the indexes that would help.

use crate::harness::{Folder, Server};

const SHOP: &str = r#"
type Item @model @allow(to: [READ]) @index(fields: ["kind", "price"]) {
  id: Int! @id
  kind: String!
  maker: String!
  price: Int!
}
"#;

#[test]
fn dear_operations_are_shown_with_the_index_that_the_planner_would_use() {
    let folder = Folder::with(SHOP);
    folder.run(&["advise"]).said_no(2, "no server runs on this folder");
    let server = Server::start(folder, &["serve"]);
    let key = server.publishable();
    for n in 0..12 {
        let wanted = format!("/rest/v1/items?maker=eq.m{n}&order=price&limit=3");
        server.get(&wanted).key(&key).send().ok();
        server.get(&format!("/rest/v1/items?kind=eq.k{n}&order=price&limit=3")).key(&key).send().ok();
        server.get(&format!("/rest/v1/items?id=eq.{n}")).key(&key).send().ok();
    }
    let told = server.folder.run(&["advise"]).well();
    assert!(told.contains("12 calls"), "{told}");
    assert!(told.contains("type Item @index(fields: [\"maker\", \"price\"])"), "{told}");
    assert!(told.contains("USING INDEX") && told.matches("@index").count() == 1, "{told}");
    let none = server.folder.run(&["advise", "--calls", "1000"]).well();
    assert!(none.contains("No operation has run often enough"), "{none}");
    let json = server.folder.run(&["advise", "--json"]).well();
    assert!(json.contains("\"fields\":[\"maker\",\"price\"]"), "{json}");
}
