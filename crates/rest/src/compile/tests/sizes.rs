//! Requests that a short text makes large are refused with the limit's name, before anything is made of them.

use bistro_problem::Code;
use bistro_schema::Roles;

use super::super::{Limits, Request, Verb, compile};
use super::view;
use crate::prefer::Prefer;

/// What is wrong with a GET on posts; `None` if it compiles.
fn check(query: &str) -> Option<(Code, String)> {
    let prefer = Prefer::default();
    let request = Request {
        verb: Verb::Get,
        collection: "posts",
        item: None,
        query,
        range: None,
        prefer: &prefer,
        content_type: None,
        body: b"",
        singular: false,
    };
    let limits = Limits { aggregates: true, ..Limits::default() };
    compile(&view(Roles::SERVICE), &request, &limits).err().map(|p| (p.code, p.message))
}

/// `count` times the same, joined by commas.
fn times(text: &str, count: usize) -> String {
    vec![text; count].join(",")
}

/// A chain of embeds, each level's filter naming the next one `times` times.
fn nested(depth: usize, names: usize) -> String {
    let (mut select, mut path, mut query) = (String::from("id"), String::new(), String::new());
    for level in 0..depth {
        let relation = if (depth - level) % 2 == 1 { "author" } else { "posts" };
        select = format!("{relation}({select})");
    }
    for level in 0..depth {
        let relation = if level % 2 == 0 { "author" } else { "posts" };
        query += &format!("&{path}or=({})", times(&format!("{relation}.is.null"), names));
        path += &format!("{relation}.");
    }
    format!("select={select}{query}")
}

#[test]
fn regress_requests_of_great_size_are_refused() {
    let many = |count| format!("or=({})", times("id.eq.1", count));
    let cases = [
        (many(2_000), None),
        (many(2_001), Some("The request compares with more than 2000 values")),
        (format!("id=in.({})", times("1", 2_000)), None),
        (
            format!("or=({})", times("id.is.null", 5_001)),
            Some("The request comes to more than 5000 conditions"),
        ),
        (format!("order={}", times("id", 100)), None),
        (format!("order={}", times("id", 101)), Some("order has more than 100 terms")),
        (format!("select={}", times("*", 499)), Some("select stands for more than 1500 columns")),
        (nested(4, 5), None),
        (nested(4, 30), Some("The request comes to more than 5000 conditions")),
        (nested(5, 400), Some("The request comes to more than 5000 conditions")),
    ];
    for (query, expected) in cases {
        let found = check(&query);
        let short = &query[..query.len().min(80)];
        assert_eq!(found.as_ref().map(|(_, message)| message.as_str()), expected, "{short}");
        assert!(found.is_none_or(|(code, _)| code == Code::TooComplex), "{short}");
    }
}
