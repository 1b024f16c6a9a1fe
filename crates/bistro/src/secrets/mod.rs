//! The project's keys as requests need them: its secrets, the configured secret and the key set.
//!
//! Secrets are kept in the data folder; where several nodes share a database, they are kept there ([`Keep`]), and each
//! node follows what the others do ([`Follow`]).

mod follow;
mod maker;
mod record;

use std::path::PathBuf;
use std::sync::Arc;

use bistro_auth::claims::Expected;
use bistro_auth::{AuthError, Authenticator, CookieRules, Jwks, Keyring, Options, Secrets};
use bistro_schema::Schema;
use bistro_store::Store;

pub(crate) use follow::Follow;
pub(crate) use maker::Maker;
pub(crate) use record::is_secrets;

use crate::clock::now_s;
use crate::config::Signing;
use crate::database::Place;
use crate::error::Failure;
use crate::key_set::{self, KeySet};
use crate::project::Project;
use crate::tables;

/// Where a project's secrets are kept.
pub(crate) enum Keep {
    /// In the data folder.
    Folder {
        /// The data folder.
        folder: PathBuf,
        /// The algorithm of tokens.
        algorithm: &'static str,
    },
    /// In the database, for all its nodes; the folder's secrets are the first ones, if it has some.
    Database {
        /// The database.
        store: Arc<dyn Store>,
        /// The data folder.
        folder: PathBuf,
        /// The algorithm of tokens.
        algorithm: &'static str,
    },
}

impl Keep {
    /// Where the secrets of a project over this store are.
    pub(crate) fn of(project: &Project, store: &Arc<dyn Store>) -> Self {
        let (folder, algorithm) = (project.data.clone(), project.settings.auth.signing.name());
        match store.capabilities().embedded || !project.settings.database.managed {
            true => Keep::Folder { folder, algorithm },
            false => Keep::Database { store: Arc::clone(store), folder, algorithm },
        }
    }

    /// In a database whose secrets are those of the folder.
    pub(crate) fn in_database(store: Arc<dyn Store>, folder: PathBuf) -> Self {
        // A move takes the secrets as they are; the next start makes what they lack.
        Keep::Database { store, folder, algorithm: Signing::default().name() }
    }

    /// As [`Keep::of`], for a command: a server's database is opened, a file's is not.
    pub(crate) async fn open(project: &Project) -> Result<Self, Failure> {
        project.make_data()?;
        let place = Place::of(project)?;
        if matches!(place, Place::File(_)) || !project.settings.database.managed {
            let algorithm = project.settings.auth.signing.name();
            return Ok(Keep::Folder { folder: project.data.clone(), algorithm });
        }
        let store = place.open(&project.settings, Arc::new(Schema::default())).await;
        Ok(Self::of(project, &store.map_err(|error| tables::data(project, &error))?))
    }

    /// The secrets; made on first use.
    pub(crate) async fn load_or_create(&self) -> Result<Secrets, Failure> {
        let algorithm = match self {
            Keep::Folder { folder, algorithm } => {
                let mut secrets = Secrets::load_or_create(folder, now_s())?;
                if !secrets.complete(algorithm, now_s())? {
                    return Ok(secrets);
                }
                *algorithm
            }
            Keep::Database { algorithm, .. } => *algorithm,
        };
        let complete = move |secrets: &mut Secrets| secrets.complete(algorithm, now_s());
        self.update(complete).await.map(|(_, secrets)| secrets)
    }

    /// Changes the secrets durably; two changes at once lose nothing. Answers what `change` answered, and the secrets.
    pub(crate) async fn update<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Secrets) -> Result<T, AuthError> + Send + 'static,
    ) -> Result<(T, Secrets), Failure> {
        let (store, folder) = match self {
            Keep::Folder { folder, .. } => return Ok(Secrets::update(folder, now_s(), change)?),
            Keep::Database { store, folder, .. } => (store, folder),
        };
        let first = match Secrets::load(folder)? {
            Some(secrets) => secrets,
            None => Secrets::generate(now_s())?,
        };
        record::update(store, first, change).await
    }
}

/// The keys in force. `fetched` is the key set of an address; without it, that of a setting that is an address is left
/// out.
pub(crate) fn keyring(
    project: &Project,
    secrets: &Secrets,
    fetched: Option<&KeySet>,
) -> Result<Keyring, Failure> {
    let auth = &project.settings.auth;
    let jwks = match (fetched, auth.jwks.as_deref()) {
        (Some(set), _) => Some(set.keys()?),
        (None, Some(setting)) if !key_set::is_address(setting) => Some(Jwks::load(setting, &project.dir)?),
        (None, _) => None,
    };
    Ok(Keyring::new(secrets, auth.jwt_secret.as_deref(), jwks)?.signing_with(auth.signing.name()))
}

/// Who tells callers apart; `url` is where clients reach the server.
pub(crate) fn authenticator(
    project: &Project,
    url: &str,
    open: bool,
    secrets: &Secrets,
    fetched: Option<&KeySet>,
) -> Result<Authenticator, Failure> {
    let auth = &project.settings.auth;
    let own_issuer = Some(format!("{url}/auth/v1"));
    let expected = Expected { issuer: auth.issuer.clone(), audience: auth.audience.clone(), own_issuer };
    let own = bistro_accounts::redirect::origin(url).unwrap_or_else(|| url.to_owned());
    let cookies = CookieRules { own, origins: project.settings.cors.cookie_origins.clone() };
    Ok(Authenticator::new(keyring(project, secrets, fetched)?, Options { open, expected, cookies }))
}
