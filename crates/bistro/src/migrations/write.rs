//! Writing a migration's folder: what lies between the last snapshot and the schema file, as SQL for every engine.

use std::path::{Path, PathBuf};

use bistro_migrate::{Class, Difference, difference};
use bistro_schema::Schema;
use bistro_store::Direction;
use bistro_store_sql::ddl;

use super::engine::Engine;
use super::folder::{CHECKSUM_FILE, Folder, Folders, IMPOSSIBLE, Seal, file_name};
use crate::error::Failure;
use crate::project::{Project, SCHEMA_FILE};
use crate::schema_file::Loaded;

/// The longest name, in bytes, without its number.
const NAME_MAX: usize = 60;

/// What was written.
pub(crate) struct Written {
    /// The files, in order.
    pub(crate) files: Vec<PathBuf>,
    /// What it does.
    pub(crate) difference: Difference,
    /// Engines that it has no SQL for, each with the reason.
    pub(crate) impossible: Vec<(Engine, String)>,
}

/// Writes the next folder. With `empty` it changes no table, and its SQL is for people to write.
pub(crate) fn write(project: &Project, loaded: &Loaded, name: &str, empty: bool) -> Result<Written, Failure> {
    let folders = Folders::read(project)?;
    let before = folders.last();
    let nothing = Schema::default();
    let old = before.map_or(&nothing, |f| &f.schema);
    let new: &Schema = loaded.rules.schema();
    let difference = difference(old, new);
    let text = match before {
        None if empty => {
            let text = "the first migration holds the whole schema; write it without --empty".to_owned();
            return Err(Failure::Usage(text));
        }
        // A step by hand stands where the tables are; what else the schema file changed is for a migration of its own.
        Some(last) if empty && !difference.is_empty() => last.text.clone(),
        _ => loaded.text.clone(),
    };
    if !empty {
        refuse(&difference, before, &folders)?;
    }
    let steps = if empty { Difference::default() } else { difference };
    let number = before.map_or(1, |f| f.number + 1);
    let name = format!("{number:04}_{}", sanitised(name)?);
    let mut files = vec![
        (SCHEMA_FILE.to_owned(), text.clone()),
        (CHECKSUM_FILE.to_owned(), Seal::of(&text, before).to_string()),
    ];
    let mut impossible = Vec::new();
    for direction in [Direction::Up, Direction::Down] {
        for engine in Engine::ALL {
            let (from, to) = if direction == Direction::Up { (old, new) } else { (new, old) };
            let body = if empty { Ok(String::new()) } else { body(engine, from, to) };
            if let (Err(reason), Direction::Up) = (&body, direction) {
                impossible.push((engine, reason.clone()));
            }
            let head = Head { name: &name, engine, direction, before, steps: &steps, empty };
            files.push((file_name(engine, direction), format!("{head}{}", body_text(body))));
        }
    }
    let files = put(&folders.dir, &name, &files)?;
    Ok(Written { files, difference: steps, impossible })
}

/// The statements that lead from one schema to another, each change with its words; or why there are none.
pub(super) fn body(engine: Engine, from: &Schema, to: &Schema) -> Result<String, String> {
    let way = difference(from, to);
    if let Some(refused) = way.refused.first() {
        return Err(format!("{}: {}", refused.text, refused.reason));
    }
    let unfit = ddl::unfit(engine.dialect(), to);
    if let Some(unfit) = unfit.first() {
        return Err(format!("{}; {}", unfit.message, unfit.hint));
    }
    let changes: Vec<_> = way.steps.iter().map(|s| s.change.clone()).collect();
    let titles: Vec<&str> = way.steps.iter().map(|s| s.text.as_str()).collect();
    let script = ddl::script(engine.dialect(), from, to, &changes).map_err(|error| error.cause)?;
    Ok(script.text(&titles))
}

fn body_text(body: Result<String, String>) -> String {
    match body {
        Ok(text) if text.is_empty() => "\n".into(),
        Ok(text) => format!("\n{text}"),
        Err(reason) => format!("{IMPOSSIBLE}{}\n", reason.replace('\n', " ")),
    }
}

