//! `bistro config`.

use crate::cli::ConfigWhat;
use crate::config;
use crate::database::Place;
use crate::error::Failure;
use crate::project::Project;
use crate::terminal;

/// Prints the settings in force, their reference, or their JSON Schema.
pub(crate) fn config(
    what: Option<&ConfigWhat>,
    project: impl FnOnce() -> Result<Project, Failure>,
) -> Result<(), Failure> {
    match what {
        Some(ConfigWhat::Reference) => terminal::out(&config::reference()),
        Some(ConfigWhat::Schema) => terminal::out(&config::json_schema()),
        None => {
            let mut settings = project()?.settings;
            if settings.auth.jwt_secret.is_some() {
                settings.auth.jwt_secret = Some("(set, and not shown)".into());
            }
            if settings.mail.url.is_some() {
                settings.mail.url = Some("(set, and not shown)".into());
            }
            let database = &mut settings.database;
            for url in std::iter::once(&mut database.url).chain(&mut database.replicas) {
                // A file's URL is shown as it was written.
                if let Ok(place @ (Place::Postgres(_) | Place::Mysql(_))) = Place::parse(url) {
                    *url = place.shown();
                }
            }
            let text = toml::to_string_pretty(&settings).expect("settings are tables of plain values");
            terminal::out(&text);
        }
    }
    Ok(())
}
