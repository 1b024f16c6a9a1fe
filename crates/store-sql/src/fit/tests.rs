use bistro_problem::Code;
use bistro_schema::Kind;
use bistro_store::StoreErrorKind;

use super::*;
use crate::dialect::Dialect;

fn decimal(text: &str) -> Value {
    Value::Decimal(Decimal::parse(text).unwrap())
}

fn fitted(value: Value) -> Fit<'static> {
    Fit::Value(Cow::Owned(value))
}

const NUMBERS: Fit<'static> = Fit::Wide(Width { numbers: true, patterns: false });
const PATTERNS: Fit<'static> = Fit::Wide(Width { numbers: false, patterns: true });

#[test]
fn values_become_what_their_slots_hold() {
    let at = |form, round| Encode::As(form, round);
    let exact = |form| at(form, Round::Exact);
    let list = |items: &[Value]| Value::List(items.to_vec());
    let cases = [
        (Value::Int(5), exact(Form::Int), fitted(Value::Int(5))),
        (decimal("5.0"), exact(Form::Int), fitted(Value::Int(5))),
        (decimal("2.5"), exact(Form::Int), NUMBERS),
        (decimal("2.5"), at(Form::Int, Round::Floor), fitted(Value::Int(2))),
        (decimal("2.5"), at(Form::Int, Round::Ceil), fitted(Value::Int(3))),
        (decimal("2.5"), at(Form::Int, Round::Store), fitted(Value::Int(3))),
        (decimal("1e19"), at(Form::Int, Round::Floor), NUMBERS),
        (decimal("1.555"), exact(Form::Scaled(2)), fitted(decimal("1.555"))),
        (decimal("1.555"), at(Form::Scaled(2), Round::Store), fitted(decimal("1.56"))),
        (Value::Int(7), exact(Form::Decimal), fitted(Value::Decimal(Decimal::from_int(7)))),
        (Value::Float(-1e300), exact(Form::Decimal), fitted(Value::Decimal(beyond(&Value::Float(-1.0))))),
        (Value::Int(2), exact(Form::Real), fitted(Value::Float(2.0))),
        (Value::text("no uuid"), exact(Form::Uuid), fitted(Value::Null)),
        (Value::Date(1), exact(Form::DateTime), fitted(Value::DateTime(DAY))),
        (
            Value::Uuid([0; 16]),
            exact(Form::Json),
            fitted(Value::Json("\"00000000-0000-0000-0000-000000000000\"".into())),
        ),
        (Value::Int(1), exact(Form::Text), fitted(Value::text("1"))),
        (Value::text("x"), exact(Form::Int), fitted(Value::Null)),
        (
            list(&[Value::Int(1), Value::Null, decimal("2")]),
            Encode::Each(Form::Int),
            fitted(list(&[Value::Int(1), Value::Null, Value::Int(2)])),
        ),
        (list(&[decimal("0.5")]), Encode::Each(Form::Int), NUMBERS),
        (list(&[Value::Int(1)]), exact(Form::List(Kind::Int)), fitted(list(&[Value::Int(1)]))),
        (list(&[Value::text("a")]), Encode::JsonEach, fitted(list(&[Value::Json("\"a\"".into())]))),
        (Value::Null, Encode::Limit, fitted(Value::Int(i64::MAX))),
        (Value::Null, Encode::Offset, fitted(Value::Int(0))),
        (Value::text("ab%c"), Encode::LikeLow, fitted(Value::text("ab"))),
        (Value::text("ab%c"), Encode::LikeHigh, fitted(Value::text("ac"))),
        (Value::text("%c"), Encode::LikeLow, PATTERNS),
        (Value::text("%c"), Encode::LikeHigh, PATTERNS),
        (Value::Null, Encode::LikeHigh, fitted(Value::Null)),
        (
            Value::text("a.$"),
            Encode::Regex { dialect: Dialect::Mysql, fold: true },
            fitted(Value::text("(?si)a.\\z")),
        ),
    ];
    for (value, how, expected) in cases {
        assert_eq!(fit(&value, &how).unwrap(), expected, "{value:?} {how:?}");
    }
}

#[test]
fn what_is_not_to_be_stored_is_refused() {
    for (value, form, expected) in [
        (decimal("1e19"), Form::Int, "integer out of range"),
        (Value::Float(1e300), Form::Scaled(2), "numeric field overflow"),
    ] {
        let error = fit(&value, &Encode::As(form, Round::Store)).unwrap_err();
        assert_eq!(error.kind, StoreErrorKind::Rejected(Code::OutOfRange, expected.into()));
    }
}
