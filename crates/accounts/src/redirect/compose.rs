//! Addresses with members added.

/// The address with members added to its query.
pub fn with_query(to: &str, members: &[(&str, &str)]) -> String {
    if members.is_empty() {
        return to.to_owned();
    }
    let (bare, fragment) = to.split_once('#').map_or((to, None), |(bare, fragment)| (bare, Some(fragment)));
    let joined = encoded(members);
    let join = match bare.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let fragment = fragment.map_or_else(String::new, |fragment| format!("#{fragment}"));
    format!("{bare}{join}{joined}{fragment}")
}

/// The address with these members as its fragment.
pub fn with_fragment(to: &str, members: &[(&str, &str)]) -> String {
    let bare = to.split('#').next().unwrap_or(to);
    format!("{bare}#{}", encoded(members))
}

/// Members as a query or a form.
pub fn encoded(members: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", component(name), component(value));
    members.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn component(text: &str) -> String {
    const KEPT: percent_encoding::AsciiSet =
        percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(text, &KEPT).to_string()
}

/// The address as a header can carry it: what is not ASCII is encoded, as browsers do.
pub fn ascii(to: &str) -> String {
    percent_encoding::utf8_percent_encode(to, percent_encoding::CONTROLS).to_string()
}

#[cfg(test)]
mod tests {
    use super::{ascii, with_fragment, with_query};

    #[test]
    fn members_are_added_to_what_is_there() {
        let members = [("a", "1 &#"), ("sb", "")];
        assert_eq!(with_query("https://x/y", &members), "https://x/y?a=1%20%26%23&sb=");
        assert_eq!(with_query("https://x/y?z=1#f", &members), "https://x/y?z=1&a=1%20%26%23&sb=#f");
        assert_eq!(with_query("https://x/y?", &members), "https://x/y?a=1%20%26%23&sb=");
        assert_eq!(with_query("https://x/y??", &members), "https://x/y??&a=1%20%26%23&sb=");
        assert_eq!(with_fragment("https://x/y?z=1#f", &members), "https://x/y?z=1#a=1%20%26%23&sb=");
    }

    #[test]
    fn headers_carry_ascii() {
        assert_eq!(ascii("https://x/m\u{fc}nchen?a=%20#b"), "https://x/m%C3%BCnchen?a=%20#b");
    }
}
