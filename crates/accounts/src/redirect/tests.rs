use proptest::prelude::*;

use super::{allowed, allowed_or_site, origin};
use crate::settings::Settings;

fn settings(dev: bool) -> Settings {
    Settings {
        site_url: "https://app.example.org".to_owned(),
        redirect_urls: [
            "https://other.example.org/exact",
            "https://*.preview.example.org/*",
            "https://deep.example.org/in/**",
            "myapp://callback",
            "https://shop.example.org/a*b/in",
            "https://asked.example.org/?next=1",
        ]
        .map(str::to_owned)
        .to_vec(),
        dev,
        ..Settings::default()
    }
}

#[test]
fn browsers_are_sent_only_where_the_list_says() {
    let check = |to: &str, expected: bool| assert_eq!(allowed(&settings(false), to), expected, "{to:?}");
    for good in [
        "https://app.example.org",
        "https://app.example.org:443/",
        "https://APP.example.org/",
        "https://app.example.org/any/where?x=1#y",
        "https://app.example.org/?next=https://evil.example",
        "https://other.example.org/exact",
        "https://other.example.org/exact/",
        "https://other.example.org/exact?x=1",
        "https://one.preview.example.org/in",
        "https://deep.example.org/in/any/where.html",
        "https://shop.example.org/a-and-b/in",
        "https://asked.example.org/?next=1",
        "myapp://callback",
        "myapp://callback?x=1",
    ] {
        check(good, true);
    }
    for bad in [
        "",
        "/",
        "//evil.example",
        "///evil.example",
        "https:/app.example.org",
        "https:app.example.org",
        "https:///app.example.org",
        "http://app.example.org",
        "https://app.example.org:8443",
        "https://app.example.org:443x",
        "https://app.example.org:99999",
        "https://app.example.org:+443",
        "https://app.example.org.evil.example",
        "https://app.example.org.",
        "https://app.example.org@evil.example",
        "https://evil.example@app.example.org",
        "https://user:password@app.example.org",
        "https://@app.example.org",
        "https://app.example.org\\@evil.example",
        "https://app.example.org\\.evil.example",
        "https:\\\\app.example.org",
        "https://evil.example/https://app.example.org",
        "https://evil.example?https://app.example.org",
        "https://evil.example#https://app.example.org",
        "https://evil.example#.preview.example.org/in",
        "https://evil.example?.preview.example.org/in",
        "HTTPS://APP.EXAMPLE.ORG\n.evil.example",
        "https://app.example.org\t.evil.example",
        "https://app.example.org\0",
        " https://app.example.org",
        "https://app.example.org ",
        "https://app%2eexample.org",
        "https://app.example.org%00.evil.example",
        "https://app\u{3002}example.org",
        "https://evil\u{ff0e}example\u{ff0f}.preview.example.org/in",
        "https://\u{430}pp.example.org",
        "https://xn--pp-6kc.example.org",
        "https://app.example.org\u{202e}",
        "https://other.example.org/exact/more",
        "https://other.example.org/exactly",
        "https://other.example.org/Exact",
        "https://other.example.org/",
        "https://preview.example.org/in",
        "https://.preview.example.org.evil.example/in",
        "https://a.b.preview.example.org/in",
        "https://evil.example/.preview.example.org/in",
        "https://one.preview.example.org/in/deeper",
        "https://one.preview.example.org/in.html",
        "https://one.preview.example.org/%2e%2e",
        "https://one.preview.example.org/in%2fdeeper",
        "https://one.preview.example.org/in%5Cdeeper",
        "https://deep.example.org/in/../out",
        "https://deep.example.org/in/%2E%2e/out",
        "https://deep.example.org/in/.%2e/out",
        "https://deep.example.org/out",
        "https://deep.example.org.evil.example/in/x",
        "https://shop.example.org/a/b/in",
        "https://asked.example.org/",
        "https://asked.example.org/?next=2",
        "myapp://callback/x",
        "myapp://other",
        "javascript://app.example.org/%0aalert(1)",
        "data://text",
        "http://localhost:3000",
        "http://[::1",
        "https://app.example.org:x",
    ] {
        check(bad, false);
    }
    check(&format!("https://app.example.org/{}", "x".repeat(2_000)), false);
}

