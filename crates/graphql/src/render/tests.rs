//! Shapes and rows made by hand, and what they print.

mod random;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_problem::Code;
use bistro_schema::{Decimal, Kind, Scalar, Value};
use bistro_store::Sink;

use super::{Caps, Form, InfoAt, Level, Out, Page, Piece, Print, Shape, Slot, Text, Writer};
use crate::document::PageNow;

const CAPS: Caps = Caps { records: 1_000, bytes: 100_000 };
const PLAIN: Print = Print { scalar: Scalar::one(Kind::String), quoted: false };
const QUOTED: Print = Print { scalar: Scalar::one(Kind::BigInt), quoted: true };

/// A text: `«name»` stands for a place to fill in.
fn text(text: &str) -> Text {
    let mut made = Text::default();
    for (n, part) in text.split(['«', '»']).enumerate() {
        match part {
            "" => {}
            part if n % 2 == 0 => made.push(part),
            "cursor" => made.place(Piece::Cursor(7)),
            "id" => made.place(Piece::GlobalId("Post".into())),
            "next" => made.place(Piece::HasNext),
            "previous" => made.place(Piece::HasPrevious),
            "start" => made.place(Piece::StartCursor(7)),
            "end" => made.place(Piece::EndCursor(7)),
            "affected" => made.place(Piece::Affected),
            "mark" => made.place(Piece::Mark),
            "info" => made.place(Piece::Info),
            other => panic!("no place is called {other}"),
        }
    }
    made
}

fn value(before: &str) -> Out {
    Out::Value { before: text(before), print: PLAIN }
}

fn kept(slot: Slot) -> Out {
    Out::Kept { slot, print: PLAIN }
}

fn nested(before: &str, form: Form, level: usize) -> Out {
    Out::Nested { before: text(before), form, level, page: None }
}

fn page(before: &str, level: usize, page: Page) -> Out {
    Out::Nested { before: text(before), form: Form::Many, level, page: Some(page) }
}

fn level(outs: Vec<Out>, close: &str) -> Level {
    Level { outs, close: text(close) }
}

/// A row: values and nested rows in order.
enum Cell {
    Is(Value),
    Rows(Vec<Vec<Cell>>),
}

fn n(number: i64) -> Cell {
    Cell::Is(Value::Int(number))
}

fn s(words: &str) -> Cell {
    Cell::Is(Value::Text(words.into()))
}

fn rows(numbers: impl IntoIterator<Item = i64>) -> Vec<Vec<Cell>> {
    numbers.into_iter().map(|number| vec![n(number)]).collect()
}

fn send(writer: &mut Writer, rows: &[Vec<Cell>]) -> bool {
    rows.iter().all(|row| {
        writer.begin_row();
        for (index, cell) in row.iter().enumerate() {
            match cell {
                Cell::Is(value) => writer.value(index, value.borrow()),
                Cell::Rows(rows) => {
                    writer.begin_nested(index);
                    send(writer, rows);
                    writer.end_nested(index);
                }
            }
        }
        writer.end_row()
    })
}

fn write(writer: &mut Writer, shape: Vec<Level>, pages: &[(u64, bool)], parts: &[Vec<Vec<Cell>>]) {
    let now = pages.iter().map(|(most, skipped)| PageNow { most: *most, skipped: *skipped });
    writer.begin(Arc::new(Shape { levels: shape }), now.collect());
    for (index, rows) in parts.iter().enumerate() {
        writer.part(index);
        send(writer, rows);
        writer.part_end();
    }
}

/// Cursors are long; here `<…>` is what one holds behind its signature.
fn open_cursors(json: &str) -> String {
    let open = |word: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(word).ok()?;
        let values = bytes.strip_prefix(&7_u32.to_be_bytes())?;
        Some(format!("<{}>", str::from_utf8(values).ok()?))
    };
    json.split('"').map(|word| open(word).unwrap_or_else(|| word.to_owned())).collect::<Vec<_>>().join("\"")
}

#[track_caller]
fn check(shape: Vec<Level>, pages: &[(u64, bool)], parts: &[Vec<Vec<Cell>>], expected: &str) {
    let mut writer = Writer::new(CAPS, 0);
    write(&mut writer, shape, pages, parts);
    writer.end(Some(12)).expect("no limit is met");
    assert_eq!(open_cursors(&String::from_utf8(writer.finish()).expect("JSON")), expected);
}

