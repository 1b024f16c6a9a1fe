//! Values in the forms of XML Schema.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_schema::datetime::write_datetime_z;
use bistro_schema::text::write_plain;
use bistro_schema::{Kind, Scalar, ValueRef};

use super::escape::write_text;

/// Appends a value that is not null. `false` where a character that XML cannot carry was replaced.
pub(super) fn write_value(value: ValueRef<'_>, scalar: Scalar, out: &mut Vec<u8>) -> bool {
    match value {
        ValueRef::Text(text) | ValueRef::Json(text) => return write_text(text, out),
        ValueRef::Decimal(decimal) => {
            decimal.write(out, matches!(scalar.kind, Kind::Decimal { bare: true, .. }));
        }
        ValueRef::DateTime(micros) => write_datetime_z(out, micros),
        ValueRef::Bytes(bytes) => write_base64(bytes, out),
        ValueRef::List(items) => {
            let mut whole = true;
            for item in items.iter().filter(|item| !item.is_null()) {
                out.extend_from_slice(b"<item>");
                whole &= write_value(item.borrow(), scalar.element(), out);
                out.extend_from_slice(b"</item>");
            }
            return whole;
        }
        value => write_plain(value, out),
    }
    true
}

fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written = STANDARD.encode_slice(bytes, &mut out[start..]);
    out.truncate(start + written.expect("four characters for three bytes were made room for"));
}
