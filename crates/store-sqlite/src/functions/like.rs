//! `LIKE` as PostgreSQL has it: case counts, `\` escapes; and `ILIKE` with Unicode's simple folding.

use bistro_problem::Code;
use rusqlite::Result;

use super::{On, define, refuse, text_at};

/// Bytes of a pattern.
const LONGEST: usize = 4_096;

pub(super) fn register(on: &On<'_>) -> Result<()> {
    define(on, "bistro_like", 2, |c| {
        let (Some(text), Some(pattern)) = (text_at(c, 0)?, text_at(c, 1)?) else { return Ok(None) };
        check(pattern)?;
        Ok(Some(like(text, pattern)))
    })?;
    define(on, "bistro_ilike", 2, |c| {
        let (Some(text), Some(pattern)) = (text_at(c, 0)?, text_at(c, 1)?) else { return Ok(None) };
        check(pattern)?;
        let folded = c.get_or_create_aux::<String, std::convert::Infallible, _>(1, |_| Ok(fold(pattern)))?;
        Ok(Some(like(&fold(text), &folded)))
    })
}

fn check(pattern: &str) -> Result<()> {
    if pattern.len() > LONGEST {
        return Err(refuse(
            Code::BadPattern,
            format_args!("a LIKE pattern may have at most {LONGEST} bytes"),
        ));
    }
    let slashes = pattern.bytes().rev().take_while(|b| *b == b'\\').count();
    if slashes % 2 == 1 {
        Err(refuse(Code::BadPattern, "LIKE pattern must not end with escape character"))
    } else {
        Ok(())
    }
}

fn fold(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.chars().flat_map(char::to_lowercase).collect()
    }
}

/// Whether the whole text matches. Each `%` is tried from left to right; only the last one needs to be tried again.
fn like(text: &str, pattern: &str) -> bool {
    let (mut text, mut pattern) = (text.chars(), pattern.chars());
    let mut again = None;
    loop {
        let mut ahead = pattern.clone();
        let step = match ahead.next() {
            Some('%') => {
                again = Some((ahead.clone(), text.clone()));
                pattern = ahead;
                continue;
            }
            None if text.as_str().is_empty() => return true,
            None => false,
            Some('_') => text.next().is_some(),
            Some('\\') => ahead.next().is_some_and(|c| text.next() == Some(c)),
            Some(c) => text.next() == Some(c),
        };
        if step {
            pattern = ahead;
            continue;
        }
        let Some((after, from)) = &mut again else { return false };
        if from.next().is_none() {
            return false;
        }
        (pattern, text) = (after.clone(), from.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_postgresql() {
        let cases = [
            ("abc", "abc", true),
            ("abc", "a%", true),
            ("abc", "%c", true),
            ("abc", "a_c", true),
            ("abc", "A%", false),
            ("", "%", true),
            ("", "_", false),
            ("a%c", r"a\%c", true),
            ("abc", r"a\%c", false),
            ("aXbXc", "%X%c", true),
            ("aaab", "%aab", true),
            ("héllo", "h_llo", true),
            ("a\\b", r"a\\b", true),
            ("abcd", "abc", false),
        ];
        for (text, pattern, expected) in cases {
            assert_eq!(like(text, pattern), expected, "{text} like {pattern}");
        }
        assert!(like(&fold("ÄRGER"), &fold("är%")));
        assert!(check("a\\").is_err() && check("a\\\\").is_ok());
    }
}
