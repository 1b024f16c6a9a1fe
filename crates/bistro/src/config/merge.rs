//! Settings of three sources, one over the other, each remembering where it came from.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::settings::{Database, Settings};
use crate::database::Place;
use crate::error::Failure;

/// What flags say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// `--listen`.
    pub(crate) listen: Option<SocketAddr>,
    /// `--data`, relative to the working folder.
    pub(crate) data: Option<PathBuf>,
    /// `--only-trusted`.
    pub(crate) only_trusted: bool,
}

impl Overrides {
    pub(super) fn apply(&self, merged: &mut Merged) {
        if let Some(listen) = self.listen {
            merged.put("server.listen", Value::String(listen.to_string()), "--listen".into());
        }
        if let Some(data) = &self.data {
            let absolute = std::path::absolute(data).unwrap_or_else(|_| data.clone());
            merged.put("data.dir", Value::String(absolute.to_string_lossy().into_owned()), "--data".into());
        }
        if self.only_trusted {
            merged.put("graphql.only_trusted", Value::Bool(true), "--only-trusted".into());
        }
    }
}

/// Settings by dotted path, each with its place for messages.
#[derive(Debug, Default)]
pub(super) struct Merged(BTreeMap<String, (Value, String)>);

impl Merged {
    /// Sets a known key; a later source beats an earlier one.
    pub(super) fn put(&mut self, path: &str, value: Value, place: String) {
        self.0.insert(path.to_owned(), (value, place));
    }

    /// Sets a member within a section's section, such as `auth.providers` → `google` → `client_secret`.
    pub(super) fn put_within(&mut self, path: &str, members: &[&str], value: Value, place: String) {
        let (root, known) =
            self.0.entry(path.to_owned()).or_insert_with(|| (Value::Object(Map::new()), String::new()));
        let mut at = root;
        for member in members {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            at = &mut at[*member];
        }
        *at = value;
        *known = place;
    }

    /// The typed settings. Errors name the place of the value that does not fit.
    pub(super) fn settings(self) -> Result<Settings, Failure> {
        let mut root = Map::new();
        for (path, (value, _)) in &self.0 {
            let (section, key) = path.split_once('.').unwrap_or((path, ""));
            let section = root.entry(section).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(section) = section {
                section.insert(key.to_owned(), value.clone());
            }
        }
        let settings: Settings = serde_path_to_error::deserialize(Value::Object(root)).map_err(|error| {
            let path = error.path().to_string();
            self.fault(
                &path,
                format!("{path} cannot be used: {}", unquoted(&path, &error.inner().to_string())),
                None,
            )
        })?;
        self.judge(&settings)?;
        Ok(settings)
    }

    /// What types cannot say.
    fn judge(&self, settings: &Settings) -> Result<(), Failure> {
        let (limits, graphql) = (&settings.limits, &settings.graphql);
        for (section, small, large) in [
            ("limits", limits.too_small(), limits.too_large()),
            ("graphql", graphql.too_small(), graphql.too_large()),
        ] {
            let wrong = small.map(|(name, least)| (name, format!("must be at least {least}")));
            let wrong = wrong.or_else(|| large.map(|(name, most)| (name, format!("must be at most {most}"))));
            if let Some((name, message)) = wrong {
                let path = format!("{section}.{name}");
                return Err(self.fault(&path, format!("{path} {message}"), None));
            }
        }
        // The default follows limits.rows down; what somebody wrote is not changed behind their back.
        if graphql.page > limits.rows && self.0.contains_key("graphql.page") {
            let message = format!("graphql.page must be at most limits.rows, which is {}", limits.rows);
            return Err(self.fault("graphql.page", message, None));
        }
        if let Some((name, message)) = settings.soap.fault() {
            return Err(self.fault(&format!("soap.{name}"), message, None));
        }
        if let Some((name, least, most)) = settings.auth.out_of_bounds() {
            let key = format!("auth.{name}");
            let message = format!("{key} must be between {least} and {most}");
            return Err(self.fault(&key, message, None));
        }
        let wrong = settings.auth.providers.iter().find_map(|(name, set)| Some((name, set.fault(name)?)));
        if let Some((name, why)) = wrong {
            return Err(self.fault("auth.providers", format!("auth.providers.{name}: {why}"), None));
        }
        if let Some((name, message)) = settings.auth.leads_nowhere() {
            return Err(self.fault(&format!("auth.{name}"), message, None));
        }
        if settings.mail.url.is_some() != settings.mail.from.is_some() {
            let message = "mail.url and mail.from go together: a server and a sender".to_owned();
            return Err(self.fault("mail.url", message, None));
        }
        self.judge_database(&settings.database)?;
        if let Some(entry) = settings.outgoing.unusable() {
            let message = format!("outgoing.allow lists names of hosts and addresses, not {entry:?}");
            return Err(self.fault("outgoing.allow", message, None));
        }
        let public = settings.server.public_url.as_deref();
        if public.is_some_and(|u| !(u.starts_with("http://") || u.starts_with("https://"))) {
            let message = "server.public_url must start with http:// or https://".to_owned();
            return Err(self.fault("server.public_url", message, None));
        }
        Ok(())
    }

