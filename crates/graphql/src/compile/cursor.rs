//! Cursors: the values by which a row stands where it stands in its list, behind a signature of that list's order.

use apollo_compiler::response::JsonValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_problem::{Code, Problem};
use bistro_schema::{Scalar, Schema, Value};

use super::scalar;

/// The longest cursor that is read.
const BYTES_MAX: usize = 16 << 10;

/// The signature of an order, from a text that says which it is (FNV-1a).
pub(crate) fn signature(order: &str) -> u32 {
    order.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The cursor of a row: `values` is a JSON array of the values as they are printed, numbers beyond 53 bits as strings.
pub(crate) fn write(signature: u32, values: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(4 + values.len());
    bytes.extend_from_slice(&signature.to_be_bytes());
    bytes.extend_from_slice(values);
    URL_SAFE_NO_PAD.encode(bytes)
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
