//! The server's binary arrays.

use bistro_problem::Code;
use bistro_schema::{Kind, Value};
use bistro_store::StoreError;

use super::{Wire, element, unserved};

/// Reads an array of one dimension, or none.
pub(super) fn elements(bytes: &[u8], kind: Kind) -> Result<Vec<Value>, StoreError> {
    let broken = || StoreError::bug(format!("a stored list of {kind:?} is broken"));
    let mut at = Reader(bytes);
    let (dimensions, _, of) = (at.int(), at.int(), at.int());
    match dimensions {
        Some(0) => return Ok(Vec::new()),
        Some(1) => {}
        Some(_) => return Err(unserved(Code::CannotCast, "a stored array has more than one dimension")),
        None => return Err(broken()),
    }
    // An element of a type that not every server has is an enum's text.
    let wire = of.and_then(|oid| Wire::by_oid(oid as u32)).unwrap_or(Wire::Text);
    let count = at.int().and_then(|n| usize::try_from(n).ok()).ok_or_else(broken)?;
    at.int().ok_or_else(broken)?;
    let mut out = Vec::with_capacity(count.min(bytes.len()));
    for _ in 0..count {
        let length = at.int().ok_or_else(broken)?;
        let item = match usize::try_from(length) {
            Ok(length) => Some(at.take(length).ok_or_else(broken)?),
            Err(_) => None,
        };
        out.push(element(item, kind, wire)?);
    }
    Ok(out)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn int(&mut self) -> Option<i32> {
        self.take(4)?.try_into().ok().map(i32::from_be_bytes)
    }
}
