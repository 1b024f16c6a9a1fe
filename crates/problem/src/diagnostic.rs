//! Mistakes in a schema file: collected, placed, and with the way to mend them.

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file is served; the author should know.
    Warning,
    /// The file is not served.
    Error,
}

/// One mistake in a schema file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable code: `BIS-2nn`.
    pub code: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The main place: bytes `start..end` of the file.
    pub span: (u32, u32),
    /// What to write under the place.
    pub label: String,
    /// How to mend it.
    pub hint: Option<String>,
    /// Other places that matter, each with its text.
    pub related: Vec<((u32, u32), String)>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: &'static str, span: (u32, u32), message: impl Into<String>) -> Self {
        let message = message.into();
        let label = String::new();
        Self { severity: Severity::Error, code, message, span, label, hint: None, related: Vec::new() }
    }

    /// A warning at a place.
    pub fn warning(code: &'static str, span: (u32, u32), message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Adds the text under the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, span: (u32, u32), text: impl Into<String>) -> Self {
        self.related.push((span, text.into()));
        self
    }

    /// Whether the file can't be served.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
