//! What can still be said of a file that the parser did not understand whole.

use apollo_compiler::ast::{Definition, Document};
use bistro_problem::Diagnostic;

use crate::codes;
use crate::place::{Place, overlap, place};

/// Keeps the mistakes that cannot follow from a syntax error: not those of a definition that has one, and not those of
/// names that the file does mention as definitions.
pub(crate) fn keep(
    text: &str,
    document: &Document,
    syntax: &[Diagnostic],
    found: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let damaged: Vec<Place> = document
        .definitions
        .iter()
        .map(Definition::location)
        .map(place)
        .filter(|at| syntax.iter().any(|s| overlap(*at, widened(s.span))))
        .collect();
    let defined = defined(text);
    let follows = |d: &Diagnostic| {
        damaged.iter().any(|at| overlap(*at, d.span))
            || d.code == codes::NO_TYPES
            || d.code == codes::INVERSE
            || (d.code == codes::UNKNOWN_TYPE || d.code == codes::UNKNOWN_ROLE) && {
                let (start, end) = (d.span.0 as usize, d.span.1 as usize);
                text.get(start..end).is_some_and(|name| defined.contains(&name.trim_matches('"')))
            }
    };
    found.into_iter().filter(|d| !follows(d)).collect()
}

/// An error at the end of a definition belongs to it.
fn widened((start, end): Place) -> Place {
    (start.saturating_sub(1), end.saturating_add(1))
}

/// Every word that follows `type` or `enum`, and every word of the file that may be a role.
fn defined(text: &str) -> Vec<&str> {
    let words: Vec<&str> =
        text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()).collect();
    words.windows(2).filter(|w| matches!(w[0], "type" | "enum")).map(|w| w[1]).collect()
}
