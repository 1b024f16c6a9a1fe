//! Response headers: static texts where possible, and the few that are made for a reply.

pub(crate) use bistro_wire::etag::{etag, matches_etag};

/// JSON.
pub(crate) const JSON: &str = "application/json; charset=utf-8";
/// The Swagger document.
pub(crate) const OPENAPI: &str = "application/openapi+json; charset=utf-8";
/// What answers with data say of caches.
pub(crate) const PRIVATE: &str = "private, no-cache";
/// What a read's answer varies with.
pub(crate) const VARY: &str = "Accept, Prefer, Range";

/// `Content-Range` of a read: `0-9/12`, `*/0`.
pub(crate) fn content_range(offset: u64, rows: u64, total: Option<u64>) -> String {
    let mut text = String::with_capacity(24);
    let mut number = itoa::Buffer::new();
    if rows == 0 {
        text.push('*');
    } else {
        text.push_str(number.format(offset));
        text.push('-');
        text.push_str(number.format(offset + rows - 1));
    }
    text.push('/');
    match total {
        Some(total) => text.push_str(number.format(total)),
        None => text.push('*'),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::content_range;

    #[test]
    fn ranges_are_as_the_dialect_writes_them() {
        let cases = [
            (0, 0, None, "*/*"),
            (0, 0, Some(0), "*/0"),
            (10, 0, Some(10), "*/10"),
            (0, 10, None, "0-9/*"),
            (10, 5, Some(15), "10-14/15"),
        ];
        for (offset, rows, total, expected) in cases {
            assert_eq!(content_range(offset, rows, total), expected);
        }
    }
}
