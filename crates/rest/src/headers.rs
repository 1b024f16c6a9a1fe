//! Response headers: static texts where possible, and the few that are made for a reply.

use xxhash_rust::xxh3::xxh3_64;

/// JSON.
pub(crate) const JSON: &str = "application/json; charset=utf-8";
/// The Swagger document.
pub(crate) const OPENAPI: &str = "application/openapi+json; charset=utf-8";
/// What answers with data say of caches.
pub(crate) const PRIVATE: &str = "private, no-cache";
/// What a read's answer varies with.
pub(crate) const VARY: &str = "Accept, Prefer, Range";

/// A strong ETag of the bytes: a hash in quotes.
pub(crate) fn etag(body: &[u8]) -> String {
    let mut text = String::with_capacity(18);
    text.push('"');
    let hash = xxh3_64(body).to_be_bytes();
    let mut hex = Vec::with_capacity(16);
    bistro_schema::text::write_hex(&hash, &mut hex);
    text.push_str(std::str::from_utf8(&hex).expect("hexadecimal digits are text"));
    text.push('"');
    text
}

/// Whether a list of ETags (`If-None-Match`, `If-Match`) holds this one, or is `*`. A weak tag matches its strong one.
pub(crate) fn matches_etag(list: &str, etag: &str) -> bool {
    list.split(',').map(str::trim).any(|seen| seen == "*" || seen.strip_prefix("W/").unwrap_or(seen) == etag)
}

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
    use super::{content_range, etag, matches_etag};

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

    #[test]
    fn etags_match_by_list_star_and_weakly() {
        let tag = etag(b"abc");
        assert_eq!(tag.len(), 18);
        let cases = [
            (tag.clone(), true),
            ("*".to_owned(), true),
            (format!("\"x\" , W/{tag}"), true),
            ("\"x\"".to_owned(), false),
            (tag.trim_matches('"').to_owned(), false),
        ];
        for (list, expected) in cases {
            assert_eq!(matches_etag(&list, &tag), expected, "{list}");
        }
    }
}
