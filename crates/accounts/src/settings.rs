//! What the configuration says of accounts. The shell fills it; nothing here reads a file.

use crate::limits::Rates;

/// The settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server's own address, without a slash at its end: `iss` is this and `/auth/v1`.
    pub public_url: String,
    /// The application's address: where mails lead when nothing else is asked for.
    pub site_url: String,
    /// Where browsers may be sent besides: addresses to the letter, or globs whose `*` never crosses `.` or `/`.
    pub redirect_urls: Vec<String>,
    /// A style sheet of the project's own for the pages; empty for none.
    pub theme: String,
    /// Whether it is a development server: localhost may be a redirect.
    pub dev: bool,
    /// The project's name, for mails and authenticators.
    pub project: String,
    /// Whether an address must be confirmed before anybody signs in with it.
    pub confirm_email: bool,
    /// Whether a button stands before the link of a mail takes effect.
    pub confirm_page: bool,
    /// Whether nobody can sign up.
    pub disable_signup: bool,
    /// Whether anonymous accounts are made.
    pub anonymous: bool,
    /// Whether sign-up tells that an account exists, as the reference does.
    pub reference_answers: bool,
    /// Whether tokens never travel in the fragment of an address.
    pub pkce_only: bool,
    /// Whether a change of password always needs the present one.
    pub require_current_password: bool,
    /// Whether signed-in people may link further identities by hand.
    pub manual_linking: bool,
    /// Whether mail can be sent.
    pub mail: bool,
    /// The providers with which people may sign in.
    pub providers: Vec<bistro_oidc::Settings>,
    /// What the server may ask beside public addresses by https.
    pub outgoing: bistro_outgoing::Allow,
    /// The name of a host for which security keys and passkeys are made: that of the application's pages, or one above it.
    /// `None` where there is none, as for an address of numbers.
    pub webauthn_id: Option<String>,
    /// The pages that may ask for them, such as `https://app.example.org`.
    pub webauthn_origins: Vec<String>,
    /// The least length of a password, in characters.
    pub password_min: usize,
    /// The life of an access token, in seconds.
    pub token_ttl_s: i64,
    /// How long a session may be unused, in seconds; 0 for ever.
    pub session_idle_s: i64,
    /// How long a session lives at most, in seconds; 0 for ever.
    pub session_ttl_s: i64,
    /// For so many seconds a refresh token that was used may come once more.
    pub reuse_interval_s: i64,
    /// The life of mailed codes and links, in seconds.
    pub otp_ttl_s: i64,
    /// The least time between two mails of a kind to one address, in seconds.
    pub mail_interval_s: i64,
    /// How often what may happen.
    pub rates: Rates,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:4000".to_owned(),
            site_url: "http://127.0.0.1:3000".to_owned(),
            redirect_urls: Vec::new(),
            theme: String::new(),
            dev: false,
            project: "Bistro".to_owned(),
            confirm_email: true,
            confirm_page: false,
            disable_signup: false,
            anonymous: false,
            reference_answers: false,
            pkce_only: false,
            require_current_password: false,
            manual_linking: false,
            mail: false,
            providers: Vec::new(),
            outgoing: bistro_outgoing::Allow::default(),
            webauthn_id: None,
            webauthn_origins: Vec::new(),
            password_min: 10,
            token_ttl_s: 3_600,
            session_idle_s: 0,
            session_ttl_s: 0,
            reuse_interval_s: 10,
            otp_ttl_s: 3_600,
            mail_interval_s: 60,
            rates: Rates::default(),
        }
    }
}

impl Settings {
    /// The issuer of our tokens.
    pub fn issuer(&self) -> String {
        format!("{}/auth/v1", self.public_url)
    }
}
