//! Hand-driven sinks: what a store would push, and the bytes that come out.

use std::sync::Arc;

use bistro_ir::{Embed, Expr, Item, Operand, Read, Root};
use bistro_schema::{
    Decimal, Field, FieldId, FieldKind, Kind, OnDelete, Relation, RelationId, RelationKind, Scalar, Schema,
    Span, Type, TypeId, TypeKind, Value,
};

use super::{Caps, CsvSink, JsonSink, Shape, Style};
use crate::Sink;

const MONEY: Kind = Kind::Decimal { precision: 8, scale: 2, bare: false };

/// What a store pushes for one output.
enum Cell {
    V(Value),
    Rows(Vec<Vec<Cell>>),
}

use Cell::{Rows, V};

fn field(name: &str, kind: Kind) -> Field {
    Field {
        name: name.into(),
        column: name.into(),
        declared: None,
        alias: None,
        description: None,
        scalar: Scalar::one(kind),
        nullable: true,
        kind: FieldKind::Stored,
        default: None,
        updated: false,
        immutable: false,
        hidden: false,
        search: false,
        length: None,
        range: None,
        pattern: None,
        deprecated: None,
        allows: Vec::new(),
        span: Span::default(),
    }
}

fn relation(name: &str, kind: RelationKind) -> Relation {
    Relation {
        name: name.into(),
        declared: true,
        description: None,
        target: TypeId(0),
        kind,
        pairs: Vec::new(),
        constraint: String::new(),
        on_delete: OnDelete::NoAction,
        inverse: None,
        allows: Vec::new(),
        span: Span::default(),
    }
}

/// One type of things: a title, a price, a document, and things that it leads to.
fn schema() -> Arc<Schema> {
    let bare = Kind::Decimal { precision: 38, scale: 9, bare: true };
    let ty = Type {
        name: "Thing".into(),
        collection: "things".into(),
        plural: "things".into(),
        description: None,
        kind: TypeKind::Model,
        fields: vec![
            field("title", Kind::String),
            field("price", MONEY),
            field("weight", bare),
            field("size", Kind::Int),
        ],
        relations: vec![relation("one", RelationKind::ToOne), relation("many", RelationKind::ToMany)],
        key: vec![FieldId(0)],
        uniques: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
        allows: Vec::new(),
        span: Span::default(),
    };
    Arc::new(Schema { types: vec![ty], ..Schema::default() })
}

fn value(key: &str, field: u16) -> Item {
    Item::Value { key: key.into(), operand: Operand::Field(Root::Scope(0), FieldId(field)), cast: None }
}

fn cast(key: &str, field: u16, to: Kind) -> Item {
    let operand = Operand::Field(Root::Scope(0), FieldId(field));
    Item::Value { key: key.into(), operand, cast: Some(Scalar::one(to)) }
}

fn embed(key: &str, relation: u16, spread: bool, select: Vec<Item>) -> Item {
    Item::Embed(Embed {
        key: key.into(),
        relation: RelationId(relation),
        read: Box::new(read(select)),
        when: Box::new(Expr::TRUE),
        link: Box::new(Expr::TRUE),
        spread,
    })
}

fn read(select: Vec<Item>) -> Read {
    Read {
        ty: TypeId(0),
        select,
        filter: Expr::TRUE,
        order: Vec::new(),
        limit: None,
        offset: None,
        total: false,
    }
}

fn text(text: &str) -> Cell {
    V(Value::text(text))
}

fn push(sink: &mut dyn Sink, rows: &[Vec<Cell>]) -> bool {
    rows.iter().all(|row| {
        sink.begin_row();
        for (index, cell) in row.iter().enumerate() {
            match cell {
                V(value) => sink.value(index, value.borrow()),
                Rows(rows) => {
                    sink.begin_nested(index);
                    push(sink, rows);
                    sink.end_nested(index);
                }
            }
        }
        sink.end_row()
    })
}

const CAPS: Caps = Caps { records: 100, bytes: 10_000 };

fn json(style: Style, select: Vec<Item>, rows: &[Vec<Cell>]) -> String {
    let shape = Arc::new(Shape::new(&schema(), &read(select), style));
    let mut sink = JsonSink::new(shape, CAPS, 64);
    push(&mut sink, rows);
    match sink.finish() {
        Ok(body) => String::from_utf8(body).expect("JSON is UTF-8"),
        Err(problem) => problem.to_string(),
    }
}

