//! Where the servers' programs lie, and as whom they run.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::server::Fault;

/// A program in the search path or in Debian's folder for servers.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = [PathBuf::from("/usr/sbin"), PathBuf::from("/usr/bin")];
    std::env::split_paths(&path).chain(debian).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The newest folder of PostgreSQL's programs, with its version.
pub(crate) fn newest_postgres() -> Option<(u32, PathBuf)> {
    let folders = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let version = |folder: PathBuf| {
        let number: u32 = folder.file_name()?.to_str()?.parse().ok()?;
        let programs = folder.join("bin");
        programs.join("initdb").is_file().then_some((number, programs))
    };
    folders.filter_map(|f| version(f.ok()?.path())).max()
}

/// The person a server runs as: itself where we are root, because servers refuse root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    uid: Option<u32>,
    gid: Option<u32>,
}

impl Person {
    /// The account of this name where we are root, otherwise ourselves.
    pub(crate) fn named(name: &str) -> Result<Self, Fault> {
        let number = |words: &[&str]| -> Result<u32, Fault> {
            let shown = run(Command::new("id").args(words))?;
            let text = String::from_utf8_lossy(&shown.stdout);
            text.trim().parse().map_err(|_| Fault::new(format!("`id {}` says {text}", words.join(" "))))
        };
        if number(&["-u"])? != 0 {
            return Ok(Self { uid: None, gid: None });
        }
        Ok(Self { uid: Some(number(&["-u", name])?), gid: Some(number(&["-g", name])?) })
    }

    /// Gives a folder to this person.
    pub(crate) fn own(self, folder: &Path) -> Result<(), Fault> {
        std::os::unix::fs::chown(folder, self.uid, self.gid)
            .map_err(|e| Fault::new(format!("{} cannot be handed over: {e}", folder.display())))
    }

    /// The words that run `program` as this person, killed when its parent ends.
    pub(crate) fn words(self, program: &Path, tied: bool) -> Vec<String> {
        let mut words = vec!["setpriv".to_owned()];
        if let (Some(uid), Some(gid)) = (self.uid, self.gid) {
            words.extend([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()]);
        }
        if tied {
            words.extend(["--pdeathsig".to_owned(), "KILL".to_owned()]);
        }
        if words.len() == 1 {
            words.clear();
        } else {
            words.push("--".to_owned());
        }
        words.push(program.display().to_string());
        words
    }
}

/// Runs a command to its end; a failure has its output.
pub(crate) fn run(command: &mut Command) -> Result<Output, Fault> {
    let shown = format!("{command:?}");
    let output = command.output().map_err(|e| Fault::new(format!("{shown}: {e}")))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Fault::new(format!("{shown} ended with {}\n{}", output.status, String::from_utf8_lossy(&said))))
}
