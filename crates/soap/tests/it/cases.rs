//! Cases in files: a caller and an element, and what stands in the Body of the answer. Each file is run from its beginning to its
//! end over each store; reads and writes follow one another.
//!
//! `BISTRO_BLESS=1` writes what the memory store answers.

use std::fs;
use std::path::PathBuf;

use crate::seat::{Backend, Running, named, unnamed};

const FILES: [&str; 4] = ["read.txt", "write.txt", "refuse.txt", "scopes.txt"];

/// A case: the line of the caller and the element, and the lines of the answer.
struct Case {
    asked: String,
    answered: String,
}

#[test]
fn every_store_answers_the_same() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for file in FILES {
        let path = folder.join(file);
        let mut cases = read(&fs::read_to_string(&path).unwrap());
        for backend in Backend::ALL {
            let running = Running::over(backend);
            for case in &mut cases {
                asked += 1;
                let (caller, element) = case.asked.split_once(' ').unwrap();
                let found = shown(&running.ask(caller, &named(element)));
                if std::env::var_os("BISTRO_BLESS").is_some() && backend == Backend::Memory {
                    case.answered.clone_from(&found);
                }
                if found != case.answered {
                    wrong
                        .push(format!("{file} over {backend:?}\n{}\n{found}\n{}", case.asked, case.answered));
                }
            }
        }
        if std::env::var_os("BISTRO_BLESS").is_some() {
            let blocks = cases.iter().map(|case| format!("{}\n{}\n", case.asked, case.answered));
            fs::write(&path, blocks.collect::<Vec<_>>().join("\n")).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{} of {asked} differ\n\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(asked >= 420, "only {asked} cases were found");
}

fn read(text: &str) -> Vec<Case> {
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    let case = |block: &str| {
        let (asked, answered) = block.split_once('\n').unwrap_or((block, ""));
        Case { asked: asked.to_owned(), answered: answered.to_owned() }
    };
    blocks.map(case).collect()
}

/// What stands in the Body: an answer's members, or what a fault says.
fn shown(answer: &str) -> String {
    let answer = unnamed(answer);
    let part = |name: &str| {
        let start = answer.find(&format!("<{name}>"))? + name.len() + 2;
        Some(&answer[start..answer[start..].find("</")? + start])
    };
    if !answer.contains("<soap:Fault>") {
        let body = part_of(&answer, "<soap:Body>", "</soap:Body>");
        let members = part_of(body, " xmlns=\"urn:bistro:v1\">", "</");
        // A case is two lines.
        return if members.is_empty() { "-".to_owned() } else { members.replace('\n', "&#10;") };
    }
    let told = ["faultcode", "kind", "code", "place", "message", "details", "hint"];
    let told = told.into_iter().filter_map(|name| Some(format!("{name}: {}", part(name)?)));
    told.collect::<Vec<_>>().join(" | ")
}

fn part_of<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).map_or(0, |at| at + from.len());
    &text[start..text.rfind(to).filter(|end| *end >= start).unwrap_or(text.len())]
}
