//! A project's folder: where its files lie.

use std::path::{Path, PathBuf};

use crate::config::{self, Overrides, Settings};
use crate::database::Place;
use crate::error::Failure;
use crate::trusted;

/// The schema file's name.
pub(crate) const SCHEMA_FILE: &str = "schema.graphql";

/// A folder with a schema, and the settings in force for it.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// The folder.
    pub(crate) dir: PathBuf,
    /// The folder with the database and the secrets.
    pub(crate) data: PathBuf,
    /// The settings.
    pub(crate) settings: Settings,
    /// Whether the data is thrown away afterwards, so that its tables need no migrations.
    pub(crate) aside: bool,
}

impl Project {
    /// The project in `dir`, with its configuration read.
    pub(crate) fn open(dir: &Path, flags: &Overrides) -> Result<Self, Failure> {
        if !dir.is_dir() {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Failure::File { action: "open the folder", path: dir.to_owned(), source });
        }
        let settings = config::load(dir, flags)?;
        let data = within(dir, &settings.data.dir);
        Ok(Self { dir: dir.to_owned(), data, settings, aside: false })
    }

    /// The schema file.
    pub(crate) fn schema_path(&self) -> PathBuf {
        within(&self.dir, SCHEMA_FILE)
    }

    /// The manifest of trusted documents.
    pub(crate) fn trusted_path(&self) -> PathBuf {
        within(&self.dir, trusted::FOLDER).join(trusted::FILE)
    }

    /// The folder of seeds.
    pub(crate) fn seed_dir(&self) -> PathBuf {
        within(&self.dir, "seed")
    }

    /// The folder of migrations.
    pub(crate) fn migrations_dir(&self) -> PathBuf {
        within(&self.dir, "migrations")
    }

    /// Whether there may be a database to look into: a file that is there, or a server.
    pub(crate) fn has_database(&self) -> bool {
        match Place::of(self) {
            Ok(Place::File(path)) => path.exists(),
            Ok(Place::Postgres(_) | Place::Mysql(_)) => true,
            Err(_) => false,
        }
    }

    /// Makes the data folder, for its owner alone.
    pub(crate) fn make_data(&self) -> Result<(), Failure> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.data).map_err(Failure::file("make the folder", &self.data))
    }

    /// The name of the project: that of its folder.
    pub(crate) fn name(&self) -> String {
        let full = std::path::absolute(&self.dir).unwrap_or_else(|_| self.dir.clone());
        let normal = full.components().rev().find_map(|c| match c {
            std::path::Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        });
        normal.unwrap_or_else(|| "Bistro".into())
    }
}

/// A path in a folder; in the working folder just its name, which reads better in messages.
fn within(dir: &Path, name: &str) -> PathBuf {
    if dir == Path::new(".") { PathBuf::from(name) } else { dir.join(name) }
}
