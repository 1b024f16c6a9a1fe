//! Which database a project's data lies in, and how it is opened. The only place that names the stores.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bistro_schema::Schema;
use bistro_store::{Store, StoreError};
use bistro_store_mysql::MysqlStore;
use bistro_store_postgres::PostgresStore;
use bistro_store_sqlite::SqliteStore;

use crate::config::Settings;
use crate::error::Failure;
use crate::project::Project;
use crate::unmanaged::Unmanaged;

/// Where a database lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A file of SQLite.
    File(PathBuf),
    /// A PostgreSQL server, by its URL.
    Postgres(String),
    /// A MySQL or MariaDB server, by its URL.
    Mysql(String),
}

impl Place {
    /// The place that a URL names: `sqlite:FILE`, `postgres://…`, `mysql://…`, or the path of a file.
    ///
    /// # Errors
    /// What is wrong with the URL, in words; it is not repeated, since it may hold a password.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        if let Some(file) = url.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            return if file.is_empty() {
                Err("it names no file after sqlite:".into())
            } else {
                Ok(Place::File(file.into()))
            };
        }
        match url.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Place::Postgres(url.to_owned())),
            Some(("mysql" | "mariadb", rest)) => Ok(Place::Mysql(format!("mysql://{rest}"))),
            Some((kind, _)) => {
                Err(format!("it names {kind:?}; Bistro knows sqlite:FILE, postgres:// and mysql://"))
            }
            None if url.is_empty() => Err("it is empty".into()),
            None => Ok(Place::File(url.into())),
        }
    }

    /// The place of a project's data.
    pub(crate) fn of(project: &Project) -> Result<Self, Failure> {
        let url = &project.settings.database.url;
        let place = Place::parse(url).map_err(|message| Failure::Config {
            place: "database.url".into(),
            message,
            hint: None,
        })?;
        Ok(match place {
            Place::File(name) if project.settings.database.managed => Place::File(project.data.join(name)),
            // A file that somebody else keeps lies where its owner put it.
            Place::File(name) => Place::File(project.dir.join(name)),
            server => server,
        })
    }

    /// The place as it may be shown: a URL without its password.
    pub(crate) fn shown(&self) -> String {
        match self {
            Place::File(path) => path.display().to_string(),
            Place::Postgres(url) | Place::Mysql(url) => without_password(url),
        }
    }

    /// The engine's name, for people.
    pub(crate) const fn engine(&self) -> &'static str {
        match self {
            Place::File(_) => "SQLite",
            Place::Postgres(_) => "PostgreSQL",
            Place::Mysql(_) => "MySQL",
        }
    }

    /// Opens the database under a schema; a file is made where there is none.
    ///
    /// # Errors
    /// A database that cannot be reached, is too old, or was written by a newer Bistro.
    pub(crate) async fn open(
        &self,
        settings: &Settings,
        schema: Arc<Schema>,
    ) -> Result<Arc<dyn Store>, StoreError> {
        let database = &settings.database;
        let deadline = Duration::from_secs(settings.limits.statement);
        let store: Arc<dyn Store> = match self {
            Place::File(path) => {
                let options = bistro_store_sqlite::Options {
                    mmap: database.mmap,
                    managed: database.managed,
                    deadline,
                    ..bistro_store_sqlite::Options::default()
                };
                SqliteStore::open(path, schema, options)?
            }
            Place::Postgres(url) => {
                let usual = bistro_store_postgres::Options::default();
                let options = bistro_store_postgres::Options {
                    deadline,
                    readers: database.readers.unwrap_or(usual.readers),
                    writers: database.writers,
                    replicas: database.replicas.clone(),
                    managed: database.managed,
                    ..usual
                };
                PostgresStore::open(url, schema, options).await?
            }
            Place::Mysql(url) => {
                let usual = bistro_store_mysql::Options::default();
                let options = bistro_store_mysql::Options {
                    deadline,
                    readers: database.readers.unwrap_or(database.writers),
                    connections: database.writers,
                    managed: database.managed,
                    ..usual
                };
                MysqlStore::open(url, schema, options).await?
            }
        };
        Ok(if database.managed { store } else { Arc::new(Unmanaged::new(store)) })
    }
}

/// A URL whose password is three stars.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // A password may itself hold what ends a host: all before the last `@` is the user's. Where the `@` is another's, too much
    // is left out, never too little.
    let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
    let (host, tail) = place.split_at(place.find(['/', '?']).unwrap_or(place.len()));
    let tail = tail.split_once("password=").map_or_else(
        || tail.to_owned(),
        |(before, after)| format!("{before}password=***{}", after.find('&').map_or("", |at| &after[at..])),
    );
    match user {
        Some(user) => {
            let user =
                user.split_once(':').map_or_else(|| user.to_owned(), |(name, _)| format!("{name}:***"));
            format!("{scheme}://{user}@{host}{tail}")
        }
        None => format!("{scheme}://{host}{tail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn urls_name_places_and_passwords_are_not_shown() {
        let check = |url: &str, expected: Result<&str, &str>| {
            let place = Place::parse(url);
            let shown = place.as_ref().map(Place::shown).map_err(String::as_str);
            assert_eq!(shown.as_deref().map_err(|e| *e), expected, "{url}");
        };
        check("sqlite:bistro.db", Ok("bistro.db"));
        check("old/app.db", Ok("old/app.db"));
        check(
            "postgres://app:secret@db:5432/shop?sslmode=require",
            Ok("postgres://app:***@db:5432/shop?sslmode=require"),
        );
        check(
            "postgresql:///shop?host=/run/pg&password=x&user=a",
            Ok("postgresql:///shop?host=/run/pg&password=***&user=a"),
        );
        check("postgres://u:TOP/SEC@RET@127.0.0.1:1/x", Ok("postgres://u:***@127.0.0.1:1/x"));
        check("mysql://u:TOP?SECRET@db/x", Ok("mysql://u:***@db/x"));
        check("mariadb://app@db/shop", Ok("mysql://app@db/shop"));
        check("oracle://x", Err("it names \"oracle\"; Bistro knows sqlite:FILE, postgres:// and mysql://"));
        check("sqlite:", Err("it names no file after sqlite:"));
        check("", Err("it is empty"));
    }
}
