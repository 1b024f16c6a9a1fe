//! The text of a template → its pieces.

use super::context::{Context, Spot};
use super::place::Place;

/// The deepest nesting of ifs.
const DEPTH_MOST: usize = 8;

/// What ifs may ask.
const ASKS: &str = "an if asks .Place, not .Place, eq .Place \"text\" or ne .Place \"text\"";

/// A mistake: its line, and what is wrong.
pub(super) type Mistake = (usize, String);

/// A piece of a template.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(String),
    Place(Place, Spot),
    If { test: Test, then: Vec<Piece>, otherwise: Vec<Piece> },
}

/// What an if asks.
#[derive(Clone, Debug)]
pub(super) enum Test {
    /// The place stands for something.
    Given(Place),
    /// The place stands for nothing.
    Missing(Place),
    /// The place stands for one of the texts.
    Is(Place, Vec<String>),
    /// The place stands for another text.
    IsNot(Place, String),
}

/// The pieces of a text that begins at a line.
pub(super) fn pieces(text: &str, line: usize, html: bool) -> Result<Vec<Piece>, Mistake> {
    let context = if html { Context::Text } else { Context::Plain };
    let mut reader = Reader { rest: text, line, context, trims: false };
    let (pieces, end) = reader.block(0)?;
    match end {
        Stop::Text => Ok(pieces),
        Stop::Else(_) => Err((reader.line, "{{ else }} stands in no {{ if }}".to_owned())),
        Stop::End => Err((reader.line, "{{ end }} stands in no {{ if }}".to_owned())),
    }
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
    context: Context,
    /// Whether the braces before swallow the white space behind them.
    trims: bool,
}

/// What ended a block.
enum Stop {
    Text,
    /// `else`, or `else if` with its test.
    Else(Option<Test>),
    End,
}

impl Reader<'_> {
    /// The pieces up to the end of the text, or of a branch.
    fn block(&mut self, depth: usize) -> Result<(Vec<Piece>, Stop), Mistake> {
        let mut out = Vec::new();
        while let Some(words) = self.next(&mut out)? {
            let (first, more) = words.split_once(char::is_whitespace).unwrap_or((&words, ""));
            match (first, more.trim()) {
                ("end", "") => return Ok((out, Stop::End)),
                ("else", "") => return Ok((out, Stop::Else(None))),
                ("else", more) => {
                    let test = more.strip_prefix("if ").ok_or_else(|| self.fault("write {{ else if … }}"))?;
                    return Ok((out, Stop::Else(Some(self.test(test.trim())?))));
                }
                ("if", more) if depth < DEPTH_MOST => {
                    let test = self.test(more)?;
                    out.push(self.branches(test, depth + 1)?);
                }
                ("if", _) => return Err(self.fault("ifs are nested too deep")),
                _ if words.starts_with("/*") && words.ends_with("*/") => {}
                _ => {
                    let place = Place::read(&words).map_err(|why| (self.line, why))?;
                    let spot = self.context.place().map_err(|why| (self.line, why))?;
                    out.push(Piece::Place(place, spot));
                }
            }
        }
        if depth > 0 {
            return Err(self.fault("{{ end }} is missing"));
        }
        Ok((out, Stop::Text))
    }

    fn branches(&mut self, test: Test, depth: usize) -> Result<Piece, Mistake> {
        let before = self.context.clone();
        let (then, end) = self.block(depth)?;
        let after = std::mem::replace(&mut self.context, before);
        let otherwise = match end {
            Stop::Else(None) => match self.block(depth)? {
                (pieces, Stop::End) => pieces,
                _ => return Err(self.fault("a second {{ else }}")),
            },
            Stop::Else(Some(_)) if depth >= DEPTH_MOST => return Err(self.fault("ifs are nested too deep")),
            Stop::Else(Some(test)) => vec![self.branches(test, depth + 1)?],
            Stop::End | Stop::Text => Vec::new(),
        };
        let here = self.context.clone();
        self.context = after.either(here).map_err(|why| (self.line, why))?;
        Ok(Piece::If { test, then, otherwise })
    }

    /// The words of the next braces; the text before them is put out.
    fn next(&mut self, out: &mut Vec<Piece>) -> Result<Option<String>, Mistake> {
        let Some((text, inside)) = self.rest.split_once("{{") else {
            let rest = std::mem::take(&mut self.rest);
            self.text(rest, false, out);
            return Ok(None);
        };
        let left = inside.strip_prefix('-');
        self.text(text, left.is_some(), out);
        let missing = || (self.line, "}} is missing".to_owned());
        let (words, rest) = left.unwrap_or(inside).split_once("}}").ok_or_else(missing)?;
        self.line += words.matches('\n').count();
        self.rest = rest;
        let kept = words.strip_suffix('-');
        self.trims = kept.is_some();
        Ok(Some(kept.unwrap_or(words).trim().to_owned()))
    }

    fn text(&mut self, text: &str, trims_end: bool, out: &mut Vec<Piece>) {
        self.line += text.matches('\n').count();
        let text = if std::mem::take(&mut self.trims) { text.trim_start() } else { text };
        let text = if trims_end { text.trim_end() } else { text };
        self.context.feed(text);
        if !text.is_empty() {
            out.push(Piece::Text(text.to_owned()));
        }
    }

    /// What stands behind `if`.
    fn test(&self, words: &str) -> Result<Test, Mistake> {
        let place = |words: &str| Place::read(words.trim()).map_err(|why| (self.line, why));
        let Some((word, more)) = words.split_once(char::is_whitespace) else {
            return place(words).map(Test::Given);
        };
        if !["not", "eq", "ne"].contains(&word) {
            return Err(self.fault(ASKS));
        }
        let (name, texts) = more.trim().split_once(char::is_whitespace).unwrap_or((more.trim(), ""));
        match (word, self.texts(texts)?) {
            ("not", texts) if texts.is_empty() => place(name).map(Test::Missing),
            ("eq", texts) if !texts.is_empty() => Ok(Test::Is(place(name)?, texts)),
            ("ne", mut texts) if texts.len() == 1 => Ok(Test::IsNot(place(name)?, texts.remove(0))),
            _ => Err(self.fault(ASKS)),
        }
    }

    /// Texts in quotes.
    fn texts(&self, words: &str) -> Result<Vec<String>, Mistake> {
        let (mut out, mut rest) = (Vec::new(), words.trim());
        while !rest.is_empty() {
            let text = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
            let (text, tail) = text.ok_or_else(|| self.fault("texts stand between \" and \""))?;
            out.push(text.to_owned());
            rest = tail.trim_start();
        }
        Ok(out)
    }

    fn fault(&self, why: &str) -> Mistake {
        (self.line, why.to_owned())
    }
}
