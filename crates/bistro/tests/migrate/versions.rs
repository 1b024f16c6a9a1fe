//! Zero downtime: two versions of a project serve one database while its tables change, as the guide describes it.

use bistro_testkit::Database;

use crate::harness::{Folder, Server};
use crate::place::{Place, on};

/// The name stands in one column.
const FIRST: &str =
    "type Person @model @allow(to: [READ]) { id: Int! @id  name: String! @length(max: 60) }\n";
/// Expand: there is another column, which nobody has to fill, and the old one may stay empty.
const WIDE: &str = "type Person @model @allow(to: [READ]) { id: Int! @id  name: String @length(max: 60)  shown: String @length(max: 60) }\n";
/// Nobody reads or writes the old column any more.
const NARROWING: &str = "type Person @model @allow(to: [READ]) { id: Int! @id  name: String @hidden @length(max: 60)  shown: String @length(max: 60) }\n";
/// Contract: it is gone.
const LAST: &str = "type Person @model @allow(to: [READ]) { id: Int! @id  shown: String @length(max: 60) }\n";

/// A node of its own with a version of the project.
fn version(place: &Place) -> Folder {
    place.beside()
}

fn serve(folder: Folder) -> Server {
    Server::start(folder, &["serve"])
}

fn reads(server: &Server, query: &str, expected: &str) {
    let rows = server.get(query).key(&server.publishable()).send();
    assert_eq!(rows.ok(), expected);
}

fn writes(server: &Server, body: &str) {
    server.post("/rest/v1/persons", body).key(&server.secret()).send().with(201);
}

fn check(database: Option<Database>) {
    let place = Place::new(database, FIRST);
    place.migrate(&["new", "first"]).well();
    place.migrate(&["up"]).well();
    let first = serve(version(&place));
    writes(&first, r#"{"id": 1, "name": "one"}"#);
    let spare = version(&place);

    place.step(WIDE, "wide");
    place.migrate(&["up"]).well();
    writes(&first, r#"{"id": 2, "name": "two"}"#);
    reads(&first, "/rest/v1/persons?select=*&id=eq.2", r#"[{"id":2,"name":"two"}]"#);
    let restarted = serve(spare);
    restarted.logs("ahead of this version by 0002_wide");
    writes(&restarted, r#"{"id": 3, "name": "three"}"#);
    let wide = serve(version(&place));
    writes(&wide, r#"{"id": 4, "name": "four", "shown": "FOUR"}"#);
    reads(&first, "/rest/v1/persons?select=name&id=eq.4", r#"[{"name":"four"}]"#);
    let old = restarted.stop();
    first.stop();

    place.folder.run(&["migrate", "new", "fill", "--empty"]).well();
    place.add("0003_fill", "UPDATE persons SET shown = name WHERE shown IS NULL;");
    place.migrate(&["up"]).well();
    reads(&wide, "/rest/v1/persons?select=shown&id=eq.1", r#"[{"shown":"one"}]"#);
    place.folder.write("schema.graphql", NARROWING);
    let narrowing = serve(version(&place));
    writes(&narrowing, r#"{"id": 5, "shown": "five"}"#);
    reads(&wide, "/rest/v1/persons?select=*&id=eq.5", r#"[{"id":5,"name":null,"shown":"five"}]"#);
    wide.stop();

    place.step(LAST, "last");
    place.migrate(&["up", "--allow-destructive"]).well();
    writes(&narrowing, r#"{"id": 6, "shown": "six"}"#);
    reads(&narrowing, "/rest/v1/persons?select=*&id=eq.6", r#"[{"id":6,"shown":"six"}]"#);
    let last = serve(version(&place));
    reads(&last, "/rest/v1/persons?select=*&id=eq.5", r#"[{"id":5,"shown":"five"}]"#);
    old.run(&["serve", "--listen", "127.0.0.1:0"]).said_no(1, "- column persons.name");
}

#[test]
fn versions_live_together_on_postgres() {
    check(on::postgres());
}

#[test]
fn versions_live_together_on_mysql() {
    check(on::mysql());
}
