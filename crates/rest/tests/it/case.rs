//! Scenarios as text: parsed, compared with what was answered, and written back.

use std::collections::HashMap;
use std::fmt::Write as _;

use bistro_problem::Code;
use bistro_store::Capabilities;
use bistro_wire::Response;
use bistro_wire::problem_reply::write_string;
use serde_json::Value as Json;

/// Texts kept from one step for the next: `$tag` and its value.
pub(crate) type Kept = HashMap<String, String>;

/// A body that says nothing here: of an answer to HEAD, or one that other tests look at.
const ANY: &str = "…";

/// The people of the seed, by the names that cases use.
pub(crate) const PEOPLE: [&str; 4] = ["ada", "bob", "eve", "vic"];

/// Steps on one state of the data.
pub(crate) struct Scenario {
    pub(crate) title: String,
    pub(crate) steps: Vec<Step>,
}

impl Scenario {
    /// Whether a store answers this: a title may end in what only some stores do.
    pub(crate) fn suits(&self, durable: bool, able: &Capabilities) -> bool {
        let needs = |what: &str| self.title.ends_with(what);
        (durable || !needs("(not in memory)"))
            && (able.short_words && durable || !needs("(short words)"))
            && (able.documents_in_order || !needs("(documents in order)"))
            && (able.documents_as_written || !needs("(documents as written)"))
    }
}

/// A request and what it answers.
#[derive(Clone, Default)]
pub(crate) struct Step {
    pub(crate) caller: String,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    status: u16,
    expected_headers: Vec<(String, String)>,
    expected_body: String,
}

impl Step {
    /// Whether the step may change data.
    pub(crate) fn writes(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }
}

/// The id of a person: the same on both stores.
pub(crate) fn person(n: usize) -> String {
    format!("01000000-0000-7000-8000-00000000000{}", n + 1)
}

/// Text with the ids of people in place of their names.
pub(crate) fn named(text: &str) -> String {
    let put = |text: String, (n, name): (usize, &&str)| text.replace(&format!("<{name}>"), &person(n));
    PEOPLE.iter().enumerate().fold(text.to_owned(), put)
}

fn unnamed(text: &str) -> String {
    let put = |text: String, (n, name): (usize, &&str)| text.replace(&person(n), &format!("<{name}>"));
    PEOPLE.iter().enumerate().fold(text.to_owned(), put)
}

/// The lines before the first scenario, and the scenarios.
pub(crate) fn parse(text: &str) -> Result<(String, Vec<Scenario>), String> {
    let mut parts = text.split("### ");
    let intro = parts.next().unwrap_or_default().to_owned();
    let mut scenarios = Vec::new();
    for part in parts {
        let (title, rest) = part.split_once('\n').ok_or("a scenario has no steps")?;
        let steps: Result<Vec<_>, String> = format!("\n{rest}").split("\n> ").skip(1).map(step).collect();
        let steps = steps.map_err(|e| format!("{title}: {e}"))?;
        if steps.is_empty() {
            return Err(format!("{title}: no steps"));
        }
        scenarios.push(Scenario { title: title.to_owned(), steps });
    }
    Ok((intro, scenarios))
}

fn step(text: &str) -> Result<Step, String> {
    let (asked, answered) = text.split_once("\n< ").unwrap_or((text, ""));
    let (line, headers, body) = message(asked)?;
    let mut words = line.splitn(3, ' ');
    let mut word = || words.next().map(str::to_owned).ok_or(format!("not `caller METHOD target`: {line}"));
    let (caller, method, target) = (word()?, word()?, word()?);
    let (status, expected_headers, expected_body) = message(answered)?;
    let status =
        if status.is_empty() { 0 } else { status.trim().parse().map_err(|_| format!("status {status}"))? };
    Ok(Step { caller, method, target, headers, body, status, expected_headers, expected_body })
}

type Message = (String, Vec<(String, String)>, String);

/// First line, headers, and what follows an empty line (or a line that begins with `!`).
fn message(text: &str) -> Result<Message, String> {
    let mut lines = text.trim_end().split('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    let mut body = Vec::new();
    let mut in_body = false;
    for line in lines {
        if in_body {
            body.push(line);
        } else if line.is_empty() {
            in_body = true;
        } else if line.starts_with('!') {
            (in_body, body) = (true, vec![line]);
        } else if let Some(name) = line.strip_prefix('-') {
            headers.push((format!("-{name}"), String::new()));
        } else {
            let (name, value) = line.split_once(':').ok_or(format!("not a header: {line}"))?;
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
    }
    Ok((first, headers, body.join("\n")))
}

/// What a response has under a header name.
pub(crate) fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_ref())
}

fn text_of(response: &Response) -> String {
    String::from_utf8(response.body.to_vec()).expect("bodies are text")
}

