//! Documents and their replies, as data in `cases/*.txt`, on every store, each asked twice: the second time its plan is kept.
//!
//! A scenario begins with `### what it says`. Its steps are `> caller`, the document, `$ variables` if it has some, and
//! `< reply` in one line, to the byte. `= name /pointer` keeps a text of the reply for later steps, where it is `<<name>>`;
//! `<ada>` is the id of that person. Files called `global_ids…` run with global ids, `federation…` as a subgraph, those called `small…` where a reply may hold
//! seven records, those called `linked…` over `linked.graphql`. A title may end in what only some stores do: `(not in memory)`. `BISTRO_CASES=name`
//! runs one file; `BISTRO_BLESS=1` writes what the steps answer now, for review.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use bistro_graphql::Options;
use serde_json::Value as Json;

use crate::seat::{Backend, Data, Seat, named, unnamed};

/// Relations of every shape, for what is written over them.
const LINKED: Data = Data { schema: include_str!("linked.graphql"), seed: include_str!("linked.txt") };

/// Steps on one state of the data.
struct Scenario<'f> {
    title: &'f str,
    steps: Vec<Step<'f>>,
}

#[derive(Default)]
struct Step<'f> {
    caller: &'f str,
    document: String,
    variables: &'f str,
    reply: &'f str,
    /// Names and pointers.
    kept: Vec<(&'f str, &'f str)>,
}

impl Step<'_> {
    fn writes(&self) -> bool {
        self.document.contains("mutation")
    }
}

impl<'f> Scenario<'f> {
    fn parse(text: &'f str) -> Self {
        let (title, rest) = text.split_once('\n').unwrap();
        let mut steps = Vec::new();
        for line in rest.lines().filter(|line| !line.is_empty()) {
            if let Some(caller) = line.strip_prefix("> ") {
                steps.push(Step { caller, ..Step::default() });
                continue;
            }
            let step: &mut Step<'f> = steps.last_mut().expect("a step begins with its caller");
            if let Some(variables) = line.strip_prefix("$ ") {
                step.variables = variables;
            } else if let Some(kept) = line.strip_prefix("= ") {
                step.kept.push(kept.split_once(' ').unwrap());
            } else if let Some(reply) = line.strip_prefix("< ") {
                step.reply = reply;
            } else {
                step.document.push_str(line);
                step.document.push('\n');
            }
        }
        Self { title, steps }
    }
}

#[test]
fn documents_answer_as_the_contract_says_on_every_store() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let only = std::env::var("BISTRO_CASES").unwrap_or_default();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let (mut wrong, mut count) = (String::new(), 0);
    let seats = seats();
    for file in files.iter().filter(|f| f.to_string_lossy().contains(&only)) {
        let text = std::fs::read_to_string(file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy();
        let (_, seat) = seats.iter().find(|(prefix, _)| name.starts_with(prefix)).unwrap();
        let (intro, scenarios) = text.split_once("### ").unwrap();
        let mut blessed = intro.to_owned();
        for scenario in scenarios.split("\n### ").map(Scenario::parse) {
            count += scenario.steps.len();
            let suits = |b: &Backend| *b != Backend::Memory || !scenario.title.ends_with("(not in memory)");
            for (n, backend) in Backend::ALL.into_iter().filter(suits).enumerate() {
                let (differences, went) = check(seat, backend, &scenario);
                if !differences.is_empty() {
                    let _ = writeln!(wrong, "{name}: {} ({backend:?})\n{differences}", scenario.title);
                }
                if n == 0 {
                    blessed.push_str(&went);
                }
            }
        }
        if std::env::var_os("BISTRO_BLESS").is_some() {
            std::fs::write(file, blessed.trim_end().to_owned() + "\n").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(!only.is_empty() || count >= 60, "only {count} steps were found");
}

/// What the name of a file begins with, and where its scenarios run.
fn seats() -> [(&'static str, Seat); 5] {
    let small = bistro_engine::Options { reply_records: 7, ..bistro_engine::Options::default() };
    let mut global = Options::default();
    global.describe.global_ids = true;
    let mut subgraph = Options::default();
    subgraph.describe.federation = true;
    [
        ("global_ids", Seat::new(global)),
        ("federation", Seat::new(subgraph)),
        ("small", Seat::with(Options::default(), small)),
        ("linked", Seat::of(LINKED)),
        ("", Seat::new(Options::default())),
    ]
}

/// Runs a scenario; what differs, and the scenario as it went.
fn check(seat: &Seat, backend: Backend, scenario: &Scenario<'_>) -> (String, String) {
    let running = seat.take(backend, scenario.steps.iter().any(Step::writes));
    let mut kept = HashMap::new();
    let (mut wrong, mut went) = (String::new(), format!("### {}\n", scenario.title));
    for step in &scenario.steps {
        let fill = |text: &str| {
            kept.iter()
                .fold(named(text), |t: String, (name, value): (&String, &String)| t.replace(name, value))
        };
        let (document, variables) = (fill(&step.document), fill(step.variables));
        let reply = running.ask(step.caller, &document, &variables);
        if reply != fill(step.reply) {
            let _ = writeln!(wrong, "{}- {}\n+ {}", step.document, fill(step.reply), unnamed(&reply));
        }
        if !step.writes() {
            let again = running.ask(step.caller, &document, &variables);
            if again != reply {
                let _ = writeln!(wrong, "{}- {reply}\nthe second time\n+ {again}", step.document);
            }
        }
        went.push_str(&write(step, &kept, &reply));
        let json: Json = serde_json::from_str(&reply).expect("replies are JSON");
        for (name, pointer) in &step.kept {
            let value = json.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
            kept.insert(format!("<<{name}>>"), value.to_owned());
        }
    }
    seat.give_back(running);
    (wrong, went)
}

/// A step with what it answered, in the form that is read.
fn write(step: &Step<'_>, kept: &HashMap<String, String>, reply: &str) -> String {
    let mut out = format!("> {}\n{}", step.caller, step.document);
    if !step.variables.is_empty() {
        let _ = writeln!(out, "$ {}", step.variables);
    }
    let values = kept.iter().filter(|(_, value)| !value.is_empty());
    let reply = values.fold(unnamed(reply), |text, (name, value)| text.replace(value.as_str(), name));
    let _ = writeln!(out, "< {reply}");
    for (name, pointer) in &step.kept {
        let _ = writeln!(out, "= {name} {pointer}");
    }
    out.push('\n');
    out
}