    fn judge_database(&self, database: &Database) -> Result<(), Failure> {
        if database.writers == 0 || database.readers == Some(0) {
            let path = if database.writers == 0 { "database.writers" } else { "database.readers" };
            return Err(self.fault(path, format!("{path} must be at least 1"), None));
        }
        let name = match Place::parse(&database.url) {
            Ok(Place::File(_)) if !database.url.starts_with("sqlite:") => {
                let message = "database.url names no kind of database".to_owned();
                let hint = "write sqlite:bistro.db, postgres://… or mysql://…";
                return Err(self.fault("database.url", message, Some(hint)));
            }
            Ok(Place::File(_)) if !database.managed => return Ok(()),
            Ok(Place::File(_)) => &database.url["sqlite:".len()..],
            Ok(Place::Postgres(_)) => return Ok(()),
            Ok(Place::Mysql(_)) if !database.replicas.is_empty() => {
                let message =
                    "database.replicas: only PostgreSQL says how far a replica is behind".to_owned();
                let hint = "leave it out: all reads go to database.url";
                return Err(self.fault("database.replicas", message, Some(hint)));
            }
            Ok(Place::Mysql(_)) => return Ok(()),
            Err(message) => {
                let hint = "write sqlite:bistro.db, postgres://… or mysql://…, or leave it out";
                return Err(self.fault("database.url", format!("database.url: {message}"), Some(hint)));
            }
        };
        let taken = ["bistro.lock", "bistro.sock", "keys.json", "keys.lock"].contains(&name);
        if taken || name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '?', '#']) {
            let message = format!("database.url must name a file in the data folder, not {name:?}");
            return Err(self.fault(
                "database.url",
                message,
                Some("write sqlite:bistro.db; data.dir moves the folder"),
            ));
        }
        Ok(())
    }

    fn fault(&self, path: &str, message: String, hint: Option<&str>) -> Failure {
        let found = self.0.iter().find(|(known, _)| path == *known || path.starts_with(&format!("{known}[")));
        let place = found.map_or_else(|| "the configuration".to_owned(), |(_, (_, place))| place.clone());
        Failure::Config { place, message, hint: hint.map(str::to_owned) }
    }
}

/// A message about a setting; of those that may hold secrets, without the value that it quotes.
fn unquoted(path: &str, message: &str) -> String {
    let secret = ["database.", "auth.", "mail."].iter().any(|section| path.starts_with(section));
    match (secret, message.find('"'), message.rfind('"')) {
        (true, Some(from), Some(to)) if from < to => format!("{}…{}", &message[..=from], &message[to..]),
        _ => message.to_owned(),
    }
}

/// The names of all settings as dotted paths, each with its default.
pub(super) fn known() -> BTreeMap<String, Value> {
    let defaults = serde_json::to_value(Settings::default()).expect("settings are plain data");
    let mut all = BTreeMap::new();
    for (section, keys) in defaults.as_object().into_iter().flatten() {
        for (key, default) in keys.as_object().into_iter().flatten() {
            all.insert(format!("{section}.{key}"), default.clone());
        }
    }
    all
}
