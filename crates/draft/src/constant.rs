//! Defaults in the engines' words, as a schema file says them.

use bistro_schema::{Decimal, Kind, datetime};

use crate::enums::is_word;

/// A default as `@default` says it, or `None` where it cannot be said.
///
/// `choices` are the values of the field's enum, `longest` the most characters of its text.
pub(crate) fn default(
    text: &str,
    kind: Kind,
    list: bool,
    choices: Option<&[String]>,
    longest: Option<u64>,
) -> Option<String> {
    let text = bare(text);
    if list {
        let empty = matches!(unquoted(text).as_deref(), Some("{}")) || text.eq_ignore_ascii_case("array[]");
        return empty.then(|| "@default(value: [])".to_owned());
    }
    if kind == Kind::DateTime && is_now(text) {
        return Some("@default(expr: \"now\")".to_owned());
    }
    let value = match choices {
        Some(choices) => {
            let word = unquoted(text).filter(|word| choices.contains(word))?;
            // A choice that is no enum is one of texts.
            if choices.iter().all(|c| is_word(c)) { word } else { string(&word) }
        }
        None => constant(text, kind, longest)?,
    };
    Some(format!("@default(value: {value})"))
}

/// Whether it is the time of the write.
fn is_now(text: &str) -> bool {
    let lower: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let lower = lower.trim_start_matches('(');
    [
        "now()",
        "current_timestamp",
        "localtimestamp",
        "transaction_timestamp()",
        "statement_timestamp()",
        "clock_timestamp()",
        "datetime('now'",
        "strftime('%y-%m-%d%h:%m",
        "strftime('%y-%m-%dt%h:%m",
    ]
    .iter()
    .any(|w| lower.starts_with(w))
        && !lower.contains(['+', '|'])
        && (!lower.contains("interval"))
}

/// The text without the brackets around it and the casts behind it.
fn bare(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let before = text;
        if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'))
            && balanced(inner)
        {
            text = inner.trim();
        }
        // A cast ends the text if what follows it holds no quote.
        if let Some(at) = text.rfind("::").filter(|at| {
            !text[*at..].contains(['\'', '('])
                || text[*at..].ends_with(')') && !text[*at..].contains('\'') && balanced(&text[*at..])
        }) {
            text = text[..at].trim();
        }
        if text == before {
            return text;
        }
    }
}

