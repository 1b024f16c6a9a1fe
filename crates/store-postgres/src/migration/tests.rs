use super::concurrent::Concurrent;
use super::*;

#[test]
fn statements_outside_transactions_are_known() {
    let check = |sql: &str, expected: Option<Concurrent>| assert_eq!(Concurrent::of(sql), expected, "{sql}");
    let create = |name: &str| Some(Concurrent::Create(Some(name.into())));
    check("CREATE INDEX CONCURRENTLY posts_slug ON posts (slug)", create("posts_slug"));
    check("create unique index concurrently IF NOT EXISTS \"A b\" ON posts (slug)", create("A b"));
    check("-- a note\nCREATE INDEX /* x */ CONCURRENTLY Posts_Slug ON posts (slug)", create("posts_slug"));
    check("CREATE INDEX CONCURRENTLY ON posts (slug)", Some(Concurrent::Create(None)));
    check("DROP INDEX CONCURRENTLY IF EXISTS s.\"X\"", Some(Concurrent::Drop("s\u{1}X".into())));
    check("REINDEX INDEX CONCURRENTLY posts_slug", Some(Concurrent::Again));
    check("CREATE INDEX posts_slug ON posts (slug)", None);
    check("INSERT INTO notes VALUES ('CREATE INDEX CONCURRENTLY')", None);
}

#[test]
fn statements_that_end_the_transaction_are_known() {
    let check = |sql: &str, expected: bool| assert_eq!(ends(sql), expected, "{sql}");
    check("COMMIT", true);
    check("  -- done\n commit;", true);
    check("START TRANSACTION", true);
    check("ROLLBACK", true);
    check("PREPARE TRANSACTION 'x'", true);
    check("PREPARE x AS SELECT 1", false);
    check("CREATE TABLE \"commit\" (id int)", false);
    check("UPDATE begin_dates SET a = 1", false);
}
