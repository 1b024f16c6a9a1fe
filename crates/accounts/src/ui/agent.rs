//! What a client calls itself, as people know it.

/// Browsers by a word of theirs. Most claim to be others too, so the order matters.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Systems by a word of theirs, in an order that matters too.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// `Chrome on Linux`; of what is no browser, its own words.
pub(super) fn known_as(agent: &str) -> String {
    let found = |list: &[(&str, &'static str)]| {
        list.iter().find(|(word, _)| agent.contains(word)).map(|(_, name)| *name)
    };
    match (found(&BROWSERS), found(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) if agent.trim().is_empty() => "Something that does not say its name".to_owned(),
        (None, _) => agent.chars().take(80).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::known_as;

    #[test]
    fn browsers_are_called_by_their_names() {
        let check = |agent: &str, expected: &str| assert_eq!(known_as(agent), expected, "{agent}");
        let kit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        check(
            &format!("Mozilla/5.0 (X11; Linux x86_64) {kit} Chrome/141.0 Safari/537.36"),
            "Chrome on Linux",
        );
        check(
            &format!("Mozilla/5.0 (Windows NT 10.0) {kit} Chrome/141.0 Safari/537.36 Edg/141.0"),
            "Edge on Windows",
        );
        check(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Mac",
        );
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605 Version/19.0 Safari/604.1",
            "Safari on iPhone",
        );
        check(
            &format!("Mozilla/5.0 (Linux; Android 16) {kit} Chrome/141.0 Mobile Safari/537.36"),
            "Chrome on Android",
        );
        check("curl/8.14", "curl/8.14");
        check(" ", "Something that does not say its name");
        check(&"x".repeat(500), &"x".repeat(80));
    }
}
