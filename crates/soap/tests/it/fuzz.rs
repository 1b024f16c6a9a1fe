//! Envelopes spoiled at random, for as many seconds as `BISTRO_FUZZ_SECONDS` says: no panic, no mistake of ours, and every answer
//! is well-formed.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::dice::Dice;
use crate::seat::{Backend, Running, envelope, named};
use crate::well_formed;

const SEED: u64 = 1;
/// Texts that are put in: where parsers end, where numbers end, what means something elsewhere.
const SPICE: [&str; 34] = [
    "<",
    ">",
    "/>",
    "</",
    "&",
    "&amp;",
    "&#x1;",
    "&#x1F372;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?",
    "<!DOCTYPE a>",
    "\"",
    "'",
    "=",
    "xmlns=\"\"",
    "xmlns:a=\"urn:bistro:v1\"",
    " xsi:nil=\"true\"",
    "href=\"#\"",
    "\u{0}",
    "\u{FFFF}",
    "ä🍲",
    "-1",
    "0",
    "9223372036854775808",
    "1e999",
    "NaN",
    "0001-01-01T00:00:00-14:00",
    "%",
    "(",
    "\\",
    ".",
];

#[test]
fn spoiled_envelopes_are_answered() {
    let seconds = std::env::var("BISTRO_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let end = Instant::now() + Duration::from_secs(seconds);
    let (corpus, mut dice) = (corpus(), Dice::new(SEED));
    let running = Running::over(Backend::Memory);
    let (mut sent, mut well) = (0_u64, 0_u64);
    while Instant::now() < end {
        let pick = |dice: &mut Dice| &corpus[dice.up_to(corpus.len() as u64 - 1) as usize];
        let mut text = pick(&mut dice).clone();
        for _ in 0..dice.up_to(3) {
            text = spoiled(&mut dice, &text, pick);
        }
        let content_type =
            ["text/xml", "text/xml", "text/xml", "application/soap+xml"][dice.up_to(3) as usize];
        let caller = ["anon", "ada", "eve", "service"][dice.up_to(3) as usize];
        let response = running.send(caller, content_type, &text);
        let answer = String::from_utf8(response.body.to_vec()).expect("an answer is UTF-8");
        assert!(matches!(response.status, 200 | 400 | 500), "{}: {text}\n{answer}", response.status);
        well_formed::check(&answer);
        assert!(!answer.contains("<code>BIS-900</code>"), "{text}\n{answer}");
        sent += 1;
        well += u64::from(response.status == 200);
    }
    // Where nothing gets through, only the first look is tried.
    assert!(sent > 50 && well > sent / 20, "{well} of {sent} were answered with rows");
}

/// Every envelope of the cases.
fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let mut all = Vec::new();
    for file in ["read.txt", "write.txt", "refuse.txt"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let elements = text.split("\n\n").filter_map(|block| block.trim().lines().next()?.split_once(' '));
        all.extend(elements.map(|(_, element)| envelope(&named(element))));
    }
    all
}

/// The text with one thing wrong, or moved, or doubled.
fn spoiled<'c>(dice: &mut Dice, text: &str, pick: impl Fn(&mut Dice) -> &'c String) -> String {
    let letters: Vec<char> = text.chars().collect();
    let place = |dice: &mut Dice| dice.up_to(letters.len() as u64) as usize;
    let (a, b) = (place(dice), place(dice));
    let (from, to) = (a.min(b), a.max(b));
    let part = |from: usize, to: usize| letters[from..to].iter().collect::<String>();
    let (before, behind) = (part(0, from), part(to, letters.len()));
    match dice.up_to(6) {
        0 => format!(
            "{}{}{}",
            part(0, a),
            SPICE[dice.up_to(SPICE.len() as u64 - 1) as usize],
            part(a, letters.len())
        ),
        1 => {
            let near = (from + 12).min(letters.len());
            format!("{before}{}", part(near, letters.len()))
        }
        2 => format!("{before}{0}{0}{behind}", part(from, to)),
        3 => doubled(dice, text),
        4 => {
            let other: Vec<char> = pick(dice).chars().collect();
            let at = dice.up_to(other.len() as u64) as usize;
            format!("{before}{}", other[at..].iter().collect::<String>())
        }
        5 => valued(dice, text),
        _ => format!("{before}{behind}"),
    }
}

/// An element that holds no other is there twice.
fn doubled(dice: &mut Dice, text: &str) -> String {
    match leaf(dice, text) {
        Some((start, end)) => format!("{}{}", &text[..end], &text[start..]),
        None => text.to_owned(),
    }
}

/// An element that holds no other gets another value.
fn valued(dice: &mut Dice, text: &str) -> String {
    let Some((start, end)) = leaf(dice, text) else { return text.to_owned() };
    let inner = |at: Option<usize>| at.map_or(end, |at| start + at);
    let (open, close) = (inner(text[start..end].find('>')) + 1, inner(text[start..end].rfind("</")));
    match open <= close {
        true => format!(
            "{}{}{}",
            &text[..open],
            SPICE[dice.up_to(SPICE.len() as u64 - 1) as usize],
            &text[close..]
        ),
        false => text.to_owned(),
    }
}

/// Where an element stands that holds no other.
fn leaf(dice: &mut Dice, text: &str) -> Option<(usize, usize)> {
    let closing: Vec<usize> = text.match_indices("</").map(|(at, _)| at).collect();
    let at = *closing.get(dice.up_to(closing.len().max(1) as u64 - 1) as usize)?;
    let start = text[..at].rfind('<')?;
    let end = at + text[at..].find('>')? + 1;
    Some((start, end))
}
