//! The files of a new project.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::config;
use crate::error::Failure;
use crate::project::SCHEMA_FILE;

/// Whether a folder is empty but for what version control and Bistro itself keep there.
pub(crate) fn is_empty(folder: &Path) -> Result<bool, Failure> {
    let entries = std::fs::read_dir(folder).map_err(Failure::file("read the folder", folder))?;
    for entry in entries {
        let name = entry.map_err(Failure::file("read the folder", folder))?.file_name();
        let name = name.to_string_lossy();
        if !(name.starts_with('.') || name == "data" || name == config::FILE) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes a small schema, its seeds and a `.gitignore`; files that exist are left as they are. Answers those written.
pub(crate) fn write(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let files = [
        (SCHEMA_FILE, include_str!("starter/schema.graphql")),
        ("seed/users.json", include_str!("starter/users.json")),
        ("seed/notes.json", include_str!("starter/notes.json")),
        (".gitignore", "data/\n"),
    ];
    let mut written = Vec::new();
    for (name, text) in files {
        written.extend(put(&folder.join(name), text)?);
    }
    Ok(written)
}

/// Writes a configuration with everything commented out.
pub(crate) fn write_config(folder: &Path) -> Result<Option<PathBuf>, Failure> {
    put(&folder.join(config::FILE), include_str!("starter/bistro.toml"))
}

fn put(path: &Path, text: &str) -> Result<Option<PathBuf>, Failure> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(Failure::file("make the folder", parent))?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).map_err(Failure::file("write", path))?;
            Ok(Some(path.to_owned()))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(None),
        Err(source) => Err(Failure::File { action: "write", path: path.to_owned(), source }),
    }
}
