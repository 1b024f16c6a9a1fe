//! What the engines say of the tables that Bistro made is what Bistro expects; what somebody changed by hand is explained.

use std::path::Path;

use bistro_testkit::Database;

use crate::place::{Place, on};

/// A field of each kind, required and optional, lists, keys and relations of several sorts.
const KINDS: &str = "
enum Mood { good bad }
type Everything @model @index(fields: [\"mood\", \"when\"]) @unique(fields: [\"email\", \"mood\"]) {
  id: ID!
  text: String!  bounded: String @length(max: 40) @unique  int: Int!  big: BigInt  float: Float  yes: Boolean!
  when: DateTime!  day: Date  hour: Time  price: Decimal @decimal(precision: 10, scale: 2)  far: Decimal @decimal(precision: 30, scale: 4)  bare: Decimal
  json: JSON  bytes: Bytes  uuid: UUID  email: Email @length(max: 100)  url: URL  mood: Mood!
  words: [String!]  numbers: [Int!]  made: DateTime! @default(expr: \"now\")  title: String @search
  parent: Everything @relation(onDelete: SET_NULL)
  parts: [Part!]! @inverse(of: \"whole\")
  tags: [Tag!]!
}
type Part @model(key: [\"place\", \"shelf\"]) { place: Int!  shelf: Int!  whole: Everything! @relation(onDelete: CASCADE)  label: String @default(value: \"x\") }
type Tag @model { word: String! @id @length(max: 50)  count: BigInt @default(value: 3) }
";

fn none(database: Option<Database>, schema: &str) -> Place {
    let place = Place::new(database, schema);
    place.migrate(&["new", "all"]).well();
    place.migrate(&["up"]).well();
    assert_eq!(place.status(), (vec!["applied".into()], vec![]), "{schema}");
    place
}

fn check(database: impl Fn() -> Option<Database>, text: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for project in ["examples/todo", "examples/blog", "examples/chinook", "tests/fixture"] {
        let schema = std::fs::read_to_string(root.join(project).join("schema.graphql")).expect("a schema");
        none(database(), &schema);
    }
    let place = none(database(), KINDS);
    place.sql(&format!("ALTER TABLE tags ADD COLUMN extra {text}"));
    place.sql("CREATE INDEX by_hand ON tags (count)");
    let (_, remarks) = place.status();
    assert_eq!(remarks.len(), 2, "{remarks:?}");
    assert!(
        remarks[0].starts_with("the column tags.extra is in the database and in no migration"),
        "{remarks:?}"
    );
    assert!(remarks[1].starts_with("the index by_hand (count) of tags"), "{remarks:?}");
    place.folder.run(&["migrate", "new", "nothing", "--empty"]).well();
    place.migrate(&["up"]).said_no(1, "the column tags.extra");
    place.migrate(&["up", "--allow-drift"]).well();
}

#[test]
fn drift_on_sqlite() {
    check(on::sqlite, "TEXT");
}

#[test]
fn drift_on_postgres() {
    check(on::postgres, "text");
}

#[test]
fn drift_on_mysql() {
    check(on::mysql, "text");
}
