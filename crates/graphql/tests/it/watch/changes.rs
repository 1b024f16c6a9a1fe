//! Changes, one by one.

use std::collections::HashSet;
use std::sync::Arc;

use bistro_graphql::Options;

use super::client::{Client, Stream};
use super::{RUNTIME, check, check_with, places};

#[test]
fn each_change_is_told_with_its_row() {
    check(
        r#"
        ada ask 1 subscription { postChanges { event key { id } node { title author { name } } } }
        ada hears nothing
        ! mutation { createPost(input: {id: 1, title: "a", author_id: "<ada>"}) { id } }
        ada hears 1 next {"data":{"postChanges":{"event":"INSERT","key":{"id":1},"node":{"title":"a","author":{"name":"ada"}}}}}
        ! mutation { updatePost(id: 1, set: {title: "b"}) { id } }
        ada hears 1 next {"data":{"postChanges":{"event":"UPDATE","key":{"id":1},"node":{"title":"b","author":{"name":"ada"}}}}}
        ! mutation { createPosts(input: [{id: 2, title: "c"}, {id: 3, title: "d"}]) { count } }
        ada hears 1 next {"data":{"postChanges":{"event":"INSERT","key":{"id":2},"node":{"title":"c","author":null}}}}
        ada hears 1 next {"data":{"postChanges":{"event":"INSERT","key":{"id":3},"node":{"title":"d","author":null}}}}
        ! mutation { deletePost(id: 1) { id } }
        ada hears 1 next {"data":{"postChanges":{"event":"DELETE","key":{"id":1},"node":null}}}
        "#,
    );
}

#[test]
fn only_what_was_asked_for_is_told() {
    check(
        r#"
        ada ask 1 subscription { c: postChanges(events: [DELETE, UPDATE], filter: {title: {like: "a%"}}) { e: event __typename } }
        ada ask 2 subscription { postChanges(events: INSERT) { key { __typename k: id } a: node { id } b: node { size } } }
        ada hears nothing
        ! mutation { createPost(input: {id: 1, title: "abc"}) { id } }
        ada hears 2 next {"data":{"postChanges":{"key":{"__typename":"PostChangeKey","k":1},"a":{"id":1},"b":{"size":3}}}}
        ! mutation { updatePost(id: 1, set: {mark: 1}) { id } }
        ada hears 1 next {"data":{"c":{"e":"UPDATE","__typename":"PostChange"}}}
        ! mutation { updatePost(id: 1, set: {title: "b"}) { id } }
        ada hears nothing
        ! mutation { updatePost(id: 1, set: {title: "a"}) { id } }
        ada hears 1 next {"data":{"c":{"e":"UPDATE","__typename":"PostChange"}}}
        ! mutation { deletePost(id: 1) { id } }
        ada hears 1 next {"data":{"c":{"e":"DELETE","__typename":"PostChange"}}}
        "#,
    );
}

#[test]
fn nobody_hears_of_rows_that_are_hidden_from_them() {
    check(
        r#"
        ada ask 1 subscription { postChanges { event key { id } } }
        bob ask 1 subscription { postChanges { event key { id } } }
        anon ask 1 subscription { postChanges { event key { id } } }
        anon hears nothing
        ! mutation { createPost(input: {id: 1, title: "t", open: false, author_id: "<ada>"}) { id } }
        ada hears 1 next {"data":{"postChanges":{"event":"INSERT","key":{"id":1}}}}
        bob hears nothing
        anon hears nothing
        ! mutation { deletePost(id: 1) { id } }
        ada hears 1 next {"data":{"postChanges":{"event":"DELETE","key":{"id":1}}}}
        bob hears nothing
        anon hears nothing
        "#,
    );
}

#[test]
fn a_filter_cannot_look_at_fields_that_are_hidden() {
    check(
        r#"
        ada ask 1 subscription { postChanges(filter: {mark: {gt: 1}}) { event } }
        bob ask 1 subscription { postChanges(filter: {mark: {gt: 1}}) { event } }
        bob hears nothing
        ! mutation { createPost(input: {id: 1, title: "t", mark: 2, author_id: "<ada>"}) { id } }
        ada hears 1 next {"data":{"postChanges":{"event":"INSERT"}}}
        ! mutation { deletePost(id: 1) { id } }
        ada hears 1 next {"data":{"postChanges":{"event":"DELETE"}}}
        bob hears nothing
        "#,
    );
}

#[test]
fn rows_that_go_with_others_are_told() {
    check(
        r#"
        ! mutation { createPost(input: {id: 1, title: "t", notes: {create: [{id: 1, text: "all"}, {id: 2, text: "own"}]}}) { id } }
        bob ask 1 subscription { noteChanges { event key { id } } }
        bob hears nothing
        ! mutation { deletePost(id: 1) { id } }
        bob hears 1 next {"data":{"noteChanges":{"event":"DELETE","key":{"id":1}}}}
        bob hears nothing
        "#,
    );
}

