//! Addresses that strangers choose, as browsers read what becomes of them.

use bistro_accounts::redirect::{allowed, allowed_or_site, origin, with_fragment, with_query};
use proptest::collection::vec;
use proptest::prelude::*;
use url::Url;

use crate::seat::{SITE, settings};

/// What addresses, and tricks with them, are made of.
fn address() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "https://",
            "https:",
            "//",
            "/",
            "\\",
            "@",
            "?",
            "#",
            "&",
            "=",
            ":",
            ":443",
            ".",
            "..",
            "%2e",
            "%2f",
            "%5c",
            "%23",
            "%3f",
            "%00",
            "\r\n",
            "\t",
            " ",
            "\u{3002}",
            "\u{ff0f}",
            "\u{ad}",
            "app.example.org",
            "other.example.org/back",
            "evil.example",
            "javascript:",
            "data:text/html,",
            "[::1]",
            "user",
            "x=1",
            "code=1",
            "xn--",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,3}",
    ];
    let head = prop::sample::select(vec!["", SITE, "https://other.example.org/back", "https://"]);
    (head, vec(piece, 0..8)).prop_map(|(head, pieces)| format!("{head}{}", pieces.concat()))
}

/// The members that a browser's page reads from a query or a fragment.
fn members(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4 * ProptestConfig::default().cases, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is asked for, the browser ends at the application or at a listed address, and what we add arrives there as it
    /// was meant, without changing where that is.
    #[test]
    fn a_flow_ends_at_the_application(to in address(), referer in address(), said in "\\PC{0,12}") {
        let settings = settings();
        let end = allowed_or_site(&settings, Some(&to), Some(&referer));
        prop_assert!(end.bytes().all(|b| (0x21..0x7f).contains(&b)), "{:?} is no header", &end);
        let read = |text: &str| Url::parse(text).map_err(|error| TestCaseError::fail(format!("{text:?}: {error}")));
        let plain = read(&end)?;
        let host = plain.host_str().unwrap_or("").to_owned();
        prop_assert!(plain.scheme() == "https" && plain.port().is_none(), "{:?}", &end);
        prop_assert!(["app.example.org", "other.example.org"].contains(&host.as_str()), "{:?}", &end);
        prop_assert!(host == "app.example.org" || plain.path() == "/back" || plain.path() == "/back/", "{:?}", &end);
        prop_assert_eq!(origin(&end), Some(plain.origin().ascii_serialization()));
        let added = [("error_description", said.as_str()), ("code", "1&2#3")];
        let wanted: Vec<_> = added.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let queried = read(&with_query(&end, &added))?;
        prop_assert_eq!((queried.origin(), queried.path()), (plain.origin(), plain.path()));
        prop_assert!(members(queried.query().unwrap_or("")).ends_with(&wanted), "{:?}", queried.as_str());
        prop_assert_eq!(queried.fragment(), plain.fragment());
        let framed = read(&with_fragment(&end, &added))?;
        prop_assert_eq!((framed.origin(), framed.path(), framed.query()), (plain.origin(), plain.path(), plain.query()));
        prop_assert_eq!(members(framed.fragment().unwrap_or("")), wanted);
    }

    /// What is refused is not where a flow ends.
    #[test]
    fn what_is_refused_is_replaced(to in address()) {
        let settings = settings();
        if !allowed(&settings, &to) {
            prop_assert_eq!(allowed_or_site(&settings, Some(&to), None), SITE);
        }
    }
}
