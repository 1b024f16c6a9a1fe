//! Cursors: the values by which a row stands where it stands in its list, behind a signature of that list's order.
//!
//! In base64url: four bytes of signature, then for each value a byte 0 for null, or 1, the length in four bytes, and the
//! value's plain text.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_ir::keyset::Term;
use bistro_problem::{Code, Problem};
use bistro_schema::{Schema, Value, ValueRef, literal, text};

/// Appends one value of a row's cursor.
pub(crate) fn append(value: ValueRef<'_>, out: &mut Vec<u8>) {
    if let ValueRef::Null = value {
        return out.push(0);
    }
    out.push(1);
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    text::write_plain(value, out);
    let length = (out.len() - at - 4) as u32;
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
}

/// The cursor of a row whose values were appended.
pub(crate) fn write(signature: u32, values: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode([&signature.to_be_bytes()[..], values].concat())
}

/// The values of a cursor of a list in the order of these terms.
pub(super) fn read(
    schema: &Schema,
    cursor: &str,
    (signature, terms): (u32, &[Term]),
) -> Result<Vec<Value>, Problem> {
    values(schema, cursor, signature, terms).ok_or_else(|| {
        Problem::new(Code::BadCursor, "The cursor does not belong to this list in this order")
            .hint("Send the endCursor of the same list with the same orderBy, or none.")
    })
}

fn values(schema: &Schema, cursor: &str, signature: u32, terms: &[Term]) -> Option<Vec<Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (head, mut rest) = bytes.split_first_chunk::<4>()?;
    if u32::from_be_bytes(*head) != signature {
        return None;
    }
    let mut values = Vec::with_capacity(terms.len());
    for term in terms {
        let (present, behind) = rest.split_first()?;
        rest = behind;
        if *present == 0 {
            values.push(Value::Null);
            continue;
        }
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let (text, behind) = behind.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        values.push(literal::parse(schema, term.scalar, std::str::from_utf8(text).ok()?).ok()?);
        rest = behind;
    }
    rest.is_empty().then_some(values)
}
