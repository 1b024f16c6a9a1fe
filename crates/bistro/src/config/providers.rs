//! `[auth.providers.NAME]`: with which providers people may sign in.

use std::collections::BTreeMap;
use std::path::Path;

use bistro_oidc::{AppleKey, Preset, Secret, TokenAuth};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Failure;

/// The providers by name. `google`, `github`, `gitlab`, `azure` (Microsoft), `apple`, `discord` and `facebook` are known; any
/// other name is an OpenID Connect provider of its own, and needs an issuer.
pub(crate) type Providers = BTreeMap<String, Provider>;

/// `[auth.providers.NAME]`. Register `<public URL>/auth/v1/callback` as redirect address there.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Provider {
    /// The id under which the project is registered there.
    pub(crate) client_id: String,
    /// The secret that the provider gave; better kept in `BISTRO_AUTH__PROVIDERS__NAME__CLIENT_SECRET`.
    pub(crate) client_secret: Option<String>,
    /// Further ids whose ID tokens are taken: those of apps on phones.
    pub(crate) client_ids: Vec<String>,
    /// The issuer, as its discovery document names it; of GitHub and GitLab, the address of a server of one's own.
    pub(crate) issuer: Option<String>,
    /// The scopes that are asked for, in place of the usual ones.
    pub(crate) scopes: Option<Vec<String>>,
    /// How the secret is sent, `basic` or `post`, where the provider's document is wrong about it.
    pub(crate) token_auth: Option<Sending>,
    /// Apple: the team's id, in place of a secret.
    pub(crate) team_id: Option<String>,
    /// Apple: the key's id.
    pub(crate) key_id: Option<String>,
    /// Apple: the private key, as PEM or as a file relative to the project's folder.
    pub(crate) private_key: Option<String>,
}

/// How a secret is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sending {
    /// In the header of basic authentication.
    Basic,
    /// In the form.
    Post,
}

impl Provider {
    /// What is wrong with the settings of a name.
    pub(crate) fn fault(&self, name: &str) -> Option<String> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        let named = (1..=64).contains(&name.len()) && name.bytes().all(plain);
        if !named || matches!(name, "email" | "phone" | "web3" | "anonymous_users") {
            return Some(
                "a provider's name has lower-case letters, digits, - and _, and is no word of ours".into(),
            );
        }
        if self.client_id.is_empty() {
            return Some(
                "client_id is missing: the provider gives it when the project is registered there".into(),
            );
        }
        let issuer = self.issuer.as_deref().or(Preset::of(name).issuer());
        match issuer {
            None => Some("issuer is missing: no provider of this name is known".into()),
            Some(issuer) if !(issuer.starts_with("https://") || issuer.starts_with("http://")) => {
                Some("issuer must start with https://".into())
            }
            Some(_) => self.apple_fault(),
        }
    }

    fn apple_fault(&self) -> Option<String> {
        let parts =
            [&self.team_id, &self.key_id, &self.private_key].iter().filter(|part| part.is_some()).count();
        match (parts, &self.client_secret) {
            (0, _) | (3, None) => None,
            (3, Some(_)) => Some("client_secret and private_key are two ways: keep one".into()),
            _ => Some("team_id, key_id and private_key go together".into()),
        }
    }

    /// The settings as the client of providers reads them; `dir` is the project's folder.
    pub(crate) fn settings(&self, name: &str, dir: &Path) -> Result<bistro_oidc::Settings, Failure> {
        let preset = Preset::of(name);
        let issuer = self.issuer.clone().or_else(|| preset.issuer().map(str::to_owned)).unwrap_or_default();
        let secret = match (&self.client_secret, &self.team_id, &self.key_id, &self.private_key) {
            (_, Some(team_id), Some(key_id), Some(key)) => Secret::Apple(AppleKey {
                team_id: team_id.clone(),
                key_id: key_id.clone(),
                private_key: pem(key, dir)?,
            }),
            (Some(text), ..) => Secret::Text(text.clone()),
            _ => Secret::None,
        };
        Ok(bistro_oidc::Settings {
            name: name.to_owned(),
            preset,
            client_id: self.client_id.clone(),
            client_ids: self.client_ids.clone(),
            secret,
            issuer,
            scopes: self.scopes.clone(),
            token_auth: self.token_auth.map(|sending| match sending {
                Sending::Basic => TokenAuth::Basic,
                Sending::Post => TokenAuth::Post,
            }),
        })
    }
}

/// A private key: the text itself, or what is in the file.
fn pem(key: &str, dir: &Path) -> Result<String, Failure> {
    if key.trim_start().starts_with("-----BEGIN") {
        return Ok(key.to_owned());
    }
    let path = dir.join(key);
    std::fs::read_to_string(&path).map_err(Failure::file("read", &path))
}
