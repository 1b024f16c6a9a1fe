//! The text of a migration as statements again: at each semicolon that ends one.
//!
//! Quotes, remarks, dollar quotes and the bodies of triggers and functions hold semicolons that end nothing. A remark stays
//! with the statement that follows it.

use bistro_problem::Code;
use bistro_store::{StoreError, StoreErrorKind};

use crate::dialect::Dialect;

/// The statements of a text, in order, each without its semicolon; those of remarks alone are left out.
///
/// # Errors
/// [`StoreErrorKind::Rejected`] for a quote, a remark or a body that does not end, with the line where it begins.
pub fn split(dialect: Dialect, text: &str) -> Result<Vec<String>, StoreError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut splitter =
        Splitter { dialect, text, at: 0, start: 0, words: Vec::new(), nested: Vec::new(), out: Vec::new() };
    splitter.run()?;
    Ok(splitter.out)
}

struct Splitter<'t> {
    dialect: Dialect,
    text: &'t str,
    at: usize,
    /// Where the statement began.
    start: usize,
    /// Its first words, in capitals.
    words: Vec<String>,
    /// Where each open body of it began.
    nested: Vec<usize>,
    out: Vec<String>,
}

/// How many first words say whether a statement has a body.
const HEAD: usize = 16;

impl Splitter<'_> {
    fn run(&mut self) -> Result<(), StoreError> {
        while let Some(c) = self.text[self.at..].chars().next() {
            let rest = &self.text[self.at..];
            match c {
                '\'' | '"' | '`' => self.quoted(c)?,
                '-' if self.line_remark(rest) => self.line(),
                '#' if self.dialect == Dialect::Mysql => self.line(),
                '/' if rest.starts_with("/*") => self.remark()?,
                '$' if self.dialect == Dialect::Postgres => self.dollar()?,
                ';' if self.nested.is_empty() => self.end(),
                c if c.is_alphabetic() || c == '_' => self.word(),
                c => self.at += c.len_utf8(),
            }
        }
        if let Some(start) = self.nested.first() {
            return Err(self.endless(*start, "BEGIN without its END"));
        }
        self.end();
        Ok(())
    }

    fn line_remark(&self, rest: &str) -> bool {
        let after = rest.strip_prefix("--");
        match self.dialect {
            // MySQL reads `5--3` as a sum.
            Dialect::Mysql => after.is_some_and(|r| r.is_empty() || r.starts_with(char::is_whitespace)),
            _ => after.is_some(),
        }
    }

    fn line(&mut self) {
        self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |n| self.at + n + 1);
    }

    fn remark(&mut self) -> Result<(), StoreError> {
        let (start, mut depth) = (self.at, 0_u32);
        loop {
            let rest = &self.text[self.at..];
            if rest.starts_with("/*") && (depth == 0 || self.dialect == Dialect::Postgres) {
                depth += 1;
                self.at += 2;
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return self.executed(start);
                }
            } else if let Some(c) = rest.chars().next() {
                self.at += c.len_utf8();
            } else {
                return Err(self.endless(start, "a remark"));
            }
        }
    }

    /// MySQL runs what stands in `/*! … */`, so that such a text is no mere remark.
    fn executed(&mut self, start: usize) -> Result<(), StoreError> {
        let text = &self.text[start..];
        if self.dialect == Dialect::Mysql && (text.starts_with("/*!") || text.starts_with("/*M!")) {
            self.words.push("/*!".to_owned());
        }
        Ok(())
    }

    /// A quoted text: its mark twice stands for itself, and a backslash hides what follows where the engine says so.
    fn quoted(&mut self, mark: char) -> Result<(), StoreError> {
        let start = self.at;
        let escaped = match self.dialect {
            Dialect::Sqlite => false,
            Dialect::Postgres => mark == '\'' && self.escape_string(start),
            Dialect::Mysql => mark != '`',
        };
        self.words.push(mark.to_string());
        self.at += 1;
        let mut chars = self.text[self.at..].char_indices().peekable();
        while let Some((n, c)) = chars.next() {
            if c == '\\' && escaped {
                chars.next();
            } else if c == mark {
                if chars.peek().is_some_and(|(_, next)| *next == mark) {
                    chars.next();
                } else {
                    self.at += n + 1;
                    return Ok(());
                }
            }
        }
        Err(self.endless(start, "a quoted text"))
    }

    /// `E'…'` of PostgreSQL.
    fn escape_string(&self, quote: usize) -> bool {
        let mut before = self.text[..quote].chars().rev();
        matches!(before.next(), Some('e' | 'E'))
            && before.next().is_none_or(|c| !(c.is_alphanumeric() || c == '_'))
    }

    fn dollar(&mut self) -> Result<(), StoreError> {
        let rest = &self.text[self.at + 1..];
        let tag = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let before = self.text[..self.at].chars().next_back();
        let within = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$');
        if within || !rest[tag..].starts_with('$') || rest.starts_with(|c: char| c.is_ascii_digit()) {
            self.at += 1;
            return Ok(());
        }
        let whole = &self.text[self.at..self.at + tag + 2];
        let body = self.at + whole.len();
        match self.text[body..].find(whole) {
            Some(end) => self.at = body + end + whole.len(),
            None => return Err(self.endless(self.at, "a dollar-quoted text")),
        }
        self.words.push("$".to_owned());
        Ok(())
    }

    /// A word; in a trigger or a routine `BEGIN` and `CASE` open what `END` closes.
    fn word(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        let length =
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
        self.at += length;
        let word = rest[..length].to_uppercase();
        if self.words.len() < HEAD {
            self.words.push(word.clone());
        }
        if !self.has_body() {
            return;
        }
        match word.as_str() {
            "BEGIN" | "CASE" => self.nested.push(start),
            "END" => {
                let after = rest[length..].trim_start().get(..6).unwrap_or_default().to_uppercase();
                // `END IF`, `END LOOP` and the like close what nothing here opened.
                let other = ["IF", "LOOP", "WHILE", "REPEAT"].iter().any(|w| after.starts_with(w));
                if !other {
                    self.nested.pop();
                }
                if after.starts_with("CASE") {
                    let skipped = rest[length..].len() - rest[length..].trim_start().len();
                    self.at += skipped + "CASE".len();
                }
            }
            _ => {}
        }
    }

    fn has_body(&self) -> bool {
        let routine = |w: &String| matches!(w.as_str(), "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT");
        self.words.first().is_some_and(|w| w == "CREATE") && self.words.iter().take(HEAD).any(routine)
    }

    /// The statement ends here.
    fn end(&mut self) {
        let statement = self.text[self.start..self.at].trim();
        if !self.words.is_empty() {
            self.out.push(statement.to_owned());
        }
        self.at = (self.at + 1).min(self.text.len());
        self.start = self.at;
        self.words.clear();
    }

    fn endless(&self, start: usize, what: &str) -> StoreError {
        let line = self.text[..start].matches('\n').count() + 1;
        let text = format!("line {line}: {what} begins here and does not end");
        StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, text.clone()), text)
    }
}

#[cfg(test)]
mod tests;
