//! Everything that flows need, in one place.

use std::sync::Arc;

use bistro_auth::Authenticator;
use bistro_engine::Engine;
use bistro_mail::{Mailer, Templates};
use bistro_oidc::Providers;
use bistro_outgoing::Client;
use bistro_password::Hasher;

use crate::data::Data;
use crate::limits::Limits;
use crate::profile::Follower;
use crate::settings::Settings;

/// What accounts are put together from.
pub struct Parts {
    /// The tables.
    pub data: Data,
    /// The project's keys, and the seats of sessions.
    pub keys: Arc<Authenticator>,
    /// What the configuration says.
    pub settings: Settings,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// Sends mail.
    pub mailer: Arc<dyn Mailer>,
    /// The texts of mails.
    pub templates: Templates,
}

/// The accounts of a project. One for a server, used by all its surfaces.
pub struct Accounts {
    /// The tables.
    pub data: Data,
    /// The project's keys, and the seats of sessions.
    pub keys: Arc<Authenticator>,
    /// What the configuration says.
    pub settings: Settings,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// Sends mail.
    pub mailer: Arc<dyn Mailer>,
    /// The texts of mails.
    pub templates: Templates,
    /// The providers with which people may sign in.
    pub providers: Providers,
    /// How often what has happened.
    pub limits: Limits,
}

impl Accounts {
    /// Puts them together.
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { data, keys, settings, hasher, mailer, templates } = parts;
        let providers = Providers::new(&settings.providers, &Client::new(settings.outgoing.clone()));
        let limits = Limits::default();
        let accounts = Arc::new(Self { data, keys, settings, hasher, mailer, templates, providers, limits });
        accounts.data.project().attach(Arc::new(Follower::new(&accounts)));
        accounts
    }

    /// Takes another engine of the project's schema, after that was changed.
    pub fn replace_project(self: &Arc<Self>, engine: Arc<Engine>) {
        engine.attach(Arc::new(Follower::new(self)));
        self.data.replace_project(engine);
    }
}
