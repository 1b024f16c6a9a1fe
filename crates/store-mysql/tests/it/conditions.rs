//! What conditions and orders find, as PostgreSQL would.

use bistro_ir::{Bound, Compare, Expr, Function, JsonStep, Operand, Order, ParamId};
use bistro_schema::{Decimal, Value};
use bistro_store::StoreErrorKind;

use crate::fixture::{Fixture, param, text};

const THINGS: &str = r#"
type Thing @model {
  id: Int! @id
  name: String
  price: Decimal @decimal(precision: 10, scale: 2)
  long: Decimal
  tags: [String!]
  doc: JSON
  ok: Boolean
  score: Float
}
"#;

fn decimal(text: &str) -> Value {
    Value::Decimal(Decimal::parse(text).unwrap())
}

fn things() -> Fixture {
    let fixture = Fixture::new(THINGS);
    let list = |items: &[&str]| Value::List(items.iter().map(|t| text(t)).collect());
    let json = |t: &str| Value::Json(t.into());
    let rows = [
        ("Apple", "1.50", "1.5", list(&["red", "round"]), json(r#"{"a":{"b":[1,2.50]},"k":"v"}"#), true, 0.5),
        ("apple", "2.00", "-3", list(&["green"]), json(r#"{"a":{"b":[]},"k":null}"#), false, 1.0),
        ("Äpfel_50%", "10.25", "99999999999999999999", list(&[]), json(r#"[1,"x",true]"#), true, 2.0),
    ];
    for (name, price, long, tags, doc, ok, score) in rows {
        let values = [
            ("name", text(name)),
            ("price", decimal(price)),
            ("long", decimal(long)),
            ("tags", tags),
            ("doc", doc),
            ("ok", Value::Bool(ok)),
            ("score", Value::Float(score)),
        ];
        fixture.insert("Thing", &values).unwrap();
    }
    fixture.insert("Thing", &[("name", Value::Null)]).unwrap();
    fixture
}

/// The ids that a condition finds with one bind.
fn found(fixture: &Fixture, filter: Expr, bind: Value) -> Vec<i64> {
    let mut select = fixture.select("Thing", &["id"], filter);
    select.order = vec![fixture.by("Thing", "id")];
    let id = |v: Value| if let Value::Int(i) = v { i } else { panic!("{v:?}") };
    fixture.column(select, &[bind]).into_iter().map(id).collect()
}

#[test]
fn comparisons_are_exact_and_unknown_finds_nothing() {
    let fixture = things();
    let own = |name| fixture.own("Thing", name);
    let json =
        |path: Vec<JsonStep>, as_text| Operand::Json { base: Box::new(own("doc")), path, text: as_text };
    let key = |k: &str| JsonStep::Key(k.into());
    let like = |fold| Expr::Like { operand: own("name"), pattern: param(0), fold };
    let compare = |how, name| Expr::Compare(how, own(name), param(0));
    let not = |e| Expr::Not(Box::new(e));
    let list = |items: Vec<Value>| Value::List(items);
    let call = |f, args| Operand::Call(f, args);
    let cases: Vec<(Expr, Value, &[i64])> = vec![
        (compare(Compare::Eq, "price"), decimal("1.5"), &[1]),
        (compare(Compare::Eq, "price"), decimal("1.501"), &[]),
        (compare(Compare::Ne, "price"), decimal("1.501"), &[1, 2, 3]),
        (compare(Compare::Lt, "price"), decimal("2.001"), &[1, 2]),
        (compare(Compare::Ge, "price"), decimal("1.999"), &[2, 3]),
        (compare(Compare::Lt, "price"), decimal("1e30"), &[1, 2, 3]),
        (compare(Compare::Gt, "long"), decimal("99999999999999999998.5"), &[3]),
        (compare(Compare::Lt, "long"), decimal("1.5000000001"), &[1, 2]),
        (compare(Compare::Eq, "name"), Value::Null, &[]),
        (not(compare(Compare::Eq, "name")), text("apple"), &[1, 3]),
        (Expr::Distinct(own("name"), param(0)), text("apple"), &[1, 3, 4]),
        (Expr::Is(Box::new(compare(Compare::Eq, "name")), None), text("apple"), &[4]),
        (Expr::IsNull(own("name")), Value::Null, &[4]),
        (like(false), text("a%"), &[2]),
        (like(true), text("ä%"), &[3]),
        (like(false), text(r"%\_50\%"), &[3]),
        (not(like(false)), text("A%"), &[2, 3]),
        (Expr::Match { operand: own("name"), pattern: param(0), fold: false }, text("^.pple$"), &[1, 2]),
        (Expr::Match { operand: own("name"), pattern: param(0), fold: true }, text("^äP"), &[3]),
        (
            Expr::In(own("price"), param(0)),
            list(vec![decimal("1.5"), decimal("2.001"), decimal("10.250")]),
            &[1, 3],
        ),
        (Expr::In(own("long"), param(0)), list(vec![decimal("-3"), Value::Null]), &[2]),
        (Expr::In(own("score"), param(0)), list(vec![Value::Float(0.5), Value::Float(2.0)]), &[1, 3]),
        (Expr::In(own("name"), param(0)), list(vec![]), &[]),
        (Expr::In(param(0), own("tags")), text("red"), &[1]),
        (Expr::Contains(own("tags"), param(0)), list(vec![text("round"), text("red")]), &[1]),
        (Expr::Contains(own("tags"), param(0)), list(vec![]), &[1, 2, 3]),
        (Expr::Overlaps(own("tags"), param(0)), list(vec![text("green"), text("x")]), &[2]),
        (Expr::Contains(own("doc"), param(0)), Value::Json(r#"{"a":{"b":[2.5]}}"#.into()), &[1]),
        (Expr::Contains(own("doc"), param(0)), Value::Json("1".into()), &[3]),
        (crate::fixture::eq(json(vec![key("k")], true), param(0)), text("v"), &[1]),
        (Expr::IsNull(json(vec![key("k")], true)), Value::Null, &[2, 3, 4]),
        (
            crate::fixture::eq(json(vec![key("a"), key("b"), JsonStep::Index(-1)], true), param(0)),
            text("2.50"),
            &[1],
        ),
        (
            crate::fixture::eq(json(vec![JsonStep::Index(2)], false), param(0)),
            Value::Json("true".into()),
            &[3],
        ),
        (Expr::Truth(own("ok")), Value::Null, &[1, 3]),
        (crate::fixture::eq(call(Function::Lower, vec![own("name")]), param(0)), text("äpfel_50%"), &[3]),
        (Expr::Compare(Compare::Eq, call(Function::Size, vec![own("tags")]), param(0)), Value::Int(1), &[2]),
        (
            Expr::Compare(Compare::Gt, call(Function::Multiply, vec![own("price"), own("price")]), param(0)),
            decimal("4.00000"),
            &[3],
        ),
        (Expr::Compare(Compare::Lt, own("long"), own("price")), Value::Null, &[2]),
        (Expr::Compare(Compare::Gt, own("price"), own("score")), Value::Null, &[1, 2, 3]),
        (Expr::And(vec![]), Value::Null, &[1, 2, 3, 4]),
        (Expr::Or(vec![]), Value::Null, &[]),
    ];
    for (n, (filter, bind, expected)) in cases.into_iter().enumerate() {
        let told = format!("case {n}: {filter:?} with {bind:?}");
        assert_eq!(found(&fixture, filter, bind), expected, "{told}");
    }
}

#[test]
fn what_cannot_be_matched_is_refused() {
    let fixture = things();
    let own = fixture.own("Thing", "name");
    let cases = [
        (
            Expr::Match { operand: own.clone(), pattern: param(0), fold: false },
            "(",
            "invalid regular expression",
        ),
        (Expr::Like { operand: own, pattern: param(0), fold: false }, "A\\", "must not end"),
    ];
    for (filter, pattern, expected) in cases {
        let error = fixture.rows(fixture.select("Thing", &["id"], filter), &[text(pattern)]).unwrap_err();
        let StoreErrorKind::Rejected(_, told) = &error.kind else { panic!("{error}") };
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn nulls_stand_where_the_order_says() {
    let fixture = things();
    let cases: [(bool, bool, &[i64]); 4] = [
        (false, false, &[1, 2, 3, 4]),
        (false, true, &[4, 1, 2, 3]),
        (true, true, &[4, 3, 2, 1]),
        (true, false, &[3, 2, 1, 4]),
    ];
    for (descending, nulls_first, expected) in cases {
        let mut select = fixture.select("Thing", &["id"], Expr::TRUE);
        select.order = vec![Order { operand: fixture.own("Thing", "name"), descending, nulls_first }];
        let expected: Vec<Value> = expected.iter().map(|i| Value::Int(*i)).collect();
        assert_eq!(fixture.column(select, &[]), expected);
    }
}

#[test]
fn pages_are_cut_and_counted() {
    let fixture = things();
    let cases = [
        (Some(Value::Int(2)), Value::Int(0), 2, 4),
        (Some(Value::Int(2)), Value::Int(3), 1, 4),
        (Some(Value::Int(0)), Value::Int(0), 0, 4),
        (Some(Value::Null), Value::Int(1), 3, 4),
        (Some(Value::Int(9)), Value::Int(9), 0, 4),
        (None, Value::Null, 4, 4),
    ];
    for (limit, offset, rows, total) in cases {
        let mut select = fixture.select("Thing", &["id"], Expr::TRUE);
        select.limit = limit.is_some().then_some(Bound::Param(ParamId(0)));
        (select.offset, select.total) = (Some(Bound::Param(ParamId(1))), true);
        let (_, summary) = fixture.rows(select, &[limit.unwrap_or(Value::Null), offset]).unwrap();
        assert_eq!((summary.rows, summary.total), (rows, Some(total)));
    }
}