fn csv(select: Vec<Item>, rows: &[Vec<Cell>]) -> String {
    let shape = Arc::new(Shape::new(&schema(), &read(select), Style::default()));
    let mut sink = CsvSink::new(shape, CAPS, 64);
    push(&mut sink, rows);
    match sink.finish() {
        Ok(body) => String::from_utf8(body).expect("CSV is UTF-8"),
        Err(problem) => problem.to_string(),
    }
}

fn money(mantissa: i128, scale: u8) -> Cell {
    V(Value::Decimal(Decimal { mantissa, scale }))
}

#[test]
fn rows_become_json() {
    let plain = Style::default();
    let stripped = Style { strip_nulls: true, ..plain };
    let strings = Style { decimal_strings: true, ..plain };
    let check = |style, select, rows: &[Vec<Cell>], expected: &str| {
        let made = json(style, select, rows);
        assert_eq!(made, expected);
        if !made.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            serde_json::from_str::<serde_json::Value>(&made).expect("the body is JSON");
        }
    };
    let null = || V(Value::Null);
    check(plain, vec![value("title", 0)], &[], "[]");
    check(
        plain,
        vec![value("a\"b", 0), value("n", 3)],
        &[vec![text("x\n"), null()], vec![text("{"), V(Value::Int(7))]],
        r#"[{"a\"b":"x\n","n":null},{"a\"b":"{","n":7}]"#,
    );
    check(
        stripped,
        vec![value("a", 0), value("n", 3)],
        &[vec![null(), V(Value::Int(7))], vec![null(), null()]],
        r#"[{"n":7},{}]"#,
    );
    check(
        plain,
        vec![value("p", 1), value("w", 2)],
        &[vec![money(1000, 2), money(1_500_000_000, 9)]],
        r#"[{"p":10.00,"w":1.5}]"#,
    );
    check(
        strings,
        vec![value("p", 1), value("w", 2)],
        &[vec![money(1000, 2), money(1_500_000_000, 9)]],
        r#"[{"p":"10.00","w":"1.5"}]"#,
    );
    // Extra outputs of the planner are not printed.
    check(
        plain,
        vec![value("t", 0)],
        &[vec![text("x"), text("hidden"), Rows(vec![vec![Rows(vec![])]])]],
        r#"[{"t":"x"}]"#,
    );
    // Casts.
    check(
        plain,
        vec![cast("t", 1, Kind::String), cast("i", 1, Kind::Int)],
        &[vec![money(1050, 2), money(1050, 2)]],
        r#"[{"t":"10.50","i":11}]"#,
    );
    check(
        plain,
        vec![cast("n", 0, Kind::Int)],
        &[vec![text("abc")]],
        r#"22P02 invalid input syntax for type integer: "abc""#,
    );
}

