//! PostgreSQL's full text: the indexed expression, and queries as `tsquery` text.
//!
//! Words are cut and folded here as [`FUNCTION`] does for the stored text; the server's dictionaries change nothing.

use std::sync::LazyLock;

use bistro_schema::{FieldId, Type};
use regex_syntax::hir::{Class, HirKind};

use super::Term;
use crate::dialect::Dialect;

/// Makes the function that the indexed expressions call: the words of a text with their places, case folded.
pub const FUNCTION: &str = "CREATE OR REPLACE FUNCTION bistro_words(content text) RETURNS tsvector \
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS \
$$SELECT pg_catalog.to_tsvector('pg_catalog.simple'::pg_catalog.regconfig, pg_catalog.regexp_replace(\
pg_catalog.lower(content COLLATE \"und-x-icu\"), '[^[:alnum:]]+', ' ', 'g'))$$";

/// Stands between two fields, so that no phrase is found across them.
const BETWEEN: &str = " bistro0between ";

/// What is indexed of these fields; `prefix` stands before each column (`t0.` in a statement, nothing in a definition).
/// An index serves only where both texts are the same.
pub fn expression(ty: &Type, fields: &[FieldId], prefix: &str) -> String {
    let column =
        |f: &FieldId| format!("coalesce({prefix}{}, '')", Dialect::Postgres.quote(&ty.field(*f).column));
    let columns: Vec<String> = fields.iter().map(column).collect();
    format!("bistro_words({})", columns.join(&format!(" || '{BETWEEN}' || ")))
}

/// A condition as `tsquery` text; one without words finds nothing.
pub(super) fn write(term: &Term) -> String {
    match term {
        Term::Phrase(texts, prefix) => phrase(texts, *prefix),
        Term::And(parts) => joined(parts, " & "),
        Term::Or(parts) => joined(parts, " | "),
        Term::Not(inner) => match write(inner) {
            text if text.is_empty() => text,
            text => format!("!({text})"),
        },
    }
}

fn joined(parts: &[Term], by: &str) -> String {
    let parts: Vec<String> = parts.iter().map(write).filter(|t| !t.is_empty()).collect();
    match parts.as_slice() {
        [one] => one.clone(),
        many => many.iter().map(|t| format!("({t})")).collect::<Vec<_>>().join(by),
    }
}

fn phrase(texts: &[String], prefix: bool) -> String {
    let words: Vec<String> = texts.iter().flat_map(|t| words(t)).collect();
    let quoted: Vec<String> = words.iter().map(|w| format!("'{w}'")).collect();
    match quoted.is_empty() {
        true => String::new(),
        false => quoted.join(" <-> ") + if prefix { ":*" } else { "" },
    }
}

/// The words of a text, as the server cuts them.
fn words(text: &str) -> Vec<String> {
    let folded = text.to_lowercase();
    folded.split(|c| !in_word(c)).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// Whether ICU counts a character as alphanumeric: letters and decimal digits.
fn in_word(c: char) -> bool {
    static RANGES: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
        let parsed = regex_syntax::parse(r"[\p{L}\p{Nd}]").expect("the class is a valid one");
        match parsed.kind() {
            HirKind::Class(Class::Unicode(class)) => {
                class.ranges().iter().map(|r| (r.start(), r.end())).collect()
            }
            _ => Vec::new(),
        }
    });
    match c.is_ascii() {
        true => c.is_ascii_alphanumeric(),
        false => {
            let at = RANGES.partition_point(|(_, end)| *end < c);
            RANGES.get(at).is_some_and(|(start, _)| *start <= c)
        }
    }
}
