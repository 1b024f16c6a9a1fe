//! Requests that nobody would send: those of the cases, damaged. All stores must answer each alike and lawfully.
//!
//! The damage is random but the same in every run. Writes run on all stores in step, so that a difference between them
//! stays visible in what is read later.

use std::path::Path;

use bistro_problem::Code;
use bistro_wire::Response;

use crate::case::{self, Kept, Step, named};
use crate::seat::{Backend, Running, Seat};

/// Damaged requests a run.
fn rounds() -> usize {
    if std::env::var("BISTRO_TEST_COUNTS").as_deref() == Ok("full") { 60_000 } else { 3_000 }
}

/// Pieces that mean something somewhere in a request.
const PIECES: &[&str] = &[
    "(",
    ")",
    ",",
    ".",
    "\"",
    "\\",
    "*",
    "%",
    "%25",
    "%00",
    "%FF",
    "{",
    "}",
    "[",
    "]",
    ":",
    "::text",
    "::int",
    "->",
    "-%3E%3E",
    "!",
    "!inner",
    "...",
    "and",
    "or",
    "not.",
    "is.null",
    "eq.",
    "in.(",
    "null",
    "-1",
    "0",
    "99999999999999999999",
    "1e999",
    "é",
    "%F0%9F%92%A9",
    "+",
    "&",
    "=",
    "select=*",
    "order=id",
    "limit=1",
    "offset=1",
    "&or=(",
    "count()",
    "author(",
    "veiled_pay",
    "true",
    "$0.id",
    "\u{0}",
    "\n",
    "/",
    "1.5",
    "<ada>",
    "~",
    "'",
    ";--",
    "id",
    "num",
    "doc",
    "labels",
    "price",
    "at",
    ".desc",
    ".nullsfirst",
    ".sum()",
    "{\"a\":1}",
    "[1,2]",
    "\"\\ud800\"",
];

/// A generator of numbers (xorshift): any seed but zero.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// A text with one piece put in, taken out or copied.
    fn damage(&mut self, text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        let (a, b) = (self.below(chars.len() + 1), self.below(chars.len() + 1));
        let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 12));
        let part = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
        match self.below(4) {
            0 => part(0, from) + &part(to, chars.len()),
            1 => part(0, to) + &part(from, chars.len()),
            _ => part(0, from) + PIECES[self.below(PIECES.len())] + &part(from, chars.len()),
        }
    }
}

fn steps() -> Vec<Step> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|f| std::fs::read_to_string(f).unwrap());
    // Stores that do not keep documents as they were written are not asked how they were.
    let alike = |scenario: &case::Scenario| !scenario.title.ends_with("(documents as written)");
    texts.flat_map(|t| case::parse(&t).unwrap().1).filter(alike).flat_map(|s| s.steps).collect()
}

#[test]
fn damaged_requests_are_answered_alike_and_lawfully() {
    let seat = Seat::new();
    let steps = steps();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut all: Vec<Running> = Vec::new();
    let mut gap = false;
    let mut renew = false;
    let mut wrong = Vec::new();
    for round in 0..rounds() {
        // Now and then from the start, so that there are rows.
        if round % 100 == 0 || renew {
            gap = false;
            all.drain(..).for_each(|running| seat.give_back(running));
            all.extend(Backend::ALL.map(|b| seat.take(b, true)));
        }
        let mut step = random.pick(&steps).clone();
        for _ in 0..=random.below(3) {
            match random.below(4) {
                0 if !step.body.is_empty() => step.body = random.damage(&step.body),
                0 | 1 => {
                    let (path, query) = step.target.split_once('?').unwrap_or((&step.target, ""));
                    step.target = format!("{path}?{}", random.damage(query));
                }
                2 => {
                    let other = random.pick(&steps);
                    let query = other.target.split_once('?').map_or("", |(_, q)| q);
                    step.target = format!("{}&{query}", step.target);
                }
                _ if !step.headers.is_empty() => {
                    let at = random.below(step.headers.len());
                    step.headers[at].1 = random.damage(&step.headers[at].1);
                }
                _ => step.target = random.damage(&step.target),
            }
        }
        let (what, status) = check(&all, &step, gap);
        wrong.extend(what);
        // A counter may have counted for a write that was refused or undone. The next row then has another number than elsewhere,
        // and the histories have parted.
        renew = gap && status < 300 && step.writes();
        let undone = step.headers.iter().any(|(_, value)| value.contains("rollback"));
        gap |= (status >= 400 || undone) && step.writes();
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), rounds(), wrong.join("\n"));
}

/// Asks all; what is unlawful or differs from the first, and the first one's status. After a `gap` in the counters, numbers
/// of new rows may differ.
fn check(all: &[Running], step: &Step, gap: bool) -> (Option<String>, u16) {
    let answers: Vec<Response> = all.iter().map(|running| running.ask(step, &Kept::default())).collect();
    let lawful = answers.iter().flat_map(|a| case::lawful(step, a)).collect::<Vec<_>>();
    let texts: Vec<String> = answers.iter().map(shown).collect();
    let uncounted = |n: usize| texts[n].replace(|c: char| c.is_ascii_digit(), "");
    let counted = |n: usize| gap && step.writes() && uncounted(n) == uncounted(0);
    // In which order rows come where the order leaves it open is not said; the cases look at orders.
    let alike = |n: usize| {
        sorted(&texts[n]) == sorted(&texts[0]) || counted(n) || rightly(step, [&answers[0], &answers[n]])
    };
    let differ: Vec<usize> = (1..all.len()).filter(|n| !alike(*n)).collect();
    let what = match (lawful.is_empty(), differ.is_empty()) {
        (true, true) => return (None, answers[0].status),
        (true, false) => "the stores differ".to_owned(),
        (false, _) => lawful.join("; "),
    };
    let headers: String = step.headers.iter().map(|(n, v)| format!("{n}: {v}\n")).collect();
    let (line, body) = (format!("{} {} {}", step.caller, step.method, step.target), named(&step.body));
    let shown = [0].into_iter().chain(differ).map(|n| format!("  {:?} {}\n", all[n].backend, texts[n]));
    let told = format!("{what}\n> {line}\n{headers}\n{body}\n{}", shown.collect::<String>());
    (Some(told), answers[0].status)
}

/// A response as text, but for the ids that the server makes.
fn shown(response: &Response) -> String {
    let mut headers = response.headers.clone();
    headers.retain(|(name, _)| *name != "etag");
    let text = format!("{} {headers:?} {}", response.status, String::from_utf8_lossy(&response.body));
    let is_id = |w: &[u8]| [8, 13, 18, 23].iter().all(|at| w[*at] == b'-') && !w.starts_with(b"0100");
    let made: Vec<String> = text
        .as_bytes()
        .windows(36)
        .filter(|w| is_id(w))
        .map(|w| String::from_utf8_lossy(w).into_owned())
        .collect();
    made.iter().fold(text, |text, id| text.replace(id, "(id)"))
}

/// Where stores may differ: in what full text takes for a word and how large a pattern may grow, in which of two violated constraints they name, and in
/// which rows are a page where the order leaves it open.
fn rightly(step: &Step, answers: [&Response; 2]) -> bool {
    let paged = ["limit=", "offset="].iter().any(|word| step.target.contains(word));
    let clash = answers.iter().all(|a| a.problem.as_ref().is_some_and(|p| p.code == Code::UniqueViolation));
    let words = ["fts", "match"].iter().any(|word| step.target.contains(word));
    words || clash || (paged && answers[0].status == answers[1].status)
}

fn sorted(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.sort_unstable();
    bytes
}
