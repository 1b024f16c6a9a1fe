//! One server of our own, from its folder to its end.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::Engine;
use crate::port;
use crate::program::run;
use crate::supervisor::Supervisor;

/// Longest wait for a server to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a server is not to be had; the text says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(String);

impl Fault {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// How a server runs.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What is committed is on the disk. Off for plain tests, whose data nobody wants after a crash.
    pub durable: bool,
    /// More options of its command line.
    pub options: Vec<String>,
}

/// A running (or stopped) server with a folder of its own; gone with the value, and with the process.
#[derive(Debug)]
pub struct Server {
    engine: Engine,
    folder: PathBuf,
    port: u16,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    supervisor: Supervisor,
    pid: Option<u32>,
}

impl Server {
    /// Prepares a folder and starts a server in it.
    ///
    /// # Errors
    /// Programs that are missing, with the line that installs them; a server that does not come up, with its log.
    pub fn start(engine: Engine, settings: &Settings) -> Result<Self, Fault> {
        // Somebody else may take the port before the server does; it then ends at once, and the next try has another.
        let mut last = Fault::new("no try was made");
        for _ in 0..5 {
            let folder = new_folder(engine)?;
            let port = port::free();
            let words = engine.words(&folder, port, settings, true)?;
            // Before the folder is filled: from here on it is removed, whatever happens to us.
            let supervisor = Supervisor::new(&folder, &words)?;
            let state = Mutex::new(State { supervisor, pid: None });
            let server = Self { engine, folder, port, state };
            engine.prepare(&server.folder)?;
            match server.resume() {
                Ok(()) => return Ok(server),
                Err(fault) => last = fault,
            }
        }
        Err(last)
    }

    /// Which.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The process that it and its helpers descend from; `None` while it is stopped.
    pub fn pid(&self) -> Option<u32> {
        self.state().pid
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of one of its databases.
    pub fn url_of(&self, database: &str) -> String {
        self.engine.url(self.port, database)
    }

    /// The address of the database that is always there.
    pub fn url(&self) -> String {
        self.url_of(self.engine.home())
    }

    /// Its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Starts it again after [`Server::stop`] or [`Server::kill`], on the same port, and waits until it answers.
    ///
    /// # Errors
    /// It does not answer; with the end of its log.
    pub fn resume(&self) -> Result<(), Fault> {
        let mut state = self.state();
        if state.pid.is_none() {
            state.pid = Some(state.supervisor.start()?);
        }
        let pid = state.pid;
        drop(state);
        let ended = || pid.is_none_or(is_gone);
        wait_for(self.engine, self.port, &self.folder, ended)
    }

    /// Stops it in an orderly way, but at once: open transactions are rolled back.
    ///
    /// # Errors
    /// The supervisor is gone.
    pub fn stop(&self) -> Result<(), Fault> {
        self.end(self.engine.stop_signal())
    }

    /// Kills it as a crash of the machine would.
    ///
    /// # Errors
    /// The supervisor is gone.
    pub fn kill(&self) -> Result<(), Fault> {
        self.end("-KILL")
    }

    /// [`Server::stop`] and [`Server::resume`].
    ///
    /// # Errors
    /// Theirs.
    pub fn restart(&self) -> Result<(), Fault> {
        self.stop()?;
        self.resume()
    }

    /// Freezes the server and all it has started: connections stay open and nothing is answered.
    ///
    /// # Errors
    /// It is not running.
    pub fn pause(&self) -> Result<(), Fault> {
        self.signal_all("-STOP")
    }

    /// Lets it go on after [`Server::pause`].
    ///
    /// # Errors
    /// It is not running.
    pub fn unpause(&self) -> Result<(), Fault> {
        self.signal_all("-CONT")
    }

    /// Makes it refuse every write, as a replica does; or allow them again.
    ///
    /// # Errors
    /// It does not answer.
    pub fn set_readonly(&self, readonly: bool) -> Result<(), Fault> {
        let text = match self.engine {
            // A setting of the whole server reaches the sessions that are open as well.
            Engine::Postgres => {
                let word = if readonly { "on" } else { "off" };
                format!("ALTER SYSTEM SET default_transaction_read_only = {word};\nSELECT pg_reload_conf()")
            }
            Engine::MySql => format!("SET GLOBAL read_only = {}", u8::from(readonly)),
        };
        self.sql(&text).map(drop)
    }

    /// Runs SQL as the server's own administrator; what the server's client printed.
    ///
    /// # Errors
    /// The server refused; with its words.
    pub fn sql(&self, text: &str) -> Result<String, Fault> {
        self.engine.sql(&self.engine.admin_url(self.port), text)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, signal: &str) -> Result<(), Fault> {
        let mut state = self.state();
        let Some(pid) = state.pid.take() else { return Ok(()) };
        let all = if signal == "-KILL" { children(pid) } else { Vec::new() };
        // It may have ended by itself; waiting for it is right all the same.
        let _ = kill(signal, &[&[pid], &all[..]].concat());
        state.supervisor.wait()?;
        Ok(())
    }

    fn signal_all(&self, signal: &str) -> Result<(), Fault> {
        let state = self.state();
        let Some(pid) = state.pid else { return Err(Fault::new("the server is not running")) };
        // The parent first, so that it starts no child that would be missed.
        kill(signal, &[pid])?;
        let children = children(pid);
        if !children.is_empty() {
            // A child may have ended in between, which `kill` reports.
            let _ = kill(signal, &children);
        }
        Ok(())
    }
}

pub(crate) fn kill(signal: &str, pids: &[u32]) -> Result<(), Fault> {
    run(Command::new("kill").arg(signal).args(pids.iter().map(u32::to_string))).map(drop)
}

pub(crate) fn is_gone(pid: u32) -> bool {
    match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        // Ended, and not waited for yet.
        Ok(stat) => stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')),
        Err(_) => true,
    }
}

/// The processes that this one has started.
fn children(pid: u32) -> Vec<u32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

fn new_folder(engine: Engine) -> Result<PathBuf, Fault> {
    let made = tempfile::Builder::new().prefix(&format!("bistro-{}-", engine.word())).tempdir();
    let folder = made.map_err(|e| Fault::new(format!("no temporary folder: {e}")))?.keep();
    hand_over(engine, &folder)?;
    Ok(folder)
}

/// The server must get through to its data, and may write beside it.
pub(crate) fn hand_over(engine: Engine, folder: &Path) -> Result<(), Fault> {
    let failed = |e: std::io::Error| Fault::new(format!("{}: {e}", folder.display()));
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).map_err(failed)?;
    engine.person()?.own(folder)
}

/// Waits until a server answers, unless it has ended.
pub(crate) fn wait_for(
    engine: Engine,
    port: u16,
    folder: &Path,
    ended: impl Fn() -> bool,
) -> Result<(), Fault> {
    let began = Instant::now();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    loop {
        // The socket first: starting the client costs more than looking.
        if TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
            && engine.sql(&engine.url(port, engine.home()), "SELECT 1").is_ok()
        {
            return Ok(());
        }
        let over = ended();
        if over || began.elapsed() > PATIENCE {
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let tail = lines[lines.len().saturating_sub(12)..].join("\n");
            let how = if over { "ended at once" } else { "does not answer" };
            return Err(Fault::new(format!("{} {how}:\n{tail}", engine.word())));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
