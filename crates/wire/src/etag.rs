//! ETags: what a client has seen, by its bytes.

use xxhash_rust::xxh3::xxh3_64;

/// A strong ETag of the bytes: a hash in quotes.
pub fn etag(body: &[u8]) -> String {
    let hash = xxh3_64(body);
    let mut text = String::with_capacity(18);
    text.push('"');
    let digits = (0..16).rev().map(|at| (hash >> (4 * at) & 15) as u32);
    text.extend(digits.filter_map(|digit| char::from_digit(digit, 16)));
    text.push('"');
    text
}

/// Whether a list of ETags (`If-None-Match`, `If-Match`) holds this one, or is `*`. A weak tag matches its strong one.
pub fn matches_etag(list: &str, etag: &str) -> bool {
    let own = bare(etag);
    list.split(',').map(str::trim).any(|seen| seen == "*" || bare(seen) == own)
}

/// A tag without its mark of weakness.
fn bare(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::{etag, matches_etag};

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
            assert_eq!(matches_etag(&list, &format!("W/{tag}")), expected, "{list}");
        }
    }
}
