//! The header `Prefer`: what a client would like, and which of it took effect.

use bistro_problem::{Code, Problem};

use crate::compile::Verb;

/// `return=`: what a write answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// Nothing.
    Minimal,
    /// The rows.
    Representation,
    /// Nothing but the new row's place.
    HeadersOnly,
}

/// `count=`: how the number of all rows is found. All three are exact here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// By counting.
    Exact,
    /// By the planner's guess.
    Planned,
    /// By counting small results and guessing large ones.
    Estimated,
}

/// `resolution=`: what an insert does with rows that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Updates them.
    Merge,
    /// Leaves them.
    Ignore,
}

/// `missing=`: what a member that the payload lacks becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The column's default.
    Default,
    /// Null.
    Null,
}

/// `handling=`: what becomes of preferences that are unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// They are refused.
    Strict,
    /// They are ignored.
    Lenient,
}

/// A parsed `Prefer`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefer {
    /// `resolution=`
    pub resolution: Option<Resolution>,
    /// `missing=`
    pub missing: Option<Missing>,
    /// `return=`
    pub returning: Option<Return>,
    /// `count=`
    pub count: Option<Count>,
    /// `handling=`
    pub handling: Option<Handling>,
    /// `timezone=UTC`, the one zone that times are printed in.
    utc: bool,
    /// `max-affected=`
    most: Option<u64>,
}

impl Prefer {
    /// Reads all values of the header; PGRST122 for unknown ones under `handling=strict`.
    pub fn parse(headers: &[&str]) -> Result<Self, Problem> {
        let mut prefer = Self::default();
        let mut unknown = Vec::new();
        for word in
            headers.iter().flat_map(|header| header.split(',')).map(str::trim).filter(|w| !w.is_empty())
        {
            if !prefer.take(word) {
                unknown.push(word);
            }
        }
        if prefer.handling == Some(Handling::Strict) && !unknown.is_empty() {
            return Err(Problem::new(Code::Preference, "Invalid preferences given with handling=strict")
                .details(format!("Invalid preferences: {}", unknown.join(", "))));
        }
        Ok(prefer)
    }

    /// Takes one preference; the first of a kind counts. False for one that is unknown or not served.
    fn take(&mut self, word: &str) -> bool {
        let (name, value) = word.split_once('=').map_or((word, ""), |(n, v)| (n.trim(), v.trim()));
        match (name, value) {
            ("return", "minimal") => first(&mut self.returning, Return::Minimal),
            ("return", "representation") => first(&mut self.returning, Return::Representation),
            ("return", "headers-only") => first(&mut self.returning, Return::HeadersOnly),
            ("count", "exact") => first(&mut self.count, Count::Exact),
            ("count", "planned") => first(&mut self.count, Count::Planned),
            ("count", "estimated") => first(&mut self.count, Count::Estimated),
            ("resolution", "merge-duplicates") => first(&mut self.resolution, Resolution::Merge),
            ("resolution", "ignore-duplicates") => first(&mut self.resolution, Resolution::Ignore),
            ("missing", "default") => first(&mut self.missing, Missing::Default),
            ("missing", "null") => first(&mut self.missing, Missing::Null),
            ("handling", "strict") => first(&mut self.handling, Handling::Strict),
            ("handling", "lenient") => first(&mut self.handling, Handling::Lenient),
            // Clients cannot override how transactions end; the preference is known and without effect.
            ("tx", "commit" | "rollback") => {}
            ("timezone", "UTC" | "utc" | "Etc/UTC" | "+00:00") => self.utc = true,
            ("max-affected", number) => match number.parse() {
                Ok(most) => first(&mut self.most, most),
                Err(_) => return false,
            },
            _ => return false,
        }
        true
    }

    /// At most so many rows may be written; counts with `handling=strict` alone.
    pub fn max_affected(&self) -> Option<u64> {
        self.most.filter(|_| self.handling == Some(Handling::Strict))
    }

    /// The value of `Preference-Applied`: what took effect for the verb.
    pub fn applied(&self, verb: Verb) -> Option<String> {
        let mut out: Vec<String> = Vec::new();
        let writes_rows = matches!(verb, Verb::Post | Verb::Patch | Verb::Put);
        match self.resolution.filter(|_| verb == Verb::Post) {
            Some(Resolution::Merge) => out.push("resolution=merge-duplicates".into()),
            Some(Resolution::Ignore) => out.push("resolution=ignore-duplicates".into()),
            None => {}
        }
        match self.missing.filter(|_| writes_rows) {
            Some(Missing::Default) => out.push("missing=default".into()),
            Some(Missing::Null) => out.push("missing=null".into()),
            None => {}
        }
        match self.returning.filter(|_| !verb.reads()) {
            Some(Return::Minimal) => out.push("return=minimal".into()),
            Some(Return::Representation) => out.push("return=representation".into()),
            Some(Return::HeadersOnly) => out.push("return=headers-only".into()),
            None => {}
        }
        match self.count {
            Some(Count::Exact) => out.push("count=exact".into()),
            Some(Count::Planned) => out.push("count=planned".into()),
            Some(Count::Estimated) => out.push("count=estimated".into()),
            None => {}
        }
        match self.handling {
            Some(Handling::Strict) => out.push("handling=strict".into()),
            Some(Handling::Lenient) => out.push("handling=lenient".into()),
            None => {}
        }
        if self.utc {
            out.push("timezone=UTC".into());
        }
        if let Some(most) = self.max_affected().filter(|_| matches!(verb, Verb::Patch | Verb::Delete)) {
            out.push(format!("max-affected={most}"));
        }
        (!out.is_empty()).then(|| out.join(", "))
    }
}

fn first<T>(slot: &mut Option<T>, value: T) {
    slot.get_or_insert(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_apply_by_verb() {
        let cases = [
            (Verb::Get, "count=exact, return=representation", Some("count=exact")),
            (
                Verb::Post,
                "return=representation,resolution=merge-duplicates",
                Some("resolution=merge-duplicates, return=representation"),
            ),
            (Verb::Post, "missing=default, return=minimal", Some("missing=default, return=minimal")),
            (Verb::Patch, "max-affected=3, handling=strict", Some("handling=strict, max-affected=3")),
            (Verb::Patch, "max-affected=3", None),
            (Verb::Get, "tx=rollback", None),
            (Verb::Get, "count=none, nonsense", None),
            (Verb::Post, "return=minimal, return=representation", Some("return=minimal")),
        ];
        for (verb, header, applied) in cases {
            assert_eq!(
                Prefer::parse(&[header]).unwrap().applied(verb).as_deref(),
                applied,
                "{verb:?} {header}"
            );
        }
    }

    #[test]
    fn strict_handling_names_the_unknown() {
        let problem = Prefer::parse(&["handling=strict, foo=bar", "anything"]).unwrap_err();
        assert_eq!(problem.code, Code::Preference);
        assert_eq!(
            problem.details,
            bistro_problem::Details::Text("Invalid preferences: foo=bar, anything".into())
        );
    }
}
