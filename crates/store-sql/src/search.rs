//! Full-text queries in PostgreSQL's four forms become one safe expression of the engine's own.
//!
//! SQLite: an index has the fields `c0`, `c1` … and a field `every` that holds the same word in every row, from which what a
//! query excludes is taken away: FTS5 itself has no "not" without a left side. Words are whole and case is folded by
//! the tokenizer; there is no stemming. What other engines read is written in the modules below.

mod boolean;
mod tsquery;

use bistro_ir::SearchMode;
use bistro_problem::Code;
use bistro_store::{StoreError, StoreErrorKind};

use crate::dialect::Dialect;

pub use tsquery::{FUNCTION, expression};

/// The word that every row has in the field [`EVERY`].
pub const EVERY_WORD: &str = "every";
/// The word that every searched field has on MySQL.
pub const MYSQL_EVERY: &str = "bistro0every";
/// The name of that field.
pub const EVERY: &str = "every";
/// Finds nothing: no row has this word there.
const NOTHING: &str = "every : \"nothing\"";
/// Nesting of a query.
const DEPTH: usize = 32;
/// Words of a query.
const WORDS: usize = 200;

/// A condition on words.
#[derive(Clone, Debug, PartialEq)]
enum Term {
    /// These words in this order; the last one may be a beginning only.
    Phrase(Vec<String>, bool),
    And(Vec<Term>),
    Or(Vec<Term>),
    Not(Box<Term>),
}

/// The expression for a query over one of `of` fields, or all.
///
/// # Errors
/// [`StoreErrorKind::Rejected`] if the query cannot be read or is too large.
pub fn query(
    dialect: Dialect,
    text: &str,
    mode: SearchMode,
    field: Option<usize>,
    of: usize,
) -> Result<String, StoreError> {
    if text.split_whitespace().count() > WORDS {
        return Err(rejected(format!("a full-text query may have at most {WORDS} words")));
    }
    let term = match mode {
        SearchMode::Query => Reader { rest: text.trim(), whole: text }.whole()?,
        SearchMode::Plain => Some(Term::And(text.split_whitespace().filter_map(word).collect())),
        SearchMode::Phrase => phrase(text, false),
        SearchMode::Web => web(text),
    };
    let term = term.and_then(simplify);
    Ok(match dialect {
        Dialect::Sqlite => fts5(term.as_ref(), field, of),
        Dialect::Postgres => term.map_or_else(String::new, |t| tsquery::write(&t)),
        Dialect::Mysql => term.map_or_else(String::new, |t| boolean::write(&t)),
    })
}

/// FTS5's expression.
fn fts5(term: Option<&Term>, field: Option<usize>, of: usize) -> String {
    let columns = match field {
        Some(index) => format!("{{c{index}}}"),
        None => format!("{{{}}}", (0..of).map(|i| format!("c{i}")).collect::<Vec<_>>().join(" ")),
    };
    term.map_or_else(|| NOTHING.to_owned(), |t| write(t, &columns))
}

fn rejected(text: String) -> StoreError {
    StoreError::new(StoreErrorKind::Rejected(Code::SearchQuery, text.clone()), text)
}

fn has_word(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

fn word(text: &str) -> Option<Term> {
    phrase(text, false)
}

/// Words in order; `None` without any.
fn phrase(text: &str, prefix: bool) -> Option<Term> {
    let words: Vec<String> =
        text.split_whitespace().filter(|w| has_word(w)).map(|w| w.replace('\0', " ")).collect();
    if words.is_empty() { None } else { Some(Term::Phrase(words, prefix)) }
}

/// Leaves out what holds no word.
fn simplify(term: Term) -> Option<Term> {
    let gather = |parts: Vec<Term>, make: fn(Vec<Term>) -> Term| {
        let mut parts: Vec<Term> = parts.into_iter().filter_map(simplify).collect();
        match parts.len() {
            0 => None,
            1 => parts.pop(),
            _ => Some(make(parts)),
        }
    };
    match term {
        Term::Phrase(..) => Some(term),
        Term::And(parts) => gather(parts, Term::And),
        Term::Or(parts) => gather(parts, Term::Or),
        Term::Not(inner) => match simplify(*inner)? {
            Term::Not(twice) => Some(*twice),
            other => Some(Term::Not(Box::new(other))),
        },
    }
}

/// What people type into a search box: quotes make phrases, `or` joins, `-` excludes, nothing is wrong.
fn web(text: &str) -> Option<Term> {
    let (mut any, mut all, mut rest) = (Vec::new(), Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let negated = first == '-';
        let body = if negated { &rest[1..] } else { rest };
        let (found, after) = match body.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => body.split_at(body.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(body.len())),
        };
        if !negated && !body.starts_with('"') && found.eq_ignore_ascii_case("or") {
            any.push(Term::And(std::mem::take(&mut all)));
        } else if let Some(term) = phrase(found, false) {
            all.push(if negated { Term::Not(Box::new(term)) } else { term });
        }
        rest = after.trim_start();
    }
    any.push(Term::And(all));
    Some(Term::Or(any))
}

