use rusqlite::Connection;

/// Holds the catalogue of what these statements make to its lines.
fn check(sql: &str, want: &str) {
    let conn = Connection::open_in_memory().expect("memory is there");
    conn.execute_batch(sql).expect("the statements are sound");
    let catalogue = super::read(&conn).expect("a catalogue is read");
    assert_eq!(catalogue.to_string(), want, "{sql}");
}

#[test]
fn tables_keys_and_references_are_read() {
    check(
        "CREATE TABLE Author (AuthorId INTEGER NOT NULL, Name NVARCHAR(120) DEFAULT 'x', CONSTRAINT pk PRIMARY KEY (AuthorId));
         CREATE TABLE [Book \"two\"] (a INT, b TEXT, author INTEGER REFERENCES author ON DELETE SET NULL, total GENERATED ALWAYS AS (a) STORED,
           PRIMARY KEY (b, a), UNIQUE (author)) WITHOUT ROWID;
         CREATE INDEX i ON Author (Name, AuthorId);
         CREATE INDEX half ON Author (Name) WHERE Name IS NOT NULL;
         CREATE INDEX expr ON Author (lower(Name));
         CREATE TABLE bistro_meta (a);
         CREATE VIEW v AS SELECT Name, 1 AS one FROM Author;",
        r#"table Author key ["AuthorId"]
  AuthorId BigInt counted
  Name String 120 null default 'x'
  index i ["Name", "AuthorId"]
table Book "two" key ["b", "a"]
  a BigInt
  b String
  author BigInt null
  total None null generated
  unique sqlite_autoindex_Book "two"_2 ["author"]
  ["author"] -> Author ["AuthorId"] SetNull
view v key []
  Name String 120 null
  one None null
"#,
    );
}

#[test]
fn checks_are_read_from_the_text() {
    check(
        "CREATE TABLE t (a TEXT CHECK (a IN ('x', 'y)')), -- CHECK (no)
           \"check\" INT CONSTRAINT [pos] CHECK(\"check\" > (0)), /* CHECK (no) */ CHECK (a <> 'it''s'));",
        r#"table t key []
  a String null
  check BigInt null
  check "" a IN ('x', 'y)')
  check "pos" "check" > (0)
  check "" a <> 'it''s'
"#,
    );
}

#[test]
fn only_the_number_of_a_row_is_counted() {
    check(
        "CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY) WITHOUT ROWID;
         CREATE TABLE c (id INTEGER PRIMARY KEY DESC); CREATE TABLE d (id integer PRIMARY KEY AUTOINCREMENT);",
        "table a key [\"id\"]\n  id BigInt null\ntable b key [\"id\"]\n  id BigInt\n\
         table c key [\"id\"]\n  id BigInt null\ntable d key [\"id\"]\n  id BigInt counted\n",
    );
}

#[test]
fn types_are_known_by_their_words() {
    let sql = "CREATE TABLE t (a DECIMAL(10,2), b NUMERIC, c DECIMAL(50), d DATETIME, e POINT, f BLOB, g UUID, h JSON, i DOUBLE PRECISION, j BOOL)";
    let kinds = [
        "a Decimal { precision: 10, scale: 2, bare: false }",
        "b Decimal { precision: 38, scale: 9, bare: true }",
        "c None",
        "d DateTime",
        "e None",
        "f Bytes",
        "g Uuid",
        "h Json",
        "i Float",
        "j Boolean",
    ];
    let lines: String = kinds.iter().map(|k| format!("  {k} null\n")).collect();
    check(sql, &format!("table t key []\n{lines}"));
}

#[test]
fn tables_of_ours_are_keyed_by_their_constraint() {
    check(
        "CREATE TABLE \"posts\" (bistro_rowid INTEGER PRIMARY KEY, \"id\" BLOB NOT NULL, \"slug\" TEXT, \
         CONSTRAINT \"posts_pkey\" UNIQUE (\"id\")) STRICT; CREATE UNIQUE INDEX posts_slug_key ON posts (slug);
         CREATE INDEX bistro_fk_x ON posts (slug);",
        "table posts key [\"id\"]\n  id Bytes\n  slug String null\n  unique posts_slug_key [\"slug\"]\n",
    );
}
