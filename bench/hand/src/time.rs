//! Moments as microseconds since 1970, and their text in UTC.

const DAY: i64 = 86_400;
const MICROS: i64 = 1_000_000;

/// Reads `2025-01-01T00:00:00` followed by `Z` or `+00:00`; nothing else is needed here.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (clock, zone) = text.split_at_checked(19)?;
    if !matches!(zone, "Z" | "+00:00" | "%2B00:00") {
        return None;
    }
    let part = |from: usize, to: usize| clock.get(from..to)?.parse::<i64>().ok();
    let days = days_from_civil(part(0, 4)?, part(5, 7)?, part(8, 10)?);
    Some((days * DAY + part(11, 13)? * 3600 + part(14, 16)? * 60 + part(17, 19)?) * MICROS)
}

/// Writes `2025-01-01T00:00:00+00:00`, with the fraction's digits only where there are some.
pub(crate) fn write(out: &mut Vec<u8>, micros: i64) {
    let (seconds, fraction) = (micros.div_euclid(MICROS), micros.rem_euclid(MICROS));
    let (days, clock) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil_from_days(days);
    digits(out, year / 100);
    digits(out, year % 100);
    for (mark, value) in
        [(b'-', month), (b'-', day), (b'T', clock / 3600), (b':', clock / 60 % 60), (b':', clock % 60)]
    {
        out.push(mark);
        digits(out, value);
    }
    if fraction != 0 {
        out.push(b'.');
        let text = format!("{fraction:06}");
        out.extend_from_slice(text.trim_end_matches('0').as_bytes());
    }
    out.extend_from_slice(b"+00:00");
}

/// The moment of a date and a clock (month, day, hour, minute, second).
pub(crate) fn instant(year: i64, [month, day, hour, minute, second]: [i64; 5]) -> i64 {
    (days_from_civil(year, month, day) * DAY + hour * 3600 + minute * 60 + second) * MICROS
}

/// Month, day, hour, minute and second of a moment; its year; its microseconds within the second.
pub(crate) fn parts(micros: i64) -> ([i64; 5], i64, i64) {
    let (seconds, fraction) = (micros.div_euclid(MICROS), micros.rem_euclid(MICROS));
    let (days, clock) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil_from_days(days);
    ([month, day, clock / 3600, clock / 60 % 60, clock % 60], year, fraction)
}

fn digits(out: &mut Vec<u8>, value: i64) {
    // Invariant: every caller passes 0 to 99, so both bytes are ASCII digits.
    out.extend_from_slice(&[b'0' + (value / 10) as u8, b'0' + (value % 10) as u8]);
}

/// Days since 1970-01-01 in the Gregorian calendar; years start in March, so that the leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, printed: &str) {
        let mut out = Vec::new();
        write(&mut out, parse(input).unwrap());
        assert_eq!(String::from_utf8(out).unwrap(), printed);
    }

    #[test]
    fn times_come_back_as_they_went_in() {
        check("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00");
        check("2024-02-29T23:59:59Z", "2024-02-29T23:59:59+00:00");
        check("2025-12-31T12:34:56+00:00", "2025-12-31T12:34:56+00:00");
        check("2000-03-01T00:00:01%2B00:00", "2000-03-01T00:00:01+00:00");
    }

    #[test]
    fn the_epoch_and_a_fraction() {
        assert_eq!(parse("1970-01-02T00:00:01Z"), Some(86_401_000_000));
        assert_eq!(parse("yesterday"), None);
        let mut out = Vec::new();
        write(&mut out, 1_735_689_600_120_000);
        assert_eq!(out, b"2025-01-01T00:00:00.12+00:00");
    }
}
