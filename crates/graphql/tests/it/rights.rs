//! Nesting adds no right: rows that are written as one nested mutation are taken, or refused, as the same rows written one after
//! the other in a batch of REST, and leave the same behind.

use bistro_graphql::Options;
use serde_json::{Value as Json, json};

use crate::dice::Dice;
use crate::seat::{Backend, Running, Seat, named};

/// How many writes are tried.
const WRITES: u64 = 400;
const CALLERS: [&str; 5] = ["ada", "bob", "eve", "anon", "service"];
const STATE: &str = "{ posts(orderBy: [{id: ASC}], first: 1000) { nodes { id mood author_id reviewer_id \
    tags(orderBy: [{id: ASC}]) { nodes { id } } \
    comments(orderBy: [{text: ASC}, {author: {name: ASC}}]) { nodes { text author_id } } } } }";

/// One write in both forms.
struct Both {
    nested: Json,
    flat: Vec<Json>,
}

fn operation(path: &str, body: Json) -> Json {
    json!({ "method": "POST", "path": path, "headers": { "prefer": "resolution=ignore-duplicates" }, "body": body })
}

fn insert(path: &str, body: Json) -> Json {
    json!({ "method": "POST", "path": path, "body": body })
}

/// A person's id, or nothing said.
fn somebody(dice: &mut Dice, name: &str, row: &mut Json) {
    let who = ["", "", "<ada>", "<bob>"][dice.up_to(3) as usize];
    if !who.is_empty() {
        row[name] = named(who).into();
    }
}

/// A new post with what hangs on it.
fn post(dice: &mut Dice, id: u64) -> Both {
    let mood = ["calm", "merry", "merry", "merry", "grim"][dice.up_to(4) as usize];
    let mut row = json!({ "id": id, "title": "t", "slug": format!("s{id}"), "mood": mood });
    somebody(dice, "author_id", &mut row);
    let (mut nested, mut flat) = (row.clone(), row.clone());
    let mut reviewer = json!({});
    somebody(dice, "id", &mut reviewer);
    if let Some(id) = reviewer.get("id") {
        nested["reviewer"] = json!({ "connect": { "id": id } });
        flat["reviewer_id"] = id.clone();
    }
    let mut operations = vec![insert("/rest/v1/posts", flat)];
    let (comments, rows) = comments(dice, id);
    if !comments.is_empty() {
        nested["comments"] = json!({ "create": comments });
    }
    operations.extend(rows.into_iter().map(|row| insert("/rest/v1/comments", row)));
    let tags = tags(dice);
    if !tags.is_empty() {
        nested["tags"] =
            json!({ "connect": tags.iter().map(|tag| json!({ "id": tag })).collect::<Vec<_>>() });
    }
    operations.extend(links(&tags, id));
    Both { nested: json!({ "input": [nested] }), flat: operations }
}

/// What is hung on a post that is there.
fn change(dice: &mut Dice, id: u64) -> Both {
    let (comments, rows) = comments(dice, id);
    let tags = tags(dice);
    let mut flat: Vec<Json> = links(&tags, id).collect();
    flat.extend(rows.into_iter().map(|row| insert("/rest/v1/comments", row)));
    let tags: Vec<Json> = tags.iter().map(|tag| json!({ "id": tag })).collect();
    Both { nested: json!({ "tags": { "connect": tags }, "comments": { "create": comments } }), flat }
}

fn comments(dice: &mut Dice, post: u64) -> (Vec<Json>, Vec<Json>) {
    let count = dice.up_to(2);
    let rows = (0..count).map(|n| {
        let mut row = json!({ "text": format!("c{n}") });
        somebody(dice, "author_id", &mut row);
        let mut flat = row.clone();
        flat["post_id"] = post.into();
        (row, flat)
    });
    rows.unzip()
}

fn tags(dice: &mut Dice) -> Vec<u64> {
    let count = dice.up_to(2);
    (0..count).map(|_| [1, 1, 2, 2, 4, 4, 3, 99][dice.up_to(7) as usize]).collect()
}

fn links(tags: &[u64], post: u64) -> impl Iterator<Item = Json> {
    let link = move |tag: &u64| operation("/rest/v1/posts_tags", json!({ "post_id": post, "tag_id": tag }));
    tags.iter().map(link)
}

/// Whether the write was taken, nested and flat.
fn write(nested: &Running, flat: &Running, caller: &str, dice: &mut Dice, id: u64) -> (bool, bool, String) {
    let (document, both) = match dice.up_to(1) {
        0 => ("mutation($input: [PostCreate!]!) { createPosts(input: $input) { count } }", post(dice, id)),
        _ => {
            let there = 1 + dice.up_to(4);
            let both = change(dice, there);
            let variables = json!({ "id": there, "set": both.nested });
            let both = Both { nested: variables, flat: both.flat };
            ("mutation($id: BigInt!, $set: PostUpdate!) { updatePost(id: $id, set: $set) { id } }", both)
        }
    };
    let reply = nested.ask(caller, document, &both.nested.to_string());
    let taken = !reply.contains("\"errors\"");
    let body = json!({ "operations": both.flat }).to_string();
    let answer = (!both.flat.is_empty()).then(|| flat.post(caller, "/batch/v1", body.clone().into()));
    let status = answer.as_ref().map_or(200, |answer| answer.status);
    let told = answer.map_or_else(String::new, |a| String::from_utf8_lossy(&a.body).into_owned());
    (taken, status < 300, format!("{caller} {}\n{reply}\n{body}\n{told}", both.nested))
}

#[test]
fn nesting_adds_no_right_and_takes_none() {
    let mut options = Options::default();
    options.limits.rows = 10_000_000;
    let seat = Seat::new(options);
    let (nested, flat) = (seat.take(Backend::Memory, true), seat.take(Backend::Memory, true));
    let mut dice = Dice::new(7);
    let mut both = [0, 0];
    for n in 0..WRITES {
        let caller = CALLERS[dice.up_to(4) as usize];
        let (taken, also, told) = write(&nested, &flat, caller, &mut dice, 100 + n);
        // A post that cannot be seen has no row to change, though there may be nothing to write either.
        assert!(taken == also || (also && told.contains("no such row of posts")), "{told}");
        both[usize::from(taken)] += 1;
        let [left, right] = [&nested, &flat].map(|running| running.ask("service", STATE, ""));
        assert!(
            left == right && left.starts_with("{\"data\":{\"posts\":{\"nodes\":[{"),
            "{told}\n{left}\n{right}"
        );
    }
    assert!(both.iter().all(|count| *count > WRITES / 10), "{both:?}");
}
