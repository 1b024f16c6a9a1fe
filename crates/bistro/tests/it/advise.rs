//! What operations cost, and the indexes that would help, on each engine.

use bistro_testkit::Database;

use crate::harness::{Folder, Server};

const SHOP: &str = r#"
type Item @model @allow(to: [READ]) @index(fields: ["kind", "price"]) {
  id: Int! @id
  kind: String! @length(max: 40)
  maker: String! @length(max: 40)
  price: Int!
}
"#;

/// A folder over this database, or its own file.
fn folder(database: Option<&Database>) -> Folder {
    let folder = Folder::with(SHOP);
    if let Some(database) = database {
        folder.write("bistro.toml", &format!("[database]\nurl = \"{}\"\n", database.url()));
    }
    folder
}

fn check(database: Option<&Database>, uses: &str) {
    let folder = folder(database);
    folder.run(&["advise"]).said_no(2, "no server runs on this folder");
    let server = Server::start(folder, &["serve"]);
    let (key, secret) = (server.publishable(), server.secret());
    let rows: Vec<String> = (0..600)
        .map(|n| format!(r#"{{"kind": "k{}", "maker": "m{}", "price": {n}}}"#, n % 20, n % 40))
        .collect();
    server.post("/rest/v1/items", &format!("[{}]", rows.join(","))).key(&secret).send().with(201);
    for n in 0..12 {
        let wanted = format!("/rest/v1/items?maker=eq.m{n}&order=price&limit=3");
        server.get(&wanted).key(&key).send().ok();
        server.get(&format!("/rest/v1/items?kind=eq.k{n}&order=price&limit=3")).key(&key).send().ok();
        server.get(&format!("/rest/v1/items?id=eq.{n}")).key(&key).send().ok();
    }
    let told = server.folder.run(&["advise"]).well();
    assert!(told.contains("12 calls"), "{told}");
    assert!(told.contains("type Item @index(fields: [\"maker\", \"price\"])"), "{told}");
    assert!(told.contains(uses) && told.matches("@index").count() == 1, "{told}");
    assert!(!told.contains("could not be tried"), "{told}");
    let none = server.folder.run(&["advise", "--calls", "1000"]).well();
    assert!(none.contains("No operation has run often enough"), "{none}");
    let json = server.folder.run(&["advise", "--json"]).well();
    assert!(json.contains("\"fields\":[\"maker\",\"price\"]"), "{json}");
}

#[test]
fn dear_operations_are_shown_with_the_index_that_the_planner_would_use() {
    check(None, "USING INDEX bistro_tried");
}

#[test]
fn the_planner_of_postgres_tries_the_index() {
    check(Some(&bistro_testkit::postgres()), "Scan using bistro_tried");
}

#[test]
fn the_planner_of_mysql_tries_the_index() {
    check(Some(&bistro_testkit::mysql()), "ref by bistro_tried");
}

#[test]
fn regress_an_index_is_tried_on_a_database_that_somebody_else_keeps() {
    let database = bistro_testkit::postgres();
    drop(Server::start(folder(Some(&database)), &["serve"]));
    let folder = Folder::with(SHOP);
    folder.write("bistro.toml", &format!("[database]\nurl = \"{}\"\nmanaged = false\n", database.url()));
    let server = Server::start(folder, &["serve"]);
    let key = server.publishable();
    for n in 0..12 {
        server.get(&format!("/rest/v1/items?maker=eq.m{n}&order=price")).key(&key).send().ok();
    }
    let told = server.folder.run(&["advise"]).well();
    assert!(told.contains("Scan using bistro_tried"), "{told}");
}
