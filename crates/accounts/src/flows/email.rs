//! E-mail addresses: one form, and what is none.

use bistro_problem::{Code, Problem};

/// The longest address, in bytes.
const LONGEST: usize = 254;

/// The address in the form in which it is stored and looked for: without white space around, in lower case.
///
/// # Errors
/// `validation_failed` for what is no address.
pub fn normalised(text: &str) -> Result<String, Problem> {
    let text = text.trim().to_lowercase();
    match plausible(&text) {
        true => Ok(text),
        false => {
            Err(Problem::new(Code::ValidationFailed, "Unable to validate email address: invalid format"))
        }
    }
}

/// Whether mail could be sent there: one `@` between a name and a host, no white space, nothing that mail gives a meaning.
fn plausible(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let letter = |c: char| !c.is_whitespace() && !c.is_control() && !"()<>[]:;@\\,\"".contains(c);
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let dots = |text: &str| !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
    text.len() <= LONGEST
        && !name.is_empty()
        && name.len() <= 64
        && name.chars().all(letter)
        && dots(name)
        && host.contains('.')
        && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::normalised;

    #[test]
    fn addresses_have_one_form() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(normalised(text).ok().as_deref(), expected, "{text:?}")
        };
        check(" Ada@Example.ORG ", Some("ada@example.org"));
        check("a+b@sub.example.org", Some("a+b@sub.example.org"));
        check("jürgen@müller.de", Some("jürgen@müller.de"));
        for wrong in [
            "",
            "a",
            "a@",
            "@b.c",
            "a@b",
            "a b@c.d",
            "a@b..c",
            ".a@b.c",
            "a.@b.c",
            "a@@b.c",
            "a@b.c\r\nx: y",
            "a@-b.c",
            "<a@b.c>",
            "a,b@c.d",
            "a\0@b.c",
            "a@b.c,d@e.f",
        ] {
            check(wrong, None);
        }
        check(&format!("{}@b.c", "a".repeat(65)), None);
    }
}
