//! Tables of values and their plain and JSON texts; and strings of any content through the escaper.

use proptest::prelude::*;

use super::*;
use crate::decimal::Decimal;
use crate::literal::json;
use crate::value::Value;

fn texts(value: &Value) -> (String, String) {
    let (mut plain, mut json) = (Vec::new(), Vec::new());
    write_plain(value.borrow(), &mut plain);
    write_json(value.borrow(), &mut json);
    (String::from_utf8(plain).unwrap(), String::from_utf8(json).unwrap())
}

#[test]
fn values_have_a_plain_and_a_json_text() {
    let uuid =
        [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10];
    let cases = [
        (Value::Null, "", "null"),
        (Value::Bool(true), "true", "true"),
        (Value::Bool(false), "false", "false"),
        (Value::Int(i64::MIN), "-9223372036854775808", "-9223372036854775808"),
        (Value::Float(1.0), "1", "1"),
        (Value::Decimal(Decimal { mantissa: 1000, scale: 2 }), "10.00", "10.00"),
        (Value::text("a\"b\n"), "a\"b\n", r#""a\"b\n""#),
        (
            Value::Uuid(uuid),
            "01234567-89ab-cdef-fedc-ba9876543210",
            "\"01234567-89ab-cdef-fedc-ba9876543210\"",
        ),
        (Value::Date(19_753), "2024-01-31", "\"2024-01-31\""),
        (Value::Time(36_000_500_000), "10:00:00.5", "\"10:00:00.5\""),
        (Value::DateTime(0), "1970-01-01T00:00:00+00:00", "\"1970-01-01T00:00:00+00:00\""),
        (Value::Json(r#"{"a":1}"#.into()), r#"{"a":1}"#, r#"{"a":1}"#),
        (Value::Bytes((*b"Hi\xff").into()), "\\x4869ff", r#""\\x4869ff""#),
        (
            Value::List(vec![Value::Int(1), Value::Null, Value::text("x")]),
            r#"[1,null,"x"]"#,
            r#"[1,null,"x"]"#,
        ),
        (Value::List(vec![]), "[]", "[]"),
        (Value::Float(f64::NAN), "NaN", "null"),
        (Value::Float(f64::NEG_INFINITY), "-Infinity", "null"),
    ];
    for (value, plain, json) in cases {
        assert_eq!(texts(&value), (plain.to_owned(), json.to_owned()));
    }
}

#[test]
fn floats_are_printed_as_postgresql_prints_them() {
    let cases = [
        (0.0, "0"),
        (-0.0, "-0"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (100.0, "100"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-0.000012345, "-1.2345e-05"),
        (123_456_789.125, "123456789.125"),
        (999_999_999_999_999.0, "999999999999999"),
        (1e15, "1e+15"),
        (1.5e15, "1.5e+15"),
        (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
        (1e100, "1e+100"),
        (f64::MAX, "1.7976931348623157e+308"),
        (5e-324, "5e-324"),
    ];
    for (float, text) in cases {
        assert_eq!(texts(&Value::Float(float)).1, text);
    }
}

#[test]
fn every_byte_that_needs_an_escape_gets_one_wherever_it_stands() {
    let cases = [
        ("\u{0}", r"\u0000"),
        ("\u{8}", r"\b"),
        ("\t", r"\t"),
        ("\n", r"\n"),
        ("\u{b}", r"\u000b"),
        ("\u{c}", r"\f"),
        ("\r", r"\r"),
        ("\u{1f}", r"\u001f"),
        ("\"", r#"\""#),
        ("\\", r"\\"),
        (" ", " "),
        ("!", "!"),
        ("/", "/"),
        ("\u{7f}", "\u{7f}"),
        ("é€😀", "é€😀"),
    ];
    for (raw, escaped) in cases {
        for (before, after) in (0..20).flat_map(|b| (0..20).map(move |a| (b, a))) {
            let wrap = |middle: &str| format!("{}{middle}{}", "x".repeat(before), "y".repeat(after));
            let mut out = Vec::new();
            write_json_string(&wrap(raw), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{}\"", wrap(escaped)));
        }
    }
}

proptest! {
    #[test]
    fn strings_read_back(text in "\\PC{0,40}|[\\x01-\\x30\\\\\"é😀]{0,40}") {
        let mut out = Vec::new();
        write_json_string(&text, &mut out);
        let written = String::from_utf8(out).unwrap();
        prop_assert_eq!(&*json::compact(&written).unwrap(), written.as_str());
        prop_assert_eq!(json::unescape(&written), text);
    }

    #[test]
    fn floats_read_back(float in any::<f64>()) {
        prop_assert_eq!(texts(&Value::Float(float)).1.parse::<f64>().map(f64::to_bits), Ok(float.to_bits()));
    }
}
