//! MySQL's and MariaDB's full text: queries of `MATCH … AGAINST (… IN BOOLEAN MODE)`.

use super::Term;

/// A condition in boolean mode; one without words finds nothing.
pub(super) fn write(term: &Term) -> String {
    match term {
        Term::And(parts) => parts.iter().map(needed).collect::<Vec<_>>().join(" "),
        Term::Or(parts) => parts.iter().map(grouped).collect::<Vec<_>>().join(" "),
        other => needed(other),
    }
}

/// A part that must be there, or must not.
fn needed(term: &Term) -> String {
    match term {
        Term::Not(inner) => format!("-{}", grouped(inner)),
        other => format!("+{}", grouped(other)),
    }
}

fn grouped(term: &Term) -> String {
    match term {
        Term::Phrase(words, prefix) => phrase(words, *prefix),
        other => format!("({})", write(other)),
    }
}

/// One word as it stands, several in quotes.
fn phrase(texts: &[String], prefix: bool) -> String {
    let folded = texts.join(" ").to_lowercase();
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    match words.as_slice() {
        [one] if prefix => format!("{one}*"),
        [one] => (*one).to_owned(),
        many => format!("\"{}\"", many.join(" ")),
    }
}
