//! The time of day.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since the epoch.
pub(crate) fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Seconds since the epoch.
pub(crate) fn now_s() -> i64 {
    now_us() / 1_000_000
}

/// Reads a length of time such as `90d`, `1h`, `30m`, `45s`, as seconds.
pub(crate) fn parse_span(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text:?} is no length of time; write for example 90d, 12h, 30m or 45s");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let (digits, factor) = match unit {
        's' => (&text[..text.len() - 1], 1),
        'm' => (&text[..text.len() - 1], 60),
        'h' => (&text[..text.len() - 1], 3_600),
        'd' => (&text[..text.len() - 1], 86_400),
        'w' => (&text[..text.len() - 1], 604_800),
        _ => return Err(wrong()),
    };
    let number: i64 = digits.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?;
    number.checked_mul(factor).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    #[test]
    fn lengths_of_time_have_a_unit() {
        let check = |text: &str, want: Option<i64>| assert_eq!(super::parse_span(text).ok(), want, "{text}");
        check("90d", Some(7_776_000));
        check("1h", Some(3_600));
        check("5m", Some(300));
        check("2w", Some(1_209_600));
        check("45s", Some(45));
        check("45", None);
        check("", None);
        check("0s", None);
        check("-1h", None);
        check("1é", None);
        check("9223372036854775807d", None);
    }
}
