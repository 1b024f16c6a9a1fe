use super::*;
use Dialect::{Mysql, Postgres, Sqlite};

fn check(dialect: Dialect, text: &str, expected: &[&str]) {
    assert_eq!(split(dialect, text).unwrap(), expected, "{text}");
}

#[test]
fn statements_end_at_their_own_semicolons() {
    for dialect in [Sqlite, Postgres, Mysql] {
        check(dialect, "", &[]);
        check(dialect, " ; ;\n-- nothing\n", &[]);
        check(dialect, "SELECT 1", &["SELECT 1"]);
        check(dialect, "SELECT 1;SELECT 2 ;\n", &["SELECT 1", "SELECT 2"]);
        check(dialect, "SELECT 'a;''b'; SELECT \"a;b\"", &["SELECT 'a;''b'", "SELECT \"a;b\""]);
        check(
            dialect,
            "-- one; two\nSELECT 1; -- three;\nSELECT 2;",
            &["-- one; two\nSELECT 1", "-- three;\nSELECT 2"],
        );
        check(dialect, "/* a; 'b */ SELECT 1; SELECT 2", &["/* a; 'b */ SELECT 1", "SELECT 2"]);
        check(
            dialect,
            "UPDATE t SET e = CASE WHEN a THEN 1 END; SELECT 2",
            &["UPDATE t SET e = CASE WHEN a THEN 1 END", "SELECT 2"],
        );
        check(dialect, "\u{feff}SELECT 'ä€;'; SELECT 2", &["SELECT 'ä€;'", "SELECT 2"]);
        check(dialect, "BEGIN; SELECT 1; END;", &["BEGIN", "SELECT 1", "END"]);
    }
}

#[test]
fn bodies_stay_whole() {
    let trigger = "CREATE TRIGGER \"x\" AFTER INSERT ON t BEGIN DELETE FROM a; \
                   UPDATE b SET c = CASE WHEN d THEN 1 ELSE 2 END; END";
    check(Sqlite, &format!("{trigger}; SELECT 1"), &[trigger, "SELECT 1"]);
    let temporary = "create temp trigger x after insert on t begin select 1; end";
    check(Sqlite, &format!("{temporary};\nSELECT 1;"), &[temporary, "SELECT 1"]);
    let procedure = "CREATE DEFINER = `a`@`b` PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; WHILE 0 DO SELECT 2; \
                     END WHILE; CASE 1 WHEN 1 THEN SELECT 3; END CASE; BEGIN SELECT 4; END; END";
    check(Mysql, &format!("{procedure}; SELECT 1"), &[procedure, "SELECT 1"]);
    let function = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN 1; END;$$";
    check(Postgres, &format!("{function}; SELECT 1"), &[function, "SELECT 1"]);
    let tagged = "DO $body$ SELECT '$$;'; $body$";
    check(Postgres, &format!("{tagged}; SELECT 1"), &[tagged, "SELECT 1"]);
}

#[test]
fn each_engine_has_its_own_marks() {
    check(Mysql, "SELECT 'a\\';b'; SELECT 2", &["SELECT 'a\\';b'", "SELECT 2"]);
    check(Postgres, "SELECT E'a\\';b'; SELECT 2", &["SELECT E'a\\';b'", "SELECT 2"]);
    check(Postgres, "SELECT 'a\\'; SELECT 2", &["SELECT 'a\\'", "SELECT 2"]);
    check(Sqlite, "SELECT 'a\\'; SELECT `b;`", &["SELECT 'a\\'", "SELECT `b;`"]);
    check(Mysql, "# one;\nSELECT 5--3; SELECT `a;`", &["# one;\nSELECT 5--3", "SELECT `a;`"]);
    check(Mysql, "/*!40101 SET a = 1 */; SELECT 1", &["/*!40101 SET a = 1 */", "SELECT 1"]);
    check(
        Postgres,
        "/* a /* b; */ c; */ SELECT $1; SELECT a$b$c; SELECT 2",
        &["/* a /* b; */ c; */ SELECT $1", "SELECT a$b$c", "SELECT 2"],
    );
}

#[test]
fn what_does_not_end_is_refused_with_its_line() {
    let cases = [
        (Sqlite, "SELECT 1;\nSELECT 'a"),
        (Sqlite, "\n/* a"),
        (Postgres, "\nDO $$ a"),
        (Sqlite, "\nCREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1;"),
        (Postgres, "\n/* a /* b */"),
    ];
    for (dialect, text) in cases {
        let error = split(dialect, text).unwrap_err();
        assert!(error.cause.starts_with("line 2: "), "{text}: {error}");
    }
}

#[test]
fn any_text_is_split_or_refused() {
    // Every pair of marks, so that none runs past the end.
    let marks = [
        "'",
        "\"",
        "`",
        "--",
        "/*",
        "*/",
        "$$",
        "$a$",
        "\\",
        ";",
        "BEGIN",
        "END",
        "CREATE TRIGGER",
        "ä",
        "\n",
        " ",
    ];
    for dialect in [Sqlite, Postgres, Mysql] {
        for a in marks {
            for b in marks {
                for c in marks {
                    let _ = split(dialect, &format!("{a}{b}{c}"));
                    let _ = split(dialect, &format!("{a} {b} {c}"));
                }
            }
        }
    }
}
