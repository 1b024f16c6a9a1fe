//! Tables of literals of every kind: what each is read as, or the code and the words of its refusal.

use proptest::prelude::*;

use super::*;
use crate::model::{EnumId, EnumType};

fn schema() -> Schema {
    let values = ["draft", "in review"].map(|name| (name.to_owned(), None)).into();
    Schema { enums: vec![EnumType { name: "Status".into(), description: None, values }], ..Schema::default() }
}

/// The JSON text of the value that is read, or `code message`.
fn read(scalar: Scalar, text: &str) -> String {
    match parse(&schema(), scalar, text) {
        Ok(value) => {
            let mut out = Vec::new();
            crate::text::write_json(value.borrow(), &mut out);
            String::from_utf8(out).unwrap()
        }
        Err(error) => format!("{} {error}", error.kind.sqlstate()),
    }
}

fn check(scalar: Scalar, cases: &[(&str, &str)]) {
    for (text, wanted) in cases {
        assert_eq!(read(scalar, text), *wanted, "{scalar:?} {text:?}");
    }
}

#[test]
fn whole_numbers_are_read_as_postgres_reads_them() {
    check(
        Scalar::one(Kind::Int),
        &[
            ("42", "42"),
            (" +42\n", "42"),
            ("-2147483648", "-2147483648"),
            ("007", "7"),
            ("2147483648", "22003 value \"2147483648\" is out of range for type integer"),
            ("1.5", "22P02 invalid input syntax for type integer: \"1.5\""),
            ("abc", "22P02 invalid input syntax for type integer: \"abc\""),
            ("", "22P02 invalid input syntax for type integer: \"\""),
            ("- 1", "22P02 invalid input syntax for type integer: \"- 1\""),
            ("+-1", "22P02 invalid input syntax for type integer: \"+-1\""),
            ("null", "22P02 invalid input syntax for type integer: \"null\""),
        ],
    );
    check(
        Scalar::one(Kind::BigInt),
        &[
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775808", "22003 value \"9223372036854775808\" is out of range for type bigint"),
            ("x", "22P02 invalid input syntax for type bigint: \"x\""),
        ],
    );
}

#[test]
fn floats_and_decimals_are_read_as_postgres_reads_them() {
    check(
        Scalar::one(Kind::Float),
        &[
            (" 1.50 ", "1.5"),
            ("1.", "1"),
            (".5", "0.5"),
            ("1e3", "1000"),
            ("0e-400", "0"),
            ("1e400", "22003 \"1e400\" is out of range for type double precision"),
            ("1e-400", "22003 \"1e-400\" is out of range for type double precision"),
            (
                "NaN",
                "22003 value \"NaN\" is out of range for type double precision: it must be a finite number",
            ),
            (
                "-inf",
                "22003 value \"-inf\" is out of range for type double precision: it must be a finite number",
            ),
            ("1,5", "22P02 invalid input syntax for type double precision: \"1,5\""),
            ("", "22P02 invalid input syntax for type double precision: \"\""),
        ],
    );
    check(
        Scalar::one(Kind::Decimal { precision: 5, scale: 2, bare: false }),
        &[
            ("1", "1.00"),
            (" -1.005 ", "-1.01"),
            ("1e2", "100.00"),
            ("999.994", "999.99"),
            ("999.995", "22003 numeric field overflow"),
            ("1e99999999999", "22003 numeric field overflow"),
            (
                "Infinity",
                "22003 value \"Infinity\" is out of range for type numeric: it must be a finite number",
            ),
            ("1.2.3", "22P02 invalid input syntax for type numeric: \"1.2.3\""),
        ],
    );
}

#[test]
fn truth_values_are_read_by_their_beginnings() {
    for text in ["t", "TR", "true", "y", "yes", "on", "1", " T "] {
        assert_eq!(read(Scalar::one(Kind::Boolean), text), "true", "{text}");
    }
    for text in ["f", "fal", "FALSE", "n", "no", "of", "off", "0"] {
        assert_eq!(read(Scalar::one(Kind::Boolean), text), "false", "{text}");
    }
    for text in ["", "o", "2", "truth", "nope", "ja"] {
        let wanted = format!("22P02 invalid input syntax for type boolean: \"{text}\"");
        assert_eq!(read(Scalar::one(Kind::Boolean), text), wanted);
    }
}

