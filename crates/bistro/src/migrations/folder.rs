//! The folders of `migrations/`: read, ordered, and found to be what they were when they were written.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bistro_schema::Schema;
use bistro_store::Direction;

use super::checksum::checksum;
use super::engine::Engine;
use crate::error::Failure;
use crate::project::{Project, SCHEMA_FILE};

/// The file with the checksums of a folder's snapshot and of the one before.
pub(super) const CHECKSUM_FILE: &str = "checksum";
/// Begins the line of a file that an engine has no statements for.
pub(super) const IMPOSSIBLE: &str = "-- bistro: impossible: ";

/// One migration.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    /// Its name, `0007_add_tags`.
    pub(crate) name: String,
    /// Its number.
    pub(crate) number: u32,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The text of the schema that tables follow after it.
    pub(crate) text: String,
    /// The schema itself.
    pub(crate) schema: Arc<Schema>,
}

/// All migrations of a project, in order.
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    /// The folder that holds them.
    pub(crate) dir: PathBuf,
    /// In the order of their numbers.
    pub(crate) all: Vec<Folder>,
}

/// The name of a first migration whose tables may be there already, made by somebody else.
pub(crate) const BASELINE: &str = "0001_baseline";

impl Folders {
    /// Reads a project's migrations; none, if it has no such folder. Fails where a snapshot was changed, two have one
    /// number, or one does not follow the one before.
    pub(crate) fn read(project: &Project) -> Result<Self, Failure> {
        let dir = project.migrations_dir();
        let mut found = Vec::new();
        for name in names(&dir)? {
            let path = dir.join(&name);
            let Some(number) = number(&name) else {
                let text = format!(
                    "{} is no migration: its name does not begin with a number, as 0007_{name} would",
                    path.display()
                );
                return Err(Failure::Tables(text));
            };
            found.push((number, name, path));
        }
        found.sort();
        if let Some(pair) = found.windows(2).find(|p| p[0].0 == p[1].0) {
            return Err(Failure::Tables(one_number(&pair[0].1, &pair[1].1)));
        }
        let mut all: Vec<Folder> = Vec::with_capacity(found.len());
        for (number, name, path) in found {
            let folder = Folder::read(number, name, path, all.last())?;
            all.push(folder);
        }
        Ok(Self { dir, all })
    }

    /// Whether the history begins with tables that somebody else made.
    pub(crate) fn begin_with_theirs(&self) -> bool {
        self.all.first().is_some_and(|f| f.name == BASELINE)
    }

    /// The last one.
    pub(crate) fn last(&self) -> Option<&Folder> {
        self.all.last()
    }

    /// The one of this name.
    pub(crate) fn named(&self, name: &str) -> Option<&Folder> {
        self.all.iter().find(|f| f.name == name)
    }

    /// The one that a person means: by its name, its number, or the name without the number.
    pub(crate) fn meant(&self, word: &str) -> Result<&Folder, Failure> {
        let digits = word.parse::<u32>().ok();
        let is = |f: &&Folder| {
            f.name == word
                || Some(f.number) == digits
                || f.name.split_once('_').is_some_and(|(_, n)| n == word)
        };
        let mut found = self.all.iter().filter(is);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => {
                Err(Failure::Usage(format!("there is no migration {word} in {}", self.dir.display())))
            }
            (Some(a), Some(b)) => {
                Err(Failure::Usage(format!("{word} may be {} or {}; write the whole name", a.name, b.name)))
            }
        }
    }

    /// The schema that tables follow before a folder.
    pub(crate) fn before(&self, name: &str) -> Option<&Folder> {
        let at = self.all.iter().position(|f| f.name == name)?;
        at.checked_sub(1).map(|at| &self.all[at])
    }
}

impl Folder {
    fn read(number: u32, name: String, path: PathBuf, before: Option<&Folder>) -> Result<Self, Failure> {
        let text = text(&path.join(SCHEMA_FILE))?;
        let written = text_of(&path.join(CHECKSUM_FILE))?;
        let expected = Seal::of(&text, before);
        let seal = Seal::parse(&written).ok_or_else(|| {
            Failure::Tables(format!("{} cannot be read; restore it", path.join(CHECKSUM_FILE).display()))
        })?;
        if seal.schema != expected.schema {
            let text = format!(
                "{} is not what it was when the migration was written; restore it. What a migration does stands in its \
                 SQL files, and a further change of the schema in a further migration",
                path.join(SCHEMA_FILE).display()
            );
            return Err(Failure::Tables(text));
        }
        if seal.after != expected.after {
            return Err(Failure::Tables(out_of_line(&name, &seal, before)));
        }
        let checked = bistro_sdl::read(&path.join(SCHEMA_FILE).display().to_string(), &text);
        if checked.has_errors() {
            let report = bistro_sdl::report(
                &path.join(SCHEMA_FILE).display().to_string(),
                &text,
                &checked.diagnostics,
                crate::terminal::colour(),
            );
            return Err(Failure::Schema { path: path.join(SCHEMA_FILE), report });
        }
        Ok(Self { name, number, path, text, schema: Arc::new(checked.schema) })
    }

