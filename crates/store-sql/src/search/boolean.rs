//! MySQL's and MariaDB's full text: queries of `MATCH … AGAINST (… IN BOOLEAN MODE)`.
//!
//! What only excludes words finds nothing there, so that [`MYSQL_EVERY`], which every row has, is asked for beside it.

use super::{MYSQL_EVERY, Term};

/// A condition in boolean mode; one without words finds nothing.
pub(super) fn write(term: &Term) -> String {
    match term {
        Term::And(parts) => {
            let mut needed: Vec<String> = parts.iter().map(needed).collect();
            if parts.iter().all(|p| matches!(p, Term::Not(_))) {
                needed.insert(0, format!("+{MYSQL_EVERY}"));
            }
            needed.join(" ")
        }
        Term::Or(parts) => parts.iter().map(grouped).collect::<Vec<_>>().join(" "),
        Term::Not(inner) => format!("+{MYSQL_EVERY} -{}", grouped(inner)),
        Term::Phrase(..) => needed(term),
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

/// One word as it stands, several in quotes. The engine knows no phrase whose last word is a beginning: then all words
/// must be there, in any order.
fn phrase(texts: &[String], prefix: bool) -> String {
    let folded = texts.join(" ").to_lowercase();
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    match words.as_slice() {
        [one] if prefix => format!("{one}*"),
        [one] => (*one).to_owned(),
        [before @ .., last] if prefix => {
            let before: Vec<String> = before.iter().map(|w| format!("+{w}")).collect();
            format!("({} +{last}*)", before.join(" "))
        }
        many => format!("\"{}\"", many.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use bistro_ir::SearchMode;

    use crate::dialect::Dialect;
    use crate::search::query;

    #[test]
    fn queries_become_boolean_mode() {
        use SearchMode::{Phrase, Plain, Query, Web};
        let cases = [
            (Plain, "Fat  rat's", "+fat +\"rat s\""),
            (Plain, "--", ""),
            (Phrase, "fat \"rat", "+\"fat rat\""),
            (Web, "\"sad cat\" or fat -rat", "\"sad cat\" (+fat -rat)"),
            (Web, "-rat", "+bistro0every -rat"),
            (Query, "!fat & !rat", "+bistro0every -fat -rat"),
            (Query, "fat & (rat | !cat)", "+fat +(rat (+bistro0every -cat))"),
            (Query, "super:*", "+super*"),
            (Query, "super <-> star:*", "+(+super +star*)"),
        ];
        for (mode, text, expected) in cases {
            assert_eq!(query(Dialect::Mysql, text, mode, None, 2).unwrap(), expected, "{text}");
        }
    }
}
