//! The project's keys as requests need them: the file of secrets, the configured secret and the key set.

use bistro_auth::claims::Expected;
use bistro_auth::{Authenticator, Jwks, Keyring, Options, Secrets};

use crate::clock::now_s;
use crate::error::Failure;
use crate::key_set::{self, KeySet};
use crate::project::Project;

/// The keys in force. Makes the secrets on first use. `fetched` is the key set of an address; without it, that of a
/// setting that is an address is left out.
pub(crate) fn keyring(project: &Project, fetched: Option<&KeySet>) -> Result<Keyring, Failure> {
    let secrets = Secrets::load_or_create(&project.data, now_s())?;
    keyring_of(project, &secrets, fetched)
}

/// The keys in force, from secrets that were read.
pub(crate) fn keyring_of(
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
    fetched: Option<&KeySet>,
) -> Result<Authenticator, Failure> {
    let auth = &project.settings.auth;
    let expected = Expected { issuer: auth.issuer.clone(), audience: auth.audience.clone() };
    Ok(Authenticator::new(keyring(project, fetched)?, Options { open, expected }))
}
