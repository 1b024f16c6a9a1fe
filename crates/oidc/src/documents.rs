//! A provider's discovery document and keys, kept for a while: an issuer is not asked at every sign-in, a key that it
//! rotates is found at the first token that it signs, and strangers' tokens cannot make us ask at will.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use bistro_outgoing::Client;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::error::OidcError;
use crate::id_token::Header;
use crate::keys::Keys;
use crate::metadata::Metadata;
use crate::preset::Preset;

/// How old a discovery document becomes.
const METADATA_AGE: Duration = Duration::from_secs(3600);

/// How old keys become: what an issuer withdraws is not believed for longer.
const KEYS_AGE: Duration = Duration::from_secs(3600);

/// How often keys that nobody knows may have the set fetched.
const KEYS_PAUSE: Duration = Duration::from_secs(30);

/// After a failure so long nothing is asked: those who wait for an issuer that is away are not held up one after the other.
const FAILURE_PAUSE: Duration = Duration::from_secs(5);

/// Something that was fetched, and when.
type Kept<T> = Option<(Arc<T>, Instant)>;

/// The documents of an issuer. Each is fetched by one request at a time; others wait for it.
pub(crate) struct Documents {
    issuer: String,
    preset: Preset,
    /// How new keys are that are not fetched again for a key id that nobody knows.
    pub(crate) pause: Duration,
    metadata: Mutex<Kept<Metadata>>,
    keys: Mutex<Kept<Keys>>,
    failed: std::sync::Mutex<Option<Instant>>,
}

impl Documents {
    pub(crate) fn new(issuer: String, preset: Preset) -> Self {
        Self {
            issuer,
            preset,
            pause: KEYS_PAUSE,
            metadata: Mutex::new(None),
            keys: Mutex::new(None),
            failed: std::sync::Mutex::default(),
        }
    }

    /// What the issuer says of itself.
    pub(crate) async fn metadata(&self, http: &Client) -> Result<Arc<Metadata>, OidcError> {
        let mut kept = self.metadata.lock().await;
        match &*kept {
            Some((metadata, at)) if at.elapsed() < METADATA_AGE => return Ok(Arc::clone(metadata)),
            _ => {}
        }
        let fetched = match self.preset.fixed(&self.issuer) {
            Some(fixed) => Metadata::fixed(&self.issuer, fixed),
            None => match self.discover(http).await {
                Ok(metadata) => metadata,
                // An issuer that is away for a while still means what it said.
                Err(error) => {
                    match kept.as_ref().filter(|_| matches!(error, OidcError::Unavailable { .. })) {
                        Some((old, _)) => return Ok(Arc::clone(old)),
                        None => return Err(error),
                    }
                }
            },
        };
        let fetched = Arc::new(fetched);
        *kept = Some((Arc::clone(&fetched), Instant::now()));
        Ok(fetched)
    }

    /// Keys among which that of a token is, if the issuer has it.
    pub(crate) async fn keys(&self, http: &Client, header: &Header) -> Result<Arc<Keys>, OidcError> {
        let mut kept = self.keys.lock().await;
        if let Some((keys, at)) = &*kept {
            let known = !keys.fitting(header.algorithm, header.kid.as_deref()).is_empty();
            if at.elapsed() < if known { KEYS_AGE } else { self.pause } {
                return Ok(Arc::clone(keys));
            }
        }
        let metadata = self.metadata(http).await?;
        let address = metadata.jwks_uri.as_deref().ok_or(OidcError::Untrusted("the provider has no keys"))?;
        let body = self.fetch(http, address, "the provider's keys").await?;
        let keys = Arc::new(Keys::read(&body)?);
        *kept = Some((Arc::clone(&keys), Instant::now()));
        Ok(keys)
    }

    async fn discover(&self, http: &Client) -> Result<Metadata, OidcError> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let body = self.fetch(http, &address, "the discovery document").await?;
        let metadata: Metadata = serde_json::from_slice(&body)
            .map_err(|_| OidcError::Untrusted("the discovery document cannot be read"))?;
        metadata.judged(&self.issuer, self.preset)
    }

    /// What is at an address.
    async fn fetch(&self, http: &Client, address: &str, what: &'static str) -> Result<Vec<u8>, OidcError> {
        let reason = |text: &str| OidcError::Unavailable { what, reason: text.to_owned() };
        if self.failure().is_some_and(|at| at.elapsed() < FAILURE_PAUSE) {
            return Err(reason("it has just failed"));
        }
        let answer = http.get(address, &[]).await.map_err(OidcError::asking(what));
        let body = answer.and_then(|answer| match answer.status {
            200 => Ok(answer.body),
            status => Err(reason(&format!("it answers {status}"))),
        });
        *self.failure() = body.is_err().then(Instant::now);
        body
    }

    fn failure(&self) -> MutexGuard<'_, Option<Instant>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