#[test]
fn texts_stand_between_values_in_the_order_of_the_outputs() {
    let one = || {
        vec![
            level(vec![nested("\"post\":", Form::One, 1)], ""),
            level(vec![value("{\"id\":"), value(",\"t\":")], "}"),
        ]
    };
    check(one(), &[], &[vec![vec![n(1), s("a\"b")]]], r#""post":{"id":1,"t":"a\"b"}"#);
    check(one(), &[], &[vec![]], r#""post":null"#);
    let constant = || {
        vec![
            level(vec![nested("\"p\":{\"nodes\":", Form::Many, 1)], "}"),
            level(vec![], "{\"__typename\":\"P\"}"),
        ]
    };
    check(
        constant(),
        &[],
        &[vec![vec![], vec![]]],
        r#""p":{"nodes":[{"__typename":"P"},{"__typename":"P"}]}"#,
    );
    check(constant(), &[], &[vec![]], r#""p":{"nodes":[]}"#);
}

#[test]
fn related_rows_stand_in_their_row() {
    let shape = || {
        vec![
            level(vec![nested("\"p\":{\"nodes\":", Form::Many, 1)], "}"),
            level(
                vec![
                    nested("{\"author\":", Form::One, 2),
                    nested(",\"tags\":{\"nodes\":", Form::Many, 3),
                    value("},\"z\":"),
                ],
                "}",
            ),
            level(vec![value("{\"n\":")], "}"),
            level(vec![value("{\"t\":")], "}"),
        ]
    };
    let full = || vec![Cell::Rows(rows([1])), Cell::Rows(rows([2, 3])), n(4)];
    let bare = || vec![Cell::Rows(vec![]), Cell::Rows(vec![]), Cell::Is(Value::Null)];
    check(
        shape(),
        &[],
        &[vec![full(), bare()]],
        r#""p":{"nodes":[{"author":{"n":1},"tags":{"nodes":[{"t":2},{"t":3}]},"z":4},{"author":null,"tags":{"nodes":[]},"z":null}]}"#,
    );
    // What the shape does not know, a store's own output, is passed over with all its rows.
    let extra = || vec![Cell::Rows(rows([1])), Cell::Rows(rows([2])), n(4), Cell::Rows(vec![full()]), n(9)];
    check(
        shape(),
        &[],
        &[vec![extra()]],
        r#""p":{"nodes":[{"author":{"n":1},"tags":{"nodes":[{"t":2}]},"z":4}]}"#,
    );
}

fn info(at: InfoAt, backward: bool, printed: bool) -> Page {
    let said = match at {
        InfoAt::Mark => "{\"n\":«next»,\"p\":«previous»,\"s\":«start»,\"e\":«end»}",
        InfoAt::Behind | InfoAt::Later => ",\"i\":{\"n\":«next»,\"p\":«previous»,\"s\":«start»,\"e\":«end»}",
    };
    Page { index: 0, backward, info: Some((text(said), at)), printed }
}

fn paged(before: &str, page_of: Page) -> Vec<Level> {
    vec![
        level(vec![page(before, 1, page_of)], "}"),
        level(vec![kept(Slot::Cursor), kept(Slot::Cursor)], "{\"c\":«cursor»}"),
    ]
}

#[test]
fn pages_say_what_lies_around_them() {
    let pairs = |numbers: &[i64]| vec![numbers.iter().map(|x| vec![n(*x), s("k")]).collect::<Vec<_>>()];
    let forward = || paged("\"p\":{\"nodes\":", info(InfoAt::Behind, false, true));
    check(
        forward(),
        &[(2, false)],
        &pairs(&[1, 2, 3]),
        r#""p":{"nodes":[{"c":"<[1,"k"]>"},{"c":"<[2,"k"]>"}],"i":{"n":true,"p":false,"s":"<[1,"k"]>","e":"<[2,"k"]>"}}"#,
    );
    check(
        forward(),
        &[(2, true)],
        &pairs(&[1]),
        r#""p":{"nodes":[{"c":"<[1,"k"]>"}],"i":{"n":false,"p":true,"s":"<[1,"k"]>","e":"<[1,"k"]>"}}"#,
    );
    check(
        forward(),
        &[(3, false)],
        &pairs(&[1, 2, 3]),
        r#""p":{"nodes":[{"c":"<[1,"k"]>"},{"c":"<[2,"k"]>"},{"c":"<[3,"k"]>"}],"i":{"n":false,"p":false,"s":"<[1,"k"]>","e":"<[3,"k"]>"}}"#,
    );
    check(
        forward(),
        &[(0, false)],
        &pairs(&[1]),
        r#""p":{"nodes":[],"i":{"n":true,"p":false,"s":null,"e":null}}"#,
    );
    let backward = || paged("\"p\":{\"nodes\":", info(InfoAt::Behind, true, true));
    check(
        backward(),
        &[(2, true)],
        &pairs(&[9, 8, 7]),
        r#""p":{"nodes":[{"c":"<[8,"k"]>"},{"c":"<[9,"k"]>"}],"i":{"n":true,"p":true,"s":"<[8,"k"]>","e":"<[9,"k"]>"}}"#,
    );
    check(
        backward(),
        &[(9, false)],
        &pairs(&[3, 2, 1]),
        r#""p":{"nodes":[{"c":"<[1,"k"]>"},{"c":"<[2,"k"]>"},{"c":"<[3,"k"]>"}],"i":{"n":false,"p":false,"s":"<[1,"k"]>","e":"<[3,"k"]>"}}"#,
    );
    check(
        backward(),
        &[(9, false)],
        &pairs(&[]),
        r#""p":{"nodes":[],"i":{"n":false,"p":false,"s":null,"e":null}}"#,
    );
    check(
        backward(),
        &[(1, false)],
        &pairs(&[5, 4]),
        r#""p":{"nodes":[{"c":"<[5,"k"]>"}],"i":{"n":false,"p":true,"s":"<[5,"k"]>","e":"<[5,"k"]>"}}"#,
    );
    let before = |turned| paged("\"p\":{\"i\":«mark»,\"nodes\":", info(InfoAt::Mark, turned, true));
    check(
        before(false),
        &[(1, false)],
        &pairs(&[1, 2]),
        r#""p":{"i":{"n":true,"p":false,"s":"<[1,"k"]>","e":"<[1,"k"]>"},"nodes":[{"c":"<[1,"k"]>"}]}"#,
    );
    check(
        before(true),
        &[(2, true)],
        &pairs(&[2, 1]),
        r#""p":{"i":{"n":true,"p":false,"s":"<[1,"k"]>","e":"<[2,"k"]>"},"nodes":[{"c":"<[1,"k"]>"},{"c":"<[2,"k"]>"}]}"#,
    );
    // Nothing but what is known of the page.
    let alone = || paged("\"p\":{\"x\":1", info(InfoAt::Behind, false, false));
    check(
        alone(),
        &[(2, false)],
        &pairs(&[1, 2, 3]),
        r#""p":{"x":1,"i":{"n":true,"p":false,"s":"<[1,"k"]>","e":"<[2,"k"]>"}}"#,
    );
}

#[test]
fn pages_inside_pages_keep_their_own_cursors_and_marks() {
    let inner = Page { index: 1, ..info(InfoAt::Mark, true, true) };
    let shape = vec![
        level(vec![page("\"p\":{\"i\":«mark»,\"edges\":", 1, info(InfoAt::Mark, false, true))], "}"),
        level(
            vec![kept(Slot::Cursor), page("{\"node\":{\"i\":«mark»,\"nodes\":", 2, inner)],
            "},\"c\":«cursor»}",
        ),
        level(vec![kept(Slot::Cursor), value("{\"x\":")], "}"),
    ];
    let row =
        |key: i64, of: &[i64]| vec![n(key), Cell::Rows(of.iter().map(|x| vec![n(*x), n(x * 10)]).collect())];
    check(
        shape,
        &[(2, false), (2, false)],
        &[vec![row(1, &[5, 4, 3]), row(2, &[]), row(3, &[1])]],
        concat!(
            r#""p":{"i":{"n":true,"p":false,"s":"<[1]>","e":"<[2]>"},"edges":["#,
            r#"{"node":{"i":{"n":false,"p":true,"s":"<[4]>","e":"<[5]>"},"nodes":[{"x":40},{"x":50}]},"c":"<[1]>"},"#,
            r#"{"node":{"i":{"n":false,"p":false,"s":null,"e":null},"nodes":[]},"c":"<[2]>"}]}"#,
        ),
    );
}

#[test]
fn parts_follow_each_other_and_counts_are_filled_in() {
    let shape = vec![
        level(
            vec![
                nested("\"p\":{\"count\":«affected»,\"i\":«mark»,\"total\":", Form::One, 1),
                page(",\"c\":«affected»,\"nodes\":", 2, info(InfoAt::Mark, false, true)),
            ],
            ",\"again\":«affected»}",
        ),
        level(vec![value("")], ""),
        level(vec![kept(Slot::Cursor)], "{}"),
    ];
    check(
        shape,
        &[(5, false)],
        &[rows([42]), rows([1])],
        r#""p":{"count":12,"i":{"n":false,"p":false,"s":"<[1]>","e":"<[1]>"},"total":42,"c":12,"nodes":[{}],"again":12}"#,
    );
}

#[test]
fn what_is_said_of_pages_can_wait_for_its_place() {
    let later = |index| Page { index, ..info(InfoAt::Later, false, true) };
    let shape = vec![
        level(vec![page("\"p\":{\"nodes\":", 1, later(0)), nested(",\"total\":", Form::One, 3)], "«info»}"),
        level(vec![kept(Slot::Cursor), page("{\"q\":", 2, later(1)), value(",\"x\":")], "«info»}"),
        level(vec![kept(Slot::Cursor)], "0"),
        level(vec![value("")], ""),
    ];
    let row = vec![n(1), Cell::Rows(rows([5])), n(2)];
    check(
        shape,
        &[(1, false), (0, true)],
        &[vec![row], rows([42])],
        concat!(
            r#""p":{"nodes":[{"q":[],"x":2,"i":{"n":true,"p":true,"s":null,"e":null}}],"total":42,"#,
            r#""i":{"n":false,"p":false,"s":"<[1]>","e":"<[1]>"}}"#,
        ),
    );
}

#[test]
fn global_ids_are_made_of_the_kept_key() {
    let shape = vec![
        level(vec![nested("\"p\":", Form::Many, 1)], ""),
        level(vec![kept(Slot::Key), kept(Slot::Key), nested("{\"a\":", Form::One, 2)], ",\"id\":«id»}"),
        level(vec![kept(Slot::Key)], "{\"id\":«id»}"),
    ];
    let id = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let expected = format!(r#""p":[{{"a":{{"id":"{}"}},"id":"{}"}}]"#, id("Post:9"), id("Post:1,x%2Cy"));
    check(shape, &[], &[vec![vec![n(1), s("x,y"), Cell::Rows(rows([9]))]]], &expected);
}

#[test]
fn values_print_as_graphql_clients_read_them() {
    let scale = Scalar::one(Kind::Decimal { precision: 9, scale: 2, bare: false });
    let bare = Scalar::one(Kind::Decimal { precision: 38, scale: 9, bare: true });
    let decimal = |text: &str| Value::Decimal(Decimal::parse(text).expect("a decimal"));
    let cases = [
        (PLAIN, Value::Null, "null"),
        (QUOTED, Value::Null, "null"),
        (PLAIN, Value::Int(-5), "-5"),
        (QUOTED, Value::Int(i64::MIN), "\"-9223372036854775808\""),
        (QUOTED, Value::List(vec![Value::Int(1), Value::Null]), "[\"1\",null]"),
        (PLAIN, Value::List(vec![]), "[]"),
        (Print { scalar: scale, quoted: true }, decimal("1.50"), "\"1.50\""),
        (Print { scalar: bare, quoted: true }, decimal("1.500"), "\"1.5\""),
        (Print { scalar: scale, quoted: false }, decimal("1.50"), "1.50"),
        (PLAIN, Value::Float(0.5), "0.5"),
        (PLAIN, Value::Bool(true), "true"),
        (PLAIN, Value::DateTime(1_500_000), "\"1970-01-01T00:00:01.5Z\""),
        (PLAIN, Value::Date(1), "\"1970-01-02\""),
        (PLAIN, Value::Bytes(vec![].into()), "\"\""),
        (PLAIN, Value::Bytes(vec![255, 254, 253, 0].into()), "\"//79AA==\""),
        (PLAIN, Value::List(vec![Value::Bytes(vec![0].into())]), "[\"AA==\"]"),
        (PLAIN, Value::Json("{\"a\":[1]}".into()), "{\"a\":[1]}"),
    ];
    for (print, given, expected) in cases {
        let mut out = Vec::new();
        super::value::write_value(given.borrow(), print, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), expected, "{given:?}");
    }
}

fn list() -> Vec<Level> {
    vec![level(vec![nested("\"p\":", Form::Many, 1)], ""), level(vec![value("{\"x\":")], "}")]
}

#[test]
fn a_read_that_is_run_again_forgets_its_own_part_alone() {
    let shape = vec![
        level(
            vec![
                page("\"p\":{\"nodes\":", 1, info(InfoAt::Later, false, true)),
                page(
                    "«info»,\"j\":«mark»,\"edges\":",
                    2,
                    Page { index: 1, ..info(InfoAt::Mark, true, true) },
                ),
            ],
            "}",
        ),
        level(vec![kept(Slot::Cursor)], "0"),
        level(vec![kept(Slot::Cursor), value("{\"x\":")], "}"),
    ];
    let mut writer = Writer::new(CAPS, 0);
    writer.raw(b"{");
    write(&mut writer, shape, &[(1, false), (2, false)], &[rows([42])]);
    writer.part(1);
    let pair = |x: i64| vec![n(x), n(x)];
    assert!(send(&mut writer, &[pair(9), pair(8), pair(7)]));
    writer.begin_row();
    writer.value(0, Value::Int(6).borrow());
    writer.reset();
    assert!(send(&mut writer, &[pair(2), pair(1)]));
    writer.part_end();
    writer.end(None).expect("no limit is met");
    writer.raw(b"}");
    let expected = concat!(
        r#"{"p":{"nodes":[0],"i":{"n":false,"p":false,"s":"<[42]>","e":"<[42]>"},"#,
        r#""j":{"n":false,"p":false,"s":"<[1]>","e":"<[2]>"},"edges":[{"x":1},{"x":2}]}}"#,
    );
    assert_eq!(open_cursors(&String::from_utf8(writer.finish()).expect("JSON")), expected);
}

#[test]
fn a_root_field_that_failed_is_taken_back() {
    let mut writer = Writer::new(CAPS, 0);
    writer.raw(b"{");
    write(&mut writer, list(), &[], &[rows([1])]);
    writer.end(None).expect("no limit is met");
    writer.raw(b",");
    let state = writer.mark();
    writer.begin(Arc::new(Shape { levels: list() }), Vec::new());
    writer.part(0);
    writer.begin_row();
    writer.value(0, Value::Int(2).borrow());
    writer.back_to(state);
    writer.raw(b"\"q\":null,");
    write(&mut writer, list(), &[], &[rows([3])]);
    writer.end(None).expect("no limit is met");
    assert_eq!(String::from_utf8_lossy(&writer.finish()), r#"{"p":[{"x":1}],"q":null,"p":[{"x":3}]"#);
}

#[test]
fn caps_hold_over_the_whole_reply() {
    const LARGE: Result<(), Code> = Err(Code::ReplyTooLarge);
    // The field of one writer, that of another, and both together.
    let limited = |(records, bytes), told: bool| {
        let mut writer = Writer::new(Caps { records, bytes }, 0);
        write(&mut writer, list(), &[], &[rows([1, 2])]);
        let first = writer.end(None).map_err(|problem| problem.code);
        let mut second = if told { writer.beside(0) } else { Writer::new(Caps { records, bytes }, 0) };
        write(&mut second, list(), &[], &[rows([3, 4])]);
        let own = second.end(None).map_err(|problem| problem.code);
        let both = own.and_then(|()| writer.append(second).map_err(|problem| problem.code));
        (first, own, both)
    };
    let cases = [
        ((1, 1_000), (LARGE, LARGE, LARGE), (LARGE, LARGE, LARGE)),
        ((3, 1_000), (Ok(()), Ok(()), LARGE), (Ok(()), LARGE, LARGE)),
        ((4, 1_000), (Ok(()), Ok(()), Ok(())), (Ok(()), Ok(()), Ok(()))),
        ((4, 42), (Ok(()), Ok(()), Ok(())), (Ok(()), Ok(()), Ok(()))),
        ((4, 41), (Ok(()), Ok(()), LARGE), (Ok(()), LARGE, LARGE)),
        ((4, 20), (LARGE, LARGE, LARGE), (LARGE, LARGE, LARGE)),
    ];
    for (caps, alone, told) in cases {
        assert_eq!(limited(caps, false), alone, "{caps:?}");
        assert_eq!(limited(caps, true), told, "{caps:?}, told of the other");
    }
}
