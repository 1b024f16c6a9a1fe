//! Aggregates that do not overflow, do not round, and group.

use bistro_ir::{Aggregate, Expr};
use bistro_schema::{Decimal, Kind, Scalar, Value};
use bistro_store::Output;
use bistro_store::sink::Cell;

use crate::fixture::{Fixture, text};

#[test]
fn sums_and_means_are_exact() {
    let fixture = Fixture::new(
        "type N @model { id: Int! @id  g: String  i: Int  b: BigInt  d: Decimal @decimal(precision: 10, scale: 2)  w: Decimal  f: Float }",
    );
    let dec = |t: &str| Value::Decimal(Decimal::parse(t).unwrap());
    for (g, i, b, d, w, f) in [
        ("x", 2_147_483_647, i64::MAX, "0.10", "0.1", 0.5),
        ("x", 2_147_483_647, i64::MAX, "0.20", "99999999999999999999.2", 1.0),
        ("y", 1, i64::MIN, "1.00", "-1", 2.5),
    ] {
        let values = [
            ("g", text(g)),
            ("i", Value::Int(i)),
            ("b", Value::Int(b)),
            ("d", dec(d)),
            ("w", dec(w)),
            ("f", Value::Float(f)),
        ];
        fixture.insert("N", &values).unwrap();
    }
    fixture.insert("N", &[("g", text("z"))]).unwrap();
    let scalar = |name| fixture.schema.ty(fixture.ty("N")).field(fixture.field("N", name)).scalar;
    let of = |function, name| Output::Aggregate {
        function,
        operand: Some((fixture.own("N", name), scalar(name))),
    };
    let cases = [
        (of(Aggregate::Sum, "i"), [Value::Int(4_294_967_294), Value::Int(1), Value::Null]),
        (of(Aggregate::Sum, "b"), [dec("18446744073709551614"), dec("-9223372036854775808"), Value::Null]),
        (of(Aggregate::Sum, "d"), [dec("0.30"), dec("1.00"), Value::Null]),
        (of(Aggregate::Sum, "w"), [dec("99999999999999999999.300000000"), dec("-1.000000000"), Value::Null]),
        (
            of(Aggregate::Avg, "d"),
            [Decimal::avg(30, 2, 2).into_value(), Decimal::avg(100, 2, 1).into_value(), Value::Null],
        ),
        (of(Aggregate::Avg, "f"), [Value::Float(0.75), Value::Float(2.5), Value::Null]),
        (of(Aggregate::Max, "w"), [dec("99999999999999999999.200000000"), dec("-1.000000000"), Value::Null]),
        (of(Aggregate::Count, "i"), [Value::Int(2), Value::Int(1), Value::Int(0)]),
        (
            Output::Aggregate { function: Aggregate::Count, operand: None },
            [Value::Int(2), Value::Int(1), Value::Int(1)],
        ),
    ];
    for (output, expected) in cases {
        let mut select = fixture.select("N", &["g"], Expr::TRUE);
        select.outputs.push(output.clone());
        (select.order, select.total) = (vec![fixture.by("N", "g")], true);
        let (rows, summary) = fixture.rows(select, &[]).unwrap();
        let second: Vec<Cell> = rows.into_iter().map(|r| r.cells[1].clone()).collect();
        assert_eq!(second, expected.map(Cell::Value), "{output:?}");
        assert_eq!(summary.total, Some(3));
    }
    let mut none = fixture.select("N", &[], Expr::FALSE);
    none.outputs =
        vec![of(Aggregate::Sum, "d"), Output::Aggregate { function: Aggregate::Count, operand: None }];
    let (rows, _) = fixture.rows(none, &[]).unwrap();
    assert_eq!(rows[0].cells, [Cell::Value(Value::Null), Cell::Value(Value::Int(0))]);
    assert_eq!(scalar("i"), Scalar::one(Kind::Int));
}

trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for Decimal {
    fn into_value(self) -> Value {
        Value::Decimal(self)
    }
}
