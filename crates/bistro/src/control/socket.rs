//! The socket's address. A path in the file system may be longer than an address may be.

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

/// The socket's name in the data folder.
pub(super) const NAME: &str = "bistro.sock";

/// The longest path of an address, in bytes.
const PATH_MAX: usize = 100;

/// An address of the socket in a data folder, good as long as it is held.
pub(super) struct Address {
    /// What to bind or connect to.
    pub(super) path: PathBuf,
    _folder: Option<File>,
}

impl Address {
    /// The address in a folder. A long path is walked through an open descriptor of the folder.
    pub(super) fn of(folder: &Path) -> std::io::Result<Self> {
        let path = folder.join(NAME);
        if path.as_os_str().len() <= PATH_MAX {
            return Ok(Self { path, _folder: None });
        }
        let folder = File::open(folder)?;
        let path = PathBuf::from(format!("/proc/self/fd/{}/{NAME}", folder.as_raw_fd()));
        Ok(Self { path, _folder: Some(folder) })
    }
}
