//! `[auth]`: keys and tokens, and how people sign in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::providers::Providers;

/// `[auth]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Auth {
    /// The secret that signs and verifies HS256 tokens, at least 32 bytes. Without it one is made in the data folder.
    pub(crate) jwt_secret: Option<String>,
    /// The public keys (JWKS) of whoever signs the users' tokens: an https address, a file relative to the project's
    /// folder, or the JSON itself.
    pub(crate) jwks: Option<String>,
    /// The issuer (`iss`) that tokens of the key set must name.
    pub(crate) issuer: Option<String>,
    /// The audience (`aud`) that tokens of the key set must name.
    pub(crate) audience: Option<String>,
    /// How the tokens of accounts are signed. Clients verify `ES256` and `RS256` by themselves, from
    /// `/auth/v1/.well-known/jwks.json`; `HS256` uses `auth.jwt_secret`.
    pub(crate) signing: Signing,
    /// Whether accounts are served at `/auth/v1`.
    pub(crate) enabled: bool,
    /// The application's address: where mails and providers lead when nothing else is asked for. Without it, the server's own
    /// page.
    pub(crate) site_url: Option<String>,
    /// Where browsers may be sent besides: addresses to the letter, or with `*`, which never crosses `.` or `/`, and `**` in
    /// the path, which stands for anything.
    pub(crate) redirect_urls: Vec<String>,
    /// Whether an address must be confirmed before anybody signs in with it. Without it: not in `dev`, but in `serve`.
    pub(crate) confirm_email: Option<bool>,
    /// Whether a button stands before the link of a mail takes effect, for programs that follow links in mails.
    pub(crate) confirm_page: bool,
    /// Whether nobody can sign up; invitations still work.
    pub(crate) disable_signup: bool,
    /// Whether anonymous accounts are made.
    pub(crate) anonymous: bool,
    /// Whether answers tell which addresses have accounts, as those of the reference do.
    pub(crate) reference_answers: bool,
    /// Whether tokens never travel in the fragment of an address: browsers exchange a code (PKCE).
    pub(crate) pkce_only: bool,
    /// Whether a change of password always needs the present one.
    pub(crate) require_current_password: bool,
    /// Whether people may link further identities to their account by hand.
    pub(crate) manual_linking: bool,
    /// The least length of a password, in characters.
    #[schemars(range(min = 8))]
    pub(crate) password_length: usize,
    /// The life of an access token; at most seven days.
    #[schemars(range(min = 60, max = 604800))]
    pub(crate) token_ttl: u32,
    /// How long a session may be unused; 0 for ever.
    pub(crate) session_idle: u32,
    /// How long a session lives at most; 0 for ever.
    pub(crate) session_ttl: u32,
    /// For how long a refresh token that was used may come once more: several tabs ask at once.
    #[schemars(range(max = 300))]
    pub(crate) reuse_interval: u32,
    /// The host for which security keys and passkeys are made, such as `example.org`; without it that of `site_url`, and in `dev`
    /// `localhost`. It must be the host of the pages that ask for them, or one above it.
    pub(crate) webauthn_id: Option<String>,
    /// The origins of pages that may ask for them besides that of `site_url`.
    pub(crate) webauthn_origins: Vec<String>,
    /// The life of mailed links. A code is typed within ten minutes of it at most.
    #[schemars(range(min = 60, max = 86400))]
    pub(crate) otp_ttl: u32,
    /// The least time between two mails of a kind to one address.
    pub(crate) mail_interval: u32,
    /// A style sheet for the pages at `/auth/v1/ui`, relative to the project's folder.
    pub(crate) theme: Option<String>,
    /// With which providers people may sign in, each a section of its own: `[auth.providers.google]`.
    pub(crate) providers: Providers,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            jwt_secret: None,
            jwks: None,
            issuer: None,
            audience: None,
            signing: Signing::default(),
            enabled: true,
            site_url: None,
            redirect_urls: Vec::new(),
            confirm_email: None,
            confirm_page: false,
            disable_signup: false,
            anonymous: false,
            reference_answers: false,
            pkce_only: false,
            require_current_password: false,
            manual_linking: false,
            password_length: 10,
            token_ttl: 3_600,
            session_idle: 0,
            session_ttl: 0,
            reuse_interval: 10,
            webauthn_id: None,
            webauthn_origins: Vec::new(),
            otp_ttl: 3_600,
            mail_interval: 60,
            theme: None,
            providers: Providers::new(),
        }
    }
}

impl Auth {
    /// The setting that is out of its bounds, and these.
    pub(super) fn out_of_bounds(&self) -> Option<(&'static str, u64, u64)> {
        let bounds: [(&'static str, u64, u64, u64); 4] = [
            ("password_length", self.password_length as u64, 8, 128),
            ("token_ttl", self.token_ttl.into(), 60, 604_800),
            ("reuse_interval", self.reuse_interval.into(), 0, 300),
            ("otp_ttl", self.otp_ttl.into(), 60, 86_400),
        ];
        let wrong = bounds.into_iter().find(|(_, value, least, most)| !(least..=most).contains(&value));
        wrong.map(|(name, _, least, most)| (name, least, most))
    }

    /// The setting that names no address to which browsers can be sent, and why.
    pub(super) fn leads_nowhere(&self) -> Option<(&'static str, String)> {
        let listed = self.redirect_urls.iter().map(|entry| ("redirect_urls", entry));
        let mut all = self.site_url.iter().map(|entry| ("site_url", entry)).chain(listed);
        all.find_map(|(name, entry)| {
            let why = bistro_accounts::redirect::unusable(entry)?;
            Some((name, format!("auth.{name}: {entry:?}: {why}")))
        })
    }
}

/// `auth.signing`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub(crate) enum Signing {
    /// ECDSA over P-256: short signatures, quick to make.
    #[default]
    ES256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSA with 2048 bits.
    RS256,
    /// The project's own secret: nobody else can verify.
    HS256,
}

impl Signing {
    /// The name in the header of tokens.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Signing::ES256 => "ES256",
            Signing::EdDsa => "EdDSA",
            Signing::RS256 => "RS256",
            Signing::HS256 => "HS256",
        }
    }
}
