//! The configuration: `bistro.toml`, then `BISTRO_*` variables, then flags. Start at [`load`].
//!
//! All keys are optional and known: an unknown one is an error that names its line and the nearest name.

mod auth;
mod environment;
mod file;
mod graphql;
mod limits;
mod mail;
mod merge;
mod outgoing;
mod providers;
mod reference;
mod settings;
mod soap;

use std::path::Path;

pub(crate) use auth::{Auth, Signing};
pub(crate) use graphql::{Asking, Graphql};
pub(crate) use merge::Overrides;
pub(crate) use reference::{json_schema, reference};
pub(crate) use settings::{Database, Format, Settings};
pub(crate) use soap::InvalidCharacters;

use crate::error::Failure;

/// The name of the file.
pub(crate) const FILE: &str = "bistro.toml";

/// Reads the settings in force for a project folder. Errors name the file and line, the variable, or the flag.
pub(crate) fn load(dir: &Path, flags: &Overrides) -> Result<Settings, Failure> {
    let mut merged = merge::Merged::default();
    let path = dir.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => file::read(&mut merged, &path, &text)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(source) => return Err(Failure::File { action: "read", path, source }),
    }
    environment::read(&mut merged, std::env::vars())?;
    flags.apply(&mut merged);
    merged.settings()
}

#[cfg(test)]
mod tests;
