//! Tables of dates, times and instants, good and bad; and round trips of all of them.

use proptest::prelude::*;

use super::*;

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap()
}

/// Compares what a reader makes of a text, printed again, with what is wanted.
fn check<T: Copy>(
    cases: &[(&str, Result<&str, DateTimeError>)],
    parse: impl Fn(&str) -> Result<T, DateTimeError>,
    write: impl Fn(&mut Vec<u8>, T),
) {
    for (text, wanted) in cases {
        let got = parse(text).map(|value| written(|out| write(out, value)));
        assert_eq!(got.as_deref().map_err(|e| *e), *wanted, "{text}");
    }
}

#[test]
fn dates_are_read_and_printed() {
    use DateTimeError::{Range, Syntax};
    let cases = [
        ("1970-01-01", Ok("1970-01-01")),
        ("2024-02-29", Ok("2024-02-29")),
        ("0001-01-01", Ok("0001-01-01")),
        ("9999-12-31", Ok("9999-12-31")),
        ("2024-01-31T23:00:00-05:00", Ok("2024-01-31")),
        ("2023-02-29", Err(Range)),
        ("1900-02-29", Err(Range)),
        ("2024-13-01", Err(Range)),
        ("2024-00-01", Err(Range)),
        ("2024-01-00", Err(Range)),
        ("2024-01-32", Err(Range)),
        ("0000-01-01", Err(Range)),
        ("", Err(Syntax)),
        ("2024-1-5", Err(Syntax)),
        ("20240105", Err(Syntax)),
        ("2024-01-05x", Err(Syntax)),
        ("2024-01-05T", Err(Syntax)),
        ("05/01/2024", Err(Syntax)),
        ("today", Err(Syntax)),
        ("infinity", Err(Syntax)),
        ("２０２４-01-05", Err(Syntax)),
        ("-2024-01-05", Err(Syntax)),
        ("10000-01-01", Err(Syntax)),
    ];
    check(&cases, parse_date, write_date);
    assert_eq!((parse_date("0001-01-01"), parse_date("9999-12-31")), (Ok(DATE_MIN), Ok(DATE_MAX)));
}

#[test]
fn times_are_read_and_printed() {
    use DateTimeError::{Range, Syntax};
    let cases = [
        ("00:00", Ok("00:00:00")),
        ("10:30:15", Ok("10:30:15")),
        ("10:30:15.5", Ok("10:30:15.5")),
        ("10:30:15.000001", Ok("10:30:15.000001")),
        ("10:30:15.1234565", Ok("10:30:15.123457")),
        ("10:30:59.9999999", Ok("10:31:00")),
        ("10:30:60", Ok("10:31:00")),
        ("23:59:59.999999", Ok("23:59:59.999999")),
        ("24:00:00", Err(Range)),
        ("23:59:59.9999999", Err(Range)),
        ("25:00", Err(Range)),
        ("10:60", Err(Range)),
        ("10:00:61", Err(Range)),
        ("1:00", Err(Syntax)),
        ("10", Err(Syntax)),
        ("10:00:00.", Err(Syntax)),
        ("10:00 PM", Err(Syntax)),
        ("10:00Z", Err(Syntax)),
    ];
    check(&cases, parse_time, write_time);
}

#[test]
fn instants_are_read_in_any_zone_and_printed_in_utc() {
    use DateTimeError::{Range, Syntax};
    let cases = [
        ("2024-01-31T10:00:00Z", Ok("2024-01-31T10:00:00+00:00")),
        ("2024-01-31t10:00:00z", Ok("2024-01-31T10:00:00+00:00")),
        ("2024-01-31 10:00", Ok("2024-01-31T10:00:00+00:00")),
        ("2024-01-31", Ok("2024-01-31T00:00:00+00:00")),
        ("2024-01-31T10:00:00.5+00", Ok("2024-01-31T10:00:00.5+00:00")),
        ("2024-01-31T10:00:00+02:00", Ok("2024-01-31T08:00:00+00:00")),
        ("2024-01-31T22:00:00-0530", Ok("2024-02-01T03:30:00+00:00")),
        ("2024-01-31T23:59:59.9999999Z", Ok("2024-02-01T00:00:00+00:00")),
        ("2024-02-29T24:00:00Z", Ok("2024-03-01T00:00:00+00:00")),
        ("2016-12-31T23:59:60Z", Ok("2017-01-01T00:00:00+00:00")),
        ("1969-12-31T23:59:59.999999Z", Ok("1969-12-31T23:59:59.999999+00:00")),
        ("0001-01-01T00:00:00Z", Ok("0001-01-01T00:00:00+00:00")),
        ("0001-01-01T00:00:00+01", Err(Range)),
        ("9999-12-31T24:00:00Z", Err(Range)),
        ("2024-01-31T10:00:00+16:00", Err(Range)),
        ("2024-01-31T24:00:01Z", Err(Range)),
        ("2024-02-30T10:00:00Z", Err(Range)),
        ("2024-01-31T10:00:00 00:00", Err(Syntax)),
        ("2024-01-31T10:00:00+0", Err(Syntax)),
        ("2024-01-31T10:00:00+00:", Err(Syntax)),
        ("2024-01-31T10:00:00Europe/Berlin", Err(Syntax)),
        ("2024-01-31T10", Err(Syntax)),
        ("2024-01-31Z", Err(Syntax)),
        ("now", Err(Syntax)),
    ];
    check(&cases, parse_datetime, write_datetime);
    assert_eq!(written(|out| write_datetime_z(out, 1_500_000)), "1970-01-01T00:00:01.5Z");
}

#[test]
fn the_calendar_is_the_same_both_ways() {
    let mut day = DATE_MIN;
    let (mut year, mut month, mut date) = (1, 1, 1);
    while day <= DATE_MAX {
        assert_eq!(civil_from_days(day), (year, month, date));
        assert_eq!(days_from_civil(year, month, date), day);
        day += 1;
        date += 1;
        if date > days_in_month(year, month) {
            (month, date) = (month + 1, 1);
        }
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
    assert_eq!((year, month, date), (10_000, 1, 1));
}

proptest! {
    #[test]
    fn printed_instants_read_back(micros in i64::from(DATE_MIN) * DAY..(i64::from(DATE_MAX) + 1) * DAY) {
        prop_assert_eq!(parse_datetime(&written(|out| write_datetime(out, micros))), Ok(micros));
        prop_assert_eq!(parse_datetime(&written(|out| write_datetime_z(out, micros))), Ok(micros));
        let time = micros.rem_euclid(DAY);
        prop_assert_eq!(parse_time(&written(|out| write_time(out, time))), Ok(time));
    }

    #[test]
    fn nothing_panics(micros: i64, days: i32, text in "[-+:.TZ 0-9é]{0,40}") {
        let _ = (parse_date(&text), parse_time(&text), parse_datetime(&text));
        let _ = written(|out| (write_datetime(out, micros), write_time(out, micros), write_date(out, days)).0);
    }
}
