//! Live queries.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bistro_engine::Engine;
use bistro_graphql::{Limits, Options};
use bistro_store::Store;
use bistro_store_postgres::PostgresStore;

use super::client::Client;
use super::{RUNTIME, check, over, place, places, rules, run};

#[test]
fn a_live_query_is_read_again_when_what_it_shows_changes() {
    check(
        r#"
        ada ask 1 subscription { posts(orderBy: [{id: ASC}]) { nodes { id title author { name } } totalCount } }
        ada hears 1 next {"data":{"posts":{"nodes":[],"totalCount":0}}}
        ! mutation { createPost(input: {id: 1, title: "a", author_id: "<ada>"}) { id } }
        ada hears 1 next {"data":{"posts":{"nodes":[{"id":1,"title":"a","author":{"name":"ada"}}],"totalCount":1}}}
        ! mutation { updateUser(id: "<ada>", set: {name: "eve"}) { id } }
        ada hears 1 next {"data":{"posts":{"nodes":[{"id":1,"title":"a","author":{"name":"eve"}}],"totalCount":1}}}
        ! mutation { createTag(input: {id: 1, word: "w"}) { id } }
        ada hears nothing
        ! mutation { updatePost(id: 1, set: {title: "a"}) { id } }
        ada hears nothing
        ! mutation { deletePost(id: 1) { id } }
        ada hears 1 next {"data":{"posts":{"nodes":[],"totalCount":0}}}
        ada stop 1
        ! mutation { createPost(input: {id: 2, title: "b"}) { id } }
        ada hears nothing
        "#,
    );
}

#[test]
fn each_caller_sees_what_its_rules_show() {
    check(
        r#"
        ada ask 1 subscription { posts(filter: {title: {eq: "t"}}) { nodes { id } } }
        ada hears 1 next {"data":{"posts":{"nodes":[]}}}
        bob ask 1 subscription { posts(filter: {title: {eq: "t"}}) { nodes { id } } }
        bob hears 1 next {"data":{"posts":{"nodes":[]}}}
        ! mutation { createPost(input: {id: 1, title: "t", open: false, author_id: "<ada>"}) { id } }
        ada hears 1 next {"data":{"posts":{"nodes":[{"id":1}]}}}
        bob hears nothing
        ! mutation { updatePost(id: 1, set: {open: true}) { id } }
        bob hears 1 next {"data":{"posts":{"nodes":[{"id":1}]}}}
        ada hears nothing
        ! mutation { updatePost(id: 1, set: {author_id: null, open: false}) { id } }
        ada hears 1 next {"data":{"posts":{"nodes":[]}}}
        bob hears 1 next {"data":{"posts":{"nodes":[]}}}
        "#,
    );
}

#[test]
fn a_rule_over_another_type_makes_that_one_matter() {
    check(
        r#"
        ! mutation { createPost(input: {id: 1, title: "t", author_id: "<bob>"}) { id } }
        ! mutation { createNote(input: {id: 1, text: "own", post_id: 1}) { id } }
        ada ask n subscription { notes { nodes { text } } }
        ada hears n next {"data":{"notes":{"nodes":[]}}}
        ! mutation { updatePost(id: 1, set: {author_id: "<ada>"}) { id } }
        ada hears n next {"data":{"notes":{"nodes":[{"text":"own"}]}}}
        "#,
    );
}

#[test]
fn links_and_rows_that_go_along_are_changes_too() {
    check(
        r#"
        ! mutation { createPost(input: {id: 1, title: "t", tags: {create: [{id: 1, word: "w"}]}}) { id } }
        ! mutation { createNote(input: {id: 1, text: "all", post_id: 1}) { id } }
        ada ask p subscription { posts { nodes { id tags { nodes { word } } } } }
        ada hears p next {"data":{"posts":{"nodes":[{"id":1,"tags":{"nodes":[{"word":"w"}]}}]}}}
        ada ask n subscription { notes { totalCount } }
        ada hears n next {"data":{"notes":{"totalCount":1}}}
        ! mutation { updatePost(id: 1, set: {tags: {disconnect: [{id: 1}]}}) { id } }
        ada hears p next {"data":{"posts":{"nodes":[{"id":1,"tags":{"nodes":[]}}]}}}
        ada stop p
        ! mutation { deletePost(id: 1) { id } }
        ada hears n next {"data":{"notes":{"totalCount":0}}}
        "#,
    );
}

#[test]
fn a_stream_of_events_says_the_same() {
    check(
        r#"
        ada follows subscription { posts { nodes { id } } }
        ada reads event: next | data: {"data":{"posts":{"nodes":[]}}}
        ! mutation { createPost(input: {id: 1, title: "t"}) { id } }
        ada reads event: next | data: {"data":{"posts":{"nodes":[{"id":1}]}}}
        "#,
    );
}

#[test]
fn what_the_time_brings_is_shown() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
    let at = bistro_schema::Value::DateTime(i64::try_from(now).unwrap() + 1_500_000);
    let mut text = Vec::new();
    bistro_schema::text::write_plain(at.borrow(), &mut text);
    let script = r#"
        anon ask 1 subscription { events { nodes { id } } }
        anon hears 1 next {"data":{"events":{"nodes":[]}}}
        ! mutation { createEvent(input: {id: 1, at: "<at>"}) { id } }
        anon hears nothing
        anon hears 1 next {"data":{"events":{"nodes":[{"id":1}]}}}
    "#;
    let limits = Limits { poll: Duration::from_millis(200), ..Limits::default() };
    let script = script.replace("<at>", std::str::from_utf8(&text).unwrap());
    let options = Options { limits, ..Options::default() };
    RUNTIME.block_on(run(&places(&options)[1], &script));
}

#[test]
fn what_other_nodes_write_is_seen_by_looking_again() {
    let (rules, database) = (rules(), bistro_testkit::postgres());
    let url = database.url();
    let opened = PostgresStore::open(&url, Arc::clone(rules.schema()), Default::default());
    let store: Arc<dyn Store> = RUNTIME.block_on(opened).unwrap();
    let limits = Limits { poll: Duration::from_millis(200), ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let here = place(Arc::clone(&store), &rules, &options, None);
    // Another engine has another feed, as another node has.
    let there = over(Engine::new(store, rules, Default::default()), &options, None);
    RUNTIME.block_on(async {
        let mut live = Client::greeted(&here, "anon").await;
        live.say(
            r#"{"type":"subscribe","id":"1","payload":{"query":"subscription { tags { totalCount } }"}}"#,
        );
        assert_eq!(live.hear().await, r#"1 next {"data":{"tags":{"totalCount":0}}}"#);
        there.write(r#"mutation { createTag(input: {id: 1, word: "w"}) { id } }"#).await;
        assert_eq!(live.hear().await, r#"1 next {"data":{"tags":{"totalCount":1}}}"#);
    });
}
