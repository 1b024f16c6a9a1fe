use bistro_schema::datetime::{parse_date, parse_datetime};

use super::*;

/// A numeric as the server sends it.
fn sent(digits: &[u16], weight: i16, sign: u16, shown: u16) -> Vec<u8> {
    let head = [digits.len() as u16, weight as u16, sign, shown];
    head.iter().chain(digits).flat_map(|h| h.to_be_bytes()).collect()
}

#[test]
fn decimals_keep_all_their_digits() {
    let check = |digits: &[u16], weight: i16, sign: u16, shown: u16, expected: &str| {
        let read = numeric(&sent(digits, weight, sign, shown)).unwrap();
        assert_eq!(read.to_string(), expected);
    };
    check(&[], 0, 0, 0, "0");
    check(&[], 0, 0, 2, "0.00");
    check(&[12, 5000], 0, 0, 2, "12.50");
    check(&[12, 5000], 0, 0x4000, 1, "-12.5");
    check(&[1], 1, 0, 0, "10000");
    check(&[1], 1, 0, 3, "10000.000");
    check(&[1], -1, 0, 4, "0.0001");
    check(&[1000], -2, 0, 5, "0.00001");
    check(&[1, 0, 1], 1, 0, 4, "10000.0001");
    check(&[9999; 9], 8, 0, 0, "999999999999999999999999999999999999");
    check(
        &[99, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999],
        4,
        0,
        18,
        "999999999999999999.999999999999999999",
    );
    check(
        &[1, 1111, 1111, 1111, 1111, 1111, 1111, 1111, 1111, 1111, 1111],
        0,
        0,
        40,
        "1.1111111111111111111111111111111111111",
    );
    check(&[1000], -12, 0, 48, "0.00000000000000000000000000000000000000");
    for refused in [sent(&[], 0, 0xc000, 0), sent(&[1], 10, 0, 0)] {
        assert!(matches!(numeric(&refused).unwrap_err().kind, StoreErrorKind::Rejected(..)));
    }
    assert!(numeric(&[0; 3]).is_err());
}

#[test]
fn documents_lose_space_outside_texts_alone() {
    let check = |text: &str, expected: &str| assert_eq!(text::compact(text), expected);
    check(r#"{"a": 1, "b": [1, 2, {"c": null}]}"#, r#"{"a":1,"b":[1,2,{"c":null}]}"#);
    check(r#"{"a b": "c, d: \" e\\", "f": "é \u0041 "}"#, r#"{"a b":"c, d: \" e\\","f":"é \u0041 "}"#);
    check(r#"  "x y"  "#, r#""x y""#);
    check("12", "12");
}

#[test]
fn times_count_from_1970_and_stay_printable() {
    let check = |form: Form, wire: Wire, bytes: &[u8], expected: Value| {
        assert_eq!(value(Some(bytes), form, wire).unwrap(), expected);
    };
    let moment = |text: &str| Value::DateTime(parse_datetime(text).unwrap());
    check(Form::DateTime, Wire::Stamp, &0_i64.to_be_bytes(), moment("2000-01-01T00:00:00Z"));
    let last = moment("9999-12-31T23:59:59.999999Z");
    let Value::DateTime(micros) = last else { panic!("a moment") };
    check(Form::DateTime, Wire::Stamp, &(micros - EPOCH_MICROS).to_be_bytes(), last.clone());
    check(Form::Date, Wire::Date, &1_i32.to_be_bytes(), Value::Date(parse_date("2000-01-02").unwrap()));
    let first = parse_date("0001-01-01").unwrap();
    check(Form::Date, Wire::Date, &(first - EPOCH_DAYS).to_be_bytes(), Value::Date(first));
    let refused = |form: Form, wire: Wire, bytes: &[u8]| {
        let error = value(Some(bytes), form, wire).unwrap_err();
        assert!(matches!(error.kind, StoreErrorKind::Rejected(Code::DateRange, _)), "{error}");
    };
    for beyond in [i64::MAX, i64::MIN, micros - EPOCH_MICROS + 1] {
        refused(Form::DateTime, Wire::Stamp, &beyond.to_be_bytes());
        refused(Form::Date, Wire::Stamp, &beyond.to_be_bytes());
    }
    for beyond in [i32::MAX, i32::MIN, first - EPOCH_DAYS - 1] {
        refused(Form::Date, Wire::Date, &beyond.to_be_bytes());
        refused(Form::DateTime, Wire::Date, &beyond.to_be_bytes());
    }
}

#[test]
fn columns_of_other_types_are_read_as_what_is_asked_for() {
    let check = |form: Form, wire: Wire, bytes: &[u8], expected: Value| {
        assert_eq!(value(Some(bytes), form, wire).unwrap(), expected, "{form:?} {wire:?}");
    };
    check(Form::Int, Wire::Int2, &7_i16.to_be_bytes(), Value::Int(7));
    check(Form::Int, Wire::Int4, &(-7_i32).to_be_bytes(), Value::Int(-7));
    check(Form::Int, Wire::Oid, &u32::MAX.to_be_bytes(), Value::Int(i64::from(u32::MAX)));
    check(Form::Int, Wire::Numeric, &sent(&[5], 0, 0, 2), Value::Int(5));
    check(Form::Bool, Wire::Int4, &1_i32.to_be_bytes(), Value::Bool(true));
    check(Form::Real, Wire::Float4, &0.1_f32.to_be_bytes(), Value::Float(0.1));
    check(Form::Real, Wire::Numeric, &sent(&[1, 5000], 0, 0, 1), Value::Float(1.5));
    check(
        Form::Scaled(2),
        Wire::Numeric,
        &sent(&[1, 5000], 0, 0, 1),
        Value::Decimal(Decimal { mantissa: 150, scale: 2 }),
    );
    check(
        Form::Scaled(2),
        Wire::Int4,
        &3_i32.to_be_bytes(),
        Value::Decimal(Decimal { mantissa: 300, scale: 2 }),
    );
    check(Form::Text, Wire::Uuid, &[0x11; 16], Value::text("11111111-1111-1111-1111-111111111111"));
    check(Form::Text, Wire::Int8, &12_i64.to_be_bytes(), Value::text("12"));
    check(Form::Json, Wire::Jsonb, b"\x01{\"a\": 1}", Value::Json("{\"a\":1}".into()));
    check(Form::List(Kind::Int), Wire::Jsonb, b"\x01[1, 2]", Value::List(vec![Value::Int(1), Value::Int(2)]));
    let array: Vec<u8> = [1_i32, 1, 25, 2, 1, 1]
        .iter()
        .flat_map(|i| i.to_be_bytes())
        .chain(*b"a")
        .chain((-1_i32).to_be_bytes())
        .collect();
    check(Form::List(Kind::String), Wire::Array, &array, Value::List(vec![Value::text("a"), Value::Null]));
    check(Form::List(Kind::String), Wire::Array, &[0; 12], Value::List(Vec::new()));
    assert!(value(Some(&array[..20]), Form::List(Kind::String), Wire::Array).is_err());
    assert!(value(Some(b"x"), Form::Uuid, Wire::Bytes).is_err());
}
