//! `bistro completions`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::terminal;

/// Prints the completions for a shell.
pub(crate) fn completions(shell: Shell) {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "bistro", &mut text);
    terminal::out(&String::from_utf8_lossy(&text));
}
