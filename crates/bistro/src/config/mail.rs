//! `[mail]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[mail]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Mail {
    /// The server: `smtps://USER:PASSWORD@HOST`, or `smtp://…` with STARTTLS. Better kept in `BISTRO_MAIL__URL`. Without it
    /// `dev` catches mails and shows them at `/dev/mail`, and `serve` sends none.
    pub(crate) url: Option<String>,
    /// The sender: `Blog <blog@example.org>`.
    pub(crate) from: Option<String>,
    /// A file of certificates (PEM): the authorities that the server's own must come from, instead of the public ones.
    pub(crate) ca: Option<String>,
    /// The folder of the project's own templates.
    pub(crate) templates: String,
}

impl Default for Mail {
    fn default() -> Self {
        Self { url: None, from: None, ca: None, templates: "mail".into() }
    }
}
