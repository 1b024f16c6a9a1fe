//! A server under test: started, waited for, stopped.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::http;

/// How long a server may take to listen.
const START: Duration = Duration::from_secs(60);
/// How long it may take to end after SIGTERM.
const STOP: Duration = Duration::from_secs(15);

/// A running process that listens; dropping it ends it.
pub(super) struct Process {
    child: Child,
    pub(super) address: SocketAddr,
    started: Instant,
}

impl Process {
    /// Starts it and waits for `… listening on http://ADDR:PORT`, its first line; stderr goes to the log file.
    pub(super) fn start(mut command: Command, log: &Path) -> Result<Self> {
        let errors = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let started = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .with_context(|| format!("cannot start {:?}", command.get_program()))?;
        match listening(&mut child) {
            Ok(address) => Ok(Self { child, address, started }),
            Err(error) => {
                end(&mut child);
                Err(error.context(format!(
                    "{:?} did not start; its log ends:\n{}",
                    command.get_program(),
                    tail(log)
                )))
            }
        }
    }

    /// The process's number.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it and waits until it is gone.
    pub(super) fn stop(&mut self) {
        end(&mut self.child);
    }

    /// From the start of the process to the end of its first right answer.
    pub(super) fn first_answer(&self, request: &[u8]) -> Result<Duration> {
        let answer = http::ask(self.address, request)?;
        if answer.status != 200 {
            bail!("the first answer is {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        Ok(self.started.elapsed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // Once it has been waited for, its number may be another's.
    if !matches!(child.try_wait(), Ok(None)) {
        return;
    }
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::TERM);
    }
    let asked = Instant::now();
    while asked.elapsed() < STOP {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads the first line on a thread, which goes on to empty the pipe until the process ends.
fn listening(child: &mut Child) -> Result<SocketAddr> {
    let output = child.stdout.take().context("stdout is piped")?;
    let (sender, line) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // Only the first line is waited for.
            let _ = sender.send(line);
        }
    });
    let Ok(line) = line.recv_timeout(START) else { bail!("it printed no line in {START:?}, or ended") };
    let address = line.split_once(" listening on http://").map(|(_, address)| address.trim());
    let Some(address) = address.and_then(|address| address.parse().ok()) else {
        bail!("its first line is `{line}`, not `… listening on http://ADDR:PORT`");
    };
    Ok(address)
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// Runs a command to its end; its stdout, or an error that holds what it said.
pub(super) fn output(mut command: Command) -> Result<String> {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let shown: Vec<String> = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        bail!(
            "`{name} {}` failed ({}):\n{}{}",
            shown.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
