//! Systems without sockets in the file system: commands wait until the server has stopped.

use std::path::Path;
use std::sync::Arc;

use super::Ask;
use crate::error::Failure;
use crate::running::Running;

/// Nothing listens.
pub(crate) struct Listening;

impl Listening {
    /// Nothing to start.
    pub(crate) fn start(_running: &Arc<Running>) -> Self {
        Self
    }
}

/// No server can be asked; the lock of the data folder tells whether one runs.
pub(crate) fn call(
    _folder: &Path,
    _ask: &Ask,
    _progress: impl FnMut(usize, usize),
) -> Result<Option<String>, Failure> {
    Ok(None)
}
