//! Why a command said no. Each text names what is wrong and, where there is one, the way to mend it.

use std::path::PathBuf;

use bistro_auth::AuthError;
use bistro_problem::{Details, Problem};

/// What a command ends with when it does not do what was asked. Exit code 1, for [`Failure::Usage`] 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command was used in a way that its help does not show.
    #[error("{0}")]
    Usage(String),
    /// The configuration cannot be used.
    #[error("{place}: {message}{}", hinted(.hint.as_deref()))]
    Config {
        /// The file and line, the variable, or the flag.
        place: String,
        /// What is wrong.
        message: String,
        /// The mend.
        hint: Option<String>,
    },
    /// The schema file has mistakes; the text is the report with its code frames.
    #[error("{}\n{report}", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// The frames, ending with a line.
        report: String,
    },
    /// A document of GraphQL cannot be run; a line for each reason.
    #[error("{0}")]
    Document(String),
    /// The tables cannot follow the schema.
    #[error("{0}")]
    Tables(String),
    /// A move to another database cannot be made, or did not come to its end.
    #[error("{0}")]
    Moving(String),
    /// A file of seeds has a mistake.
    #[error("{file}:{line}: {message}")]
    Seed {
        /// The file as it was named.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another with --listen, port 0 takes a free one")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The system refused something that has no path.
    #[error("cannot {action}: {source}")]
    System {
        /// What was tried.
        action: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Another Bistro holds the data folder.
    #[error("another Bistro{} runs on {}; stop it, or start this one with another --data", process(*pid), folder.display())]
    Locked {
        /// The data folder.
        folder: PathBuf,
        /// The other process, if it said which it is.
        pid: Option<u32>,
    },
    /// Keys and tokens.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The key set of an address cannot be had.
    #[error("auth.jwks: cannot take the keys of {address}: {reason}")]
    KeySet {
        /// The address.
        address: String,
        /// What happened.
        reason: String,
    },
    /// The store could not be opened or changed.
    #[error("the database {place}: {message}")]
    Data {
        /// The file, or the server's URL without its password.
        place: String,
        /// What happened.
        message: String,
    },
    /// The engine or a surface refused.
    #[error("{}", told(.0))]
    Refused(Box<Problem>),
    /// A running server answered with its own refusal.
    #[error("{0}")]
    Remote(String),
}

impl Failure {
    /// The exit code of the process.
    pub(crate) fn exit_code(&self) -> u8 {
        if matches!(self, Failure::Usage(_)) { 2 } else { 1 }
    }

    /// A failure of the file system.
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Failure {
        let path = path.into();
        move |source| Failure::File { action, path, source }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Failure::Refused(Box::new(problem))
    }
}

/// A problem in one or two lines.
pub(crate) fn told(problem: &Problem) -> String {
    let mut text = format!("{} ({})", problem.message, problem.code.wire_text());
    if let Details::Text(details) = &problem.details {
        text.push_str(&format!("; {details}"));
    }
    if let Some(hint) = &problem.hint {
        text.push_str(&format!("; {hint}"));
    }
    if let (bistro_problem::Code::Bug, Some(cause)) = (problem.code, &problem.cause) {
        text.push_str(&format!("; {cause}"));
    }
    text
}

fn hinted(hint: Option<&str>) -> String {
    hint.map_or_else(String::new, |h| format!("; {h}"))
}

fn process(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |p| format!(" (process {p})"))
}
