//! Tables of decimals read, rounded, compared, averaged and printed; and round trips of any decimal.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).expect("a decimal of the test")
}

fn plain(d: Decimal, bare: bool) -> String {
    let mut out = Vec::new();
    d.write(&mut out, bare);
    String::from_utf8(out).unwrap()
}

#[test]
fn decimals_are_read_and_printed_with_their_scale() {
    let cases = [
        ("0", "0"),
        ("-0", "0"),
        ("+1.50", "1.50"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0.05", "-0.05"),
        ("1e3", "1000"),
        ("1.5E+3", "1500"),
        ("1.25e1", "12.5"),
        ("12e-3", "0.012"),
        ("0e5", "0"),
        ("000123.4", "123.4"),
        ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
        ("1.99999999999999999999999999999999999999999", "2.0000000000000000000000000000000000000"),
        ("1e-100", "0.00000000000000000000000000000000000000"),
        ("1e-999999999999999999999", "0.00000000000000000000000000000000000000"),
    ];
    for (text, printed) in cases {
        assert_eq!(decimal(text).to_string(), printed, "{text}");
    }
}

#[test]
fn what_is_no_decimal_is_refused() {
    use DecimalError::{OutOfRange, Syntax};
    let cases = [
        ("", Syntax),
        (".", Syntax),
        ("-", Syntax),
        ("e3", Syntax),
        ("1e", Syntax),
        ("1e+", Syntax),
        ("1.2.3", Syntax),
        ("--1", Syntax),
        (" 1", Syntax),
        ("1_000", Syntax),
        ("NaN", Syntax),
        ("0x10", Syntax),
        ("1e38", OutOfRange),
        ("1e99999999999999999999", OutOfRange),
        ("100000000000000000000000000000000000000", OutOfRange),
    ];
    for (text, error) in cases {
        assert_eq!(Decimal::parse(text), Err(error), "{text}");
    }
}

#[test]
fn excess_digits_round_half_away_from_zero() {
    let cases = [
        ("1.005", 2, "1.01"),
        ("-1.005", 2, "-1.01"),
        ("1.0049999", 2, "1.00"),
        ("0.5", 0, "1"),
        ("-0.5", 0, "-1"),
        ("0.4999", 0, "0"),
        ("9.995", 2, "10.00"),
        ("2", 3, "2.000"),
        ("0.005", 2, "0.01"),
        ("0.0005", 2, "0.00"),
    ];
    for (text, scale, printed) in cases {
        assert_eq!(decimal(text).rescale(scale).unwrap().to_string(), printed, "rescale {text}");
        assert_eq!(Decimal::parse_at(text, scale).unwrap().to_string(), printed, "parse_at {text}");
    }
    assert_eq!(decimal("1e37").rescale(18), None);
    assert_eq!(Decimal::parse_at("1e37", 18), Err(DecimalError::OutOfRange));
}

#[test]
fn precision_is_judged_after_rounding() {
    let cases = [
        ("999.99", 5, 2, true),
        ("999.994", 5, 2, true),
        ("999.995", 5, 2, false),
        ("-999.99", 5, 2, true),
        ("1000", 5, 2, false),
        ("99999999999999999999999999999999999999", 38, 0, true),
        ("9999999999999999999999999999999999999", 38, 18, false),
    ];
    for (text, precision, scale, fits) in cases {
        assert_eq!(decimal(text).fits(precision, scale), fits, "{text}");
    }
}

#[test]
fn values_compare_and_add_whatever_their_scales() {
    let cases = [
        ("1.0", "1.00", Ordering::Equal),
        ("1.1", "1.09", Ordering::Greater),
        ("-1.1", "-1.09", Ordering::Less),
        ("-0.5", "0.25", Ordering::Less),
        (
            "99999999999999999999999999999999999999",
            "0.99999999999999999999999999999999999999",
            Ordering::Greater,
        ),
        (
            "-99999999999999999999999999999999999999",
            "0.00000000000000000000000000000000000001",
            Ordering::Less,
        ),
    ];
    for (a, b, order) in cases {
        assert_eq!(decimal(a).compare(decimal(b)), order, "{a} {b}");
        assert_eq!(decimal(b).compare(decimal(a)), order.reverse(), "{b} {a}");
    }
    assert_eq!(decimal("1.5").checked_add(decimal("-0.25")), Some(decimal("1.25")));
    assert_eq!(Decimal { mantissa: i128::MAX, scale: 0 }.checked_add(decimal("1")), None);
    assert_eq!(decimal("1e37").checked_add(decimal("0.001")), None);
}

#[test]
fn averages_have_the_digits_that_postgresql_gives() {
    let cases = [
        (403, 0, 2, "201.5000000000000000"),
        (1, 0, 3, "0.33333333333333333333"),
        (2, 0, 3, "0.66666666666666666667"),
        (-2, 0, 3, "-0.66666666666666666667"),
        (10, 0, 3, "3.3333333333333333"),
        (0, 0, 7, "0.00000000000000000000"),
        (1000, 2, 4, "2.5000000000000000"),
        (100_000_000, 0, 3, "33333333.333333333333"),
        (5, 0, 0, "5.0000000000000000"),
    ];
    for (sum, scale, count, printed) in cases {
        assert_eq!(Decimal::avg(sum, scale, count).to_string(), printed, "{sum} {scale} {count}");
    }
    for (sum, scale, count) in [(i128::MAX, 0, 1), (i128::MIN, 38, u64::MAX), (i128::MIN, 0, 1), (1, 255, 3)]
    {
        assert!(Decimal::avg(sum, scale, count).scale <= Decimal::SCALE_MAX);
    }
}

#[test]
fn bare_decimals_lose_their_zeros() {
    let cases = [("1.500000000", "1.5"), ("2.000", "2"), ("100", "100"), ("0.000", "0"), ("-0.10", "-0.1")];
    for (text, printed) in cases {
        assert_eq!(plain(decimal(text), true), printed);
        assert_eq!(plain(decimal(text).trimmed(), false), printed);
    }
}

proptest! {
    #[test]
    fn printed_decimals_read_back(mantissa in -10_i128.pow(37)..10_i128.pow(37), scale in 0_u8..=18) {
        let d = Decimal { mantissa, scale };
        prop_assert_eq!(Decimal::parse(&d.to_string()), Ok(d));
        prop_assert_eq!(Decimal::from_sortable(d.to_sortable(), scale), d);
    }

    #[test]
    fn sortable_bytes_keep_the_order(a: i128, b: i128) {
        let (x, y) = (Decimal { mantissa: a, scale: 3 }, Decimal { mantissa: b, scale: 3 });
        prop_assert_eq!(x.to_sortable().cmp(&y.to_sortable()), a.cmp(&b));
    }

    #[test]
    fn nothing_panics(a: i128, b: i128, s: u8, t: u8, count: u64, text in "[-+.0-9eE]{0,60}") {
        let (x, y) = (Decimal { mantissa: a, scale: s }, Decimal { mantissa: b, scale: t });
        let _ = (x.compare(y), x.checked_add(y), x.rescale(t), x.fits(t, s), x.trimmed(), x.to_string());
        let _ = (Decimal::avg(a, s, count), Decimal::parse(&text), Decimal::parse_at(&text, t));
    }
}
