//! What is written comes back equal, whatever it is; what XML cannot carry comes back marked.

use std::cell::Cell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use crate::seat::{Backend, Running};
use crate::well_formed;

/// The text of an element that is there once, entities written out.
fn inner(answer: &str, name: &str) -> Option<String> {
    let start = answer.find(&format!("<{name}>"))? + name.len() + 2;
    let end = start + answer[start..].find(&format!("</{name}>"))?;
    let text = &answer[start..end];
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&#13;", "\r"), ("&amp;", "&")];
    Some(plain.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to)))
}

/// A text as an element holds it, with references where XML wants them or may have them.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\r' => out.push_str("&#xD;"),
            '>' => out.push_str("&#62;"),
            c => out.push(c),
        }
        out
    })
}

/// Any character that XML 1.0 can carry.
fn carried() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        8 => prop::char::range(' ', '~'),
        1 => prop_oneof![Just('\t'), Just('\n'), Just('\r'), Just('\u{FFFD}')],
        1 => prop::char::range('\u{80}', '\u{D7FF}'),
        1 => prop::char::range('\u{10000}', '\u{10FFFF}'),
    ];
    prop::collection::vec(character, 0..40).prop_map(|letters| letters.into_iter().collect())
}

#[test]
fn texts_come_back_as_they_were() {
    let running = Running::over(Backend::Memory);
    let ids = Cell::new(100);
    proptest!(ProptestConfig { failure_persistence: None, ..Default::default() }, |(text in carried(), item in carried())| {
        let id = ids.replace(ids.get() + 1);
        let row = format!(
            "<input><id>{id}</id><word>{}</word><labels><item>{}</item></labels></input>", escaped(&text), escaped(&item)
        );
        let made = running.ask("anon", &format!("<CreateSample>{row}</CreateSample>"));
        well_formed::check(&made);
        prop_assert_eq!(inner(&made, "word"), Some(text), "{}", made);
        prop_assert_eq!(inner(&made, "item"), Some(item));
        prop_assert!(!made.contains("lossy"));
    });
}

#[test]
fn values_come_back_as_they_were() {
    let running = Running::over(Backend::Memory);
    let ids = Cell::new(100);
    let config = ProptestConfig { failure_persistence: None, ..Default::default() };
    proptest!(config, |(big: i64, num: i32, cents in -9_999_999_999_i64..=9_999_999_999, ratio in -1e300..1e300_f64, day in 1_u32..29,
                        micros in 0_u32..1_000_000, blob in prop::collection::vec(any::<u8>(), 0..40))| {
        let id = ids.replace(ids.get() + 1);
        let blob = STANDARD.encode(blob);
        let price = format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100);
        let (date, time) = (format!("2026-02-{day:02}"), format!("23:59:{day:02}.{micros:06}"));
        let row = format!(
            "<input><id>{id}</id><big>{big}</big><num>{num}</num><price>{price}</price><ratio>{ratio}</ratio><day>{date}</day>\
             <hour>{time}</hour><at>{date}T{time}Z</at><blob>{blob}</blob></input>"
        );
        let made = running.ask("anon", &format!("<CreateSample>{row}</CreateSample>"));
        let found = |name: &str| inner(&made, name).unwrap_or_else(|| panic!("no {name}: {made}"));
        let whole = |text: &str| text.trim_end_matches('0').trim_end_matches('.').to_owned();
        prop_assert_eq!(found("big").parse::<i64>().ok(), Some(big));
        prop_assert_eq!(found("num").parse::<i32>().ok(), Some(num));
        prop_assert_eq!(found("price"), price);
        prop_assert_eq!(found("ratio").parse::<f64>().ok(), Some(ratio));
        prop_assert_eq!(found("day"), date.clone());
        prop_assert_eq!(whole(&found("hour")), whole(&time));
        prop_assert_eq!(whole(found("at").trim_end_matches('Z')), whole(&format!("{date}T{time}")));
        prop_assert_eq!(found("blob"), blob);
    });
}

/// Rows come in an order whatever their values, nulls and repetitions among them, and no page leaves one out or has one twice.
#[test]
fn pages_give_each_row_once() {
    let running = Running::over(Backend::Sqlite);
    let mut rows = String::new();
    for id in 1..=23 {
        let word = match id % 4 {
            0 => String::new(),
            n => format!("<word>w{n}</word>"),
        };
        let num = if id % 3 == 0 { String::new() } else { format!("<num>{}</num>", id % 5) };
        rows.push_str(&format!("<input><id>{}</id>{word}{num}</input>", 1_000 + id));
    }
    let made = running.ask("anon", &format!("<CreateSamples>{rows}</CreateSamples>"));
    assert!(made.contains("<count>23</count>"), "{made}");
    let directions = ["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_LAST"];
    for (first, second) in directions.iter().flat_map(|first| directions.map(|second| (first, second))) {
        for size in [1, 2, 5] {
            let (mut seen, mut after) = (Vec::new(), String::new());
            loop {
                let page = running.ask(
                    "anon",
                    &format!(
                        "<ListSamples><filter><id><gt>1000</gt></id></filter>\
                     <orderBy><field>word</field><direction>{first}</direction></orderBy>\
                     <orderBy><field>num</field><direction>{second}</direction></orderBy>\
                     <first>{size}</first>{after}</ListSamples>"
                    ),
                );
                let ids = page.match_indices("<Sample><id>").map(|(at, tag)| &page[at + tag.len()..][..4]);
                seen.extend(ids.map(str::to_owned));
                after = format!("<after>{}</after>", inner(&page, "endCursor").unwrap());
                if inner(&page, "hasNextPage").as_deref() == Some("false") {
                    break;
                }
            }
            let count = seen.len();
            seen.sort();
            seen.dedup();
            assert_eq!((count, seen.len()), (23, 23), "{first} {second} by {size}");
        }
    }
}
