//! Servers that outlive the process that started them: for people, who start them, use them and stop them by hand.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::engine::Engine;
use crate::port;
use crate::program::run;
use crate::server::{Fault, Settings, hand_over, is_gone, kill, wait_for};

/// A server in a folder that stays.
#[derive(Debug)]
pub struct Lasting {
    engine: Engine,
    folder: PathBuf,
}

impl Lasting {
    /// The server of `engine` in this folder, running or not.
    pub fn new(engine: Engine, services: &Path) -> Self {
        Self { engine, folder: services.join(engine.word()) }
    }

    /// Its address, if it is running.
    pub fn url(&self) -> Option<String> {
        let (pid, port) = self.noted()?;
        (!is_gone(pid)).then(|| self.engine.url(port, self.engine.home()))
    }

    /// Starts it, in a folder that is filled the first time; its address.
    ///
    /// # Errors
    /// Programs that are missing, a folder that the server's account cannot reach, a server that does not come up.
    pub fn start(&self) -> Result<String, Fault> {
        if let Some(url) = self.url() {
            return Ok(url);
        }
        let failed = |e: std::io::Error| Fault::new(format!("{}: {e}", self.folder.display()));
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        hand_over(self.engine, &self.folder)?;
        let reach = self.engine.person()?.words(Path::new("test"), false);
        let reached = run(Command::new(&reach[0]).args(&reach[1..]).arg("-x").arg(&self.folder));
        if reach.len() > 1 && reached.is_err() {
            return Err(Fault::new(format!(
                "{} cannot be reached by the account of {}; name another folder with --folder",
                self.folder.display(),
                self.engine.word()
            )));
        }
        if !self.folder.join("first.sql").exists() {
            self.engine.prepare(&self.folder)?;
        }
        let port = self.noted().map_or_else(port::free, |(_, port)| port);
        let words = self.engine.words(&self.folder, port, &Settings::default(), false)?;
        let log = File::create(self.folder.join("log")).map_err(failed)?;
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir("/").process_group(0);
        command.stdin(Stdio::null()).stdout(log.try_clone().map_err(failed)?).stderr(log);
        let pid = command.spawn().map_err(failed)?.id();
        std::fs::write(self.folder.join("note"), format!("{pid} {port}")).map_err(failed)?;
        wait_for(self.engine, port, &self.folder, || is_gone(pid))?;
        Ok(self.engine.url(port, self.engine.home()))
    }

    /// Stops it and keeps its data; whether it was running.
    ///
    /// # Errors
    /// It does not end within half a minute.
    pub fn stop(&self) -> Result<bool, Fault> {
        let Some((pid, _)) = self.noted().filter(|(pid, _)| !is_gone(*pid)) else { return Ok(false) };
        kill(self.engine.stop_signal(), &[pid])?;
        let began = Instant::now();
        while !is_gone(pid) {
            if began.elapsed() > Duration::from_secs(30) {
                return Err(Fault::new(format!("{} (process {pid}) does not end", self.engine.word())));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(true)
    }

    /// The process and the port of the last start, unless the number belongs to another program by now.
    fn noted(&self) -> Option<(u32, u16)> {
        let note = std::fs::read_to_string(self.folder.join("note")).ok()?;
        let (pid, port) = note.split_once(' ')?;
        let (pid, port) = (pid.parse().ok()?, port.trim().parse().ok()?);
        let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let ours = line.is_empty() || line.contains(&*self.folder.to_string_lossy());
        ours.then_some((pid, port))
    }
}
