//! What the words of a table's definition mean: the type of a column, and the checks, which only the text tells.

use bistro_schema::Kind;
use bistro_store::catalogue::Nature;

/// What a declared type says of a column's values, and the longest text. Integers have 64 bits whatever they are called.
pub(super) fn nature(declared: &str) -> (Option<Nature>, Option<u32>) {
    let upper = declared.trim().to_ascii_uppercase();
    let (word, numbers) = match upper.split_once('(') {
        Some((word, rest)) => (word.trim(), numbers(rest)),
        None => (upper.as_str(), Vec::new()),
    };
    let kind = match word {
        "BOOLEAN" | "BOOL" => Kind::Boolean,
        "DATE" => Kind::Date,
        "TIME" => Kind::Time,
        "DATETIME" | "TIMESTAMP" | "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => Kind::DateTime,
        "JSON" | "JSONB" => Kind::Json,
        "UUID" | "GUID" | "UNIQUEIDENTIFIER" => Kind::Uuid,
        "NUMERIC" | "DECIMAL" | "NUMBER" => match decimal(&numbers) {
            Some(kind) => kind,
            None => return (None, None),
        },
        "STRING" => Kind::String,
        word if word.contains("POINT") || word.contains("INTERVAL") => return (None, None),
        // The rules by which SQLite itself guesses.
        word if word.contains("INT") => Kind::BigInt,
        word if ["CHAR", "CLOB", "TEXT"].iter().any(|w| word.contains(w)) => Kind::String,
        word if word.contains("BLOB") || word.contains("BINARY") => Kind::Bytes,
        word if ["REAL", "FLOA", "DOUB"].iter().any(|w| word.contains(w)) => Kind::Float,
        _ => return (None, None),
    };
    let length = if kind == Kind::String { numbers.first().copied().filter(|n| *n > 0) } else { None };
    (Some(Nature::Kind(kind)), length)
}

fn numbers(text: &str) -> Vec<u32> {
    text.trim_end_matches(')').split(',').filter_map(|n| n.trim().parse().ok()).collect()
}

fn decimal(numbers: &[u32]) -> Option<Kind> {
    let (precision, scale) = match numbers {
        [] => return Some(Kind::Decimal { precision: 38, scale: 9, bare: true }),
        [precision] => (*precision, 0),
        [precision, scale, ..] => (*precision, *scale),
    };
    let fits = (1..=38).contains(&precision) && scale <= 18 && scale <= precision;
    let (precision, scale) = (u8::try_from(precision).ok()?, u8::try_from(scale).ok()?);
    fits.then_some(Kind::Decimal { precision, scale, bare: false })
}

/// A word, a quoted name, a text or a sign, with its place.
#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

impl Token<'_> {
    fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }
}

/// The checks of a table's definition: name (or the empty text) and condition.
pub(super) fn checks(sql: &str) -> Vec<(String, String)> {
    let tokens = tokens(sql);
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let opens = tokens.get(at + 1).is_some_and(|t| t.is("("));
        if !tokens[at].is("CHECK") || !opens {
            at += 1;
            continue;
        }
        let Some(close) = closing(&tokens, at + 1) else { break };
        let named = at >= 2 && tokens[at - 2].is("CONSTRAINT");
        let name = if named { unquoted(tokens[at - 1].text) } else { String::new() };
        out.push((name, sql[tokens[at + 1].end..tokens[close].start].trim().to_owned()));
        at = close + 1;
    }
    out
}

/// The bracket that closes the one at `open`.
fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "(" => depth += 1,
            ")" if depth == 1 => return Some(at),
            ")" => depth -= 1,
            _ => {}
        }
    }
    None
}

fn unquoted(name: &str) -> String {
    let inner = |open: char, close: char| {
        name.strip_prefix(open).and_then(|n| n.strip_suffix(close)).map(|n| {
            let doubled: String = [close, close].iter().collect();
            n.replace(&doubled, &close.to_string())
        })
    };
    let quotes = [('"', '"'), ('`', '`'), ('[', ']'), ('\'', '\'')];
    quotes.into_iter().find_map(|(o, c)| inner(o, c)).unwrap_or_else(|| name.to_owned())
}

/// The tokens of a definition, without comments. SQLite has accepted the text, so what is not closed ends it.
fn tokens(sql: &str) -> Vec<Token<'_>> {
    let bytes = sql.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b if b.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at = sql[at..].find('\n').map_or(bytes.len(), |n| at + n + 1);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = sql[at + 2..].find("*/").map_or(bytes.len(), |n| at + n + 4);
                continue;
            }
            quote @ (b'"' | b'\'' | b'`' | b'[') => {
                let close = if quote == b'[' { b']' } else { quote };
                at = quoted(bytes, at + 1, close);
            }
            b if b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80 => {
                at = (at..bytes.len())
                    .find(|n| !(bytes[*n].is_ascii_alphanumeric() || bytes[*n] == b'_' || bytes[*n] >= 0x80))
                    .unwrap_or(bytes.len());
            }
            _ => at += 1,
        }
        out.push(Token { text: &sql[start..at], start, end: at });
    }
    out
}

/// One past the quote that closes; a doubled one stands for itself.
fn quoted(bytes: &[u8], mut at: usize, close: u8) -> usize {
    while at < bytes.len() {
        if bytes[at] != close {
            at += 1;
        } else if close != b']' && bytes.get(at + 1) == Some(&close) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    bytes.len()
}
