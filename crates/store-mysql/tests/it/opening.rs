//! What can be wrong at the start, and what is said about it.

use bistro_store::{Store, StoreErrorKind};
use bistro_store_mysql::Options;

use crate::fixture::{Fixture, open, schema, wait};

#[test]
fn what_is_wrong_is_named_and_never_the_password() {
    let database = bistro_testkit::mysql();
    let plain = schema("type Note @model { id: ID! }");
    let name = database.name();
    let check = |url: &str, expected: &[&str]| {
        let error = open(url, &plain, Options::default()).unwrap_err();
        assert_eq!(error.kind, StoreErrorKind::Unavailable, "{url}");
        for word in expected {
            assert!(error.cause.contains(word), "{url}: {}", error.cause);
        }
        assert!(!error.cause.contains("hidden"), "{}", error.cause);
    };
    let elsewhere = database.url().replace(name, "no_such_database");
    check(&elsewhere, &["Unknown database", "no_such_database", "CREATE DATABASE"]);
    check("mysql://app:hidden@127.0.0.1:1/shop", &["127.0.0.1:1", "shop", "refused"]);
    check("mysql://app:hidden@no-such-host.invalid/shop", &["no-such-host.invalid"]);
    check("mysql://app:hidden@127.0.0.1/shop?ssl-mode=maybe", &["ssl-mode is", "maybe"]);
}

#[test]
fn many_nodes_found_their_tables_at_once() {
    let database = bistro_testkit::mysql();
    let plain = schema("type Note @model { id: ID! }");
    let url = database.url();
    std::thread::scope(|scope| {
        let open = || open(&url, &plain, Options { connections: 2, ..Options::default() });
        let opened: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        opened.into_iter().for_each(|node| drop(node.join().unwrap().unwrap()));
    });
}

#[test]
fn a_closed_store_says_so() {
    let options = Options { deadline: std::time::Duration::from_millis(4_321), ..Options::default() };
    let fixture = Fixture::with("type Note @model { id: ID! }", options);
    assert_eq!(wait(fixture.store.recorded()).unwrap().as_deref(), Some("record"));
    assert!(fixture.store.reachable().is_ok());
    fixture.store.close();
    assert_eq!(fixture.store.reachable().unwrap_err().kind, StoreErrorKind::Unavailable);
}