#[test]
fn what_is_rolled_back_is_told_to_nobody() {
    check(
        r#"
        service ask 1 subscription { postChanges { event key { id } } }
        service ask w mutation @atomic { a: createPost(input: {id: 1, title: "t"}) { id } b: updatePost(id: 7, set: {title: "u"}) { id } }
        service hears w next {"data":{"a":null,"b":null},"errors":[…
        service hears w complete
        service hears nothing
        "#,
    );
}

#[test]
fn rows_with_global_ids_can_be_found_when_they_are_gone() {
    let describe = bistro_graphql::describe::Options { global_ids: true, ..Default::default() };
    check_with(
        &Options { describe, ..Options::default() },
        r#"
        ada ask 1 subscription { tagChanges { event nodeId key { key } node { id key } } }
        ada hears nothing
        ! mutation { createTag(input: {id: 1, word: "w"}) { id } }
        ada hears 1 next {"data":{"tagChanges":{"event":"INSERT","nodeId":"VGFnOjE","key":{"key":1},"node":{"id":"VGFnOjE","key":1}}}}
        ! mutation { deleteTag(id: "VGFnOjE") { id } }
        ada hears 1 next {"data":{"tagChanges":{"event":"DELETE","nodeId":"VGFnOjE","key":{"key":1},"node":null}}}
        "#,
    );
}

#[test]
fn every_commit_of_many_writers_is_told_once() {
    const WRITERS: usize = 4;
    const EACH: usize = 40;
    for place in places(&Options::default()) {
        let place = Arc::new(place);
        RUNTIME.block_on(async {
            let mut changes =
                Stream::open(&place, "anon", "subscription { tagChanges { key { id } } }").await;
            let mut live = Stream::open(&place, "anon", "subscription { tags { totalCount } }").await;
            let writers = (0..WRITERS).map(|writer| {
                let place = Arc::clone(&place);
                tokio::spawn(async move {
                    for id in (0..EACH).map(|n| writer * EACH + n) {
                        let input = format!("{{id: {id}, word: \"w\"}}");
                        place.write(&format!("mutation {{ createTag(input: {input}) {{ id }} }}")).await;
                    }
                })
            });
            let writers: Vec<_> = writers.collect();
            let mut heard = HashSet::new();
            while heard.len() < WRITERS * EACH {
                let event = changes.read().await;
                assert!(heard.insert(event.clone()), "told twice: {event}");
            }
            for writer in writers {
                writer.await.unwrap();
            }
            let all =
                format!(r#"event: next | data: {{"data":{{"tags":{{"totalCount":{}}}}}}}"#, WRITERS * EACH);
            while live.read().await != all {}
        });
    }
}

#[test]
fn regress_two_subscriptions_that_are_the_same_are_two() {
    let cases = [
        (
            "subscription { postChanges { event key { id } } }",
            ["", "", r#"{"postChanges":{"event":"UPDATE","key":{"id":1}}}"#],
        ),
        (
            "subscription { posts { totalCount nodes { title } } }",
            [
                r#"{"posts":{"totalCount":1,"nodes":[{"title":"a"}]}}"#,
                r#"{"posts":{"totalCount":1,"nodes":[{"title":"a"}]}}"#,
                r#"{"posts":{"totalCount":1,"nodes":[{"title":"b"}]}}"#,
            ],
        ),
    ];
    for place in places(&Options::default()) {
        for (document, [first, again, changed]) in cases {
            RUNTIME.block_on(async {
                place.write(r#"mutation { upsertPosts(input: {id: 1, title: "a"}) { count } }"#).await;
                let mut client = Client::greeted(&place, "service").await;
                let ask = |id: &str| {
                    let query = serde_json::to_string(document).unwrap();
                    format!(r#"{{"type":"subscribe","id":"{id}","payload":{{"query":{query}}}}}"#)
                };
                let next = |id: &str, data: &str| format!(r#"{id} next {{"data":{data}}}"#);
                let told = |ids: &[&str], data: &str| match data {
                    "" => Vec::new(),
                    data => ids.iter().map(|id| next(id, data)).collect(),
                };
                client.say(&ask("1"));
                client.say(&ask("2"));
                hears(&mut client, &told(&["1", "2"], first)).await;
                place.write(r#"mutation { updatePost(id: 1, set: {title: "b"}) { id } }"#).await;
                hears(&mut client, &told(&["1", "2"], changed)).await;
                client.say(r#"{"type":"complete","id":"1"}"#);
                place.write(r#"mutation { updatePost(id: 1, set: {title: "a"}) { id } }"#).await;
                hears(&mut client, &told(&["2"], if again.is_empty() { changed } else { again })).await;
                client.say(&ask("2"));
                assert_eq!(client.hear().await, "close 4409 Subscriber for 2 already exists");
            });
        }
    }
}

/// Hears these messages in any order, and nothing else.
async fn hears(client: &mut Client, expected: &[String]) {
    let mut heard = Vec::new();
    for _ in expected {
        heard.push(client.hear().await);
    }
    heard.sort();
    assert_eq!(heard, expected);
    assert_eq!(client.nothing().await, None);
}

#[test]
fn regress_rows_that_are_gone_before_they_are_looked_at_are_told_as_gone() {
    let told = |id: u8| {
        format!(
            r#"event: next | data: {{"data":{{"postChanges":{{"event":"DELETE","key":{{"id":{id}}},"node":null}}}}}}"#
        )
    };
    let cases = [
        (1, vec!["updatePost(id: 1, set: {title: \"b\"}) { id }", "deletePost(id: 1) { id }"]),
        (2, vec!["createPost(input: {id: 2, title: \"c\"}) { id }", "deletePost(id: 2) { id }"]),
    ];
    for place in places(&Options::default()) {
        for (id, writes) in &cases {
            RUNTIME.block_on(async {
                place.write(r#"mutation { upsertPosts(input: {id: 1, title: "a"}) { count } }"#).await;
                let document = "subscription { postChanges { event key { id } node { title } } }";
                // Nobody looks at the stream before all is written.
                let mut stream = Stream::open(&place, "service", document).await;
                for write in writes {
                    place.write(&format!("mutation {{ {write} }}")).await;
                }
                assert_eq!(stream.read().await, told(*id), "{writes:?}");
                place.write(r#"mutation { createPost(input: {id: 3, title: "d"}) { id } }"#).await;
                assert!(stream.read().await.contains(r#""event":"INSERT","key":{"id":3}"#), "{writes:?}");
                place.write("mutation { deletePost(id: 3) { id } }").await;
            });
        }
    }
}
