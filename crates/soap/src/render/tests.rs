use std::sync::Arc;

use bistro_problem::Code;
use bistro_schema::{Decimal, Kind, Scalar, Value, ValueRef};
use bistro_store::Sink;

use super::{Caps, Level, Out, Shape, Writer, write_text};
use crate::compile::Selection;

const TEXT: Scalar = Scalar::one(Kind::String);
const WIDE: Caps = Caps { records: 100, bytes: 10_000, replaces: true };

#[test]
fn texts_are_escaped_and_lose_what_xml_cannot_carry() {
    let check = |text: &str, expected: &str, whole: bool| {
        let mut out = Vec::new();
        let written = write_text(text, &mut out);
        assert_eq!((String::from_utf8_lossy(&out).as_ref(), written), (expected, whole), "{text:?}");
    };
    check("", "", true);
    check("plain 日本 🍲", "plain 日本 🍲", true);
    check("a<b & c>d \"e\" 'f'", "a&lt;b &amp; c&gt;d \"e\" 'f'", true);
    check("]]>", "]]&gt;", true);
    check("tab\tline\nreturn\r", "tab\tline\nreturn&#13;", true);
    check("\u{1}", "\u{FFFD}", false);
    check("a\u{8}b\u{1f}", "a\u{FFFD}b\u{FFFD}", false);
    check("\u{FFFE}x\u{FFFF}", "\u{FFFD}x\u{FFFD}", false);
    check("\u{FFFD}\u{FFF9}\u{F8FF}", "\u{FFFD}\u{FFF9}\u{F8FF}", true);
    check("\u{7f}\u{85}\u{2028}", "\u{7f}\u{85}\u{2028}", true);
}

#[test]
fn values_have_the_forms_of_xml_schema() {
    let check = |value: ValueRef<'_>, scalar: Scalar, expected: &str| {
        let mut out = Vec::new();
        assert!(super::value::write_value(value, scalar, &mut out));
        assert_eq!(String::from_utf8_lossy(&out), expected);
    };
    let bare = Kind::Decimal { precision: 38, scale: 18, bare: true };
    let cents = Kind::Decimal { precision: 10, scale: 2, bare: false };
    let decimal = |text| ValueRef::Decimal(Decimal::parse(text).expect("a decimal"));
    check(ValueRef::Bool(true), Scalar::one(Kind::Boolean), "true");
    check(ValueRef::Int(i64::MIN), Scalar::one(Kind::BigInt), "-9223372036854775808");
    check(ValueRef::Float(1e300), Scalar::one(Kind::Float), "1e+300");
    check(decimal("10.50"), Scalar::one(cents), "10.50");
    check(decimal("10.500"), Scalar::one(bare), "10.5");
    check(ValueRef::Date(0), Scalar::one(Kind::Date), "1970-01-01");
    check(ValueRef::Time(61_000_001), Scalar::one(Kind::Time), "00:01:01.000001");
    check(ValueRef::DateTime(1), Scalar::one(Kind::DateTime), "1970-01-01T00:00:00.000001Z");
    check(ValueRef::Json("{\"a\":\"<\"}"), Scalar::one(Kind::Json), "{\"a\":\"&lt;\"}");
    check(ValueRef::Bytes(b"\x00\xff?"), Scalar::one(Kind::Bytes), "AP8/");
    let list = [Value::text("a"), Value::text("<")];
    check(ValueRef::List(&list), Scalar::list(Kind::String), "<item>a</item><item>&lt;</item>");
    check(ValueRef::List(&[]), Scalar::list(Kind::String), "");
}

/// Posts with a title, an author with a name, and at most two comments with a body.
fn selection() -> Arc<Selection> {
    let posts = Level::new("Post", u64::MAX, vec![Out::value("title", TEXT), Out::Nested(1), Out::Nested(2)]);
    let author = Level::new("author", u64::MAX, vec![Out::value("name", TEXT)]);
    let comments = Level::new("comments", 2, vec![Out::value("body", TEXT)]);
    Arc::new(Selection::new(Vec::new(), Shape { levels: vec![posts, author, comments] }))
}

