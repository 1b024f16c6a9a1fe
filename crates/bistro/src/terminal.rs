//! The only place that writes to standard output and standard error directly. Everything else returns text, or logs.

use std::io::{IsTerminal as _, Write as _};

/// Writes text to standard output. A reader that has gone away (`bistro check | head`) is not an error.
pub(crate) fn out(text: &str) {
    let mut stdout = std::io::stdout().lock();
    // Nothing can be said about a closed standard output, and nothing needs to be.
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Writes a line to standard output.
pub(crate) fn line(text: &str) {
    out(&format!("{text}\n"));
}

/// Writes text to standard error.
pub(crate) fn err(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// Whether standard error is a terminal that wants colours.
pub(crate) fn colour() -> bool {
    wants_colour() && std::io::stderr().is_terminal()
}

/// Whether people watch standard error.
pub(crate) fn interactive() -> bool {
    std::io::stderr().is_terminal()
}

/// `NO_COLOR` and dumb terminals are respected.
fn wants_colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}
