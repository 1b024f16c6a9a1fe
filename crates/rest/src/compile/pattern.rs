//! Patterns: `like` with `*`, and regular expressions of the subset that every store keeps.

use bistro_problem::{Code, Problem};
use bistro_schema::pattern::{self, PatternError};

/// A `like` pattern with `*` written as `%`.
pub(crate) fn like(text: &str, most: usize) -> Result<String, Problem> {
    let pattern = text.replace('*', "%");
    pattern::check_like(&pattern, most).map_err(|e| problem(&e, Code::TooComplex))?;
    Ok(pattern)
}

/// A regular expression, unchanged, if it is of the common subset.
pub(crate) fn regex(text: &str, most: usize) -> Result<String, Problem> {
    pattern::check_regex(text, most).map_err(|e| problem(&e, Code::BadRegex))?;
    Ok(text.to_owned())
}

fn problem(error: &PatternError, too_long: Code) -> Problem {
    match error {
        PatternError::TooLong(_) => Problem::new(too_long, error.to_string()),
        PatternError::OpenEscape => Problem::new(Code::BadParameter, error.to_string()),
        PatternError::Regex(_) => Problem::new(Code::BadRegex, error.to_string()).details(
            "Look-around, back-references, flags and named classes of single engines are not served.",
        ),
    }
}
