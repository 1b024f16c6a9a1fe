//! Lengths of time as the dialect writes them: `24h`, `1h30m`, `45.5s`.

/// The seconds of a length of time; `None` for what is none.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut total = 0.0_f64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| digits + at);
        let factor = match &rest[digits..unit_end] {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        total += number * factor;
        rest = &rest[unit_end..];
    }
    // A thousand years are longer than any ban needs to be.
    (total.is_finite() && (0.0..3.2e10).contains(&total)).then_some(total.ceil() as i64)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn lengths_of_time_are_read() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(seconds(text), expected, "{text:?}");
        check("24h", Some(86_400));
        check("1h30m", Some(5_400));
        check("45.5s", Some(46));
        check("300ms", Some(1));
        check("2d", Some(172_800));
        for wrong in ["", "24", "h", "-1h", "1y", "1e9h", "99999999999h", "1.2.3s", "none"] {
            check(wrong, None);
        }
    }
}
