//! The schema file and its rules, read in one go, with every mistake in one report.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bistro_policy::Rules;
use bistro_problem::Diagnostic;

use crate::error::Failure;

/// A schema that can be served.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// The file's text.
    pub(crate) text: String,
    /// The schema and its compiled rules.
    pub(crate) rules: Arc<Rules>,
    /// The report of warnings; empty without.
    pub(crate) warnings: String,
}

/// What a file came to: the report of all its mistakes, and how many of them are errors.
#[derive(Debug)]
pub(crate) struct Read {
    loaded: Option<Loaded>,
    report: String,
    path: PathBuf,
}

impl Read {
    /// The frames of errors and warnings; empty without.
    pub(crate) fn report(&self) -> &str {
        &self.report
    }

    /// The schema, or the failure that shows the frames.
    pub(crate) fn loaded(self) -> Result<Loaded, Failure> {
        let (path, report) = (self.path, self.report);
        self.loaded.ok_or(Failure::Schema { path, report })
    }
}

/// Reads and checks a schema file. Fails only where there is no readable file.
pub(crate) fn read(path: &Path, colour: bool) -> Result<Read, Failure> {
    let bytes = std::fs::read(path).map_err(|source| missing(path, source))?;
    let name = path.display().to_string();
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..at].iter().filter(|b| **b == b'\n').count();
            let message = "the file is not UTF-8 from here on".to_owned();
            let hint = Some("save it as UTF-8".to_owned());
            return Err(Failure::Config { place: format!("{name}:{line}"), message, hint });
        }
    };
    let (rules, diagnostics) = compile(&name, &text);
    let report = bistro_sdl::report(&name, &text, &diagnostics, colour);
    let sound = !diagnostics.iter().any(Diagnostic::is_error);
    let loaded = sound.then(|| Loaded { text, rules: Arc::new(rules), warnings: report.clone() });
    Ok(Read { loaded, report, path: path.to_owned() })
}

/// Reads the text of a schema: its rules, and the mistakes of both.
pub(crate) fn compile(name: &str, text: &str) -> (Rules, Vec<Diagnostic>) {
    let checked = bistro_sdl::read(name, text);
    let (rules, more) = Rules::compile(Arc::new(checked.schema));
    let mut diagnostics = checked.diagnostics;
    diagnostics.extend(more);
    (rules, diagnostics)
}

fn missing(path: &Path, source: std::io::Error) -> Failure {
    if source.kind() == std::io::ErrorKind::NotFound {
        let message = "there is no such file".to_owned();
        let hint = Some("bistro dev writes one in an empty folder, bistro new NAME in a new one".to_owned());
        return Failure::Config { place: path.display().to_string(), message, hint };
    }
    Failure::File { action: "read", path: path.to_owned(), source }
}
