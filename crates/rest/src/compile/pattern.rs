//! Patterns: `like` with `*`, and regular expressions of the subset that every store keeps.

use bistro_problem::{Code, Problem};
use regex_syntax::ast::{self, AssertionKind, Ast, ClassSet, ClassSetItem};

/// A `like` pattern with `*` written as `%`.
pub(crate) fn like(text: &str, most: usize) -> Result<String, Problem> {
    check_length(text, most, Code::TooComplex)?;
    let pattern = text.replace('*', "%");
    if pattern.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1 {
        return Err(Problem::new(Code::BadParameter, "LIKE pattern must not end with escape character"));
    }
    Ok(pattern)
}

/// A regular expression, unchanged, if it is of the common subset.
pub(crate) fn regex(text: &str, most: usize) -> Result<String, Problem> {
    check_length(text, most, Code::BadRegex)?;
    let invalid = |why: String| {
        Problem::new(Code::BadRegex, format!("invalid regular expression: {why}")).details(
            "Look-around, back-references, flags and named classes of single engines are not served.",
        )
    };
    let tree = ast::parse::ParserBuilder::new()
        .nest_limit(32)
        .build()
        .parse(text)
        .map_err(|e| invalid(e.kind().to_string()))?;
    ast::visit(&tree, Subset).map_err(|why| invalid(why.into()))?;
    regex_syntax::ParserBuilder::new()
        .nest_limit(32)
        .build()
        .parse(text)
        .map_err(|_| invalid("not a valid expression".into()))?;
    Ok(text.to_owned())
}

fn check_length(text: &str, most: usize, code: Code) -> Result<(), Problem> {
    if text.len() <= most {
        return Ok(());
    }
    Err(Problem::new(code, format!("A pattern is longer than the limit of {most} bytes")))
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
