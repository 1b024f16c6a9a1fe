//! Random trees of rows, written as one nested mutation and read back: every row hangs where it was nested.

use std::fmt::Write as _;

use bistro_graphql::Options;
use serde_json::{Map, Value as Json, json};

use crate::dice::Dice;
use crate::seat::{Backend, Running, Seat};

/// How many trees are planted.
const TREES: u64 = 60;
/// How deep people report to people.
const DEPTH: usize = 3;

/// What is written and what is read, side by side.
struct Grown {
    input: Json,
    expected: Json,
}

/// Grows trees whose names tell them apart.
struct Gardener {
    dice: Dice,
    seed: u64,
    names: u64,
}

impl Gardener {
    fn name(&mut self, kind: &str) -> String {
        self.names += 1;
        // Names sort in the order in which they are given.
        format!("{kind}{}x{:04}", self.seed, self.names)
    }

    fn several(&mut self, most: u64, one: impl Fn(&mut Self) -> Grown) -> (Vec<Json>, Vec<Json>) {
        let count = self.dice.up_to(most);
        (0..count).map(|_| one(self)).map(|grown| (grown.input, grown.expected)).unzip()
    }

    fn person(&mut self, depth: usize) -> Grown {
        let name = self.name("p");
        let (mut input, mut expected) = (Map::new(), Map::new());
        input.insert("name".into(), name.clone().into());
        expected.insert("name".into(), name.into());
        if depth > 0 {
            let (rows, read) = self.several(3, |gardener| gardener.person(depth - 1));
            nest(&mut input, "reports", rows, Vec::new());
            expected.insert("reports".into(), json!({ "nodes": read }));
        }
        let (rows, read) = self.several(2, Self::post);
        nest(&mut input, "posts", rows, Vec::new());
        expected.insert("posts".into(), json!({ "nodes": read }));
        Grown { input: input.into(), expected: expected.into() }
    }

    fn post(&mut self) -> Grown {
        let slug = self.name("s");
        let mut input = Map::from_iter([("title".into(), "t".into()), ("slug".into(), slug.clone().into())]);
        let mut words: Vec<&str> = ["blue", "lone", "red", "shut"].into_iter().collect();
        words.retain(|_| self.dice.up_to(2) == 0);
        let connected = words.iter().map(|word| json!({ "word": word })).collect();
        let (made, read) = self.several(2, |gardener| {
            let word = gardener.name("w");
            Grown { input: json!({ "word": word }), expected: json!({ "word": word }) }
        });
        nest(&mut input, "tags", made, connected);
        let tags: Vec<Json> = words.iter().map(|word| json!({ "word": word })).chain(read).collect();
        let (comments, texts) = self.several(2, Self::comment);
        nest(&mut input, "comments", comments, Vec::new());
        let reviewer = (self.dice.up_to(1) == 0).then(|| self.name("r"));
        if let Some(name) = &reviewer {
            input.insert("reviewer".into(), json!({ "create": { "name": name } }));
        }
        let reviewer = reviewer.map_or(Json::Null, |name| json!({ "name": name }));
        let expected = json!({
            "slug": slug, "reviewer": reviewer, "tags": { "nodes": tags }, "comments": { "nodes": texts },
        });
        Grown { input: input.into(), expected }
    }

    fn comment(&mut self) -> Grown {
        let (text, name) = (self.name("c"), self.name("a"));
        let (author, told) = match self.dice.up_to(1) {
            0 => (json!({ "connect": { "nick": "vic" } }), "Vic".to_owned()),
            _ => (json!({ "create": { "name": name } }), name),
        };
        Grown {
            input: json!({ "text": text, "author": author }),
            expected: json!({ "text": text, "author": { "name": told } }),
        }
    }
}

fn nest(row: &mut Map<String, Json>, name: &str, create: Vec<Json>, connect: Vec<Json>) {
    let lists = [("create", create), ("connect", connect)];
    let lists: Map<String, Json> = lists
        .into_iter()
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(how, rows)| (how.to_owned(), rows.into()))
        .collect();
    if !lists.is_empty() {
        row.insert(name.into(), lists.into());
    }
}

fn selection(depth: usize) -> String {
    let mut fields = "name posts(orderBy: [{slug: ASC}], first: 5) { nodes { slug reviewer { name } \
        tags(orderBy: [{word: ASC}], first: 9) { nodes { word } } \
        comments(orderBy: [{text: ASC}], first: 5) { nodes { text author { name } } } } }"
        .to_owned();
    if depth > 0 {
        let _ = write!(
            fields,
            " reports(orderBy: [{{name: ASC}}], first: 3) {{ nodes {{ {} }} }}",
            selection(depth - 1)
        );
    }
    fields
}

/// A value as a document writes it.
fn literal(value: &Json) -> String {
    match value {
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name}: {}", literal(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        plain => plain.to_string(),
    }
}

fn plant(running: &Running, seed: u64) {
    let mut gardener = Gardener { dice: Dice::new(seed), seed, names: 0 };
    let (input, expected) = gardener.several(2, |gardener| gardener.person(DEPTH));
    let asked = format!("{{ count nodes {{ {} }} }}", selection(DEPTH));
    let (document, variables) = match seed % 2 {
        0 => (
            format!("mutation {{ createPeople(input: {}) {asked} }}", literal(&Json::from(input.clone()))),
            String::new(),
        ),
        _ => (
            format!("mutation($rows: [PersonCreate!]!) {{ createPeople(input: $rows) {asked} }}"),
            json!({ "rows": input }).to_string(),
        ),
    };
    let reply: Json = serde_json::from_str(&running.ask("service", &document, &variables)).unwrap();
    let expected = json!({"data": {"createPeople": {"count": expected.len(), "nodes": expected}}});
    assert_eq!(reply, expected, "the tree of seed {seed}: {document}");
}

#[test]
fn every_row_hangs_where_it_was_nested() {
    let mut options = Options::default();
    options.limits.rows = 10_000_000;
    options.limits.relations = 8;
    options.limits.document_bytes = 1 << 20;
    options.limits.tokens = 1 << 20;
    let caps = bistro_engine::Options { embed_depth: 8, ..bistro_engine::Options::default() };
    let seat = Seat::with(options, caps);
    for backend in [Backend::Memory, Backend::Sqlite] {
        let running = seat.take(backend, true);
        (0..TREES).for_each(|seed| plant(&running, seed));
    }
}
