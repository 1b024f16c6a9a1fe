//! What does not fit is named before anything is moved; what a dry run prints.

use super::end::{End, On};
use super::everything;
use crate::harness::Folder;

const ODD: &str = r#"
type Odd @model @allow(to: [READ]) {
  id: Int! @id
  short: String @length(max: 5)
  slug: String @unique
  text: String
  document: JSON
  amount: Decimal @decimal(precision: 6, scale: 2)
  parent: Odd
}
"#;

/// Rows put into a source past Bistro, by SQL, and what is said of them when they shall go elsewhere.
struct Case {
    from: On,
    sql: &'static str,
    to: On,
    said: &'static str,
}

const CASES: [Case; 7] = [
    Case {
        from: On::Postgres,
        sql: "INSERT INTO odds (id, short) VALUES (1, 'äöüßé'), (2, 'äöüßéñ'), (3, 'longer')",
        to: On::Mysql,
        said: "odds.short is longer than 5 characters: 2 rows (key 2, 3)",
    },
    Case {
        from: On::Mysql,
        sql: "INSERT INTO odds (id, text) VALUES (1, 'fine'), (2, CONCAT('a', CHAR(0 USING utf8mb4)))",
        to: On::Postgres,
        said: "odds.text holds U+0000: 1 row (key 2)",
    },
    Case {
        from: On::Mysql,
        sql: "INSERT INTO odds (id, document) VALUES (1, '{\"a\":\"x\\\\u0000\"}'), (2, '\"\\\\\\\\u0000\"')",
        to: On::Postgres,
        said: "odds.document holds U+0000: 1 row (key 1)",
    },
    Case {
        from: On::Postgres,
        sql: "INSERT INTO odds (id, document) SELECT n, to_jsonb(18446744073709551610 + n) FROM generate_series(1, 9) n",
        to: On::Mysql,
        said: "odds.document holds a number that would be rounded: 4 rows (key 6, 7, 8, 9)",
    },
    Case {
        from: On::Postgres,
        sql: "INSERT INTO odds (id, document) VALUES (1, (repeat('[', 100) || repeat(']', 100))::jsonb), \
              (2, (repeat('[', 101) || repeat(']', 101))::jsonb)",
        to: On::Mysql,
        said: "odds.document is nested deeper than 100 levels: 1 row (key 2)",
    },
    Case {
        from: On::Mysql,
        sql: "INSERT INTO odds (id, slug) VALUES (1, REPEAT('x', 2690)), (2, REPEAT('x', 2691))",
        to: On::Postgres,
        said: "odds is longer than the 2690 bytes of an entry of the index odds_slug_key: 1 row (key 2)",
    },
    Case {
        from: On::Mysql,
        sql: "SET foreign_key_checks = 0; INSERT INTO odds (id, parent_id) VALUES (1, 1), (2, 47), (3, NULL)",
        to: On::Sqlite("to.db"),
        said: "odds refers to a row of odds that is not there (parent): 1 row (key 2)",
    },
];

#[test]
fn what_does_not_fit_is_named_before_anything_is_moved() {
    for Case { from, sql, to, said } in CASES {
        let folder = Folder::with(ODD);
        let (here, there) = (End::new(from), End::new(to));
        folder.write("none.json", r#"{"odds": []}"#);
        here.run(&folder, &["seed", "none.json"]).well();
        here.sql(sql);
        let refused = here.move_to(&folder, &there, &["--yes"]);
        refused.said_no(1, &format!("  {said}\n"));
        refused.said_no(1, "nothing was moved; mend the rows");
        let dry = here.move_to(&folder, &there, &["--dry-run"]);
        dry.said_no(1, "not everything fits");
        assert!(dry.out().contains(said.split_once(' ').expect("words").1), "{}", dry.out());
        // A mended source moves: nothing was left behind.
        here.sql("UPDATE odds SET parent_id = NULL");
        here.sql("DELETE FROM odds");
        here.move_to(&folder, &there, &["--yes"]).well();
    }
}

#[test]
fn an_unreadable_text_is_named_by_its_row() {
    let folder = Folder::with(ODD);
    let rows: Vec<String> =
        (1..=30).map(|n| format!(r#"{{"id": {n}, "text": "number {n:04} ends"}}"#)).collect();
    folder.write("odds.json", &format!("[{}]", rows.join(",")));
    folder.run(&["seed", "odds.json"]).well();
    let path = folder.path().join("data/bistro.db");
    let mut bytes = std::fs::read(&path).expect("the database");
    for wanted in [b"number 0007", b"number 0021"] {
        let at = bytes.windows(wanted.len()).position(|w| w == wanted).expect("the row");
        bytes[at] = 0xff;
    }
    std::fs::write(&path, bytes).expect("the database");
    let (here, there) = (End::new(On::Sqlite("bistro.db")), End::new(On::Postgres));
    for batch in ["4", "1000"] {
        let refused = here.move_to(&folder, &there, &["--yes", "--batch", batch]);
        refused.said_no(1, "  odds.text is no value of this kind: 2 rows (key 7, 21)\n");
    }
}

#[test]
fn a_schema_that_a_server_cannot_hold_is_refused() {
    let folder =
        Folder::with("type Tag @model @allow(to: [READ]) { name: String! @id\n about: String @index }\n");
    folder.write("tags.json", r#"[{"name": "a"}]"#);
    folder.run(&["seed", "tags.json"]).well();
    let (here, there) = (End::new(On::Sqlite("bistro.db")), End::new(On::Mysql));
    let refused = here.move_to(&folder, &there, &["--yes"]);
    refused.said_no(
        1,
        "tags cannot be made: `Tag.name` is in a key, and MySQL cannot index a text without a bound",
    );
    refused.said_no(1, "add `@length(max: 768)`");
}

#[test]
fn a_dry_run_prints_the_types_and_writes_nothing() {
    let folder = everything::project(20);
    let here = End::new(On::Sqlite("bistro.db"));
    for (on, expected) in [
        (On::Sqlite("to.db"), include_str!("dry_run/sqlite.txt")),
        (On::Postgres, include_str!("dry_run/postgres.txt")),
        (On::Mysql, include_str!("dry_run/mysql.txt")),
    ] {
        let there = End::new(on);
        let out = here.move_to(&folder, &there, &["--dry-run"]).well();
        let out = out.replace(&here.shown(), "FROM").replace(&there.shown(), "TO");
        assert_eq!(out, expected, "{on:?}");
        assert!(!folder.path().join("data/to.db").exists());
        if let On::Postgres | On::Mysql = on {
            // MySQL lists the tables of all databases.
            let database = there.url.rsplit('/').next().expect("a URL names its database");
            let of = format!("WHERE table_name = 'things' AND table_schema IN ('public', '{database}')");
            let there = there.sql(&format!("SELECT table_name FROM information_schema.tables {of}"));
            assert_eq!(there, "");
        }
    }
}
