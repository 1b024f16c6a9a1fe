//! `limit`, `offset` and the header `Range` become the bounds of a read.

use bistro_problem::{Code, Problem};

/// The text of a limit: digits, a negative number (416), or nothing that counts.
pub(crate) fn limit(text: &str) -> Result<Option<&str>, Problem> {
    match number(text) {
        Number::Negative => Err(unsatisfiable("Limit should be greater than or equal to zero.")),
        Number::Digits => Ok(Some(text)),
        Number::None => Ok(None),
    }
}

/// The text of an offset; anything but digits is no offset.
pub(crate) fn offset(text: &str) -> Option<&str> {
    matches!(number(text), Number::Digits).then_some(text)
}

/// Whether a text is a plain number of rows.
pub(crate) fn is_digits(text: &str) -> bool {
    matches!(number(text), Number::Digits)
}

enum Number {
    Digits,
    Negative,
    None,
}

fn number(text: &str) -> Number {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    match text.strip_prefix('-') {
        Some(rest) if digits(rest) && rest.bytes().any(|b| b != b'0') => Number::Negative,
        None if digits(text) => Number::Digits,
        _ => Number::None,
    }
}

/// The rows that a `Range` header asks for: the first, and the last unless it is open. Other forms do not count.
pub(crate) fn header(text: &str) -> Result<Option<(u64, Option<u64>)>, Problem> {
    let text = text.trim();
    let Some((first, last)) = text.strip_prefix("items=").unwrap_or(text).split_once('-') else {
        return Ok(None);
    };
    let Ok(first) = first.trim().parse::<u64>() else { return Ok(None) };
    let last = match last.trim() {
        "" => None,
        last => match last.parse::<u64>() {
            Ok(last) => Some(last),
            Err(_) => return Ok(None),
        },
    };
    if last.is_some_and(|last| last < first) {
        let details =
            "The lower boundary must be lower than or equal to the upper boundary in the Range header.";
        return Err(unsatisfiable(details));
    }
    Ok(Some((first, last)))
}

/// The offset and limit where a header's range and the query's meet.
pub(crate) fn intersect(
    (first, last): (u64, Option<u64>),
    offset: u64,
    limit: Option<u64>,
) -> Result<(u64, Option<u64>), Problem> {
    if limit == Some(0) {
        return Ok((offset, limit));
    }
    let start = first.max(offset);
    let query_end = limit.map(|limit| offset.saturating_add(limit));
    let header_end = last.map(|last| last.saturating_add(1));
    let end = match (query_end, header_end) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    match end {
        Some(end) if end <= start => {
            Err(unsatisfiable("The header Range and the query's limit and offset do not meet."))
        }
        end => Ok((start, end.map(|end| end - start))),
    }
}

/// PGRST103.
pub(crate) fn unsatisfiable(details: &str) -> Problem {
    Problem::new(Code::Range, "Requested range not satisfiable").details(details)
}
