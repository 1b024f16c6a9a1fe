//! Full text the plain way: whole words, case folded, no stemming.

use bistro_ir::SearchMode;

/// Whether the query finds something in the texts (the indexed fields of one row).
pub(crate) fn finds(texts: &[String], mode: SearchMode, query: &str) -> bool {
    let documents: Vec<Vec<String>> = texts.iter().map(|t| words(t)).collect();
    let has = |phrase: &[String]| {
        !phrase.is_empty() && documents.iter().any(|d| d.windows(phrase.len()).any(|w| w == phrase))
    };
    match mode {
        SearchMode::Plain => {
            let all = words(query);
            !all.is_empty() && all.iter().all(|w| has(std::slice::from_ref(w)))
        }
        SearchMode::Phrase => has(&words(query)),
        SearchMode::Web => web(query, &has),
        SearchMode::Query => Query { tokens: tokens(query), at: 0, has: &has }.or(),
    }
}

/// The words of a text: runs of letters and digits, in lower case.
pub(crate) fn words(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    runs.map(str::to_lowercase).collect()
}

/// As people type into a search box.
fn web(query: &str, has: &dyn Fn(&[String]) -> bool) -> bool {
    let mut any = false;
    let mut all = true;
    let mut empty = true;
    for (n, part) in query.split('"').enumerate() {
        if n % 2 == 1 {
            (all, empty) = (all && has(&words(part)), false);
            continue;
        }
        for word in part.split_whitespace() {
            match word.strip_prefix('-') {
                _ if word.eq_ignore_ascii_case("or") => {
                    any = any || (all && !empty);
                    (all, empty) = (true, true);
                }
                Some(not) => (all, empty) = (all && !has(&words(not)), false),
                None => (all, empty) = (all && has(&words(word)), false),
            }
        }
    }
    any || (all && !empty)
}

fn tokens(query: &str) -> Vec<String> {
    let spaced = query.replace("<->", " \u{1} ");
    let mut spaced_out = String::new();
    for c in spaced.chars() {
        if "&|!()\u{1}".contains(c) {
            spaced_out.push_str(&format!(" {c} "));
        } else {
            spaced_out.push(c);
        }
    }
    spaced_out.split_whitespace().map(str::to_owned).collect()
}

/// A query of `& | ! <->` and brackets.
struct Query<'q> {
    tokens: Vec<String>,
    at: usize,
    has: &'q dyn Fn(&[String]) -> bool,
}

impl Query<'_> {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn or(&mut self) -> bool {
        let mut found = self.and();
        while self.peek() == "|" {
            self.at += 1;
            found |= self.and();
        }
        found
    }

    fn and(&mut self) -> bool {
        let mut found = self.term();
        while self.peek() == "&" {
            self.at += 1;
            found &= self.term();
        }
        found
    }

    fn term(&mut self) -> bool {
        match self.peek() {
            "!" => {
                self.at += 1;
                !self.term()
            }
            "(" => {
                self.at += 1;
                let found = self.or();
                self.at += 1;
                found
            }
            _ => self.phrase(),
        }
    }

    fn phrase(&mut self) -> bool {
        let mut phrase = words(self.peek());
        self.at += 1;
        while self.peek() == "\u{1}" {
            self.at += 1;
            phrase.extend(words(self.peek()));
            self.at += 1;
        }
        (self.has)(&phrase)
    }
}
