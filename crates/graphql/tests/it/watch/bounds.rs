//! What one client can hold, and what it can hold up.

use bistro_graphql::Options;

use super::client::{Client, Stream};
use super::{RUNTIME, check, places};

#[test]
fn a_client_that_takes_nothing_is_sent_away() {
    let [place, _] = places(&Options::default());
    RUNTIME.block_on(async {
        let mut client = Client::open(&place, &[("apikey", "anon")], true);
        client.say(r#"{"type":"connection_init"}"#);
        for second in 0..3 {
            for _ in 0..99 {
                client.say(r#"{"type":"ping"}"#);
            }
            if second < 2 {
                tokio::time::sleep(std::time::Duration::from_millis(1_050)).await;
            }
        }
        assert_eq!(client.hear().await, "close 4429 Too many messages wait for the client");
    });
}

#[test]
fn a_client_that_talks_too_much_is_sent_away() {
    let [place, _] = places(&Options::default());
    RUNTIME.block_on(async {
        let mut client = Client::greeted(&place, "anon").await;
        for _ in 0..201 {
            client.say(r#"{"type":"pong"}"#);
        }
        assert_eq!(client.hear().await, "close 4429 Too many messages");
    });
}

#[test]
fn a_subscriber_who_is_not_told_of_everything_hears_so() {
    for place in places(&Options::default()) {
        RUNTIME.block_on(async {
            // Nobody reads the streams meanwhile.
            let mut changes = Stream::open(&place, "anon", "subscription { tagChanges { event } }").await;
            let mut live = Stream::open(&place, "anon", "subscription { tags { totalCount } }").await;
            assert!(live.read().await.ends_with(r#"{"data":{"tags":{"totalCount":0}}}"#));
            for id in 0..257 {
                place
                    .write(&format!("mutation {{ createTag(input: {{id: {id}, word: \"w\"}}) {{ id }} }}"))
                    .await;
            }
            let lagged = changes.read().await;
            assert!(lagged.contains(r#""reason":"BIS-411""#), "{lagged}");
            assert_eq!(changes.read().await, "event: complete | data:");
            assert!(live.read().await.ends_with(r#"{"data":{"tags":{"totalCount":257}}}"#));
        });
    }
}

#[test]
fn a_subscription_follows_one_thing() {
    check(
        r#"
        anon ask 1 subscription { __typename }
        anon hears 1 error [{"message":…
        anon ask 2 subscription { posts { totalCount } tags { totalCount } }
        anon hears 2 error [{"message":…
        anon ask 3 subscription { posts @skip(if: true) { totalCount } }
        anon hears 3 error [{"message":…
        anon ask 4 subscription { postChanges(events: []) { event } }
        anon hears 4 error [{"message":"events is empty…
        "#,
    );
}

#[test]
fn a_live_query_has_at_most_a_hundred_rows() {
    check(
        r#"
        ada ask 1 subscription { posts(first: 101) { nodes { id } } }
        ada hears 1 error [{"message":"A page has at most 100 rows; 101 were asked for"…
        "#,
    );
}

#[test]
fn a_socket_speaks_one_protocol() {
    let [place, _] = places(&Options::default());
    let headers = [("upgrade", "websocket"), ("sec-websocket-protocol", "graphql-ws")];
    let headers = headers.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec();
    let response = RUNTIME.block_on(place.answer("GET", headers, String::new()).wait());
    assert_eq!(response.status, 400);
    assert!(String::from_utf8_lossy(&response.body).contains("graphql-transport-ws"));
}
