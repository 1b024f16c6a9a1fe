//! What tells that a file changed. Ends of lines do not count: version control may write them otherwise.

use aws_lc_rs::digest::{Context, SHA256};

/// The SHA-256 of texts, in hexadecimal digits.
pub(crate) fn checksum(texts: &[&str]) -> String {
    let mut context = Context::new(&SHA256);
    for text in texts {
        for line in text.lines() {
            context.update(line.trim_end_matches('\r').as_bytes());
            context.update(b"\n");
        }
        // So that no line can go from one text to the next unseen.
        context.update(b"\0");
    }
    context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn ends_of_lines_do_not_count_and_everything_else_does() {
        assert_eq!(checksum(&["a\nb\n"]), checksum(&["a\r\nb"]));
        assert_ne!(checksum(&["a\n", "b\n"]), checksum(&["a\nb\n", ""]));
        assert_ne!(checksum(&["a b"]), checksum(&["a  b"]));
        assert_eq!(checksum(&["a"]).len(), 64);
    }
}
