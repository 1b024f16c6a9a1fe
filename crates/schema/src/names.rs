//! Names made from names: words, plurals, collections, constraints. The rules are public and fixed.

pub mod graphql;

/// Splits a type name at lower→Upper and before the last capital of a run: `HTTPLog` → `http_log`.
pub fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (i, &c) in chars.iter().enumerate() {
        let after_lower = i > 0 && (chars[i - 1].is_lowercase() || chars[i - 1].is_ascii_digit());
        let run_ends =
            i > 0 && chars[i - 1].is_uppercase() && chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && (after_lower || run_ends) && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The plural of the last word: consonant + `y` → `ies`; after s, x, z, ch, sh → `es`; otherwise `s`.
pub fn plural(word: &str) -> String {
    let vowel_before_y =
        word.len() >= 2 && matches!(word.as_bytes()[word.len() - 2], b'a' | b'e' | b'i' | b'o' | b'u');
    if let Some(stem) = word.strip_suffix('y').filter(|_| !vowel_before_y) {
        return format!("{stem}ies");
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end));
    format!("{word}{}", if hisses { "es" } else { "s" })
}

/// `blog_post` → `blogPost`.
pub fn lower_camel(snake: &str) -> String {
    let mut out = String::with_capacity(snake.len());
    let mut up = false;
    for c in snake.chars() {
        match c {
            '_' => up = !out.is_empty(),
            c if up => {
                out.extend(c.to_uppercase());
                up = false;
            }
            c => out.push(c),
        }
    }
    out
}

/// A generated constraint or index name: parts joined by `_`; over 63 bytes it keeps 54 and adds `_` and 8 hex digits.
pub fn constraint(parts: &[&str]) -> String {
    let whole = parts.join("_");
    if whole.len() <= 63 {
        return whole;
    }
    let mut cut = 54;
    while !whole.is_char_boundary(cut) {
        cut -= 1;
    }
    format!("{}_{:08x}", &whole[..cut], fnv32(whole.as_bytes()))
}

/// FNV-1a: stable for ever, as names in databases must be.
fn fnv32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |h, b| (h ^ u32::from(*b)).wrapping_mul(0x0100_0193))
}

/// How alike two names are, 1.0 for equal, from their shared letter pairs; for "did you mean".
pub fn likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    if a == b {
        return 1.0;
    }
    let pairs = |s: &str| -> Vec<(char, char)> {
        let padded: Vec<char> = std::iter::once(' ').chain(s.chars()).chain(std::iter::once(' ')).collect();
        padded.windows(2).map(|w| (w[0], w[1])).collect()
    };
    let (left, mut right) = (pairs(&a), pairs(&b));
    let total = left.len() + right.len();
    let shared = left
        .iter()
        .filter(|p| right.iter().position(|q| q == *p).map(|i| right.swap_remove(i)).is_some())
        .count();
    2.0 * shared as f64 / total as f64
}

/// The name of `candidates` that is nearest to `name`, if near enough to be meant (and `name` is short enough to try).
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > 128 {
        return None;
    }
    let scored = candidates.into_iter().map(|c| (likeness(name, c), c));
    scored.filter(|(score, _)| *score >= 0.5).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_plurals_follow_the_rules() {
        let cases = [
            ("HTTPLog", "http_log", "http_logs"),
            ("BlogPost", "blog_post", "blog_posts"),
            ("Category", "category", "categories"),
            ("Day", "day", "days"),
            ("Box", "box", "boxes"),
            ("Class", "class", "classes"),
            ("MediaType", "media_type", "media_types"),
        ];
        for (name, words, many) in cases {
            assert_eq!(snake(name), words);
            assert_eq!(plural(&snake(name)), many);
        }
        assert_eq!(lower_camel("blog_post"), "blogPost");
    }

    #[test]
    fn long_constraint_names_are_cut_and_stay_distinct() {
        let (a, b) = ("a".repeat(60), "b".repeat(60));
        let one = constraint(&["t", &a, &b, "key"]);
        let two = constraint(&["t", &a, &b, "fkey"]);
        assert_eq!((one.len(), two.len()), (63, 63));
        assert_ne!(one, two);
        assert_eq!(constraint(&["posts", "author_id", "fkey"]), "posts_author_id_fkey");
    }

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        assert_eq!(nearest("titel", ["title", "body"]), Some("title"));
        assert_eq!(nearest("zzz", ["title", "body"]), None);
    }
}
