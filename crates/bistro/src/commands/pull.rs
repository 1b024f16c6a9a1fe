//! `bistro pull`: the schema file of a database that is there.

use std::fmt::Write as _;
use std::sync::Arc;

use bistro_schema::Schema;
use bistro_store::StoreError;

use crate::cli::Pull;
use crate::config::Settings;
use crate::database::Place;
use crate::error::Failure;
use crate::migrations::{self, BASELINE, Folders, Written};
use crate::project::Project;
use crate::{schema_file, terminal, unmanaged};

/// Tells the schema of a database, of the one that the URL names or of the project's: to standard output, or to the
/// project's folder.
pub(crate) async fn pull(project: Option<&Project>, args: &Pull) -> Result<(), Failure> {
    let place = match (&args.url, project) {
        (Some(url), _) => Place::parse(url).map_err(Failure::Usage)?,
        (None, Some(project)) => Place::of(project)?,
        (None, None) => return Err(Failure::Usage("name a database, or run it in a project".into())),
    };
    let failed = |error: &StoreError| Failure::Data { place: place.shown(), message: error.cause.clone() };
    if let Place::File(path) = &place
        && !path.is_file()
    {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Failure::File { action: "open", path: path.clone(), source });
    }
    if let Some(project) = project.filter(|_| args.write) {
        refuse_over(project, args.force)?;
    }
    let mut settings = project.map_or_else(Settings::default, |p| p.settings.clone());
    // Looking changes nothing, whoever keeps the tables.
    settings.database.managed = false;
    let store = place.open(&settings, Arc::new(Schema::default())).await.map_err(|e| failed(&e))?;
    let catalogue = store.catalogue().await;
    store.close();
    let catalogue = catalogue.map_err(|e| failed(&e))?;
    if catalogue.tables.is_empty() {
        return Err(Failure::Data { place: place.shown(), message: "it has no tables".into() });
    }
    let text = bistro_draft::draft(&catalogue, place.engine());
    let (_, diagnostics) = schema_file::compile("schema.graphql", &text);
    if diagnostics.iter().any(bistro_problem::Diagnostic::is_error) {
        terminal::err(&bistro_sdl::report("schema.graphql", &text, &diagnostics, terminal::colour()));
    }
    match project.filter(|_| args.write) {
        Some(project) => write(project, &place, &text)?,
        None => terminal::out(&text),
    }
    let left = text.lines().filter(|l| l.trim_start().starts_with("# left out:")).count();
    if left > 0 {
        terminal::err(&format!("{left} columns are left out; the comments name them\n"));
    }
    Ok(())
}

/// Nothing of the project's own is written over unasked.
fn refuse_over(project: &Project, force: bool) -> Result<(), Failure> {
    let path = project.schema_path();
    if path.exists() && !force {
        let text = format!("{} is there already; --force writes over it", path.display());
        return Err(Failure::Usage(text));
    }
    Ok(())
}

/// Writes the schema file, and a first migration that says the same.
fn write(project: &Project, place: &Place, text: &str) -> Result<(), Failure> {
    let path = project.schema_path();
    std::fs::write(&path, text).map_err(Failure::file("write", &path))?;
    let mut told = format!("Wrote\n  {}\n", path.display());
    match baseline(project)? {
        Ok(written) => {
            for file in &written.files {
                writeln!(told, "  {}", file.display()).expect("text grows");
            }
            told.push_str(match place {
                Place::File(_) => {
                    "Put the database's file into the data folder as bistro.db, then run: bistro migrate up\n"
                }
                _ => "Name that database under [database] in bistro.toml, then run: bistro migrate up\n",
            });
        }
        Err(why) => writeln!(told, "and no {BASELINE}: {why}").expect("text grows"),
    }
    terminal::out(&told);
    Ok(())
}

/// The first migration, or why there is none.
fn baseline(project: &Project) -> Result<Result<Written, String>, Failure> {
    if !project.settings.database.managed {
        return Ok(Err("database.managed is false, so Bistro changes no tables there".into()));
    }
    if let Some(last) = Folders::read(project)?.last() {
        let name = &last.name;
        return Ok(Err(format!(
            "the project has migrations as far as {name}; what differs: bistro migrate plan"
        )));
    }
    let loaded = schema_file::read(&project.schema_path(), false)?.loaded()?;
    if let Err(foreign) = unmanaged::refuse_foreign(loaded.rules.schema()) {
        let then = "afterwards: bistro migrate new baseline";
        return Ok(Err(format!("{foreign}\n{then}")));
    }
    migrations::write(project, &loaded, "baseline", false).map(Ok)
}