/// What differs between a step and its response.
pub(crate) fn compare(step: &Step, response: &Response, kept: &mut Kept) -> Vec<String> {
    let mut wrong = lawful(step, response);
    if step.status != response.status {
        wrong.push(format!("status {} instead of {}", response.status, step.status));
    }
    for (name, expected) in &step.expected_headers {
        let (name, absent) = name.strip_prefix('-').map_or((name.as_str(), false), |name| (name, true));
        let actual = header(response, name);
        match (absent, expected.strip_prefix('$'), actual) {
            (true, _, None) => {}
            (false, Some(variable), Some(actual)) => match kept.get(variable) {
                Some(value) if value != actual => wrong.push(format!("{name}: {actual} instead of {value}")),
                Some(_) => {}
                None => drop(kept.insert(variable.to_owned(), actual.to_owned())),
            },
            (false, None, Some(actual)) if unnamed(actual) == unnamed(expected) => {}
            _ => wrong.push(format!("{name}: {actual:?} instead of {expected:?}")),
        }
    }
    let actual = print_body(response);
    if step.expected_body != ANY && actual != unnamed(&step.expected_body) {
        wrong.push(format!("- {}\n+ {}", step.expected_body, actual));
    }
    if wrong.is_empty() {
        return wrong;
    }
    vec![format!("> {} {} {}\n{}", step.caller, step.method, step.target, wrong.join("\n"))]
}

/// What holds for every response, whatever was asked.
pub(crate) fn lawful(step: &Step, response: &Response) -> Vec<String> {
    let mut wrong = Vec::new();
    let text = text_of(response);
    let mut must = |holds: bool, what: &str| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    must(response.status != 204 || text.is_empty(), "204 has a body");
    must(response.status != 500, "500");
    must(text.is_empty() || header(response, "content-type").is_some(), "a body without content-type");
    let mut names: Vec<&str> = response.headers.iter().map(|(n, _)| *n).collect();
    names.sort_unstable();
    must(names.windows(2).all(|w| w[0] != w[1]), "a header twice");
    let sees = matches!(step.caller.as_str(), "eve" | "service");
    let asked = format!("{}{:?}{}", step.target, step.headers, step.body);
    must(sees || asked.contains("veiled") || !text.contains("veiled"), "a veiled name is told");
    must(asked.contains("veiled_pin") || !text.contains("veiled_pin"), "a hidden field is told");
    if response.status >= 300 && response.status != 304 {
        must(!problem(&text).is_empty() || step.method == "HEAD", "not a problem with all its members");
    }
    wrong
}

/// A body as cases write it: a problem by what is its own, everything else as it is.
fn print_body(response: &Response) -> String {
    let text = text_of(response);
    let short = if response.status >= 300 { problem(&text) } else { String::new() };
    let text = if short.is_empty() { text } else { short };
    unnamed(text.trim_end())
}

/// `! CODE message` and so on, if the text is exactly the problem that these lines say; otherwise empty.
fn problem(text: &str) -> String {
    let Ok(Json::Object(object)) = serde_json::from_str::<Json>(text) else { return String::new() };
    let word = |name: &str| object.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let (code, message) = (word("code"), word("message"));
    let status = object.get("status").and_then(Json::as_u64).unwrap_or_default();
    let mut whole = format!("{{\"code\":\"{code}\",\"message\":");
    write_string(&mut whole, &message);
    let mut short = format!("! {code} {message}");
    for name in ["details", "hint"] {
        let value = object.get(name).unwrap_or(&Json::Null);
        let _ = write!(whole, ",\"{name}\":{value}");
        match value {
            Json::Null => {}
            Json::String(text) => write!(short, "\n{name}: {text}").unwrap(),
            other => write!(short, "\n{name}: {other}").unwrap(),
        }
    }
    let title = Code::ALL
        .iter()
        .find(|c| c.wire_text() == code && (u64::from(c.status()) == status || c.text() == code));
    let Some(title) = title.map(|c| c.title()) else { return String::new() };
    let _ = write!(
        whole,
        ",\"type\":\"/docs/errors#{code}\",\"title\":\"{title}\",\"status\":{status},\"detail\":"
    );
    write_string(&mut whole, &message);
    whole.push_str(",\"instance\":\"r1\"");
    for name in ["index", "pointer"] {
        if let Some(value) = object.get(name) {
            let _ = write!(whole, ",\"{name}\":{value}");
            let _ = write!(short, "\n{name}: {}", value.to_string().trim_matches('"'));
        }
    }
    whole.push('}');
    if whole == text { short } else { String::new() }
}

/// A step with what it answered, in the form that [`parse`] reads.
pub(crate) fn write(step: &Step, response: &Response) -> String {
    let mut out = format!("> {} {} {}\n", step.caller, step.method, step.target);
    for (name, value) in &step.headers {
        let _ = writeln!(out, "{name}: {value}");
    }
    if !step.body.is_empty() {
        let _ = write!(out, "\n{}\n", step.body);
    }
    let _ = writeln!(out, "< {}", response.status);
    for (name, expected) in &step.expected_headers {
        let name = name.trim_start_matches('-');
        let _ = match header(response, name) {
            None => writeln!(out, "-{name}"),
            Some(_) if expected.starts_with('$') => writeln!(out, "{name}: {expected}"),
            Some(value) => writeln!(out, "{name}: {}", unnamed(value)),
        };
    }
    let passed_over = step.expected_body == ANY || (step.method == "HEAD" && response.status < 300);
    let body = if passed_over { ANY.to_owned() } else { print_body(response) };
    match body.as_str() {
        "" => {}
        problem if problem.starts_with('!') => writeln!(out, "{problem}").unwrap(),
        body => write!(out, "\n{body}\n").unwrap(),
    }
    out
}
