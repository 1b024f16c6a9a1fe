//! What the configuration says of a provider.

use crate::preset::Preset;

/// A provider's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its name in addresses: `google`, or one of the project's own.
    pub name: String,
    /// Which provider it is.
    pub preset: Preset,
    /// The id under which the project is registered there.
    pub client_id: String,
    /// Further ids whose ID tokens are taken: of the project's apps on phones.
    pub client_ids: Vec<String>,
    /// The secret.
    pub secret: Secret,
    /// The issuer: the preset's own ([`Preset::issuer`]), or another.
    pub issuer: String,
    /// Scopes in place of the preset's.
    pub scopes: Option<Vec<String>>,
    /// How the secret is sent, where the provider does not say.
    pub token_auth: Option<TokenAuth>,
}

/// What the project proves itself with.
#[derive(Clone)]
pub enum Secret {
    /// Nothing: a public client.
    None,
    /// A secret that the provider gave.
    Text(String),
    /// A key that signs secrets.
    Apple(AppleKey),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Apple's way: secrets are tokens that the project signs.
#[derive(Clone)]
pub struct AppleKey {
    /// The team's id.
    pub team_id: String,
    /// The key's id.
    pub key_id: String,
    /// The private key: PKCS#8 in PEM, as Apple gives it.
    pub private_key: String,
}

/// How a client proves itself to the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAuth {
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
}
