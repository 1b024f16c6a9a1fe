//! A place in one query parameter, the tokens that its grammars share, and what to say where one is missing.

use std::borrow::Cow;

use bistro_ir::JsonStep;
use bistro_problem::{Code, Problem};

/// How many characters of a parameter a message repeats.
const QUOTED_MAX: usize = 500;
/// How many steps a JSON path may have.
const JSON_STEPS_MAX: usize = 32;

/// A way into a JSON document as the caller wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonPath {
    pub(crate) steps: Vec<JsonStep>,
    /// Whether the last arrow is `->>`.
    pub(crate) text: bool,
}

impl JsonPath {
    /// The last key: the name of the value in a reply.
    pub(crate) fn last_key(&self) -> Option<&str> {
        self.steps.iter().rev().find_map(|step| match step {
            JsonStep::Key(key) => Some(key.as_str()),
            JsonStep::Index(_) => None,
        })
    }
}

/// A place in a decoded parameter.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    /// What is being read, for messages: `filter`, `select parameter` …
    what: &'static str,
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(what: &'static str, text: &'a str) -> Self {
        Self { what, text, at: 0 }
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn done(&self) -> bool {
        self.at == self.text.len()
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Steps over `token` if it comes next.
    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// Steps over `token` or says that it was expected.
    pub(crate) fn expect(&mut self, token: &str, expecting: &str) -> Result<(), Problem> {
        if self.eat(token) { Ok(()) } else { Err(self.fail(expecting)) }
    }

    /// Nothing may follow.
    pub(crate) fn expect_end(&self, expecting: &str) -> Result<(), Problem> {
        if self.done() { Ok(()) } else { Err(self.fail(expecting)) }
    }

    pub(crate) fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// What comes as long as `keep` holds.
    pub(crate) fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// PGRST100 at this place.
    pub(crate) fn fail(&self, expecting: &str) -> Problem {
        let column = self.text[..self.at].chars().count() + 1;
        let shown = match self.text.char_indices().nth(QUOTED_MAX) {
            Some((end, _)) => format!("{}…", &self.text[..end]),
            None => self.text.to_owned(),
        };
        let message = format!("\"failed to parse {} ({shown})\" (line 1, column {column})", self.what);
        let unexpected = self.peek().map_or_else(|| "end of input".into(), |c| format!("\"{c}\""));
        Problem::new(Code::QueryParse, message)
            .details(format!("unexpected {unexpected} expecting {expecting}"))
    }

    /// A name: quoted, or words of letters, digits, `_`, `$` and spaces, joined by `-`.
    pub(crate) fn name(&mut self) -> Result<Cow<'a, str>, Problem> {
        let start = self.clone();
        self.skip_space();
        if self.peek() == Some('"') {
            let name = self.quoted()?;
            self.skip_space();
            return Ok(name);
        }
        let rest = self.rest();
        let mut end = 0;
        for (i, c) in rest.char_indices() {
            let joins = c == '-' && i > 0 && rest[i + 1..].chars().next().is_some_and(is_name_char);
            if !is_name_char(c) && !joins {
                break;
            }
            end = i + c.len_utf8();
        }
        let name = rest[..end].trim();
        if name.is_empty() {
            return Err(start.fail("field name (* or [a..z0..9_$])"));
        }
        self.at += end;
        Ok(Cow::Borrowed(name))
    }

    /// A text in double quotes, where a backslash takes the next character as it is.
    pub(crate) fn quoted(&mut self) -> Result<Cow<'a, str>, Problem> {
        self.expect("\"", "\"")?;
        let rest = self.rest();
        if let Some(end) = rest.find(['"', '\\']).filter(|end| rest.as_bytes()[*end] == b'"') {
            self.at += end + 1;
            return Ok(Cow::Borrowed(&rest[..end]));
        }
        let mut out = String::new();
        let mut chars = rest.char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += i + 1;
                    return Ok(Cow::Owned(out));
                }
                '\\' => out.extend(chars.next().map(|(_, escaped)| escaped)),
                c => out.push(c),
            }
        }
        self.at = self.text.len();
        Err(self.fail("\""))
    }

    /// `->key`, `->>key`, `->0` … as far as they go.
    pub(crate) fn json_path(&mut self) -> Result<Option<JsonPath>, Problem> {
        let mut path = JsonPath { steps: Vec::new(), text: false };
        while self.rest().starts_with("->") {
            if path.text {
                // `->>` yields text, which has no parts.
                return Err(Problem::new(Code::BadOperator, "operator does not exist: text -> unknown")
                    .hint("Use ->> for the last step alone."));
            }
            self.at += 2;
            path.text = self.eat(">");
            path.steps.push(self.json_step()?);
            if path.steps.len() > JSON_STEPS_MAX {
                let message = format!("A JSON path has more than {JSON_STEPS_MAX} steps");
                return Err(Problem::new(Code::TooComplex, message));
            }
        }
        Ok((!path.steps.is_empty()).then_some(path))
    }

    fn json_step(&mut self) -> Result<JsonStep, Problem> {
        if self.peek() == Some('"') {
            return Ok(JsonStep::Key(self.quoted()?.into_owned()));
        }
        let rest = self.rest();
        let ends = |i: usize, c: char| match c {
            '-' => rest[i + 1..].starts_with('>'),
            '(' | ')' | ':' | '.' | ',' | '>' | '"' => true,
            _ => false,
        };
        let end = rest.char_indices().find(|(i, c)| ends(*i, *c)).map_or(rest.len(), |(i, _)| i);
        let key = rest[..end].trim();
        if key.is_empty() {
            return Err(self.fail("json operator key or index"));
        }
        self.at += end;
        let digits = key.strip_prefix('-').unwrap_or(key);
        let index = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        Ok(match key.parse::<i64>() {
            Ok(at) if index => JsonStep::Index(at),
            _ => JsonStep::Key(key.to_owned()),
        })
    }
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | ' ')
}
