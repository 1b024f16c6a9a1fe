//! Values as text: the plain form (CSV, error details) and the JSON form of `/rest/v1`.
//!
//! This is the hottest code of a read: nothing here allocates but the buffer's own growth.

use crate::datetime::{write_date, write_datetime, write_time};
use crate::value::ValueRef;

/// Appends the plain text of a value: nothing for null, `true`/`false`, `\x…`, dates as in JSON but without quotes,
/// lists as JSON arrays.
pub fn write_plain(value: ValueRef<'_>, out: &mut Vec<u8>) {
    match value {
        ValueRef::Null => {}
        ValueRef::Text(text) => out.extend_from_slice(text.as_bytes()),
        ValueRef::Uuid(uuid) => out.extend_from_slice(&uuid_text(uuid)),
        ValueRef::Date(days) => write_date(out, days),
        ValueRef::Time(micros) => write_time(out, micros),
        ValueRef::DateTime(micros) => write_datetime(out, micros),
        ValueRef::Bytes(bytes) => {
            out.extend_from_slice(b"\\x");
            write_hex(bytes, out);
        }
        ValueRef::Float(float) if !float.is_finite() => out.extend_from_slice(non_finite(float)),
        ValueRef::Bool(_)
        | ValueRef::Int(_)
        | ValueRef::Float(_)
        | ValueRef::Decimal(_)
        | ValueRef::Json(_)
        | ValueRef::List(_) => write_json(value, out),
    }
}

/// Appends the JSON form of a value. A decimal prints with its own scale; a float that JSON cannot say prints `null`.
pub fn write_json(value: ValueRef<'_>, out: &mut Vec<u8>) {
    match value {
        ValueRef::Null => out.extend_from_slice(b"null"),
        ValueRef::Bool(true) => out.extend_from_slice(b"true"),
        ValueRef::Bool(false) => out.extend_from_slice(b"false"),
        ValueRef::Int(int) => out.extend_from_slice(itoa::Buffer::new().format(int).as_bytes()),
        ValueRef::Float(float) => write_float(float, out),
        ValueRef::Decimal(decimal) => decimal.write(out, false),
        ValueRef::Text(text) => write_json_string(text, out),
        ValueRef::Uuid(uuid) => quoted(out, |out| out.extend_from_slice(&uuid_text(uuid))),
        ValueRef::Date(days) => quoted(out, |out| write_date(out, days)),
        ValueRef::Time(micros) => quoted(out, |out| write_time(out, micros)),
        ValueRef::DateTime(micros) => quoted(out, |out| write_datetime(out, micros)),
        ValueRef::Json(text) => out.extend_from_slice(text.as_bytes()),
        ValueRef::Bytes(bytes) => quoted(out, |out| {
            out.extend_from_slice(b"\\\\x");
            write_hex(bytes, out);
        }),
        ValueRef::List(values) => {
            out.push(b'[');
            for (n, value) in values.iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                write_json(value.borrow(), out);
            }
            out.push(b']');
        }
    }
}

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

/// Appends a JSON string. Runs without anything to escape are found eight bytes at a time and copied whole.
pub fn write_json_string(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    out.reserve(rest.len() + 2);
    out.push(b'"');
    loop {
        let run = plain_run(rest);
        out.extend_from_slice(&rest[..run]);
        let Some(byte) = rest.get(run) else { break };
        match ESCAPES[usize::from(*byte)] {
            b'u' => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&HEX[usize::from(*byte)]);
            }
            letter => out.extend_from_slice(&[b'\\', letter]),
        }
        rest = &rest[run + 1..];
    }
    out.push(b'"');
}

/// How many bytes at the start need no escape.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES * 0x80;
    let (words, tail) = bytes.as_chunks::<8>();
    for (n, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let (quote, slash) = (word ^ (ONES * 0x22), word ^ (ONES * 0x5c));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = quote.wrapping_sub(ONES) & !quote;
        let slash = slash.wrapping_sub(ONES) & !slash;
        // A borrow can mark bytes above a true hit but never below, so the lowest mark is exact.
        let found = (control | quote | slash) & HIGH;
        if found != 0 {
            return n * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    words.len() * 8 + tail.iter().take_while(|b| ESCAPES[usize::from(**b)] == 0).count()
}

/// The letter after the backslash of each byte that needs one, `u` for the long form, 0 for bytes that go as they are.
static ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = b'u';
        byte += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0a] = b'n';
    table[0x0c] = b'f';
    table[0x0d] = b'r';
    table[0x22] = b'"';
    table[0x5c] = b'\\';
    table
};

/// Each byte as two lower-case hexadecimal digits.
static HEX: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    table
};

/// Appends two lower-case hexadecimal digits for each byte.
pub fn write_hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() * 2);
    for byte in bytes {
        out.extend_from_slice(&HEX[usize::from(*byte)]);
    }
}

/// The 36 characters of a UUID, lower case with hyphens.
pub fn uuid_text(uuid: &[u8; 16]) -> [u8; 36] {
    const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
    let mut text = [b'-'; 36];
    for (byte, place) in uuid.iter().zip(PLACES) {
        [text[place], text[place + 1]] = HEX[usize::from(*byte)];
    }
    text
}

/// Appends the shortest text that reads back as the same float, in PostgreSQL's form: `1`, `0.1`, `1e+15`, `1e-05`.
fn write_float(float: f64, out: &mut Vec<u8>) {
    if !float.is_finite() {
        out.extend_from_slice(b"null");
        return;
    }
    let size = float.abs();
    if size < 1e15 && float.trunc() == float {
        if float.is_sign_negative() {
            out.push(b'-');
        }
        out.extend_from_slice(itoa::Buffer::new().format(size as u64).as_bytes());
        return;
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(float);
    if (1e-4..1e15).contains(&size) && !text.contains('e') {
        out.extend_from_slice(text.as_bytes());
    } else {
        write_scientific(text, out);
    }
}

/// Appends a float's text as one digit, the other digits after a point, and an exponent of two digits at least.
fn write_scientific(text: &str, out: &mut Vec<u8>) {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (number, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (before, after) = number.split_once('.').unwrap_or((number, ""));
    let zeros = before.bytes().chain(after.bytes()).take_while(|b| *b == b'0').count();
    let exponent = exponent.parse::<i32>().unwrap_or(0) + before.len() as i32 - 1 - zeros as i32;
    out.extend_from_slice(sign.as_bytes());
    let start = out.len();
    out.extend(before.bytes().chain(after.bytes()).skip(zeros));
    while out.len() > start + 1 && out.last() == Some(&b'0') {
        out.pop();
    }
    if out.len() > start + 1 {
        out.insert(start + 1, b'.');
    }
    out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
    if exponent.abs() < 10 {
        out.push(b'0');
    }
    out.extend_from_slice(itoa::Buffer::new().format(exponent.unsigned_abs()).as_bytes());
}

fn non_finite(float: f64) -> &'static [u8] {
    if float.is_nan() {
        b"NaN"
    } else if float > 0.0 {
        b"Infinity"
    } else {
        b"-Infinity"
    }
}

#[cfg(test)]
mod tests;