fn balanced(text: &str) -> bool {
    let mut depth = 0i32;
    let mut inside = false;
    for c in text.chars() {
        match c {
            '\'' => inside = !inside,
            '(' if !inside => depth += 1,
            ')' if !inside => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0 && !inside
}

/// The inside of one quoted text.
fn unquoted(text: &str) -> Option<String> {
    let text = text.strip_prefix(['E', 'e', 'N', 'n']).filter(|t| t.starts_with('\'')).unwrap_or(text);
    let (quote, inner) = match text.chars().next()? {
        quote @ ('\'' | '"') => (quote, text.strip_prefix(quote)?.strip_suffix(quote)?),
        _ => return None,
    };
    let doubled: String = [quote, quote].iter().collect();
    let lone = inner.replace(&doubled, "").contains(quote);
    (!lone && !inner.contains('\\')).then(|| inner.replace(&doubled, &quote.to_string()))
}

fn constant(text: &str, kind: Kind, longest: Option<u64>) -> Option<String> {
    let inner = unquoted(text);
    let word = inner.as_deref().unwrap_or(text).trim();
    match kind {
        Kind::Int => word.parse::<i32>().ok().map(|n| n.to_string()),
        Kind::BigInt => word.parse::<i64>().ok().map(whole),
        Kind::Float => float(word),
        Kind::Decimal { precision, scale, .. } => {
            let decimal = Decimal::parse(word).ok()?;
            let digits = decimal.mantissa.unsigned_abs().to_string().len();
            let room = usize::from(precision - scale) + usize::from(decimal.scale);
            let fits = decimal.scale <= scale && digits <= room.max(1);
            let plain = word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
            (fits && plain).then(|| number(word)).flatten()
        }
        Kind::Boolean => match word.to_ascii_lowercase().as_str() {
            "true" | "1" | "t" | "b'1'" | "yes" => Some("true".to_owned()),
            "false" | "0" | "f" | "b'0'" | "no" => Some("false".to_owned()),
            _ => None,
        },
        Kind::String => {
            let text = inner.filter(|t| longest.is_none_or(|most| t.chars().count() as u64 <= most))?;
            Some(string(&text))
        }
        Kind::Date => datetime::parse_date(inner.as_deref()?).ok().map(|_| string(word)),
        Kind::Time => datetime::parse_time(inner.as_deref()?).ok().map(|_| string(word)),
        Kind::DateTime => datetime::parse_datetime(inner.as_deref()?).ok().map(|_| string(word)),
        Kind::Json => matches!(word, "{}" | "[]").then(|| string(word)),
        _ => None,
    }
}

/// An integer, as text where a literal of the schema language would be too great for it.
fn whole(n: i64) -> String {
    if i32::try_from(n).is_ok() { n.to_string() } else { format!("\"{n}\"") }
}

fn float(word: &str) -> Option<String> {
    let number: f64 = word.parse().ok()?;
    let plain = word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
    (number.is_finite() && plain).then(|| self::number(word)).flatten()
}

/// A number as a literal: with a digit on both sides of its point, and no zeros before it.
pub(crate) fn number(word: &str) -> Option<String> {
    let (sign, digits) = word.strip_prefix('-').map_or(("", word), |d| ("-", d));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |s: &str| s.chars().all(|c| c.is_ascii_digit());
    if !all_digits(whole) || !all_digits(part) || whole.is_empty() && part.is_empty() {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") })
}

/// A text as a string of the schema language.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 || c == '\u{7f}' => out.push_str(&format!("\\u{:04X}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, kind: Kind, want: Option<&str>) {
        let said = default(text, kind, false, None, Some(9));
        let want = want.map(|w| format!("@default({w})"));
        assert_eq!(said, want, "{text}");
    }

    #[test]
    fn constants_are_said_and_expressions_are_not() {
        check("'x'::text", Kind::String, Some("value: \"x\""));
        check("'it''s'::character varying", Kind::String, Some("value: \"it's\""));
        check("'a::b'", Kind::String, Some("value: \"a::b\""));
        check("'longer than'", Kind::String, None);
        check("upper('x')", Kind::String, None);
        check("'a' || 'b'", Kind::String, None);
        check("0", Kind::Int, Some("value: 0"));
        check("((-1))", Kind::Int, Some("value: -1"));
        check("'5'::smallint", Kind::Int, Some("value: 5"));
        check("nextval('s'::regclass)", Kind::Int, None);
        check("9000000000", Kind::BigInt, Some("value: \"9000000000\""));
        check("true", Kind::Boolean, Some("value: true"));
        check("b'0'", Kind::Boolean, Some("value: false"));
        check("0.5", Kind::Float, Some("value: 0.5"));
        check("'2020-01-02'::date", Kind::Date, Some("value: \"2020-01-02\""));
        check("'2020-13-02'::date", Kind::Date, None);
        check("'{}'::jsonb", Kind::Json, Some("value: \"{}\""));
        let money = Kind::Decimal { precision: 4, scale: 2, bare: false };
        check("1.50", money, Some("value: 1.50"));
        check("(0)::numeric", money, Some("value: 0"));
        check("'1.5'::numeric(4,2)", money, Some("value: 1.5"));
        check("100", money, None);
        check("1.555", money, None);
    }

    #[test]
    fn the_time_of_the_write_is_known_in_all_words() {
        for text in [
            "now()",
            "CURRENT_TIMESTAMP",
            "current_timestamp()",
            "current_timestamp(6)",
            "(datetime('now'))",
            "('now'::text)::timestamp",
            "LOCALTIMESTAMP",
        ] {
            let want = (!text.contains("'now'::")).then_some("expr: \"now\"");
            check(text, Kind::DateTime, want);
        }
        check("(now() + '1 day'::interval)", Kind::DateTime, None);
    }
}
