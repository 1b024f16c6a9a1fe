use super::*;

fn decimal(text: &str) -> Value {
    Value::Decimal(Decimal::parse(text).unwrap())
}

#[test]
fn numbers_are_rounded_so_that_comparisons_stay_true() {
    let scaled = Form::Scaled(2);
    let cases = [
        (decimal("1.5"), scaled, Round::Exact, SqlValue::Int(150)),
        (decimal("1.555"), scaled, Round::Exact, NEVER),
        (decimal("1.555"), scaled, Round::Floor, SqlValue::Int(155)),
        (decimal("1.555"), scaled, Round::Ceil, SqlValue::Int(156)),
        (decimal("-1.555"), scaled, Round::Floor, SqlValue::Int(-156)),
        (decimal("-1.555"), scaled, Round::Ceil, SqlValue::Int(-155)),
        (decimal("1.555"), scaled, Round::Store, SqlValue::Int(156)),
        (decimal("1e30"), scaled, Round::Ceil, SqlValue::Real(f64::INFINITY)),
        (decimal("-1e30"), scaled, Round::Ceil, SqlValue::Real(f64::NEG_INFINITY)),
        (decimal("2.5"), Form::Int, Round::Floor, SqlValue::Int(2)),
        (Value::Int(7), scaled, Round::Exact, SqlValue::Int(700)),
        (Value::Float(0.1), scaled, Round::Exact, SqlValue::Int(10)),
        (Value::Int(2), Form::Real, Round::Exact, SqlValue::Real(2.0)),
    ];
    for (value, form, round, expected) in cases {
        assert_eq!(
            encode(&value, &Encode::As(form, round)).unwrap(),
            expected,
            "{value:?} {form:?} {round:?}"
        );
    }
    let refused = encode(&decimal("1e17"), &Encode::As(Form::Scaled(3), Round::Store)).unwrap_err();
    assert_eq!(
        refused.kind,
        StoreErrorKind::Rejected(bistro_problem::Code::OutOfRange, "numeric field overflow".into())
    );
}

#[test]
fn lists_are_bound_as_one_text() {
    let list = Value::List(vec![Value::text("a\"b"), Value::Null, Value::text("c")]);
    let uuids = Value::List(vec![Value::Uuid([0xab; 16])]);
    let cases = [
        (&list, Encode::Each(Form::Text), r#"["a\"b",null,"c"]"#),
        (&list, Encode::JsonEach, r#"["\"a\\\"b\"",null,"\"c\""]"#),
        (&uuids, Encode::Each(Form::Uuid), r#"["abababababababababababababababab"]"#),
    ];
    for (value, how, expected) in cases {
        assert_eq!(encode(value, &how).unwrap(), SqlValue::Text(expected.into()), "{how:?}");
    }
}

#[test]
fn a_pattern_gives_the_bounds_of_its_beginning() {
    let cases = [("abc%", "abc", "abd"), ("a\\%b_", "a%b", "a%c"), ("a\u{d7ff}%", "a\u{d7ff}", "a\u{e000}")];
    for (pattern, low, high) in cases {
        let pattern = Value::text(pattern);
        assert_eq!(encode(&pattern, &Encode::LikeLow).unwrap(), SqlValue::Text(low.into()));
        assert_eq!(encode(&pattern, &Encode::LikeHigh).unwrap(), SqlValue::Text(high.into()));
    }
    assert_eq!(encode(&Value::text("%x"), &Encode::LikeHigh).unwrap(), NEVER);
}
