//! The right side of a filter: `not.eq.5`, `in.(1,2)`, `like(any).{a*,b*}`, `fts(english).word`.

use std::borrow::Cow;

use bistro_ir::{Compare, SearchMode};
use bistro_problem::Problem;

use super::cursor::Cursor;
use super::list;

const EXPECTED: &str = "\"not\" or operator (eq, gt, ...)";

/// What a filter says of its column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Test<'a> {
    pub(crate) negated: bool,
    pub(crate) operation: Operation<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operation<'a> {
    Simple(Simple, Cow<'a, str>),
    /// `eq(any).{…}`; `bool` is whether all must hold.
    Quantified(Simple, bool, Cow<'a, str>),
    In(Vec<Cow<'a, str>>),
    Is(Is),
    Search {
        mode: SearchMode,
        config: Option<&'a str>,
        query: Cow<'a, str>,
    },
}

/// An operator with one value on its right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Simple {
    Compare(Compare),
    Like {
        fold: bool,
    },
    Match {
        fold: bool,
    },
    Distinct,
    Contains,
    Contained,
    Overlaps,
    /// An operator of range types, with PostgreSQL's sign.
    Range(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Is {
    Null,
    NotNull,
    /// True, false or unknown.
    Truth(Option<bool>),
}

impl Simple {
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Simple::Compare(Compare::Eq),
            "neq" => Simple::Compare(Compare::Ne),
            "gt" => Simple::Compare(Compare::Gt),
            "gte" => Simple::Compare(Compare::Ge),
            "lt" => Simple::Compare(Compare::Lt),
            "lte" => Simple::Compare(Compare::Le),
            "like" => Simple::Like { fold: false },
            "ilike" => Simple::Like { fold: true },
            "match" => Simple::Match { fold: false },
            "imatch" => Simple::Match { fold: true },
            "isdistinct" => Simple::Distinct,
            "cs" => Simple::Contains,
            "cd" => Simple::Contained,
            "ov" => Simple::Overlaps,
            "sl" => Simple::Range("<<"),
            "sr" => Simple::Range(">>"),
            "nxr" => Simple::Range("&<"),
            "nxl" => Simple::Range("&>"),
            "adj" => Simple::Range("-|-"),
            _ => return None,
        })
    }

    const fn quantifiable(self) -> bool {
        match self {
            Simple::Compare(Compare::Ne) => false,
            Simple::Compare(_) | Simple::Like { .. } | Simple::Match { .. } => true,
            _ => false,
        }
    }

    /// PostgreSQL's sign, for messages.
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Simple::Compare(Compare::Eq) => "=",
            Simple::Compare(Compare::Ne) => "<>",
            Simple::Compare(Compare::Gt) => ">",
            Simple::Compare(Compare::Ge) => ">=",
            Simple::Compare(Compare::Lt) => "<",
            Simple::Compare(Compare::Le) => "<=",
            Simple::Like { fold: false } => "~~",
            Simple::Like { fold: true } => "~~*",
            Simple::Match { fold: false } => "~",
            Simple::Match { fold: true } => "~*",
            Simple::Distinct => "=",
            Simple::Contains => "@>",
            Simple::Contained => "<@",
            Simple::Overlaps => "&&",
            Simple::Range(sign) => sign,
        }
    }
}

/// How a full-text operator reads its query.
pub(crate) fn search_mode(word: &str) -> Option<SearchMode> {
    Some(match word {
        "fts" => SearchMode::Query,
        "plfts" => SearchMode::Plain,
        "phfts" => SearchMode::Phrase,
        "wfts" => SearchMode::Web,
        _ => return None,
    })
}

/// Whether `word` is an operator with one literal after the dot.
pub(crate) fn takes_literal(word: &str) -> bool {
    Simple::named(word).is_some() || search_mode(word).is_some()
}

