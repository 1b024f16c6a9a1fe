//! Choices of texts: an enum where its values can be words of the schema language, a pattern otherwise.

use crate::constant;
use crate::model::{Enum, Made};
use crate::name::{Taken, pascal};

/// The longest pattern, in bytes.
const PATTERN_MAX: usize = 256;

/// What a choice became.
pub(crate) enum Choice {
    /// The enum of this name.
    Enum(String),
    /// A text with this directive.
    Pattern(String),
    /// A text; the choice is too long to be said.
    Text,
}

/// The enum or pattern of a choice; `database` is its own name there, `place` the type and field that it is for.
pub(crate) fn choice(
    made: &mut Made<'_>,
    taken: &mut Taken,
    database: Option<&str>,
    place: (&str, &str),
    values: &[String],
) -> Choice {
    let same = |e: &&Enum| e.database.as_deref() == database && e.values == values;
    let known = made.enums.iter().find(|e| database.is_some() && same(e));
    if let Some(known) = known {
        return Choice::Enum(known.name.clone());
    }
    if values.is_empty() || !values.iter().all(|v| is_word(v)) {
        return pattern(values);
    }
    let base = match database {
        Some(name) => pascal(&crate::name::words(name)),
        None => format!("{}{}", place.0, pascal(place.1)),
    };
    let name = taken.enumeration(&base);
    let mut unique: Vec<String> = Vec::new();
    values.iter().for_each(|v| {
        if !unique.contains(v) {
            unique.push(v.clone());
        }
    });
    made.enums.push(Enum { name: name.clone(), database: database.map(str::to_owned), values: unique });
    Choice::Enum(name)
}

pub(crate) fn is_word(value: &str) -> bool {
    let first = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let rest = value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    first && rest && !value.starts_with("__") && !matches!(value, "true" | "false" | "null")
}

fn pattern(values: &[String]) -> Choice {
    let escaped: Vec<String> = values.iter().map(|v| escape(v)).collect();
    let pattern = format!("^({})$", escaped.join("|"));
    let odd = values.is_empty() || values.iter().any(|v| v.chars().any(char::is_control));
    if odd || pattern.len() > PATTERN_MAX {
        return Choice::Text;
    }
    Choice::Pattern(format!("@pattern(regex: {})", constant::string(&pattern)))
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation()
            && !matches!(
                c,
                '_' | '\'' | '"' | ',' | ':' | ';' | '@' | '!' | '=' | '<' | '>' | '`' | '%' | '/'
            )
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
