//! One Bistro a data folder: an advisory lock that ends with its process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use crate::error::Failure;

const NAME: &str = "bistro.lock";

/// The right to the data folder; given back when dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a data folder. Fails with [`Failure::Locked`] if another process has it.
    pub(crate) fn take(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(NAME);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(Failure::file("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::Locked { folder: folder.to_owned(), pid: pid(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(Failure::File { action: "lock", path, source }),
        }
        let mut note = || {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{}", std::process::id())
        };
        note().map_err(Failure::file("write", &path))?;
        Ok(Self { _file: file })
    }
}

/// The process that the file names.
fn pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Lock;
    use crate::error::Failure;

    #[test]
    fn a_second_lock_is_refused_until_the_first_is_dropped() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = Lock::take(folder.path()).expect("nobody holds it");
        let refused = Lock::take(folder.path());
        assert!(matches!(refused, Err(Failure::Locked { pid: Some(pid), .. }) if pid == std::process::id()));
        drop(first);
        Lock::take(folder.path()).expect("it was given back");
    }
}
