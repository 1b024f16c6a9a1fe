//! What can be wrong at the start, and what is said about it.

use bistro_store::{Store, StoreErrorKind};
use bistro_store_postgres::Options;

use crate::fixture::{Fixture, open, schema, wait};

#[test]
fn what_is_wrong_is_named_and_never_the_password() {
    let database = bistro_testkit::postgres();
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
    check(&elsewhere, &["no database \"no_such_database\"", "createdb"]);
    check("postgres://app:hidden@127.0.0.1:1/shop", &["127.0.0.1:1", "shop", "refused"]);
    check("postgres://app:hidden@no-such-host.invalid/shop", &["no-such-host.invalid"]);
    check("postgres://app:hidden@127.0.0.1/shop?sslmode=maybe", &["sslmode=maybe"]);
    database.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0").unwrap();
    let latin = database.url().replace(name, "latin");
    check(&latin, &["encoding is LATIN1", "UTF8"]);
    database.sql("DROP DATABASE latin").unwrap();
}

#[test]
fn many_nodes_found_their_tables_at_once() {
    let database = bistro_testkit::postgres();
    let plain = schema("type Note @model { id: ID! }");
    let url = database.url();
    std::thread::scope(|scope| {
        let open = || open(&url, &plain, Options { writers: 1, readers: 1, ..Options::default() });
        let opened: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        opened.into_iter().for_each(|node| drop(node.join().unwrap().unwrap()));
    });
}

#[test]
fn sessions_are_named_and_keep_the_deadline() {
    let options = Options { deadline: std::time::Duration::from_millis(4_321), ..Options::default() };
    let fixture = Fixture::with("type Note @model { id: ID! }", options);
    let count = "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'bistro' \
                 AND datname = current_database()";
    assert_eq!(fixture.database.sql(count).unwrap().trim(), "t");
    assert_eq!(wait(fixture.store.recorded()).unwrap().as_deref(), Some("record"));
    assert!(fixture.store.reachable().is_ok());
    fixture.store.close();
    assert_eq!(fixture.store.reachable().unwrap_err().kind, StoreErrorKind::Unavailable);
}
