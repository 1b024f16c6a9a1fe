//! `bistro check`.

use crate::error::Failure;
use crate::project::{Project, SCHEMA_FILE};
use crate::{schema_file, terminal};

/// Reports every mistake of the schema; the configuration was read before.
pub(crate) fn check(project: &Project) -> Result<(), Failure> {
    let path = project.schema_path();
    let read = schema_file::read(&path, terminal::colour())?;
    let report = read.report().to_owned();
    match read.loaded() {
        Ok(loaded) => {
            terminal::err(&report);
            let schema = loaded.rules.schema();
            let rules: usize = schema.types.iter().map(|t| t.allows.len()).sum();
            let line = format!("{SCHEMA_FILE}: {} types, {rules} rules, no errors", schema.types.len());
            terminal::line(&line);
            Ok(())
        }
        Err(failure) => Err(failure),
    }
}
