//! The project's keys as requests need them: its secrets, the configured secret and the key set.
//!
//! Secrets are kept in the data folder; where several nodes share a database, they are kept there ([`Keep`]), and each
//! node follows what the others do ([`Follow`]).

mod follow;
mod record;

use std::path::PathBuf;
use std::sync::Arc;

use bistro_auth::claims::Expected;
use bistro_auth::{AuthError, Authenticator, Jwks, Keyring, Options, Secrets};
use bistro_schema::Schema;
use bistro_store::Store;

pub(crate) use follow::Follow;
pub(crate) use record::is_secrets;

use crate::clock::now_s;
use crate::database::Place;
use crate::error::Failure;
use crate::key_set::{self, KeySet};
use crate::project::Project;
use crate::tables;

/// Where a project's secrets are kept.
pub(crate) enum Keep {
    /// In the data folder.
    Folder(PathBuf),
    /// In the database, for all its nodes; the folder's secrets are the first ones, if it has some.
    Database {
        /// The database.
        store: Arc<dyn Store>,
        /// The data folder.
        folder: PathBuf,
    },
}

impl Keep {
    /// Where the secrets of a project over this store are.
    pub(crate) fn of(project: &Project, store: &Arc<dyn Store>) -> Self {
        let folder = project.data.clone();
        match store.capabilities().embedded || !project.settings.database.managed {
            true => Keep::Folder(folder),
            false => Keep::Database { store: Arc::clone(store), folder },
        }
    }

    /// As [`Keep::of`], for a command: a server's database is opened, a file's is not.
    pub(crate) async fn open(project: &Project) -> Result<Self, Failure> {
        project.make_data()?;
        let place = Place::of(project)?;
        if matches!(place, Place::File(_)) || !project.settings.database.managed {
            return Ok(Keep::Folder(project.data.clone()));
        }
        let store = place.open(&project.settings, Arc::new(Schema::default())).await;
        Ok(Self::of(project, &store.map_err(|error| tables::data(project, &error))?))
    }

    /// The secrets; made on first use.
    pub(crate) async fn load_or_create(&self) -> Result<Secrets, Failure> {
        match self {
            Keep::Folder(folder) => Ok(Secrets::load_or_create(folder, now_s())?),
            Keep::Database { .. } => self.update(|_| Ok(())).await.map(|((), secrets)| secrets),
        }
    }

    /// Changes the secrets durably; two changes at once lose nothing. Answers what `change` answered, and the secrets.
    pub(crate) async fn update<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Secrets) -> Result<T, AuthError> + Send + 'static,
    ) -> Result<(T, Secrets), Failure> {
        let (store, folder) = match self {
            Keep::Folder(folder) => return Ok(Secrets::update(folder, now_s(), change)?),
            Keep::Database { store, folder } => (store, folder),
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
    Ok(Keyring::new(secrets, auth.jwt_secret.as_deref(), jwks)?)
}

/// Who tells callers apart.
pub(crate) fn authenticator(
    project: &Project,
    open: bool,
    secrets: &Secrets,
    fetched: Option<&KeySet>,
) -> Result<Authenticator, Failure> {
    let auth = &project.settings.auth;
    let expected = Expected { issuer: auth.issuer.clone(), audience: auth.audience.clone() };
    Ok(Authenticator::new(keyring(project, secrets, fetched)?, Options { open, expected }))
}
