//! Nothing is measured before both servers have given the same answers.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::case::{CALLER, Caller, Workload, get};
use super::data::{self, DataSet};
use super::graphql::Graph;
use super::http::{self, Answer};
use super::plan::{Field, Server};
use super::soap::Envelope;

/// How many different requests of each reading workload are compared.
const TRIES: u64 = 5;

/// Compares the answers of the hand-written server and the subject.
pub(super) fn compare(field: &Field, set: &DataSet, accounts: bool) -> Result<()> {
    let reads = [
        ("read_one", Workload::ReadOne),
        ("list50", Workload::List50),
        ("feed20", Workload::Feed20),
        ("page20", Workload::Page20),
    ];
    for (name, workload) in reads {
        for nth in 0..TRIES {
            let random = data::mix(nth);
            let asked = |server: &Server| {
                let template = &server.templates(workload, Caller::Known)[0];
                json(server, &template.rendered(random), template.expected)
            };
            same(&asked(&field.hand)?, &asked(&field.subject)?).context(name)?;
        }
    }
    for graph in [Graph::One, Graph::List50, Graph::Feed20, Graph::FeedOf] {
        answers(&field.subject, graph)?;
    }
    for (envelope, rows) in [(Envelope::One, 1), (Envelope::List50, 50)] {
        posts(&field.subject, envelope, rows)?;
    }
    if let Some(postgraphile) = &field.postgraphile {
        for graph in [Graph::One, Graph::List50, Graph::FeedOf] {
            answers(postgraphile, graph)?;
        }
    }
    if accounts {
        let read = |caller| {
            let template = &field.subject.templates(Workload::ReadOne, caller)[0];
            json(&field.subject, &template.rendered(data::mix(1)), template.expected)
        };
        same(&read(Caller::Anonymous)?, &read(Caller::Session)?).context("a session")?;
    }
    hidden_and_own(field, set).context("the row rule")?;
    let written = |server| inserted(server);
    same(&written(&field.hand)?, &written(&field.subject)?).context("insert")
}

/// A SOAP envelope is answered with so many posts at most, and at least one.
fn posts(server: &Server, envelope: Envelope, most: usize) -> Result<()> {
    if server.contender.speaks_soap() {
        let template = &server.templates(Workload::Soap(envelope), Caller::Known)[0];
        let answer = ask(server, &template.rendered(data::mix(1)))?;
        let found = String::from_utf8_lossy(&answer.body).matches("<Post>").count();
        let fits = answer.status == template.expected && (1..=most).contains(&found);
        ensure!(fits, "SOAP answers {} with {found} posts: {}", answer.status, text(&answer));
    }
    Ok(())
}

/// A GraphQL document has rows and no errors: both would be a status of 200.
fn answers(server: &Server, graph: Graph) -> Result<()> {
    if server.contender.speaks_graphql() {
        let template = &server.templates(Workload::Graph(graph), Caller::Known)[0];
        let reply = json(server, &template.rendered(data::mix(1)), template.expected)?;
        let found = reply["data"]["post"].is_object()
            || reply["data"]["posts"]["nodes"].as_array().is_some_and(|rows| !rows.is_empty());
        ensure!(reply.get("errors").is_none() && found, "GraphQL has no rows: {reply}");
    }
    Ok(())
}

/// Somebody else's draft is absent on both, one's own is there.
fn hidden_and_own(field: &Field, set: &DataSet) -> Result<()> {
    let draft_of = |own: bool| {
        let found =
            (0..set.posts).find(|&post| data::is_draft(post) && (data::author_of(post) == CALLER) == own);
        found.map(data::post_id).context("the data holds no such draft")
    };
    let (theirs, own) = (draft_of(false)?, draft_of(true)?);
    for server in [&field.hand, &field.subject] {
        let path = |id: &str| get(&format!("/rest/v1/posts/{id}"), server.known());
        let answer = ask(server, &path(&theirs))?;
        ensure!(answer.status == 404, "{} for somebody else's draft: {}", answer.status, text(&answer));
    }
    let path = |server: &Server| get(&format!("/rest/v1/posts/{own}"), server.known());
    let asked = |server| json(server, &path(server), 200);
    same(&asked(&field.hand)?, &asked(&field.subject)?)
}