/// Why there is nothing to write.
fn refuse(difference: &Difference, before: Option<&Folder>, folders: &Folders) -> Result<(), Failure> {
    if !difference.refused.is_empty() {
        let lines: Vec<String> =
            difference.refused.iter().map(|r| format!("  {}: {}\n", r.text, r.reason)).collect();
        let text = format!("no migration can do this:\n{}nothing was written", lines.concat());
        return Err(Failure::Tables(text));
    }
    let Some(before) = before else {
        let text = format!("{SCHEMA_FILE} has no tables");
        return if difference.is_empty() { Err(Failure::Tables(text)) } else { Ok(()) };
    };
    if !difference.is_empty() {
        return Ok(());
    }
    let last = folders.dir.join(&before.name).join(SCHEMA_FILE);
    let other = if difference.notes.is_empty() {
        ""
    } else {
        "; rules, defaults and computed fields need no migration"
    };
    let text = format!(
        "nothing to write: {SCHEMA_FILE} has the tables of {}{other}. For a step by hand: --empty",
        last.display()
    );
    Err(Failure::Tables(text))
}

/// The lines with which a SQL file begins.
struct Head<'a> {
    name: &'a str,
    engine: Engine,
    direction: Direction,
    before: Option<&'a Folder>,
    steps: &'a Difference,
    empty: bool,
}

impl std::fmt::Display for Head<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let before = self.before.map_or("an empty database", |b| b.name.as_str());
        let up = self.direction == Direction::Up;
        let (way, from, to) = if up { ("up", before, self.name) } else { ("down", self.name, before) };
        writeln!(f, "-- {} {way}, {}: from {from} to {to}.", self.name, self.engine.title())?;
        if self.empty {
            writeln!(
                f,
                "-- Tables stay as they are. Write the statements for the rows below, each with a semicolon."
            )?;
        }
        if up {
            self.steps
                .steps
                .iter()
                .try_for_each(|s| writeln!(f, "--   {:<12} {}", class_word(&s.class), s.text))?;
            writeln!(
                f,
                "-- Steps for rows may be added here, until it is applied; afterwards this file stays as it is."
            )
        } else {
            writeln!(f, "-- bistro migrate down runs this. What was lost on the way up does not come back.")
        }
    }
}

/// A step's class in a word.
pub(super) fn class_word(class: &Class) -> &'static str {
    match class {
        Class::Safe => "safe",
        Class::Backfill => "backfill",
        Class::Destructive { .. } => "destructive",
    }
}

/// A name as it can stand in a path on every system.
fn sanitised(name: &str) -> Result<String, Failure> {
    let mut out = String::new();
    for c in name.trim().chars() {
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            _ if out.ends_with('_') || out.is_empty() => {}
            _ => out.push('_'),
        }
    }
    let out: String = out.trim_end_matches('_').chars().take(NAME_MAX).collect();
    if out.is_empty() {
        let text = format!("{name:?} has no letter or digit to make a name of; write for example add_tags");
        return Err(Failure::Usage(text));
    }
    Ok(out)
}

/// Writes the files into a folder beside, and then gives it its name: an interruption leaves no half of a migration.
fn put(dir: &Path, name: &str, files: &[(String, String)]) -> Result<Vec<PathBuf>, Failure> {
    let (beside, path) = (dir.join(format!(".{name}.new")), dir.join(name));
    if beside.exists() {
        std::fs::remove_dir_all(&beside).map_err(Failure::file("remove", &beside))?;
    }
    std::fs::create_dir_all(&beside).map_err(Failure::file("make the folder", &beside))?;
    for (file, text) in files {
        let file = beside.join(file);
        std::fs::write(&file, text).map_err(Failure::file("write", &file))?;
    }
    std::fs::rename(&beside, &path).map_err(Failure::file("make the folder", &path))?;
    Ok(files.iter().map(|(file, _)| path.join(file)).collect())
}

#[cfg(test)]
mod tests {
    use super::sanitised;

    #[test]
    fn names_can_stand_in_paths() {
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(sanitised(name).ok().as_deref(), expected, "{name}");
        };
        check("add_tags", Some("add_tags"));
        check("Add tags & more", Some("add_tags_more"));
        check("../../etc/passwd", Some("etc_passwd"));
        check("été 2026", Some("t_2026"));
        check("--", None);
        check("", None);
    }
}
