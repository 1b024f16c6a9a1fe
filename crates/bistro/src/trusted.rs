//! `graphql/trusted.json`: the documents that are run by their id alone, as a build of the clients wrote them.

use std::sync::Arc;

use bistro_graphql::Trusted;
use bistro_schema::Schema;

use crate::error::Failure;
use crate::project::Project;
use crate::site::{self, Mode};
use crate::subgraph;

/// The file's folder in the project.
pub(crate) const FOLDER: &str = "graphql";
/// The file's name.
pub(crate) const FILE: &str = "trusted.json";
/// The largest file, in bytes.
const SIZE_MAX: u64 = 16 << 20;

/// Reads the manifest and judges its documents, and the types that `[graphql]` names, by a schema.
pub(crate) fn load(project: &Project, schema: &Arc<Schema>) -> Result<Arc<Trusted>, Failure> {
    subgraph::check(project, schema)?;
    let trusted = read(project)?;
    if project.settings.graphql.enabled {
        check(project, &trusted, schema)?;
    }
    Ok(trusted)
}

/// Reads the manifest; there are no documents without one. Fails where it is none, and where it is missing although nothing else
/// would be run.
fn read(project: &Project) -> Result<Arc<Trusted>, Failure> {
    let path = project.trusted_path();
    let wrong = |message: String, hint: Option<&str>| Failure::Config {
        place: path.display().to_string(),
        message,
        hint: hint.map(str::to_owned),
    };
    let size = std::fs::metadata(&path).map(|about| about.len());
    let text = match size {
        Ok(size) if size > SIZE_MAX => {
            return Err(wrong(format!("the file has {size} bytes; a manifest has at most {SIZE_MAX}"), None));
        }
        Ok(_) => std::fs::read_to_string(&path).map_err(Failure::file("read", &path))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if project.settings.graphql.only_trusted {
                let message = "there is no such file, and graphql.only_trusted runs nothing else".to_owned();
                return Err(wrong(
                    message,
                    Some("write it with the clients' build, or leave the setting out"),
                ));
            }
            return Ok(Arc::default());
        }
        Err(error) => return Err(Failure::file("read", &path)(error)),
    };
    Trusted::read(&text).map(Arc::new).map_err(|message| wrong(message, None))
}

/// Refuses documents that do not fit the schema, each mistake with its document and place.
fn check(project: &Project, trusted: &Trusted, schema: &Arc<Schema>) -> Result<(), Failure> {
    let options = site::graphql_options(&project.settings, &Mode::default());
    trusted.check(schema, &options).map_err(|report| {
        let lines: Vec<String> = report.lines().map(|line| format!("\n  {line}")).collect();
        let message = format!("documents that do not fit the schema:{}", lines.concat());
        Failure::Config { place: project.trusted_path().display().to_string(), message, hint: None }
    })
}