#[test]
fn uuids_and_bytes_are_read_in_all_their_forms() {
    let uuid = "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"";
    check(
        Scalar::one(Kind::Uuid),
        &[
            ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", uuid),
            ("A0EEBC999C0B4EF8BB6D6BB9BD380A11", uuid),
            ("{a0eebc999c0b4ef8-bb6d-6bb9-bd380a11}", uuid),
            ("a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", uuid),
            (
                "{a0eebc999c0b4ef8bb6d6bb9bd380a11",
                "22P02 invalid input syntax for type uuid: \"{a0eebc999c0b4ef8bb6d6bb9bd380a11\"",
            ),
            ("a0eebc99-", "22P02 invalid input syntax for type uuid: \"a0eebc99-\""),
            ("1", "22P02 invalid input syntax for type uuid: \"1\""),
        ],
    );
    check(
        Scalar::one(Kind::Bytes),
        &[
            ("\\x", r#""\\x""#),
            ("\\x48 6F", r#""\\x486f""#),
            ("base64:SGk=", r#""\\x4869""#),
            ("base64:SGk", r#""\\x4869""#),
            ("base64:-_8", r#""\\xfbff""#),
            ("base64:", r#""\\x""#),
            ("base64:S", "22P02 invalid base64 text: \"S\""),
            ("base64:SGl=", "22P02 invalid base64 text: \"SGl=\""),
            ("base64:S=Gk", "22P02 invalid base64 text: \"S=Gk\""),
            ("\\x4", "22P02 invalid hexadecimal data: odd number of digits"),
            ("\\x4g", "22P02 invalid hexadecimal digit: \"g\""),
            (
                "SGk=",
                "22P02 invalid input syntax for type bytea: \"SGk=\" (write \\x and hexadecimal digits, or base64: and base64 text)",
            ),
        ],
    );
}

#[test]
fn dates_and_times_are_read_and_faults_told_apart() {
    check(
        Scalar::one(Kind::Date),
        &[
            (" 2024-02-29 ", "\"2024-02-29\""),
            ("soon", "22007 invalid input syntax for type date: \"soon\""),
            ("2024-02-30", "22008 date/time field value out of range: \"2024-02-30\""),
        ],
    );
    check(
        Scalar::one(Kind::Time),
        &[
            ("10:30", "\"10:30:00\""),
            ("x", "22007 invalid input syntax for type time: \"x\""),
            ("25:00", "22008 date/time field value out of range: \"25:00\""),
        ],
    );
    check(
        Scalar::one(Kind::DateTime),
        &[
            ("2024-01-31T10:00:00.25+02", "\"2024-01-31T08:00:00.25+00:00\""),
            ("x", "22007 invalid input syntax for type timestamp with time zone: \"x\""),
            ("2024-01-31T25:00", "22008 date/time field value out of range: \"2024-01-31T25:00\""),
        ],
    );
}

#[test]
fn texts_of_each_kind_are_checked() {
    check(
        Scalar::one(Kind::String),
        &[
            (" as it is ", "\" as it is \""),
            ("a\0b", "22021 invalid byte sequence for encoding \"UTF8\": 0x00"),
        ],
    );
    check(Scalar::one(Kind::Html), &[("<b>x</b>", "\"<b>x</b>\"")]);
    check(
        Scalar::one(Kind::Enum(EnumId(0))),
        &[("in review", "\"in review\""), ("Draft", "22P02 invalid input value for enum Status: \"Draft\"")],
    );
    for good in ["a@b.de", "first.last+tag@sub.example.org", "ü@müller.de"] {
        assert_eq!(read(Scalar::one(Kind::Email), good), format!("\"{good}\""));
    }
    for bad in ["", "a", "a@b", "@b.de", "a@@b.de", "a b@c.de", "a@b..de", "a@.de", "a@b.de.", "a@b.de@c.de"]
    {
        assert_eq!(
            read(Scalar::one(Kind::Email), bad),
            format!("22P02 invalid input syntax for type email: \"{bad}\"")
        );
    }
    for good in
        ["https://example.org", "http://u:p@localhost:80/a?b#c", "ftp://h/", "my+app://x", "http://[::1]/"]
    {
        assert_eq!(read(Scalar::one(Kind::Url), good), format!("\"{good}\""));
    }
    for bad in [
        "",
        "example.org",
        "/a",
        "https://",
        "http:///a",
        "http://:80",
        "://x",
        "1x://y",
        "http://a b",
        "mailto:a@b.de",
        "JavaScript://x/%0aalert(1)",
    ] {
        assert_eq!(
            read(Scalar::one(Kind::Url), bad),
            format!("22P02 invalid input syntax for type url: \"{bad}\"")
        );
    }
}

#[test]
fn json_is_checked_and_compacted() {
    check(
        Scalar::one(Kind::Json),
        &[
            (" { \"a\" : [ 1.50 , -0e+5 , true ] ,\n\"b\":{} } ", "{\"a\":[1.50,-0e+5,true],\"b\":{}}"),
            ("null", "null"),
            ("\"a b\\u00e9\\ud83d\\ude00\"", "\"a b\\u00e9\\ud83d\\ude00\""),
            ("[]", "[]"),
            ("\"\\u0000\"", "22021 unsupported Unicode escape sequence: \\u0000 cannot be converted to text"),
        ],
    );
    for bad in [
        "",
        " ",
        "{",
        "[",
        "]",
        "}",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{1:2}",
        "{a:1}",
        "[1}",
        "{\"a\":1]",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "tru",
        "nul",
        "True",
        "1 2",
        "[1 2]",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u123",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"a\nb\"",
        "'a'",
        "NaN",
        "[1],",
        "1,",
        "\u{a0}1",
        "{\"a\":1:2}",
    ] {
        assert_eq!(
            read(Scalar::one(Kind::Json), bad),
            format!("22P02 invalid input syntax for type json: \"{bad}\"")
        );
    }
    let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
    assert_eq!(read(Scalar::one(Kind::Json), &nested(64)), nested(64));
    assert!(
        read(Scalar::one(Kind::Json), &nested(65)).starts_with("22P02 JSON is nested deeper than 64 levels")
    );
    let mixed = format!("{}{}", "[{\"a\":".repeat(32), "1") + &"}]".repeat(32);
    assert_eq!(read(Scalar::one(Kind::Json), &mixed), mixed);
}

#[test]
fn lists_are_read_from_array_literals_and_json() {
    check(
        Scalar::list(Kind::String),
        &[
            ("{}", "[]"),
            (" { } ", "[]"),
            ("{a,\"b,c\",NULL,null,\"NULL\"}", "[\"a\",\"b,c\",null,null,\"NULL\"]"),
            ("{ a b , \" c \" }", "[\"a b\",\" c \"]"),
            ("{\"q\\\"\\\\\",x\\,y,\\ ,\\NULL}", "[\"q\\\"\\\\\",\"x,y\",\" \",\"NULL\"]"),
            ("{\"\",é}", "[\"\",\"é\"]"),
            (r#"["a",null,"\u00e9\n\ud83d\ude00\"",1]"#, "[\"a\",null,\"é\\n😀\\\"\",\"1\"]"),
            (" [] ", "[]"),
            ("a", "22P02 malformed array literal: \"a\""),
            ("", "22P02 malformed array literal: \"\""),
            ("{", "22P02 malformed array literal: \"{\""),
            ("{a", "22P02 malformed array literal: \"{a\""),
            ("{a,}", "22P02 malformed array literal: \"{a,}\""),
            ("{,a}", "22P02 malformed array literal: \"{,a}\""),
            ("{a}b", "22P02 malformed array literal: \"{a}b\""),
            ("{{a},{b}}", "22P02 malformed array literal: \"{{a},{b}}\""),
            ("{\"a\"b}", "22P02 malformed array literal: \"{\"a\"b}\""),
            ("{a\"b\"}", "22P02 malformed array literal: \"{a\"b\"}\""),
            ("{\"a}", "22P02 malformed array literal: \"{\"a}\""),
            ("{a\\", "22P02 malformed array literal: \"{a\\\""),
            ("[1", "22P02 invalid input syntax for type json: \"[1\""),
            ("[[1]]", "22P02 a list holds single values, not \"[1]\""),
        ],
    );
    check(
        Scalar::list(Kind::Int),
        &[
            ("{1, 2,NULL}", "[1,2,null]"),
            ("[1,\"2\",null]", "[1,2,null]"),
            ("{1,x}", "22P02 invalid input syntax for type integer: \"x\""),
        ],
    );
    check(
        Scalar::list(Kind::Json),
        &[
            (r#"[{"a":[1,2]},null,"x,]"]"#, r#"[{"a":[1,2]},null,"x,]"]"#),
            (r#"{"{\"a\":1}",2}"#, r#"[{"a":1},2]"#),
        ],
    );
}

#[test]
fn long_texts_are_cut_in_messages() {
    let message = read(Scalar::one(Kind::Int), &"é".repeat(1000));
    assert_eq!(message, format!("22P02 invalid input syntax for type integer: \"{}…\"", "é".repeat(100)));
}

const KINDS: [Kind; 15] = [
    Kind::Id,
    Kind::Int,
    Kind::BigInt,
    Kind::Float,
    Kind::Decimal { precision: 38, scale: 9, bare: true },
    Kind::String,
    Kind::Boolean,
    Kind::Date,
    Kind::Time,
    Kind::DateTime,
    Kind::Json,
    Kind::Bytes,
    Kind::Email,
    Kind::Url,
    Kind::Enum(EnumId(0)),
];

proptest! {
    /// Any text gives a value or an error, and the plain text of a value that was read gives the same value again.
    #[test]
    fn what_was_read_reads_back(text in "[-+0-9.eE:TZ{}\\[\\]\",\\\\ a-dtrufnlx@/é\\n]{0,30}|\\PC{0,20}", list: bool) {
        for kind in KINDS {
            let scalar = Scalar { kind, list };
            if let Ok(value) = parse(&schema(), scalar, &text) {
                let mut out = Vec::new();
                crate::text::write_plain(value.borrow(), &mut out);
                let again = parse(&schema(), scalar, &String::from_utf8(out).unwrap());
                prop_assert_eq!(again, Ok(value), "{:?} {:?}", kind, text);
            }
        }
    }
}
