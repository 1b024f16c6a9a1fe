//! The project's keys as requests need them: the file of secrets, the configured secret and the key set.

use bistro_auth::claims::Expected;
use bistro_auth::{Authenticator, Jwks, Keyring, Options, Secrets};

use crate::clock::now_s;
use crate::error::Failure;
use crate::project::Project;

/// The keys in force. Makes the secrets on first use.
pub(crate) fn keyring(project: &Project) -> Result<Keyring, Failure> {
    let secrets = Secrets::load_or_create(&project.data, now_s())?;
    keyring_of(project, &secrets)
}

/// The keys in force, from secrets that were read.
pub(crate) fn keyring_of(project: &Project, secrets: &Secrets) -> Result<Keyring, Failure> {
    let auth = &project.settings.auth;
    let jwks = auth.jwks.as_deref().map(|setting| Jwks::load(setting, &project.dir)).transpose()?;
    Ok(Keyring::new(secrets, auth.jwt_secret.as_deref(), jwks)?)
}

/// Who tells callers apart.
pub(crate) fn authenticator(project: &Project, open: bool) -> Result<Authenticator, Failure> {
    let auth = &project.settings.auth;
    let expected = Expected { issuer: auth.issuer.clone(), audience: auth.audience.clone() };
    Ok(Authenticator::new(keyring(project)?, Options { open, expected }))
}
