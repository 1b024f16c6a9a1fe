//! Cursors: the values by which a row stands where it stands in its list, behind a signature of that list's order.

use apollo_compiler::response::JsonValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_problem::{Code, Problem};
use bistro_schema::{Scalar, Schema, Value};

use super::scalar;

/// The longest cursor that is read.
const BYTES_MAX: usize = 256 << 10;

/// The cursor of a row: `values` is a JSON array of the values as they are printed, numbers beyond 53 bits as strings.
pub(crate) fn write(signature: u32, values: &[u8]) -> String {
    let mut out = Vec::new();
    append(signature, values, &mut out);
    String::from_utf8(out).expect("base64 is ASCII")
}

/// Appends the cursor of a row, without a buffer of its own.
pub(crate) fn append(signature: u32, values: &[u8], out: &mut Vec<u8>) {
    // Signature and two bytes are two groups of three, after which base64 begins anew.
    let (first, rest) = values.split_at(values.len().min(2));
    let mut head = [0; 6];
    head[..4].copy_from_slice(&signature.to_be_bytes());
    head[4..4 + first.len()].copy_from_slice(first);
    encode(&head[..4 + first.len()], out);
    encode(rest, out);
}

/// Appends bytes in base64url.
pub(super) fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written = URL_SAFE_NO_PAD.encode_slice(bytes, &mut out[start..]);
    out.truncate(start + written.expect("four characters for three bytes were made room for"));
}

/// The n-th value of a cursor of a list whose order has this signature; null where the caller gave none.
pub(super) fn value(
    schema: &Schema,
    scalar: Scalar,
    json: &JsonValue,
    (at, signature): (usize, u32),
) -> Result<Value, Problem> {
    let text = json.as_str().filter(|text| text.len() <= BYTES_MAX);
    let values = text.and_then(|text| read(text, signature)).ok_or_else(bad)?;
    scalar::plain(schema, scalar, values.get(at).ok_or_else(bad)?).map_err(|_| bad())
}

fn read(cursor: &str, signature: u32) -> Option<Vec<JsonValue>> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (head, values) = bytes.split_first_chunk::<4>()?;
    if u32::from_be_bytes(*head) != signature {
        return None;
    }
    serde_json::from_slice(values).ok()
}

fn bad() -> Problem {
    Problem::new(Code::BadCursor, "The cursor does not belong to this list in this order")
        .hint("Use a cursor of the same field with the same orderBy, or none.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_the_signature_and_the_values_in_base64() {
        for values in
            ["", "[", "[]", "[1]", "[12]", "[123]", "[null,\"Ü\"]", &format!("[\"{}\"]", "x".repeat(99))]
        {
            let plain = [&7_u32.to_be_bytes()[..], values.as_bytes()].concat();
            assert_eq!(write(7, values.as_bytes()), URL_SAFE_NO_PAD.encode(plain), "{values}");
            let read_back =
                read(&write(7, values.as_bytes()), 7).map(|read| JsonValue::from(read).to_string());
            assert_eq!(read_back.as_deref(), Some(values).filter(|values| values.len() > 1));
            assert_eq!(read(&write(7, values.as_bytes()), 8), None);
        }
    }
}