    /// The SQL file for an engine.
    pub(crate) fn file(&self, engine: Engine, direction: Direction) -> PathBuf {
        self.path.join(file_name(engine, direction))
    }

    /// The text of the SQL file for an engine.
    pub(crate) fn sql(&self, engine: Engine, direction: Direction) -> Result<String, Failure> {
        text(&self.file(engine, direction))
    }

    /// The statements of the SQL file for an engine.
    pub(crate) fn statements(&self, engine: Engine, direction: Direction) -> Result<Vec<String>, Failure> {
        let (path, sql) = (self.file(engine, direction), self.sql(engine, direction)?);
        if let Some(reason) = sql.lines().find_map(|line| line.strip_prefix(IMPOSSIBLE)) {
            let text = format!(
                "{}: {reason}; write the statements in place of that line, or change the schema",
                path.display()
            );
            return Err(Failure::Tables(text));
        }
        split(engine, &sql).map_err(|reason| Failure::Tables(format!("{}: {reason}", path.display())))
    }

    /// What the history keeps of a folder: the snapshot and what was run.
    pub(crate) fn checksum(&self, engine: Engine) -> Result<String, Failure> {
        Ok(checksum(&[&self.text, &self.sql(engine, Direction::Up)?]))
    }
}

/// The statements of a text, without the remarks before them.
pub(super) fn split(engine: Engine, sql: &str) -> Result<Vec<String>, String> {
    let split = bistro_store_sql::ddl::split(engine.dialect(), sql).map_err(|error| error.cause)?;
    Ok(split.iter().map(|statement| without_remarks(statement).to_owned()).collect())
}

fn without_remarks(statement: &str) -> &str {
    let mut rest = statement.trim_start();
    while rest.starts_with("--") {
        rest = rest.split_once('\n').map_or("", |(_, after)| after.trim_start());
    }
    rest
}

/// The name of the SQL file for an engine.
pub(super) fn file_name(engine: Engine, direction: Direction) -> String {
    let way = match direction {
        Direction::Up => "up",
        Direction::Down => "down",
    };
    format!("{way}.{}.sql", engine.word())
}

/// What the file of checksums says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seal {
    /// Of the snapshot.
    schema: String,
    /// The name of the folder before and the checksum of its snapshot.
    after: Option<(String, String)>,
}

impl Seal {
    /// The checksums of a folder after another.
    pub(super) fn of(text: &str, before: Option<&Folder>) -> Self {
        let after = before.map(|f| (f.name.clone(), checksum(&[&f.text])));
        Self { schema: checksum(&[text]), after }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>());
        let schema = match lines.next()?.as_slice() {
            [file, sum] if *file == SCHEMA_FILE => (*sum).to_owned(),
            _ => return None,
        };
        let after = match lines.next()?.as_slice() {
            ["after", "nothing"] => None,
            ["after", name, sum] => Some(((*name).to_owned(), (*sum).to_owned())),
            _ => return None,
        };
        Some(Self { schema, after })
    }
}

impl std::fmt::Display for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{SCHEMA_FILE} {}", self.schema)?;
        match &self.after {
            None => writeln!(f, "after nothing"),
            Some((name, sum)) => writeln!(f, "after {name} {sum}"),
        }
    }
}

/// The names of the folders there; files beside them and hidden folders are nobody's business.
fn names(dir: &Path) -> Result<Vec<String>, Failure> {
    let entries = match std::fs::read_dir(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Failure::file("read the folder", dir))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(Failure::file("read the folder", dir))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !name.starts_with('.') {
            names.push(name);
        }
    }
    Ok(names)
}

fn number(name: &str) -> Option<u32> {
    name.split_once('_')?.0.parse().ok()
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(Failure::file("read", path))
}

fn text_of(path: &Path) -> Result<String, Failure> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = format!(
                "{} is missing; restore it, or remove the folder if bistro migrate new was interrupted there",
                path.display()
            );
            Err(Failure::Tables(text))
        }
        read => read.map_err(Failure::file("read", path)),
    }
}

fn one_number(a: &str, b: &str) -> String {
    format!(
        "{a} and {b} have the same number, as when two people make a migration at the same time; remove the one that is \
         applied nowhere, and write it again: bistro migrate new NAME"
    )
}

fn out_of_line(name: &str, seal: &Seal, before: Option<&Folder>) -> String {
    let was = seal.after.as_ref().map_or("nothing", |(n, _)| n);
    let is = before.map_or("nothing", |f| f.name.as_str());
    let what = if was == is { format!("another {was}") } else { was.to_owned() };
    format!(
        "{name} was written after {what}, and stands after {is} now, so its SQL begins at other tables; remove it, and \
         write it again: bistro migrate new NAME"
    )
}
