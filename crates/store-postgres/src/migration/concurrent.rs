//! Statements that make or drop an index while others write.

use bistro_store::StoreError;
use tokio_postgres::Client;

use crate::error::from_driver;
use crate::prepare::POSTGRES;

/// A statement that the server runs outside transactions alone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Concurrent {
    /// Makes the index of this name; none, if the server is to choose one.
    Create(Option<String>),
    /// Drops the index.
    Drop(String),
    /// Makes indexes again.
    Again,
}

impl Concurrent {
    /// What a statement is, if it is such a one.
    pub(super) fn of(sql: &str) -> Option<Self> {
        let words = words(sql);
        let at = words.iter().take(8).position(|w| w.eq_ignore_ascii_case("CONCURRENTLY"))?;
        let is = |word: &str| words.first().is_some_and(|w| w.eq_ignore_ascii_case(word));
        let mut rest = words[at + 1..]
            .iter()
            .skip_while(|w| ["IF", "NOT", "EXISTS"].iter().any(|k| w.eq_ignore_ascii_case(k)));
        let name = rest.next().filter(|w| !w.eq_ignore_ascii_case("ON"));
        match name {
            _ if is("REINDEX") => Some(Concurrent::Again),
            name if is("CREATE") => Some(Concurrent::Create(name.map(|n| folded(n)))),
            Some(name) if is("DROP") => Some(Concurrent::Drop(folded(name))),
            _ => None,
        }
    }

    /// Whether what the statement is for is so already.
    pub(super) async fn stands(&self, client: &Client) -> Result<bool, StoreError> {
        match self {
            Concurrent::Create(Some(name)) => Ok(valid(client, name).await? == Some(true)),
            Concurrent::Drop(name) => Ok(valid(client, name).await?.is_none()),
            Concurrent::Create(None) | Concurrent::Again => Ok(false),
        }
    }

    /// Takes away the index that an interrupted run left unusable.
    pub(super) async fn clear(&self, client: &Client) -> Result<(), StoreError> {
        let Concurrent::Create(Some(name)) = self else { return Ok(()) };
        if valid(client, name).await? == Some(false) {
            let sql = format!("DROP INDEX CONCURRENTLY IF EXISTS {}", quoted(name));
            client.batch_execute(&sql).await.map_err(|e| from_driver(&e))?;
        }
        Ok(())
    }
}

/// Whether an index is usable; `None` if there is none of this name.
async fn valid(client: &Client, name: &str) -> Result<Option<bool>, StoreError> {
    let sql = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)";
    let row = client.query_opt(sql, &[&quoted(name)]).await.map_err(|e| from_driver(&e))?;
    row.map(|r| r.try_get(0)).transpose().map_err(|e| from_driver(&e))
}

fn quoted(name: &str) -> String {
    name.split('\u{1}').map(|part| POSTGRES.quote(part)).collect::<Vec<_>>().join(".")
}

/// A name as the catalogue has it, the schema before it divided by an unlikely character.
fn folded(word: &str) -> String {
    let (mut out, mut chars, mut inside) = (String::new(), word.chars().peekable(), false);
    while let Some(c) = chars.next() {
        match c {
            '"' if inside && chars.peek() == Some(&'"') => {
                chars.next();
                out.push('"');
            }
            '"' => inside = !inside,
            '.' if !inside => out.push('\u{1}'),
            c if inside => out.push(c),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// The first words of a statement, comments left out; quoted names are one word.
pub(super) fn words(sql: &str) -> Vec<String> {
    let (mut out, mut word, mut rest): (Vec<String>, String, &str) = (Vec::new(), String::new(), sql);
    let mut inside = false;
    while let Some(c) = rest.chars().next().filter(|_| out.len() < 12) {
        let skip = match c {
            '"' => {
                inside = !inside;
                word.push(c);
                1
            }
            c if inside => {
                word.push(c);
                c.len_utf8()
            }
            _ if rest.starts_with("--") => rest.find('\n').map_or(rest.len(), |at| at + 1),
            _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            c if c.is_whitespace() || matches!(c, '(' | ')' | ';' | ',') => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                c.len_utf8()
            }
            c => {
                word.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[skip..];
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}
