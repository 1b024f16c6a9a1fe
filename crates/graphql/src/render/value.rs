//! Values as GraphQL clients read them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_schema::datetime::write_datetime_z;
use bistro_schema::text::{write_json, write_json_string};
use bistro_schema::{Decimal, Kind, ValueRef};

use super::shape::Print;

/// Appends a value as JSON: numbers that JSON's readers would round are strings, instants end in `Z`, bytes are base64.
#[inline]
pub(crate) fn write_value(value: ValueRef<'_>, print: Print, out: &mut Vec<u8>) {
    match value {
        ValueRef::Text(text) => write_json_string(text, out),
        ValueRef::Int(_) if print.quoted => quoted(out, |out| write_json(value, out)),
        ValueRef::Decimal(decimal) if print.quoted => quoted(out, |out| write_decimal(decimal, print, out)),
        ValueRef::Decimal(decimal) => write_decimal(decimal, print, out),
        ValueRef::DateTime(micros) => quoted(out, |out| write_datetime_z(out, micros)),
        ValueRef::Bytes(bytes) => quoted(out, |out| write_base64(bytes, out)),
        ValueRef::List(items) => {
            out.push(b'[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                write_value(item.borrow(), print, out);
            }
            out.push(b']');
        }
        value => write_json(value, out),
    }
}

fn write_decimal(decimal: Decimal, print: Print, out: &mut Vec<u8>) {
    decimal.write(out, matches!(print.scalar.kind, Kind::Decimal { bare: true, .. }));
}

fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written = STANDARD.encode_slice(bytes, &mut out[start..]);
    out.truncate(start + written.expect("four characters for three bytes were made room for"));
}

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}
