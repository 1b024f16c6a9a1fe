//! A schema with every kind of value and of relation, and rows at the edges of each.

use serde_json::{Value, json};

use crate::harness::Folder;

/// Every kind, nulls, lists; relations to itself, in a circle, over composite keys, many-to-many; a view.
pub(super) const SCHEMA: &str = r#"
enum Colour { RED GREEN BLUE }

type Thing @model @allow(to: [READ]) {
  id: ID!
  small: Int
  big: BigInt
  real: Float
  exact: Decimal @decimal(precision: 38, scale: 18)
  price: Decimal @decimal(precision: 10, scale: 2)
  bare: Decimal
  text: String
  slug: String @unique @length(max: 200)
  yes: Boolean
  day: Date
  hour: Time
  instant: DateTime
  document: JSON
  bytes: Bytes
  mail: Email
  link: URL
  uuid: UUID
  html: Html
  colour: Colour
  words: [String!]
  numbers: [Int!]
  reals: [Float!]
  prices: [Decimal!]
  colours: [Colour!]
  days: [Date!]
  ids: [UUID!]
  truths: [Boolean!]
  shout: String @computed(expr: "row.text")
}

type Person @model @allow(to: [READ]) {
  id: Int! @id
  name: String! @search
  boss: Person
  home: Place
  friends: [Person!]!
}

type Place @model @allow(to: [READ]) {
  id: BigInt! @id
  name: String!
  owner: Person
}

type Page @model(key: ["book", "number"]) @allow(to: [READ]) {
  book: String! @length(max: 50)
  number: Int!
  text: String!
}

type Note @model(key: ["page", "line"]) @allow(to: [READ]) {
  page: Page!
  line: Int!
  text: String
}

type Named @view(sql: "SELECT id, name FROM persons") @allow(to: [READ]) {
  id: Int! @id
  name: String!
}
"#;

/// Things; every eighth is empty but for its key.
fn thing(n: usize) -> Value {
    let id = format!("{:08x}-0000-4000-8000-{n:012x}", (n as u32).wrapping_mul(2_654_435_761));
    if n.is_multiple_of(8) {
        return json!({ "id": id });
    }
    let pick = |of: &Value| of[n % of.as_array().expect("a list").len()].clone();
    let texts = json!([
        "",
        "plain",
        "ünïcödé 😀 e\u{301}",
        "tab\tnew\nline \\ \" ' %_\u{7f}",
        "x".repeat(5_000),
        " ends ",
        "İıß",
        "NULL",
        "\\N",
        "\\x00"
    ]);
    json!({
        "id": id,
        "small": pick(&json!([0, i32::MIN, i32::MAX, 7])),
        "big": pick(&json!([0, i64::MIN, i64::MAX, -1, 9_007_199_254_740_993_i64])),
        "real": pick(&json!([0.1, -0.0, 1e308, 5e-324, -1.5, 2.225_073_858_507_201_4e-308, 0.300_000_000_000_000_04])),
        "exact": pick(&json!(["0", "-99999999999999999999.999999999999999999", "99999999999999999999.999999999999999999", "0.000000000000000001", "1.5"])),
        "price": pick(&json!(["0.00", "-99999999.99", "99999999.99", "12.30"])),
        "bare": pick(&json!(["1", "1.50", "-0.000001"])),
        "text": pick(&texts),
        "slug": format!("s{n}{}", pick(&json!(["", "é", "😀", "E\u{301}", " "])).as_str().expect("a text")),
        "yes": n.is_multiple_of(2),
        "day": pick(&json!(["0001-01-01", "9999-12-31", "2024-02-29", "1969-12-31", "1582-10-10"])),
        "hour": pick(&json!(["00:00:00", "23:59:59.999999", "12:34:56.7"])),
        "instant": pick(&json!(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2024-02-29T12:00:00.000001Z", "1969-12-31T23:59:59.5Z"])),
        "document": pick(&json!([{"b": 1, "a": [1, 2.50, null, true, {"z": "ü\\\"😀\u{1}"}]}, [], "text", 3, {"": {"": {}}}, 1e20, -0.5, {"e": 1.25e10, "long name": [[[]]]}])),
        "bytes": pick(&json!(["\\x", "\\x00ff", format!("\\x{}", "deadbeef".repeat(300))])),
        "mail": "ada@example.org",
        "link": "https://example.org/a?q=1#x",
        "uuid": "ffffffff-ffff-4fff-bfff-ffffffffffff",
        "html": "<b>x</b>",
        "colour": pick(&json!(["RED", "GREEN", "BLUE"])),
        "words": pick(&json!([[], ["a"], ["ü", "b\"\\", "", "null", "{}", " "]])),
        "numbers": pick(&json!([[], [0, i32::MIN, i32::MAX]])),
        "reals": pick(&json!([[], [0.1, -0.0, 1e308, 5e-324]])),
        "prices": pick(&json!([[], [1.5, -2, 0]])),
        "colours": pick(&json!([[], ["RED", "BLUE", "RED"]])),
        "days": pick(&json!([[], ["0001-01-01", "9999-12-31"]])),
        "ids": pick(&json!([[], ["00000000-0000-4000-8000-000000000000"]])),
        "truths": pick(&json!([[], [true, false]])),
    })
}

/// Rows of every table: so many persons, and as many of the others as go with them.
pub(super) fn rows(persons: usize) -> Value {
    let places = persons / 2;
    let person = |n: usize| {
        let boss = if n.is_multiple_of(5) { Value::Null } else { json!(n * 7 % persons + 1) };
        let home = if n.is_multiple_of(4) { Value::Null } else { json!(n % places + 1) };
        json!({ "id": n, "name": format!("Anna {n} Grün"), "boss": boss, "home": home })
    };
    let place = |n: usize| {
        let owner = if n.is_multiple_of(3) { json!(n) } else { Value::Null };
        json!({ "id": n, "name": format!("place {n}"), "owner": owner })
    };
    let books = ["a", "B", "é", "a ", "😀", ""];
    let pages: Vec<Value> = books
        .iter()
        .flat_map(|book| {
            (0..persons / 20).map(move |n| json!({ "book": book, "number": n, "text": "t".repeat(n) }))
        })
        .collect();
    let notes: Vec<Value> = pages
        .iter()
        .flat_map(|p| {
            (-1..1).map(move |l| json!({ "page_book": p["book"], "page_number": p["number"], "line": l }))
        })
        .collect();
    let friends: Vec<Value> =
        (1..persons).map(|n| json!({ "person_id": n, "friends_id": n * 3 % persons + 1 })).collect();
    json!({
        "things": (0..persons).map(thing).collect::<Vec<_>>(),
        "persons": (1..=persons).map(person).collect::<Vec<_>>(),
        "places": (1..=places).map(place).collect::<Vec<_>>(),
        "pages": pages,
        "notes": notes,
        "persons_friends": friends,
    })
}

/// A project on SQLite with so many persons.
pub(super) fn project(persons: usize) -> Folder {
    let folder = Folder::with(SCHEMA);
    folder.write("all.json", &rows(persons).to_string());
    folder.run(&["seed", "all.json"]).well();
    folder
}
