//! `LIKE` patterns and regular expressions.

use regex::RegexBuilder;

/// Whether the whole text matches a pattern of `%`, `_` and `\`.
pub(crate) fn like(text: &str, pattern: &str, fold: bool) -> bool {
    let mut regex = String::from("(?s)^");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => regex.push_str(".*"),
            '_' => regex.push('.'),
            '\\' => regex.push_str(&regex::escape(&chars.next().unwrap_or('\\').to_string())),
            c => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    regex.push('$');
    let (text, regex) =
        if fold { (text.to_lowercase(), regex.to_lowercase()) } else { (text.to_owned(), regex) };
    find(&text, &regex, false).unwrap_or(false)
}

/// Whether the expression finds something in the text; `None` if it is no expression.
pub(crate) fn find(text: &str, pattern: &str, fold: bool) -> Option<bool> {
    RegexBuilder::new(pattern).case_insensitive(fold).build().ok().map(|r| r.is_match(text))
}
