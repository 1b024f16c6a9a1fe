//! Patterns of callers: `like` with `%` and `_`, and regular expressions of the subset that every store keeps.

use regex_syntax::ast::{self, AssertionKind, Ast, ClassSet, ClassSetItem};

/// How deep groups of a regular expression may nest.
const NEST_MAX: u32 = 32;

/// A pattern that is not served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It has more bytes than this.
    #[error("A pattern is longer than the limit of {0} bytes")]
    TooLong(usize),
    /// A `like` pattern ends in the middle of an escape.
    #[error("LIKE pattern must not end with escape character")]
    OpenEscape,
    /// A regular expression that is none, or that not every store reads alike; the text says why.
    #[error("invalid regular expression: {0}")]
    Regex(String),
}

/// Checks a `like` pattern, in which `\` escapes, of at most `most` bytes.
pub fn check_like(text: &str, most: usize) -> Result<(), PatternError> {
    check_length(text, most)?;
    if text.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1 {
        return Err(PatternError::OpenEscape);
    }
    Ok(())
}

/// The `like` pattern of texts that begin with `text`.
pub fn prefix(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 1);
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Checks that a regular expression of at most `most` bytes is of the common subset.
pub fn check_regex(text: &str, most: usize) -> Result<(), PatternError> {
    check_length(text, most)?;
    let invalid = |why: &str| PatternError::Regex(why.to_owned());
    let tree = ast::parse::ParserBuilder::new()
        .nest_limit(NEST_MAX)
        .build()
        .parse(text)
        .map_err(|e| invalid(&e.kind().to_string()))?;
    ast::visit(&tree, Subset).map_err(invalid)?;
    regex_syntax::ParserBuilder::new()
        .nest_limit(NEST_MAX)
        .build()
        .parse(text)
        .map_err(|_| invalid("not a valid expression"))?;
    Ok(())
}

fn check_length(text: &str, most: usize) -> Result<(), PatternError> {
    if text.len() <= most { Ok(()) } else { Err(PatternError::TooLong(most)) }
}

/// Refuses what regular expressions mean in one engine alone.
struct Subset;

impl ast::Visitor for Subset {
    type Output = ();
    type Err = &'static str;

    fn finish(self) -> Result<(), Self::Err> {
        Ok(())
    }

    fn visit_pre(&mut self, node: &Ast) -> Result<(), Self::Err> {
        match node {
            Ast::Flags(_) => Err("inline flags are not supported"),
            Ast::ClassUnicode(_) => Err("\\p classes are not supported"),
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::StartLine
                | AssertionKind::EndLine
                | AssertionKind::WordBoundary
                | AssertionKind::NotWordBoundary => Ok(()),
                _ => Err("of assertions only ^, $, \\b and \\B are supported"),
            },
            Ast::ClassBracketed(class) => match &class.kind {
                ClassSet::Item(item) => plain_class(item),
                ClassSet::BinaryOp(_) => Err("set operations in classes are not supported"),
            },
            Ast::Group(group) => match &group.kind {
                ast::GroupKind::CaptureName { .. } => Err("named groups are not supported"),
                ast::GroupKind::NonCapturing(flags) if !flags.items.is_empty() => {
                    Err("inline flags are not supported")
                }
                ast::GroupKind::CaptureIndex(_) | ast::GroupKind::NonCapturing(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// Classes in classes mean a literal bracket elsewhere.
fn plain_class(item: &ClassSetItem) -> Result<(), &'static str> {
    match item {
        ClassSetItem::Bracketed(_) => Err("classes in classes are not supported"),
        ClassSetItem::Unicode(_) => Err("\\p classes are not supported"),
        ClassSetItem::Union(union) => union.items.iter().try_for_each(plain_class),
        _ => Ok(()),
    }
}
