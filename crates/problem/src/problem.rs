//! One failure of one request, with an outside text and an inside cause.

use crate::catalogue::Code;

/// The `details` of the Supabase dialect: absent, a sentence, or a JSON array already written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Details {
    /// `null`.
    #[default]
    None,
    /// A sentence.
    Text(String),
    /// JSON text of an array or object.
    Json(String),
}

/// What a caller is told, and what the log is told besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The row of the catalogue.
    pub code: Code,
    /// The HTTP status; the catalogue's unless the case decides.
    pub status: u16,
    /// What is wrong, for the caller.
    pub message: String,
    /// More of it.
    pub details: Details,
    /// What to do.
    pub hint: Option<String>,
    /// A JSON pointer into the body, where the mistake has a place there.
    pub pointer: Option<String>,
    /// The failing operation of a batch.
    pub index: Option<usize>,
    /// The row of the input that was refused, where several were written; surfaces make a place of it.
    pub row: Option<usize>,
    /// The column of that row, by its field's name, whose own value was refused.
    pub column: Option<String>,
    /// After how many seconds it is worth trying again, where that is known.
    pub retry_after: Option<u64>,
    /// For the log alone: what happened inside.
    pub cause: Option<String>,
    /// For the log of `dev` alone: the rule that refused.
    pub rule: Option<String>,
}

impl Problem {
    /// A problem with the catalogue's status.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            status: code.status(),
            message: message.into(),
            details: Details::None,
            hint: None,
            pointer: None,
            index: None,
            row: None,
            column: None,
            retry_after: None,
            cause: None,
            rule: None,
        }
    }

    /// Our own fault: one fixed sentence outside, the cause in the log.
    pub fn bug(cause: impl Into<String>) -> Self {
        Self::new(Code::Bug, "Something went wrong on our side; the log has the cause under this request id")
            .cause(cause)
    }

    /// Adds details.
    #[must_use]
    pub fn details(mut self, text: impl Into<String>) -> Self {
        self.details = Details::Text(text.into());
        self
    }

    /// Adds details that are JSON already.
    #[must_use]
    pub fn details_json(mut self, json: impl Into<String>) -> Self {
        self.details = Details::Json(json.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hint = Some(text.into());
        self
    }

    /// Adds what to do, where something is known.
    #[must_use]
    pub fn hint_opt(mut self, text: Option<String>) -> Self {
        self.hint = text;
        self
    }

    /// Overrides the status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a place in the body.
    #[must_use]
    pub fn pointer(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Names the failing operation of a batch.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.index = Some(index);
        self
    }

    /// Names the row of the input that was refused.
    #[must_use]
    pub fn row(mut self, row: usize) -> Self {
        self.row = Some(row);
        self
    }

    /// Names the column whose own value was refused.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>) -> Self {
        self.column = Some(name.into());
        self
    }

    /// Says after how many seconds it is worth trying again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Adds the inside cause.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Names the rule that refused, for the log of `dev`.
    #[must_use]
    pub fn rule(mut self, rule: impl Into<String>) -> Self {
        self.rule = Some(rule.into());
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code.text(), self.message)
    }
}

impl std::error::Error for Problem {}
