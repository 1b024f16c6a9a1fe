//! Who is at the other end, and for how long.

use std::sync::atomic::Ordering;

use bistro_graphql::Options;

use super::client::{Client, Stream};
use super::{RUNTIME, check, places};

/// Headers of the handshake, the first message, and what comes of it.
type Case = (&'static [(&'static str, &'static str)], &'static str, &'static str);

#[test]
fn a_client_says_who_it_is_or_is_sent_away() {
    let cases: &[Case] = &[
        (&[], r#"{"type":"connection_init","payload":{"apikey":"anon"}}"#, "connection_ack"),
        (&[], r#"{"type":"connection_init","payload":{"Authorization":"Bearer ada"}}"#, "connection_ack"),
        (
            &[],
            r#"{"type":"connection_init","payload":{"apikey":"anon","authorization":"Bearer x"}}"#,
            "close 4403 Forbidden",
        ),
        (&[], r#"{"type":"connection_init"}"#, "close 4403 Forbidden"),
        (&[("apikey", "anon")], r#"{"type":"connection_init"}"#, "connection_ack"),
        // What the message says counts, whatever the handshake did.
        (
            &[("apikey", "anon")],
            r#"{"type":"connection_init","payload":{"apikey":"x"}}"#,
            "close 4403 Forbidden",
        ),
        (
            &[("apikey", "anon")],
            r#"{"type":"subscribe","id":"1","payload":{"query":"{ __typename }"}}"#,
            "close 4401 Unauthorized",
        ),
    ];
    for place in places(&Options::default()) {
        for (headers, said, expected) in cases {
            RUNTIME.block_on(async {
                let mut client = Client::open(&place, headers, false);
                client.say(said);
                assert_eq!(client.hear().await, *expected, "{headers:?} {said}");
                if expected.starts_with("close") {
                    assert_eq!(client.hear().await, "end");
                }
            });
        }
    }
}

#[test]
fn a_client_that_says_nothing_is_sent_away() {
    let [place, _] = places(&Options::default());
    RUNTIME.block_on(async {
        let mut client = Client::open(&place, &[], false);
        assert_eq!(client.hear().await, "close 4408 Connection initialisation timeout");
    });
}

#[test]
fn credentials_that_are_taken_back_end_what_they_opened() {
    for place in places(&Options::default()) {
        RUNTIME.block_on(async {
            let mut client = Client::greeted(&place, "ada").await;
            let mut stream = Stream::open(&place, "ada", "subscription { postChanges { event } }").await;
            place.revoked.store(true, Ordering::Relaxed);
            assert_eq!(client.hear().await, "close 4401 Unauthorized");
            let told = stream.read().await;
            assert!(told.starts_with(r#"event: next | data: {"errors":[{"message":"JWT expired""#), "{told}");
            assert_eq!(stream.read().await, "event: complete | data:");
            assert_eq!(stream.read().await, "end");
        });
    }
}

#[test]
fn a_session_that_ends_ends_what_it_opened_at_once() {
    for place in places(&Options::default()) {
        RUNTIME.block_on(async {
            let mut client = Client::greeted(&place, "witness").await;
            assert_eq!(client.nothing().await, None, "nothing was said yet");
            place.told.notify_waiters();
            assert_eq!(client.hear().await, "close 4401 Unauthorized");
        });
    }
    for place in places(&Options::default()) {
        RUNTIME.block_on(async {
            let mut stream = Stream::open(&place, "witness", "subscription { postChanges { event } }").await;
            place.told.notify_waiters();
            let told = stream.read().await;
            assert!(
                told.starts_with(r#"event: next | data: {"errors":[{"message":"JWT session is over""#),
                "{told}"
            );
            assert_eq!(stream.read().await, "event: complete | data:");
        });
    }
}

#[test]
fn another_schema_makes_clients_come_again() {
    for place in places(&Options::default()) {
        RUNTIME.block_on(async {
            let mut idle = Client::greeted(&place, "bob").await;
            let mut client = Client::greeted(&place, "ada").await;
            client.say(r#"{"type":"subscribe","id":"1","payload":{"query":"subscription { posts { totalCount } }"}}"#);
            assert_eq!(client.hear().await, r#"1 next {"data":{"posts":{"totalCount":0}}}"#);
            let mut stream = Stream::open(&place, "ada", "subscription { postChanges { event } }").await;
            place.engine.feed().close();
            // Neither hears that its subscription is complete: that would be the end of it.
            let restart = "close 1012 Service restart: the schema changed";
            assert_eq!(client.hear().await, restart);
            assert_eq!(idle.hear().await, restart);
            assert_eq!(stream.read().await, "end");
        });
    }
}

#[test]
fn queries_and_mutations_go_the_same_road() {
    check(
        r#"
        service ask 1 mutation { createPost(input: {id: 1, title: "t"}) { id } }
        service hears 1 next {"data":{"createPost":{"id":1}}}
        service hears 1 complete
        bob ask 1 { posts { nodes { title } } }
        bob hears 1 next {"data":{"posts":{"nodes":[{"title":"t"}]}}}
        bob hears 1 complete
        bob follows { posts { nodes { title } } }
        bob reads event: next | data: {"data":{"posts":{"nodes":[{"title":"t"}]}}}
        bob reads event: complete | data:
        bob reads end
        bob ask 2 mutation { deletePost(id: 1) { id } }
        bob hears 2 error [{"message":"Cannot query field \"deletePost\" on type \"Mutation\"."…
        bob follows { nothing }
        bob reads event: next | data: {"errors":[{"message":"Cannot query field \"nothing\"…
        bob reads event: complete | data:
        "#,
    );
}

#[test]
fn a_mutation_that_was_begun_ends_though_its_client_does_not_wait() {
    for place in places(&Options::default()) {
        RUNTIME.block_on(async {
            let mut client = Client::greeted(&place, "service").await;
            let write = |n: usize| {
                let field =
                    |id: usize| format!(r#"t{id}: createTag(input: {{id: {id}, word: \"w\"}}) {{ id }}"#);
                let fields: Vec<String> = (n * 5..n * 5 + 5).map(field).collect();
                let payload = format!(r#"{{"query":"mutation {{ {} }}"}}"#, fields.join(" "));
                format!(r#"{{"type":"subscribe","id":"w","payload":{payload}}}"#)
            };
            for n in 0..10 {
                client.say(&write(n));
                client.say(r#"{"type":"complete","id":"w"}"#);
            }
            client.say(&write(10));
            // The connection is cut; the session is over when all is written.
            client.leave();
            assert_eq!(client.hear().await, "end");
            let mut live = Stream::open(&place, "anon", "{ tags { totalCount } }").await;
            assert!(live.read().await.ends_with(r#"{"tags":{"totalCount":55}}}"#));
        });
    }
}
