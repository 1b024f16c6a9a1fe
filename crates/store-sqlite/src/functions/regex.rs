//! Regular expressions by a linear engine, compiled once a connection while they are in use.

use bistro_problem::Code;
use std::sync::{Arc, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};
use rusqlite::Result;

use super::{On, define, refuse, text_at};

/// Compiled expressions that a connection keeps.
const KEPT: usize = 16;
/// Bytes of an expression and of its compiled form.
const LONGEST: usize = 256;
const COMPILED: usize = 1 << 20;

/// The newest stand last.
type Kept = Mutex<Vec<(String, bool, Arc<Regex>)>>;

pub(super) fn register(on: &On<'_>) -> Result<()> {
    let kept = Kept::default();
    define(on, "bistro_match", 3, move |c| {
        let (Some(text), Some(pattern)) = (text_at(c, 0)?, text_at(c, 1)?) else { return Ok(None) };
        let fold = c.get::<bool>(2)?;
        let regex: Arc<Regex> = match c.get_aux::<Arc<Regex>>(1)? {
            Some(regex) => (*regex).clone(),
            None => (*c.set_aux(1, compiled(&kept, pattern, fold)?)?).clone(),
        };
        Ok(Some(regex.is_match(text)))
    })
}

fn compiled(kept: &Kept, pattern: &str, fold: bool) -> Result<Arc<Regex>> {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(at) = kept.iter().position(|(p, f, _)| p == pattern && *f == fold) {
        let found = kept.remove(at);
        let regex = found.2.clone();
        kept.push(found);
        return Ok(regex);
    }
    if pattern.len() > LONGEST {
        return Err(refuse(
            Code::BadRegex,
            format_args!("a regular expression may have at most {LONGEST} bytes"),
        ));
    }
    // As in PostgreSQL, `.` matches a line break, and `^` and `$` only the text's ends.
    let mut builder = RegexBuilder::new(pattern);
    builder.case_insensitive(fold).dot_matches_new_line(true).size_limit(COMPILED).dfa_size_limit(COMPILED);
    let regex = builder.build().map_err(|e| match e {
        // The words of the other stores, which look at what they would have to send.
        regex::Error::CompiledTooBig(_) => {
            refuse(Code::BadRegex, format_args!("the regular expression is too large"))
        }
        e => refuse(Code::BadRegex, format_args!("invalid regular expression: {e}")),
    })?;
    let regex = Arc::new(regex);
    if kept.len() >= KEPT {
        kept.remove(0);
    }
    kept.push((pattern.to_owned(), fold, regex.clone()));
    Ok(regex)
}