/// A post: its title, its author's name, the bodies of its comments.
type Post<'a> = (Option<&'a str>, Option<&'a str>, &'a [&'a str]);

fn text(value: Option<&str>) -> ValueRef<'_> {
    value.map_or(ValueRef::Null, ValueRef::Text)
}

fn push(writer: &mut Writer, posts: &[Post<'_>]) -> bool {
    posts.iter().all(|(title, author, comments)| {
        writer.begin_row();
        writer.value(0, text(*title));
        writer.begin_nested(1);
        if author.is_some() {
            writer.begin_row();
            writer.value(0, text(*author));
            writer.end_row();
        }
        writer.end_nested(1);
        writer.begin_nested(2);
        for body in *comments {
            writer.begin_row();
            writer.value(0, ValueRef::Text(body));
            writer.end_row();
        }
        writer.end_nested(2);
        writer.value(3, text(*title));
        writer.end_row()
    })
}

#[test]
fn rows_nest_and_say_what_they_lost() {
    let check = |posts: &[Post<'_>], most: Option<u64>, expected: &str, more: bool| {
        let mut writer = Writer::new(b"<r>".to_vec(), selection(), most, WIDE);
        push(&mut writer, posts);
        // As when a read that took long is run again elsewhere.
        writer.reset();
        push(&mut writer, posts);
        assert_eq!(writer.more(), more, "{expected}");
        let out = writer.finish().expect("no limit is met");
        assert_eq!(String::from_utf8_lossy(&out), format!("<r>{expected}"));
    };
    let a: Post<'_> = (Some("a"), Some("n"), &["x", "y"]);
    let all = "<Post><title>a</title><author><name>n</name></author><comments><body>x</body></comments>\
               <comments><body>y</body></comments></Post>";
    check(&[], None, "", false);
    check(&[a], None, all, false);
    check(&[a], Some(1), all, false);
    check(&[a, a], Some(1), all, true);
    check(&[a], Some(0), "", true);
    check(&[(None, None, &[])], None, "<Post></Post>", false);
    check(&[(Some("\u{1}"), None, &[])], None, "<Post lossy=\"true\"><title>\u{FFFD}</title></Post>", false);
    check(
        &[(Some("a"), Some("\u{1}"), &["x", "\u{2}"]), (Some("b"), None, &[])],
        None,
        "<Post><title>a</title><author lossy=\"true\"><name>\u{FFFD}</name></author>\
         <comments><body>x</body></comments><comments lossy=\"true\"><body>\u{FFFD}</body></comments></Post>\
         <Post><title>b</title></Post>",
        false,
    );
    check(
        &[(Some("a"), None, &["x", "\u{2}", "z"]), (Some("b"), None, &["x"])],
        None,
        "<Post><title>a</title><comments><body>x</body></comments>\
         <comments moreRows=\"true\" lossy=\"true\"><body>\u{FFFD}</body></comments></Post>\
         <Post><title>b</title><comments><body>x</body></comments></Post>",
        false,
    );
    check(
        &[(Some("\u{1}"), Some("n"), &[])],
        None,
        "<Post lossy=\"true\"><title>\u{FFFD}</title><author><name>n</name></author></Post>",
        false,
    );
}

#[test]
fn limits_end_a_reply() {
    let check = |caps: Caps, posts: &[Post<'_>], expected: Result<(), Code>| {
        let mut writer = Writer::new(Vec::new(), selection(), None, caps);
        let went_on = push(&mut writer, posts);
        assert_eq!(went_on, expected.is_ok());
        assert_eq!(writer.finish().map(drop).map_err(|problem| problem.code), expected);
    };
    let post: Post<'_> = (Some("a"), Some("n"), &["x"]);
    check(Caps { records: 3, ..WIDE }, &[post], Ok(()));
    check(Caps { records: 2, ..WIDE }, &[post], Err(Code::ReplyTooLarge));
    check(Caps { bytes: 50, ..WIDE }, &[post], Err(Code::ReplyTooLarge));
    let lost: Post<'_> = (Some("\u{1}"), None, &[]);
    check(Caps { replaces: false, ..WIDE }, &[post], Ok(()));
    check(Caps { replaces: false, ..WIDE }, &[lost], Err(Code::SoapCharacter));
}