/// Inserts a post; the row that `Location` then leads to, without what differs by nature.
fn inserted(server: &Server) -> Result<Value> {
    let template = &server.templates(Workload::Insert, Caller::Known)[0];
    let answer = ask(server, &template.rendered(0))?;
    ensure!(answer.status == 201, "{} in place of 201: {}", answer.status, text(&answer));
    ensure!(answer.body.is_empty(), "the body of a 201 is not empty: {}", text(&answer));
    let location = answer.header("location").context("a 201 has no Location")?;
    let mut row = json(server, &get(&location, server.known()), 200)?;
    let members = row.as_object_mut().context("the inserted row is not an object")?;
    for member in ["id", "created_at"] {
        ensure!(members.remove(member).is_some(), "the inserted row has no `{member}`");
    }
    Ok(row)
}

fn ask(server: &Server, request: &[u8]) -> Result<Answer> {
    http::ask(server.process.address, request)
        .with_context(|| format!("{} does not answer", server.contender.program().display()))
}

fn json(server: &Server, request: &[u8], status: u16) -> Result<Value> {
    let answer = ask(server, request)?;
    let line = request.split(|&byte| byte == b'\r').next().unwrap_or_default();
    ensure!(
        answer.status == status,
        "{} answers {} in place of {status} to `{}`: {}",
        server.contender.program().display(),
        answer.status,
        String::from_utf8_lossy(line),
        text(&answer)
    );
    serde_json::from_slice(&answer.body).with_context(|| format!("not JSON: {}", text(&answer)))
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body[..answer.body.len().min(600)]).into_owned()
}

fn same(hand: &Value, subject: &Value) -> Result<()> {
    match difference("$", hand, subject) {
        Some(place) => bail!("the answers differ: {place}"),
        None => Ok(()),
    }
}

/// The first place where two values differ; the order of members doesn't matter.
fn difference(place: &str, hand: &Value, subject: &Value) -> Option<String> {
    match (hand, subject) {
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => left
            .iter()
            .zip(right)
            .enumerate()
            .find_map(|(at, (left, right))| difference(&format!("{place}[{at}]"), left, right)),
        (Value::Array(left), Value::Array(right)) => {
            Some(format!("{place} has {} elements by hand, {} of the subject", left.len(), right.len()))
        }
        (Value::Object(left), Value::Object(right)) => {
            let missing = |name: &&String| !left.contains_key(*name) || !right.contains_key(*name);
            match left.keys().chain(right.keys()).find(missing) {
                Some(name) => Some(format!("{place}.{name} is in one of both only")),
                None => left.iter().find_map(|(name, value)| {
                    difference(&format!("{place}.{name}"), value, &right[name.as_str()])
                }),
            }
        }
        _ if hand == subject => None,
        _ => Some(format!("{place} is {hand} by hand, {subject} of the subject")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(hand: &str, subject: &str, expected: Option<&str>) {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let found = difference("$", &value(hand), &value(subject));
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn differences_name_their_place() {
        check(r#"{"a":[1,{"b":2}],"c":3}"#, r#"{"c":3,"a":[1,{"b":2}]}"#, None);
        check(
            r#"{"a":[1,{"b":2}]}"#,
            r#"{"a":[1,{"b":3}]}"#,
            Some("$.a[1].b is 2 by hand, 3 of the subject"),
        );
        check("[1]", "[1,2]", Some("$ has 1 elements by hand, 2 of the subject"));
        check(r#"{"a":1}"#, r#"{"a":1,"b":2}"#, Some("$.b is in one of both only"));
        check(r#"{"a":1}"#, "null", Some(r#"$ is {"a":1} by hand, null of the subject"#));
    }
}