/// Reads a test from here on: to the end of the text or, in a `leaf` of a tree, to the end of its value.
pub(crate) fn test<'a>(cursor: &mut Cursor<'a>, leaf: bool, most: usize) -> Result<Test<'a>, Problem> {
    let negated = cursor.eat("not.");
    let start = cursor.clone();
    let word = cursor.take_while(|c| c.is_ascii_lowercase());
    let operation = match word {
        "in" => {
            cursor.expect(".", "\".\"")?;
            Operation::In(list::elements(cursor, most)?)
        }
        "is" => {
            cursor.expect(".", "\".\"")?;
            Operation::Is(is(cursor)?)
        }
        _ => match (search_mode(word), Simple::named(word)) {
            (Some(mode), _) => search(cursor, mode, leaf)?,
            (None, Some(simple)) => simple_test(cursor, simple, leaf)?,
            (None, None) => return Err(start.fail(EXPECTED)),
        },
    };
    if !leaf {
        cursor.expect_end("end of input")?;
    }
    Ok(Test { negated, operation })
}

fn simple_test<'a>(cursor: &mut Cursor<'a>, simple: Simple, leaf: bool) -> Result<Operation<'a>, Problem> {
    let quantifier = match cursor.peek() {
        Some('(') if simple.quantifiable() && cursor.eat("(any)") => Some(false),
        Some('(') if simple.quantifiable() && cursor.eat("(all)") => Some(true),
        _ => None,
    };
    cursor.expect(".", "\".\"")?;
    let value = value(cursor, leaf)?;
    Ok(match quantifier {
        Some(all) => Operation::Quantified(simple, all, value),
        None => Operation::Simple(simple, value),
    })
}

fn search<'a>(cursor: &mut Cursor<'a>, mode: SearchMode, leaf: bool) -> Result<Operation<'a>, Problem> {
    let mut config = None;
    if cursor.eat("(") {
        config = Some(cursor.take_while(|c| c.is_alphanumeric() || c == '_'));
        cursor.expect(")", "\")\"")?;
    }
    cursor.expect(".", "\".\"")?;
    Ok(Operation::Search { mode, config, query: value(cursor, leaf)? })
}

fn is(cursor: &mut Cursor<'_>) -> Result<Is, Problem> {
    let start = cursor.clone();
    let word = cursor.take_while(|c| c.is_ascii_alphabetic() || c == '_').to_ascii_lowercase();
    Ok(match word.as_str() {
        "null" => Is::Null,
        "not_null" => Is::NotNull,
        "true" => Is::Truth(Some(true)),
        "false" => Is::Truth(Some(false)),
        "unknown" => Is::Truth(None),
        _ => return Err(start.fail("isVal: (null, not_null, true, false, unknown)")),
    })
}

/// At the top a value is the rest, as it stands. In a leaf it is quoted, an array literal, or ends at `,` or `)`.
fn value<'a>(cursor: &mut Cursor<'a>, leaf: bool) -> Result<Cow<'a, str>, Problem> {
    if !leaf {
        return Ok(Cow::Borrowed(cursor.take_while(|_| true)));
    }
    match cursor.peek() {
        Some('"') => {
            let mut ahead = cursor.clone();
            if let Ok(text) = ahead.quoted()
                && matches!(ahead.rest().trim_start().chars().next(), None | Some(',' | ')'))
            {
                *cursor = ahead;
                return Ok(text);
            }
        }
        Some('{') => {
            if let Some(end) = array_end(cursor.rest()) {
                let text = &cursor.rest()[..end];
                cursor.advance(end);
                return Ok(Cow::Borrowed(text));
            }
        }
        _ => {}
    }
    Ok(Cow::Borrowed(cursor.take_while(|c| !matches!(c, ',' | ')'))))
}

/// Where the array literal or JSON object at the start ends: behind the brace that closes the first one.
fn array_end(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some(i + 1);
                }
            }
            _ => {}
        }
    }
    None
}
