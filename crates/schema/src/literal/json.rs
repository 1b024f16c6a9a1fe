//! JSON text: checked strictly (RFC 8259) and compacted, numbers and key order kept as written.
//!
//! The scanner holds its stack in one integer, a bit per open bracket, so that no text can exhaust memory or the call
//! stack.

use super::{LiteralError, LiteralErrorKind, cut};

/// How many brackets may be open at once.
pub const DEPTH_MAX: u32 = 64;

/// Checks a JSON document and returns it without white space between its tokens.
pub fn compact(text: &str) -> Result<Box<str>, LiteralError> {
    let mut scanner = Scanner { text, at: 0, out: String::with_capacity(text.len()), open: 0, depth: 0 };
    match scanner.document() {
        Ok(()) => Ok(scanner.out.into()),
        Err(Fault::Syntax) => Err(LiteralError::syntax("json", text)),
        Err(Fault::Depth) => {
            let message = format!("JSON is nested deeper than {DEPTH_MAX} levels: \"{}\"", cut(text));
            Err(LiteralError::new(LiteralErrorKind::Syntax, message))
        }
        Err(Fault::Nul) => {
            let message = "unsupported Unicode escape sequence: \\u0000 cannot be converted to text";
            Err(LiteralError::new(LiteralErrorKind::Text, message))
        }
    }
}

/// The texts of the elements of a compact JSON array (as [`compact`] returns it).
pub fn elements(array: &str) -> Vec<&str> {
    parts(array.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or_default())
}

/// What the commas outside of brackets and quotes divide; nothing has no parts.
pub(super) fn parts(inner: &str) -> Vec<&str> {
    if inner.is_empty() {
        return Vec::new();
    }
    let (mut found, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    let mut quoted = false;
    let mut bytes = inner.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => _ = bytes.next(),
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                found.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&inner[start..]);
    found
}

/// The text that a checked JSON string (with its quotes) stands for.
pub fn unescape(string: &str) -> String {
    let inner = string.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(string);
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((run, escape)) = rest.split_once('\\') {
        out.push_str(run);
        let mut chars = escape.chars();
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => {
                let (c, length) = unescape_unicode(escape.as_bytes());
                out.push(c);
                rest = &escape[length..];
                continue;
            }
            Some(c) => out.push(c),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

/// The character of `uXXXX` or `uXXXX\uXXXX` and how many bytes it takes.
fn unescape_unicode(bytes: &[u8]) -> (char, usize) {
    let first = bytes.get(1..5).and_then(unit);
    let second = bytes.get(5..11).filter(|b| b.starts_with(b"\\u")).and_then(|b| unit(&b[2..]));
    match (first, second) {
        (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => {
            let code = 0x10000 + (u32::from(high) - 0xd800) * 0x400 + (u32::from(low) - 0xdc00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11)
        }
        (Some(code), _) => (char::from_u32(u32::from(code)).unwrap_or(char::REPLACEMENT_CHARACTER), 5),
        (None, _) => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// Four hexadecimal digits.
fn unit(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0_u16, |n, b| Some(n << 4 | char::from(*b).to_digit(16)? as u16))
}

enum Fault {
    Syntax,
    Depth,
    Nul,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    /// After `[`: a value or `]`.
    FirstElement,
    /// After `{`: a key or `}`.
    FirstKey,
    Key,
    /// After a value: a comma, a closing bracket or the end.
    After,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    out: String,
    /// A bit for each open bracket, the innermost lowest: 1 for an object.
    open: u64,
    depth: u32,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), Fault> {
        let mut next = Next::Value;
        loop {
            self.skip_space();
            let byte = self.peek();
            next = match (next, byte) {
                (Next::After, None) if self.depth == 0 => return Ok(()),
                (_, None) => return Err(Fault::Syntax),
                (Next::After, Some(b',')) if self.depth > 0 => {
                    self.copy(1);
                    if self.open & 1 == 1 { Next::Key } else { Next::Value }
                }
                (Next::After | Next::FirstKey, Some(b'}')) if self.depth > 0 && self.open & 1 == 1 => {
                    self.close()
                }
                (Next::After | Next::FirstElement, Some(b']')) if self.depth > 0 && self.open & 1 == 0 => {
                    self.close()
                }
                (Next::Key | Next::FirstKey, Some(b'"')) => self.key()?,
                (Next::Value | Next::FirstElement, Some(byte)) => self.value(byte)?,
                _ => return Err(Fault::Syntax),
            };
        }
    }

    fn value(&mut self, byte: u8) -> Result<Next, Fault> {
        match byte {
            b'{' => return self.open(1, Next::FirstKey),
            b'[' => return self.open(0, Next::FirstElement),
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            _ => return Err(Fault::Syntax),
        }
        Ok(Next::After)
    }

    fn open(&mut self, bit: u64, next: Next) -> Result<Next, Fault> {
        if self.depth == DEPTH_MAX {
            return Err(Fault::Depth);
        }
        self.depth += 1;
        self.open = self.open << 1 | bit;
        self.copy(1);
        Ok(next)
    }

    fn close(&mut self) -> Next {
        self.depth -= 1;
        self.open >>= 1;
        self.copy(1);
        Next::After
    }

    fn key(&mut self) -> Result<Next, Fault> {
        self.string()?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(Fault::Syntax);
        }
        self.copy(1);
        Ok(Next::Value)
    }

    fn word(&mut self, word: &str) -> Result<(), Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Fault::Syntax);
        }
        self.copy(word.len());
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        let bytes = &self.text.as_bytes()[self.at..];
        let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let start = usize::from(bytes[0] == b'-');
        let whole = digits(start);
        if whole == 0 || whole > 1 && bytes[start] == b'0' {
            return Err(Fault::Syntax);
        }
        let mut end = start + whole;
        if bytes.get(end) == Some(&b'.') {
            let fraction = digits(end + 1);
            if fraction == 0 {
                return Err(Fault::Syntax);
            }
            end += 1 + fraction;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent == 0 {
                return Err(Fault::Syntax);
            }
            end += 1 + sign + exponent;
        }
        self.copy(end);
        Ok(())
    }

    /// Copies a string with its quotes; escapes stay as they are written.
    fn string(&mut self) -> Result<(), Fault> {
        let bytes = &self.text.as_bytes()[self.at..];
        let mut end = 1;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += escape_length(&bytes[end..])?,
                Some(0x20..) => end += 1,
                Some(_) | None => return Err(Fault::Syntax),
            }
        }
        self.copy(end + 1);
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Copies a token, which ends where a character ends because its last byte is ASCII.
    fn copy(&mut self, length: usize) {
        self.out.push_str(&self.text[self.at..self.at + length]);
        self.at += length;
    }
}

/// How many bytes the escape at the start takes; a pair of surrogates is one.
fn escape_length(bytes: &[u8]) -> Result<usize, Fault> {
    match bytes.get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => return Ok(2),
        Some(b'u') => {}
        _ => return Err(Fault::Syntax),
    }
    match bytes.get(2..6).and_then(unit).ok_or(Fault::Syntax)? {
        0 => Err(Fault::Nul),
        0xdc00..0xe000 => Err(Fault::Syntax),
        0xd800..0xdc00 => {
            let low = bytes.get(6..12).filter(|b| b.starts_with(b"\\u")).and_then(|b| unit(&b[2..]));
            if matches!(low, Some(0xdc00..0xe000)) { Ok(12) } else { Err(Fault::Syntax) }
        }
        _ => Ok(6),
    }
}