/// Reads `to_tsquery`'s form: `& | ! <-> ( )`, words, quoted words, `:*` for a beginning.
struct Reader<'a> {
    rest: &'a str,
    whole: &'a str,
}

impl Reader<'_> {
    fn whole(mut self) -> Result<Option<Term>, StoreError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let term = self.any(0)?;
        if self.rest.is_empty() { Ok(Some(term)) } else { Err(self.wrong()) }
    }

    fn wrong(&self) -> StoreError {
        rejected(format!("syntax error in tsquery: \"{}\"", self.whole))
    }

    fn take(&mut self, sign: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(sign) else { return false };
        self.rest = rest.trim_start();
        true
    }

    fn any(&mut self, depth: usize) -> Result<Term, StoreError> {
        if depth > DEPTH {
            return Err(rejected(format!("a full-text query may be nested at most {DEPTH} deep")));
        }
        let mut parts = vec![self.all(depth)?];
        while self.take("|") {
            parts.push(self.all(depth)?);
        }
        Ok(Term::Or(parts))
    }

    fn all(&mut self, depth: usize) -> Result<Term, StoreError> {
        let mut parts = vec![self.follow(depth)?];
        while self.take("&") {
            parts.push(self.follow(depth)?);
        }
        Ok(Term::And(parts))
    }

    /// Words joined by `<->`.
    fn follow(&mut self, depth: usize) -> Result<Term, StoreError> {
        let mut left = self.one(depth)?;
        loop {
            if !self.take("<->") && !self.take("<1>") {
                break;
            }
            let right = self.one(depth)?;
            left = match (left, right) {
                (Term::Phrase(mut words, false), Term::Phrase(more, prefix)) => {
                    words.extend(more);
                    Term::Phrase(words, prefix)
                }
                _ => return Err(rejected("only words may stand around <-> in a full-text query".into())),
            };
        }
        if self.rest.starts_with('<') {
            return Err(rejected(
                "of the distance operators only <-> is supported in a full-text query".into(),
            ));
        }
        Ok(left)
    }

    fn one(&mut self, depth: usize) -> Result<Term, StoreError> {
        if self.take("!") {
            if depth > DEPTH {
                return Err(self.wrong());
            }
            return Ok(Term::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take("(") {
            let inner = self.any(depth + 1)?;
            return if self.take(")") { Ok(inner) } else { Err(self.wrong()) };
        }
        let text = self.word()?;
        let prefix = self.label()?;
        // A word without letters is no word: it takes part in nothing.
        Ok(phrase(&text, prefix).unwrap_or(Term::And(Vec::new())))
    }

    fn word(&mut self) -> Result<String, StoreError> {
        if let Some(quoted) = self.rest.strip_prefix('\'') {
            let (text, rest) = quoted.split_once('\'').ok_or_else(|| self.wrong())?;
            self.rest = rest;
            return Ok(text.to_owned());
        }
        let stop = |c: char| c.is_whitespace() || "&|!()<:'".contains(c);
        let (text, rest) = self.rest.split_at(self.rest.find(stop).unwrap_or(self.rest.len()));
        if text.is_empty() {
            return Err(self.wrong());
        }
        self.rest = rest;
        Ok(text.to_owned())
    }

    fn label(&mut self) -> Result<bool, StoreError> {
        let mut prefix = false;
        if let Some(rest) = self.rest.strip_prefix(':') {
            let end = rest.find(|c: char| !c.is_ascii_alphabetic() && c != '*').unwrap_or(rest.len());
            match &rest[..end] {
                "*" => prefix = true,
                "" => return Err(self.wrong()),
                _ => return Err(rejected("weights are not supported in a full-text query".into())),
            }
            self.rest = &rest[end..];
        }
        self.rest = self.rest.trim_start();
        Ok(prefix)
    }
}

fn write(term: &Term, columns: &str) -> String {
    match term {
        Term::Phrase(words, prefix) => {
            let text = words.join(" ").replace('"', "\"\"");
            format!("{columns} : \"{text}\"{}", if *prefix { " *" } else { "" })
        }
        Term::And(parts) => {
            let (without, with): (Vec<_>, Vec<_>) = parts.iter().partition(|p| matches!(p, Term::Not(_)));
            let mut text = match with.as_slice() {
                [] => every(),
                with => with.iter().map(|p| grouped(p, columns)).collect::<Vec<_>>().join(" AND "),
            };
            for excluded in without {
                if let Term::Not(inner) = excluded {
                    text = format!("({text}) NOT {}", grouped(inner, columns));
                }
            }
            text
        }
        Term::Or(parts) => parts.iter().map(|p| grouped(p, columns)).collect::<Vec<_>>().join(" OR "),
        Term::Not(inner) => format!("{} NOT {}", every(), grouped(inner, columns)),
    }
}

fn grouped(term: &Term, columns: &str) -> String {
    match term {
        Term::Phrase(..) => write(term, columns),
        _ => format!("({})", write(term, columns)),
    }
}

fn every() -> String {
    format!("{EVERY} : \"{EVERY_WORD}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_become_expressions_of_the_index() {
        use SearchMode::{Phrase, Plain, Query, Web};
        let cases = [
            (Plain, "Fat  rat's", r#"{c0 c1} : "Fat" AND {c0 c1} : "rat's""#),
            (Plain, "--", NOTHING),
            (Phrase, "fat \"rat", r#"{c0 c1} : "fat ""rat""#),
            (
                Web,
                "\"sad cat\" or fat -rat",
                r#"{c0 c1} : "sad cat" OR (({c0 c1} : "fat") NOT {c0 c1} : "rat")"#,
            ),
            (Web, "-rat", r#"every : "every" NOT {c0 c1} : "rat""#),
            (Web, "\"open", r#"{c0 c1} : "open""#),
            (
                Query,
                "fat & (rat | !cat)",
                r#"{c0 c1} : "fat" AND ({c0 c1} : "rat" OR (every : "every" NOT {c0 c1} : "cat"))"#,
            ),
            (Query, "super:*", r#"{c0 c1} : "super" *"#),
            (Query, "fat <-> rat", r#"{c0 c1} : "fat rat""#),
            (Query, "", NOTHING),
        ];
        for (mode, text, expected) in cases {
            assert_eq!(query(Dialect::Sqlite, text, mode, None, 2).unwrap(), expected, "{text}");
        }
        assert_eq!(query(Dialect::Sqlite, "a", Plain, Some(1), 2).unwrap(), r#"{c1} : "a""#);
    }

    #[test]
    fn queries_become_tsquery_texts() {
        use SearchMode::{Phrase, Plain, Query, Web};
        let cases = [
            (Plain, "Fat  rat's", "('fat') & ('rat' <-> 's')"),
            (Plain, "--", ""),
            (Phrase, "fat \"RAT", "'fat' <-> 'rat'"),
            (Web, "\"sad cat\" or fat -rat", "('sad' <-> 'cat') | (('fat') & (!('rat')))"),
            (Web, "-Ärger", "!('ärger')"),
            (Query, "fat & (rat | !cat)", "('fat') & (('rat') | (!('cat')))"),
            (Query, "super:*", "'super':*"),
            (Query, "fat <-> rat:*", "'fat' <-> 'rat':*"),
            (Query, "", ""),
        ];
        for (mode, text, expected) in cases {
            assert_eq!(query(Dialect::Postgres, text, mode, None, 2).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let deep = "(".repeat(100_000);
        for text in
            ["fat rat", "fat &", "(fat", "fat)", "!", "fat <3> rat", "fat:A", deep.as_str(), "& a", "a:"]
        {
            let error = query(Dialect::Sqlite, text, SearchMode::Query, None, 1).unwrap_err();
            assert!(matches!(error.kind, StoreErrorKind::Rejected(..)), "{error}");
        }
    }
}
