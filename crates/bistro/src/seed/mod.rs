//! Rows from files, all or nothing. Start at [`run`]: read the files, decide the order, write in one transaction.
//!
//! Texts are read twice: once to find mistakes before anything is written, once row by row inside the transaction, so
//! that memory holds the files and not all their values.

mod cell;
mod csv_rows;
mod json_rows;
mod order;
mod place;
mod progress;
mod read;
mod row;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bistro_engine::Engine;
use bistro_schema::TypeId;

pub(crate) use progress::{Progress, watch};

use crate::error::Failure;
use read::Seeds;

/// What was loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seeded {
    /// Rows written.
    pub(crate) rows: usize,
    /// Collections, in the order in which they were written.
    pub(crate) collections: Vec<String>,
}

impl Seeded {
    /// `25 rows into users, posts`.
    pub(crate) fn text(&self) -> String {
        let rows = if self.rows == 1 { "row" } else { "rows" };
        format!("{} {rows} into {}", self.rows, self.collections.join(", "))
    }
}

/// Loads files into the collections that they name, in one transaction, as the service. With `upsert`, rows whose key
/// exists are updated; otherwise they are an error.
pub(crate) async fn run(
    engine: &Arc<Engine>,
    files: &[PathBuf],
    upsert: bool,
    progress: &Arc<Progress>,
) -> Result<Seeded, Failure> {
    let (schema, files, note) = (Arc::clone(engine.schema()), files.to_vec(), Arc::clone(progress));
    let read = tokio::task::spawn_blocking(move || {
        let seeds = Seeds::read(&schema, &files)?;
        note.start(seeds.rows());
        order::decide(&schema, seeds)
    });
    let ordered = read.await.map_err(|_| Failure::Usage("reading the seeds ended early".into()))??;
    write::write(engine, ordered, upsert, progress).await
}

/// Writes one row from the text of a JSON object; `name` stands for the file in messages.
pub(crate) async fn row(engine: &Arc<Engine>, ty: TypeId, text: &str, name: &str) -> Result<(), Failure> {
    let seeds = Seeds::one(ty, text, name);
    let ordered = order::decide(engine.schema(), seeds)?;
    write::write(engine, ordered, false, &Arc::default()).await.map(drop)
}

/// The files of a folder that hold seeds, in the order of their names; none if there is no such folder.
pub(crate) fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            return Err(Failure::File { action: "read the folder", path: folder.to_owned(), source });
        }
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(Failure::file("read the folder", folder))?.path();
        if read::form(&path).is_some() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests;
