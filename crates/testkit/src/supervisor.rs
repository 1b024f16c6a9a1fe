//! The small shell that runs one server, and outlives us for as long as it takes to remove it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::server::Fault;

const SCRIPT: &str = include_str!("supervise.sh");

/// The shell, with the pipe that keeps the server alive.
#[derive(Debug)]
pub(crate) struct Supervisor {
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Supervisor {
    /// A shell for a server that lies in `folder` and is run by `words`.
    pub(crate) fn new(folder: &Path, words: &[String]) -> Result<Self, Fault> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "supervise"]).arg(folder).args(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).current_dir("/");
        // Its own group: Ctrl-C in a terminal must leave it the time to clean up.
        command.process_group(0);
        let mut child = command.spawn().map_err(|e| Fault::new(format!("`sh` does not start: {e}")))?;
        let asks = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        Ok(Self { child, asks, answers })
    }

    /// Starts the server; its process id.
    pub(crate) fn start(&mut self) -> Result<u32, Fault> {
        self.ask("start")
    }

    /// Waits until the server has ended; its exit code.
    pub(crate) fn wait(&mut self) -> Result<u32, Fault> {
        self.ask("wait")
    }

    fn ask(&mut self, word: &str) -> Result<u32, Fault> {
        let gone = |e: std::io::Error| Fault::new(format!("the server's supervisor is gone: {e}"));
        let asks = self.asks.as_mut().expect("the pipe is open until the value is dropped");
        writeln!(asks, "{word}").and_then(|()| asks.flush()).map_err(gone)?;
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(gone)?;
        line.trim().parse().map_err(|_| Fault::new(format!("the server's supervisor answers {line:?}")))
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        drop(self.asks.take());
        // Nothing can be done about a failure here, and the shell does its work all the same.
        let _ = self.child.wait();
    }
}
