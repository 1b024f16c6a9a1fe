//! Rule text to a tree with places. The parser is the `cel` crate's; nothing of it is seen outside this module.

mod convert;
mod node;

pub(crate) use node::{Binary, Macro, Node, NodeKind, Place};

use cel::parser::PrattParser;

/// The longest rule text, in bytes.
pub(crate) const TEXT_MAX: usize = 4_096;
/// The deepest tree.
pub(crate) const DEPTH_MAX: usize = 32;
/// The deepest brackets; they leave no trace in the tree.
const BRACKETS_MAX: u16 = 48;

/// Why a text is no rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Empty, or longer than [`TEXT_MAX`].
    Length(usize),
    /// Deeper than [`DEPTH_MAX`].
    TooDeep,
    /// Not CEL: what is wrong, and at which byte of the text.
    Syntax(String, u32),
}

/// Parses a rule. Call it on a thread with a large stack: the tree is walked and dropped recursively.
pub(crate) fn parse(text: &str) -> Result<Node, Vec<Fault>> {
    if text.trim().is_empty() || text.len() > TEXT_MAX {
        return Err(vec![Fault::Length(text.len())]);
    }
    let parser = PrattParser::new().max_recursion_depth(BRACKETS_MAX).enable_ident_escape_syntax(true);
    match parser.parse(text) {
        Ok(tree) => convert::convert(text, tree).map_err(|fault| vec![fault]),
        Err(errors) => {
            let faults: Vec<Fault> = errors.errors.iter().map(|e| fault(text, e)).collect();
            // What the parser says besides is only that it stopped there.
            Err(if faults.contains(&Fault::TooDeep) { vec![Fault::TooDeep] } else { faults })
        }
    }
}

fn fault(text: &str, error: &cel::ParseError) -> Fault {
    if error.msg.contains("recursion limit") {
        return Fault::TooDeep;
    }
    let message = error.msg.trim_start_matches("Syntax error: ").replace("<EOF>", "the end");
    Fault::Syntax(message, offset(text, error.pos))
}

/// The byte at a line and column that count from 1.
fn offset(text: &str, (line, column): (isize, isize)) -> u32 {
    let skip = usize::try_from(line - 1).unwrap_or(0);
    let start: usize = text.split_inclusive('\n').take(skip).map(str::len).sum();
    let column = usize::try_from(column - 1).unwrap_or(0);
    let mut at = (start + column).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at as u32
}
