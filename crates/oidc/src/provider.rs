//! A provider: the two halves of a trip, and ID tokens that apps bring themselves.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use bistro_outgoing::Client;
use serde_json::{Map, Value};

use crate::authorization;
use crate::documents::Documents;
use crate::error::OidcError;
use crate::id_token::{self, Expected};
use crate::metadata::Metadata;
use crate::person::{Person, github_email, person};
use crate::preset::Preset;
use crate::settings::Settings;
use crate::token_request;
use crate::trip::Trip;

/// What came back with the browser.
#[derive(Clone, Copy, Debug)]
pub struct Callback<'c> {
    /// The code.
    pub code: &'c str,
    /// The `iss` of RFC 9207, if the provider sent one.
    pub issuer: Option<&'c str>,
    /// Apple's `user`: the name, which it tells once.
    pub user: Option<&'c str>,
    /// The address of our own that the code came to.
    pub redirect_uri: &'c str,
}

/// An ID token that an app got by itself.
#[derive(Clone, Copy, Debug)]
pub struct IdToken<'t> {
    /// The token.
    pub token: &'t str,
    /// The access token that came with it.
    pub access_token: Option<&'t str>,
    /// The nonce whose SHA-256 in hexadecimal the token holds.
    pub nonce: Option<&'t str>,
}

/// Somebody who came back, and the provider's tokens for whoever signed them in.
#[derive(Clone)]
pub struct SignedIn {
    /// Who it is.
    pub person: Person,
    /// The provider's access token.
    pub access_token: String,
    /// The provider's refresh token.
    pub refresh_token: Option<String>,
}

/// One provider.
pub struct Provider {
    settings: Settings,
    http: Client,
    documents: Documents,
}

impl Provider {
    /// A provider; nothing is asked yet.
    pub fn new(settings: Settings, http: Client) -> Self {
        let documents = Documents::new(settings.issuer.clone(), settings.preset);
        Self { settings, http, documents }
    }

    /// Its name in addresses.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// The address at the provider for a browser that sets out on a trip.
    pub async fn authorization(
        &self,
        trip: &Trip,
        redirect_uri: &str,
        scopes: &str,
        extra: &[(String, String)],
    ) -> Result<String, OidcError> {
        let metadata = self.documents.metadata(&self.http).await?;
        Ok(authorization::address(&metadata, &self.settings, trip, redirect_uri, scopes, extra))
    }

    /// Exchanges the code that a browser brought back, and learns who it is.
    pub async fn redeem(
        &self,
        trip: &Trip,
        callback: &Callback<'_>,
        now_s: i64,
    ) -> Result<SignedIn, OidcError> {
        let metadata = self.documents.metadata(&self.http).await?;
        judge_issuer(&metadata, callback.issuer)?;
        let asked = (callback.code, trip.verifier.as_str(), callback.redirect_uri);
        let tokens = token_request::exchange(&self.http, &metadata, &self.settings, asked, now_s).await?;
        let claims = match (&tokens.id_token, &metadata.jwks_uri) {
            (Some(token), Some(_)) => {
                let expected = Expected {
                    issuer: &metadata.issuer,
                    audiences: &[&self.settings.client_id],
                    nonce: Some(&trip.nonce),
                    access_token: Some(&tokens.access_token),
                    now_s,
                };
                let claims = self.claims(token, &expected).await?;
                self.completed(claims, &metadata, &tokens.access_token).await?
            }
            (None, Some(_)) => return Err(OidcError::Untrusted("the provider sent no ID token")),
            (_, None) => self.userinfo(&metadata, &tokens.access_token).await?,
        };
        let person = self.person(&metadata, claims, callback.user)?;
        Ok(SignedIn { person, access_token: tokens.access_token, refresh_token: tokens.refresh_token })
    }

    /// Judges an ID token that an app brings. A nonce is in both or in neither.
    pub async fn believe(&self, shown: &IdToken<'_>, now_s: i64) -> Result<Person, OidcError> {
        let metadata = self.documents.metadata(&self.http).await?;
        if metadata.jwks_uri.is_none() {
            return Err(OidcError::Untrusted("the provider signs no ID tokens"));
        }
        let more = self.settings.client_ids.iter().map(String::as_str);
        let audiences: Vec<&str> = std::iter::once(self.settings.client_id.as_str()).chain(more).collect();
        // The app gave the provider the hash, so that who sees the token alone cannot use it.
        let nonce = shown.nonce.map(|nonce| hexadecimal(digest(&SHA256, nonce.as_bytes()).as_ref()));
        let expected = Expected {
            issuer: &metadata.issuer,
            audiences: &audiences,
            nonce: nonce.as_deref(),
            access_token: shown.access_token,
            now_s,
        };
        let claims = self.claims(shown.token, &expected).await?;
        self.person(&metadata, claims, None)
    }