#[test]
fn embedded_rows_stand_in_their_row() {
    let (plain, stripped) = (Style::default(), Style { strip_nulls: true, decimal_strings: false });
    let check =
        |style, select, rows: &[Vec<Cell>], expected: &str| assert_eq!(json(style, select, rows), expected);
    let t = || vec![value("t", 0)];
    let many = || embed("many", 1, false, t());
    let one = || embed("one", 0, false, t());
    check(
        plain,
        vec![many(), one()],
        &[vec![Rows(vec![vec![text("a")], vec![text("b")]]), Rows(vec![vec![text("c")]])]],
        r#"[{"many":[{"t":"a"},{"t":"b"}],"one":{"t":"c"}}]"#,
    );
    check(plain, vec![many(), one()], &[vec![Rows(vec![]), Rows(vec![])]], r#"[{"many":[],"one":null}]"#);
    check(stripped, vec![one(), many()], &[vec![Rows(vec![]), Rows(vec![])]], r#"[{"many":[]}]"#);
    // An empty embed prints nothing.
    check(
        plain,
        vec![embed("many", 1, false, vec![]), value("t", 0)],
        &[vec![Rows(vec![vec![text("a")]]), text("b")]],
        r#"[{"t":"b"}]"#,
    );
    // A spread of one.
    let lift = || embed("", 0, true, vec![value("x", 0), embed("many", 1, false, t())]);
    check(
        plain,
        vec![value("t", 0), lift()],
        &[vec![text("a"), Rows(vec![vec![text("b"), Rows(vec![vec![text("c")]])]])]],
        r#"[{"t":"a","x":"b","many":[{"t":"c"}]}]"#,
    );
    check(
        plain,
        vec![lift(), value("t", 0)],
        &[vec![Rows(vec![]), text("a")]],
        r#"[{"x":null,"many":null,"t":"a"}]"#,
    );
    check(stripped, vec![lift(), value("t", 0)], &[vec![Rows(vec![]), text("a")]], r#"[{"t":"a"}]"#);
    // A spread of many: lists that correspond, nulls included.
    let lists = || embed("", 1, true, vec![value("x", 0), embed("", 0, true, vec![value("y", 3)]), one()]);
    let row = |x: &str, y: Option<i64>| {
        let inner = y.map(|y| vec![V(Value::Int(y))]).into_iter().collect();
        vec![text(x), Rows(inner), Rows(vec![vec![text("o")]])]
    };
    check(
        stripped,
        vec![value("t", 0), lists()],
        &[vec![text("a"), Rows(vec![row("b", Some(1)), row("c", None)])]],
        r#"[{"t":"a","x":["b","c"],"y":[1,null],"one":[{"t":"o"},{"t":"o"}]}]"#,
    );
    check(plain, vec![lists()], &[vec![Rows(vec![])]], r#"[{"x":[],"y":[],"one":[]}]"#);
    let deep = embed("", 1, true, vec![embed("", 1, true, vec![value("z", 0)])]);
    check(
        plain,
        vec![deep],
        &[vec![Rows(vec![vec![Rows(vec![vec![text("a")], vec![text("b")]])], vec![Rows(vec![])]])]],
        r#"[{"z":[["a","b"],[]]}]"#,
    );
}

#[test]
fn rows_become_csv() {
    let check = |select, rows: &[Vec<Cell>], expected: &str| assert_eq!(csv(select, rows), expected);
    check(vec![value("t", 0), value("a,b", 3)], &[], "t,\"a,b\"");
    check(
        vec![value("t", 0), value("n", 3)],
        &[vec![text("say \"hi\""), V(Value::Null)], vec![text("two\nlines"), V(Value::Int(-1))]],
        "t,n\n\"say \"\"hi\"\"\",\n\"two\nlines\",-1",
    );
    check(
        vec![
            value("p", 1),
            embed("m", 1, false, vec![value("t", 0)]),
            embed("o", 0, false, vec![value("t", 0)]),
        ],
        &[vec![money(5, 2), Rows(vec![vec![text("x")]]), Rows(vec![])]],
        "p,m,o\n0.05,\"[{\"\"t\"\":\"\"x\"\"}]\",",
    );
    check(
        vec![embed("", 0, true, vec![value("x", 0), value("y", 3)]), value("t", 0)],
        &[vec![Rows(vec![]), text("a")], vec![Rows(vec![vec![text("b"), V(Value::Int(2))]]), text("c")]],
        "x,y,t\n,,a\nb,2,c",
    );
    check(
        vec![embed("", 1, true, vec![value("x", 0)])],
        &[vec![Rows(vec![vec![text("b")], vec![V(Value::Null)]])]],
        "x\n\"[\"\"b\"\",null]\"",
    );
}

#[test]
fn a_reply_over_its_caps_is_refused_and_stops_the_store() {
    let shape = Arc::new(Shape::new(&schema(), &read(vec![value("t", 0)]), Style::default()));
    for caps in [Caps { records: 2, bytes: 10_000 }, Caps { records: 100, bytes: 30 }] {
        let mut sink = JsonSink::new(shape.clone(), caps, 0);
        let rows: Vec<_> = (0..3).map(|_| vec![text("some text")]).collect();
        assert!(!push(&mut sink, &rows));
        assert_eq!(sink.finish().map_err(|p| p.code.text()), Err("BIS-112"));
    }
}

#[test]
fn a_sink_starts_again_after_reset() {
    let shape = Arc::new(Shape::new(&schema(), &read(vec![value("t", 0)]), Style::default()));
    let mut sinks: Vec<Box<dyn Sink>> =
        vec![Box::new(JsonSink::new(shape.clone(), CAPS, 0)), Box::new(CsvSink::new(shape, CAPS, 0))];
    for sink in &mut sinks {
        push(sink.as_mut(), &[vec![text("a")]]);
        sink.begin_row();
        sink.reset();
        push(sink.as_mut(), &[vec![text("b")]]);
    }
    let csv = sinks.pop().expect("two sinks").into_any().downcast::<CsvSink>().expect("CSV");
    let json = sinks.pop().expect("two sinks").into_any().downcast::<JsonSink>().expect("JSON");
    assert_eq!(csv.finish().expect("CSV"), b"t\nb");
    assert_eq!(json.finish().expect("JSON"), br#"[{"t":"b"}]"#);
}