#[test]
fn only_a_development_server_sends_to_its_own_machine() {
    let check = |to: &str, expected: bool| assert_eq!(allowed(&settings(true), to), expected, "{to:?}");
    check("http://localhost:3000/x", true);
    check("http://127.0.0.1:5173", true);
    check("http://[::1]:5173/", true);
    check("https://app.localhost/", true);
    check("http://localhost.evil.example", false);
    check("http://127.0.0.1.evil.example", false);
    check("http://127.0.0.1@evil.example", false);
    check("ftp://localhost/", false);
}

#[test]
fn what_is_not_allowed_becomes_the_page_that_asked_or_the_application() {
    let check = |wanted, referer, expected: &str| {
        assert_eq!(allowed_or_site(&settings(false), wanted, referer), expected);
    };
    let (own, evil) = ("https://app.example.org/in", "https://evil.example/");
    check(Some(own), Some(evil), own);
    check(Some(evil), Some(own), own);
    check(Some(evil), Some(evil), "https://app.example.org");
    check(None, None, "https://app.example.org");
    check(Some("https://app.example.org/m\u{fc}nchen"), None, "https://app.example.org/m%C3%BCnchen");
}

#[test]
fn entries_that_mean_nothing_are_told() {
    let check = |entry: &str, told: Option<&str>| {
        let why = super::unusable(entry);
        assert_eq!(why.is_some(), told.is_some(), "{entry}: {why:?}");
        assert!(why.unwrap_or("").contains(told.unwrap_or("")), "{entry}: {why:?}");
    };
    check("https://app.example.org", None);
    check("https://*.preview.example.org/**", None);
    check("myapp://callback", None);
    check("http://localhost:3000/**", None);
    check("app.example.org", Some("must begin with"));
    check("*", Some("must begin with"));
    check("*://app.example.org", Some("scheme"));
    check("javascript://app.example.org", Some("no address"));
    check("https://user@app.example.org", Some("no address"));
    check("https://app.example.org/../x", Some("no address"));
}

#[test]
fn policies_name_origins() {
    let check = |to: &str, expected: Option<&str>| assert_eq!(origin(to).as_deref(), expected, "{to}");
    check("https://app.example.org/x?y#z", Some("https://app.example.org"));
    check("http://localhost:3000/x", Some("http://localhost:3000"));
    check("myapp://callback", Some("myapp:"));
    check("https://a;b/", None);
}

/// Pieces that parsers have read in different ways.
fn address() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "https",
        "http",
        "HTTPS",
        "javascript",
        "myapp",
        ":",
        "/",
        "//",
        "\\",
        "@",
        "?",
        "#",
        ".",
        "%2e",
        "%2f",
        "%40",
        "%00",
        "\t",
        "\n",
        "\r",
        " ",
        "\u{3002}",
        "\u{ff0f}",
        "\u{ad}",
        "[",
        "]",
        "::1",
        ":443",
        ":8443",
        "app.example.org",
        "other.example.org",
        "one",
        ".preview.example.org",
        "deep.example.org",
        "evil.example",
        "user",
        "in",
        "exact",
        "..",
        "xn--",
        "-",
        "_",
        "*",
        ";",
        ",",
        "127.1",
        "0x7f",
        "localhost",
    ]);
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// What is let through means to a browser's parser what it means here.
    #[test]
    fn browsers_read_what_is_allowed_as_it_is_read_here(
        tail in address(),
        head in prop::sample::select(vec!["", "https://", "https://app.example.org", "https://one.preview.example.org/"]),
    ) {
        let to = format!("{head}{tail}");
        if allowed(&settings(false), &to) && !to.starts_with("myapp:") {
            let read = url::Url::parse(&to).map_err(|error| TestCaseError::fail(format!("{to:?}: {error}")))?;
            prop_assert_eq!(read.scheme(), "https", "{:?}", &to);
            prop_assert!(read.username().is_empty() && read.password().is_none(), "{:?}", &to);
            let host = read.host_str().unwrap_or("").to_owned();
            let one_label = host.strip_suffix(".preview.example.org").is_some_and(|label| !label.contains('.'));
            let listed = ["app.example.org", "other.example.org", "deep.example.org"].contains(&host.as_str());
            prop_assert!(one_label || listed, "{:?} leads to {}", &to, host);
            prop_assert!(read.port().is_none(), "{:?}", &to);
        }
    }

    /// No text makes it panic.
    #[test]
    fn any_text_is_judged(text in ".{0,80}") {
        allowed(&settings(true), &text);
        super::glob::fits(&text, &text);
    }
}