    async fn claims(&self, token: &str, expected: &Expected<'_>) -> Result<Map<String, Value>, OidcError> {
        let header = id_token::header(token)?;
        let keys = self.documents.keys(&self.http, &header).await?;
        id_token::verify(token, &header, &keys, expected)
    }

    /// The claims of an ID token, with those that the provider only tells at its userinfo endpoint.
    async fn completed(
        &self,
        mut claims: Map<String, Value>,
        metadata: &Metadata,
        access_token: &str,
    ) -> Result<Map<String, Value>, OidcError> {
        if claims.contains_key("email")
            || metadata.userinfo_endpoint.is_none()
            || self.settings.preset == Preset::Apple
        {
            return Ok(claims);
        }
        let more = self.userinfo(metadata, access_token).await?;
        if more.get("sub") != claims.get("sub") {
            return Err(OidcError::Untrusted("the userinfo endpoint tells of somebody else"));
        }
        // Whether an address is verified is said where the address is.
        claims.remove("email_verified");
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
        Ok(claims)
    }

    /// What the provider tells the holder of an access token.
    async fn userinfo(
        &self,
        metadata: &Metadata,
        access_token: &str,
    ) -> Result<Map<String, Value>, OidcError> {
        let endpoint = metadata.userinfo_endpoint.as_deref();
        let endpoint = endpoint.ok_or(OidcError::Untrusted("the provider has no userinfo endpoint"))?;
        let mut said: Map<String, Value> = self.tell(endpoint, access_token).await?;
        if self.settings.preset == Preset::Github {
            let emails: Value = self.tell(&format!("{endpoint}/emails"), access_token).await?;
            github_email(&mut said, &emails);
        }
        Ok(said)
    }

    async fn tell<T: serde::de::DeserializeOwned>(
        &self,
        address: &str,
        access_token: &str,
    ) -> Result<T, OidcError> {
        let bearer = format!("Bearer {access_token}");
        let headers = [("authorization", bearer.as_str()), ("accept", "application/json")];
        let what = "the userinfo endpoint";
        let answer = self.http.get(address, &headers).await.map_err(OidcError::asking(what))?;
        match answer.status {
            200 => answer.json().map_err(OidcError::asking(what)),
            status => Err(OidcError::Unavailable { what, reason: format!("it answers {status}") }),
        }
    }

    fn person(
        &self,
        metadata: &Metadata,
        mut claims: Map<String, Value>,
        user: Option<&str>,
    ) -> Result<Person, OidcError> {
        if self.settings.preset == Preset::Apple
            && let Some(name) = user.and_then(apple_name)
        {
            claims.entry("name").or_insert(Value::String(name));
        }
        // The token's issuer was judged; Microsoft's holds the tenant.
        let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or(&metadata.issuer).to_owned();
        person(self.settings.preset, &issuer, &claims)
            .ok_or(OidcError::Untrusted("the provider names nobody"))
    }
}

/// Refuses an answer that another issuer has sent (RFC 9207): the mix-up attack.
fn judge_issuer(metadata: &Metadata, sent: Option<&str>) -> Result<(), OidcError> {
    match sent {
        Some(sent) if sent == metadata.issuer => Ok(()),
        None if !metadata.authorization_response_iss_parameter_supported => Ok(()),
        // A provider without the parameter in its document may send it for its tenants.
        Some(_) if metadata.issuer.contains(crate::metadata::TENANT) => Ok(()),
        Some(_) => Err(OidcError::Untrusted("the answer is of another issuer (iss)")),
        None => Err(OidcError::Untrusted("the answer names no issuer (iss)")),
    }
}

/// The name in Apple's `user`.
fn apple_name(user: &str) -> Option<String> {
    let user: Value = serde_json::from_str(user).ok()?;
    let part = |name: &str| user.pointer(name).and_then(Value::as_str).unwrap_or("").trim().to_owned();
    let name = format!("{} {}", part("/name/firstName"), part("/name/lastName")).trim().to_owned();
    (!name.is_empty() && name.len() <= 256).then_some(name)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The providers of a project, by name.
#[derive(Default)]
pub struct Providers(BTreeMap<String, Provider>);

impl Providers {
    /// Those of the settings, all asked through one client.
    pub fn new(settings: &[Settings], http: &Client) -> Self {
        let provider = |settings: &Settings| Provider::new(settings.clone(), http.clone());
        Self(settings.iter().map(|settings| (settings.name.clone(), provider(settings))).collect())
    }

    /// One by its name.
    pub fn get(&self, name: &str) -> Option<&Provider> {
        self.0.get(name)
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests;
