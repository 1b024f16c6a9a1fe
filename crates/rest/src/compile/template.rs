//! The short way: a query string of a known shape needs its literals read, and nothing looked up.
//!
//! [`split`] parts a read into a shape (everything that decides the operation, as written) and literals. Whoever caches
//! operations by shape, roles and limits can [`bind`] the literals to a cached one. Whatever is not plainly simple
//! (trees, `any`/`all`, odd limits, a `Range`) has no template and is compiled in full.
//!
//! Invariant: where [`split`] answers a template, the full compile fills one slot a literal, in the same order.

use std::borrow::Cow;

use bistro_ir::{Input, Operation};
use bistro_problem::Problem;
use bistro_schema::Schema;

use super::literal::{self, Reading};
use super::query::{self, Role, decode};
use super::{Limits, operator, page, path};

/// A read as a shape and its literals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template<'a> {
    /// What decides the operation.
    pub key: Vec<u8>,
    literals: Vec<Literal<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Literal<'a> {
    text: Cow<'a, str>,
    reading: Reading,
}

impl Template<'_> {
    /// A hash of the shape.
    pub fn hash(&self) -> u64 {
        xxhash_rust::xxh3::xxh3_64(&self.key)
    }
}

/// Parts a GET or HEAD without `Range` into shape and literals; `None` where only the full compile will do.
///
/// `collection` and `query` are as in [`super::Request`], `item` too; `facts` are the caller's own bits that change the
/// operation (whether a count is wanted). A `limit` is bound by the limits that the operation was compiled with.
pub fn split<'a>(
    collection: &str,
    item: Option<&'a str>,
    query: &'a str,
    facts: u8,
    limits: &Limits,
) -> Option<Template<'a>> {
    let mut template = Template {
        key: Vec::with_capacity(collection.len() + query.len() + 4),
        literals: Vec::with_capacity(8),
    };
    template.key.push(facts);
    template.key.extend_from_slice(collection.as_bytes());
    // No name holds NUL, so that none can pass for a parameter.
    template.key.push(0);
    if let Some(segment) = item {
        for text in path::key_texts(segment) {
            template.key.push(b'/');
            template.literals.push(Literal { text: decode(text, false)?, reading: Reading::Plain });
        }
    }
    let mut count = 0;
    for pair in query.split('&') {
        let Some((key, value)) = pair.split_once('=') else { continue };
        count += 1;
        if count > limits.parameters {
            return None;
        }
        template.parameter(&decode(key, true)?, value, item.is_some())?;
    }
    Some(template)
}

impl<'a> Template<'a> {
    fn parameter(&mut self, key: &str, value: &'a str, item: bool) -> Option<()> {
        if key.contains(['&', '=']) {
            return None;
        }
        let start = self.key.len();
        self.key.push(b'&');
        self.key.extend_from_slice(key.as_bytes());
        self.key.push(b'=');
        let repeated = || {
            let (before, this) = self.key.split_at(start);
            before.windows(this.len()).any(|part| part == this)
        };
        match query::role(key) {
            Role::Select | Role::Columns | Role::OnConflict | Role::Order => {
                self.key.extend_from_slice(value.as_bytes());
                Some(())
            }
            Role::Tree => None,
            Role::Limit | Role::Offset if repeated() || !page::is_digits(value) => None,
            Role::Limit | Role::Offset if item && query::prefix(key).is_empty() => None,
            Role::Limit if query::prefix(key).is_empty() => self.literal(value, Reading::Limit),
            Role::Limit => self.literal(value, Reading::EmbedLimit),
            Role::Offset => self.literal(value, Reading::Offset),
            Role::Filter => self.filter(value),
        }
    }

    fn filter(&mut self, value: &'a str) -> Option<()> {
        let (not, rest) = value.strip_prefix("not.").map_or(("", value), |rest| ("not.", rest));
        let (word, literal) = rest.split_once('.')?;
        if word == "is" {
            self.key.extend_from_slice(value.as_bytes());
            return Some(());
        }
        let reading = match word {
            "in" => Reading::In,
            "like" | "ilike" => Reading::Like,
            "match" | "imatch" => Reading::Regex,
            _ if operator::takes_literal(word) => Reading::Compared,
            _ => return None,
        };
        self.key.extend_from_slice(not.as_bytes());
        self.key.extend_from_slice(word.as_bytes());
        self.key.push(b'.');
        self.literal(literal, reading)
    }

    fn literal(&mut self, text: &'a str, reading: Reading) -> Option<()> {
        self.literals.push(Literal { text: decode(text, true)?, reading });
        Some(())
    }
}

/// The input of a cached operation of the template's shape, or what is wrong with a literal. `exactly_one` is left to
/// the caller: it is no part of a shape.
pub fn bind(
    schema: &Schema,
    limits: &Limits,
    operation: &Operation,
    template: &Template<'_>,
) -> Result<Input, Problem> {
    if operation.params.len() != template.literals.len() {
        return Err(Problem::bug("a template was bound to an operation of another shape"));
    }
    let slots = operation.params.iter().zip(&template.literals);
    let params = slots.map(|(param, l)| literal::read(schema, limits, (param.scalar, l.reading), &l.text));
    let params = params.collect::<Result<Vec<_>, _>>()?;
    Ok(Input { params, ..Input::default() })
}
