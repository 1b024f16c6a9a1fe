//! `bistro seed`.

use crate::harness::{Folder, NOTES, Server};

const FAMILY: &str = r#"
type Person @model(plural: "People") @allow(to: [READ]) {
  id: Int! @id
  name: String! @length(min: 1)
  parent: Person
  house: House
  likes: [Thing!]!
}
type House @model @allow(to: [READ]) { id: Int! @id  street: String!  owner: Person! }
type Thing @model @allow(to: [READ]) { id: Int! @id  price: Decimal @decimal(precision: 6, scale: 2)  made: Date }
"#;

#[test]
fn files_load_in_the_order_of_their_relations() {
    let folder = Folder::with(FAMILY);
    let people =
        r#"[{"id": 1, "name": "Zoë", "parent": 2, "house": 7}, {"id": 2, "name": "Old", "house_id": 7}]"#;
    let all = [
        folder.write("people_things.csv", "person_id,thing_id\n1,5\n"),
        folder.write("people.json", people),
        folder.write("rest.json", r#"{"houses": [{"id": 7, "street": "Elm", "owner": 1}], "things": []}"#),
        folder
            .write("things.jsonl", "{\"id\": 5, \"price\": 1.5, \"made\": \"2024-02-29\"}\n\n{\"id\": 6}\n"),
    ];
    let names: Vec<String> =
        all.iter().map(|p| p.file_name().expect("a name").to_string_lossy().into_owned()).collect();
    let mut arguments = vec!["seed"];
    arguments.extend(
        names
            .iter()
            .map(String::as_str)
            .map(|n| if n == "people_things.csv" { "people_likes.csv" } else { n }),
    );
    std::fs::rename(&all[0], folder.path().join("people_likes.csv")).expect("a rename");
    assert!(folder.run(&arguments).well().starts_with("6 rows into "));
    let server = Server::start(folder, &["serve"]);
    let answer = server
        .get("/rest/v1/people?select=name,parent(name),house(street)&id=eq.1")
        .key(&server.publishable())
        .send();
    assert_eq!(answer.ok(), r#"[{"name":"Zoë","parent":{"name":"Old"},"house":{"street":"Elm"}}]"#);
    let answer = server.get("/rest/v1/things?order=id").key(&server.publishable()).send();
    assert_eq!(
        answer.ok(),
        r#"[{"id":5,"price":1.50,"made":"2024-02-29"},{"id":6,"price":null,"made":null}]"#
    );
}

#[test]
fn a_mistake_names_file_and_line_and_writes_nothing() {
    let folder = Folder::with(FAMILY);
    let check = |name: &str, text: &str, words: &str| {
        folder.write(name, text);
        folder.run(&["seed", name]).said_no(1, words);
    };
    check(
        "things.json",
        "[\n  {\"id\": 1},\n  {\"id\": \"x\"}\n]",
        "things.json:3: id: invalid input syntax for type integer: \"x\"",
    );
    check(
        "things.json",
        "[\n  {\"id\": 1},\n  {\"id\": 1}\n]",
        "things.json:3: duplicate key value violates unique constraint",
    );
    check(
        "things.json",
        "[\n  {\"id\": 1, \"prize\": 2}\n]",
        "things.json:2: things has no column \"prize\"; did you mean \"price\"?",
    );
    check(
        "things.json",
        "[\n  {\"id\": 1, \"id\": 2}\n]",
        "things.json:2: \"id\" stands twice in one object",
    );
    check("things.json", "[\n  {\"id\": 1},\n  {\"id\": ]\n]", "things.json:3: expected value");
    check("things.json", "[1]", "things.json:1: a row is an object");
    check(
        "things.json",
        "{\"thigns\": []}",
        "things.json:1: the schema has no collection \"thigns\"; did you mean \"things\"?",
    );
    check("things.jsonl", "{\"id\": 1}\n\n{\"id\": 2,\n", "things.jsonl:3: EOF while parsing");
    check(
        "things.jsonl",
        "{\"id\": 1}\n{\"id\": 99999999999}\n",
        "things.jsonl:2: id: value \"99999999999\" is out of range",
    );
    check("things.csv", "id,made\n1,2024-02-30\n", "things.csv:2: made: date/time field value out of range");
    check("things.csv", "id,made\n1\n", "things.csv:2: the row has 1 fields, the header 2");
    check("things.csv", "id,made\n1,\n2,\"2024\n3,\n", "things.csv:3: a quote that begins here");
    check("things.csv", "id,mades\n", "things.csv:1: things has no column \"mades\"; did you mean \"made\"?");
    check(
        "houses.json",
        "[{\"id\": 1, \"street\": \"Elm\", \"owner\": 9}]",
        "houses.json:1: insert or update on table",
    );
    check("things.txt", "", "things.txt:1: seeds are .json, .jsonl or .csv files");
    let deep = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    check("things.json", &deep, "things.json:1: ");
    folder.run(&["seed", "absent.json"]).said_no(1, "cannot read absent.json");
    let server = Server::start(folder, &["serve"]);
    assert_eq!(server.get("/rest/v1/things").key(&server.publishable()).send().ok(), "[]");
}

#[test]
fn rows_in_a_circle_are_written_and_then_joined() {
    let folder = Folder::with(FAMILY);
    let people = r#"[{"id": 1, "name": "a", "parent": 2, "house": 7}, {"id": 2, "name": "b", "parent": 1}]"#;
    folder.write("people.json", people);
    folder.write("houses.json", r#"[{"id": 7, "street": "Elm", "owner": 1}]"#);
    folder.run(&["seed", "houses.json", "people.json"]).well();
    let server = Server::start(folder, &["serve"]);
    let answer =
        server.get("/rest/v1/people?select=id,parent_id,house_id&order=id").key(&server.publishable()).send();
    assert_eq!(
        answer.ok(),
        r#"[{"id":1,"parent_id":2,"house_id":7},{"id":2,"parent_id":1,"house_id":null}]"#
    );
}

#[test]
fn upsert_updates_what_exists() {
    let folder = Folder::with(NOTES);
    folder.write("notes.json", r#"[{"id": 1, "text": "a"}, {"id": 2, "text": "b"}]"#);
    folder.run(&["seed", "notes.json"]).well();
    folder.write("notes.csv", "id,text\n2,c\n3,d\n");
    folder.run(&["seed", "notes.csv"]).said_no(1, "notes.csv:2: duplicate key");
    folder.run(&["seed", "--upsert", "notes.csv"]).well();
    let server = Server::start(folder, &["serve"]);
    let answer = server.get("/rest/v1/notes?order=id&select=text").key(&server.publishable()).send();
    assert_eq!(answer.ok(), r#"[{"text":"a"},{"text":"c"},{"text":"d"}]"#);
}

#[test]
fn a_running_server_takes_seeds() {
    let server = Server::serve(NOTES);
    server.folder.write("notes.json", r#"[{"id": 1, "text": "a"}]"#);
    assert_eq!(server.folder.run(&["seed", "notes.json"]).well(), "1 row into notes\n");
    assert_eq!(
        server.get("/rest/v1/notes").key(&server.publishable()).send().ok(),
        r#"[{"id":1,"text":"a"}]"#
    );
    server.folder.run(&["seed", "notes.json"]).said_no(1, "error: notes.json:1: duplicate key");
}
