//! Texts of callers that are no value, as problems: the same words on every surface.

use bistro_problem::{Code, Problem};
use bistro_schema::pattern::PatternError;
use bistro_schema::{LiteralError, LiteralErrorKind};

/// The problem of a text that is no value of the wanted type.
pub fn misread(error: &LiteralError) -> Problem {
    let code = match error.kind {
        LiteralErrorKind::Syntax => Code::InvalidText,
        LiteralErrorKind::OutOfRange => Code::OutOfRange,
        LiteralErrorKind::DateSyntax => Code::DateSyntax,
        LiteralErrorKind::DateRange => Code::DateRange,
        LiteralErrorKind::Text => Code::BadText,
    };
    Problem::new(code, error.message.clone())
}

/// The problem of a pattern that is not served.
pub fn bad_pattern(error: &PatternError) -> Problem {
    let code = match error {
        PatternError::TooLong(_) => Code::TooComplex,
        PatternError::OpenEscape => Code::BadParameter,
        PatternError::Regex(_) => Code::BadRegex,
    };
    Problem::new(code, error.to_string())
}
