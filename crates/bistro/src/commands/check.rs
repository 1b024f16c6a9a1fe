//! `bistro check`.

use bistro_schema::TypeKind;

use crate::error::Failure;
use crate::offline::{Aside, Offline};
use crate::project::{Project, SCHEMA_FILE};
use crate::schema_file::Loaded;
use crate::{schema_file, terminal, trusted};

/// Reports every mistake of the schema and of what was written for it; the configuration was read before.
pub(crate) async fn check(project: &Project) -> Result<(), Failure> {
    let path = project.schema_path();
    let read = schema_file::read(&path, terminal::colour())?;
    let report = read.report().to_owned();
    match read.loaded() {
        Ok(loaded) => {
            terminal::err(&report);
            try_views(project, &loaded).await?;
            trusted::load(project, loaded.rules.schema())?;
            let schema = loaded.rules.schema();
            let rules: usize = schema.types.iter().map(|t| t.allows.len()).sum();
            let line = format!("{SCHEMA_FILE}: {} types, {rules} rules, no errors", schema.types.len());
            terminal::line(&line);
            Ok(())
        }
        Err(failure) => Err(failure),
    }
}

/// Makes the tables of a schema with views in a database that is thrown away: only a database can judge their SQL.
async fn try_views(project: &Project, loaded: &Loaded) -> Result<(), Failure> {
    let view = |kind: &TypeKind| matches!(kind, TypeKind::View { sql, .. } if !sql.is_empty());
    if !loaded.rules.schema().types.iter().any(|t| view(&t.kind)) {
        return Ok(());
    }
    let aside = Aside::new(project);
    match Offline::open(&aside.project).await {
        Ok(offline) => {
            offline.close();
            Ok(())
        }
        Err(Failure::Data { message, .. }) => {
            let place = project.schema_path().display().to_string();
            Err(Failure::Config { place, message, hint: None })
        }
        Err(failure) => Err(failure),
    }
}
