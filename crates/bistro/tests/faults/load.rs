//! Writers that remember what they were told about each row.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bistro_testkit::Database;

use crate::harness::{Answer, Server};
use crate::node::unique;

const WRITERS: usize = 6;

/// What writers were told.
#[derive(Default)]
pub(crate) struct Told {
    /// Rows that are stored for sure.
    pub(crate) acknowledged: Vec<String>,
    /// Rows that are not stored for sure.
    pub(crate) refused: Vec<String>,
    /// Rows of which nobody knows.
    pub(crate) unknown: Vec<String>,
    /// Answers that should not be.
    pub(crate) wrong: Vec<String>,
}

impl Told {
    fn note(&mut self, text: String, answer: &Answer) {
        match answer.status {
            201 => self.acknowledged.push(text),
            503 if answer.body.contains("BIS-603") => self.unknown.push(text),
            503 if answer.header("retry-after").is_some() => self.refused.push(text),
            // The deadline of a statement that the stopping server did not answer.
            500 | 504 if answer.body.contains("57014") => self.refused.push(text),
            _ => self.wrong.push(format!("{answer:?}")),
        }
    }

    /// What does not agree with the rows that are there.
    pub(crate) fn differs(&self, database: &Database) -> Vec<String> {
        let rows = database.sql("SELECT text FROM notes").expect("the server answers");
        let mut there: HashMap<&str, u32> = HashMap::new();
        rows.lines().for_each(|text| *there.entry(text).or_default() += 1);
        let count = |text: &String| there.get(text.as_str()).copied().unwrap_or(0);
        let all = |texts: &[String], what: &str, right: fn(u32) -> bool| -> Vec<String> {
            let wrong = texts.iter().filter(|text| !right(count(text)));
            wrong.map(|text| format!("{text} was {what} and is there {} times", count(text))).collect()
        };
        let lost = all(&self.acknowledged, "acknowledged", |n| n == 1);
        let kept = all(&self.refused, "refused", |n| n == 0);
        let twice = all(&self.unknown, "unknown", |n| n <= 1);
        [lost, kept, twice, self.wrong.clone()].concat()
    }
}

/// Runs `meanwhile` while writers write; what they were told.
pub(crate) fn under_load(node: &Server, secret: &str, meanwhile: impl FnOnce(&Mutex<Told>)) -> Told {
    let told = Mutex::new(Told::default());
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for n in 0..WRITERS {
            let (told, over) = (&told, &over);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let text = unique(&format!("writer-{n}"));
                    let body = format!("{{\"text\":\"{text}\"}}");
                    let answer = node.post("/rest/v1/notes", &body).key(secret).send();
                    let went_well = answer.status == 201;
                    told.lock().expect("no writer panics with the lock").note(text, &answer);
                    // Whoever is told to come again does not come at once.
                    std::thread::sleep(Duration::from_millis(if went_well { 1 } else { 20 }));
                }
            });
        }
        // The writers must end, whatever happens to the test.
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| meanwhile(&told)));
        over.store(true, Ordering::Relaxed);
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    told.into_inner().expect("no writer panics with the lock")
}
