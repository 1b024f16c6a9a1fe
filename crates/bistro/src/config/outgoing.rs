//! `[outgoing]`.

use bistro_outgoing::Allow;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[outgoing]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Outgoing {
    /// Hosts that the server may ask although they are private, or by plain http: names such as `idp.internal`, addresses
    /// such as `10.0.0.5`. All others are asked by https, at public addresses.
    pub(crate) allow: Vec<String>,
}

impl Outgoing {
    /// What the server may ask; a development server also its own machine.
    pub(crate) fn allowed(&self, dev: bool) -> Allow {
        let allow = Allow::new(&self.allow);
        if dev { allow.and_loopback() } else { allow }
    }

    /// The entry that is neither a name nor an address.
    pub(crate) fn unusable(&self) -> Option<&str> {
        let odd = |c: char| c.is_whitespace() || matches!(c, '/' | '*' | '@' | '?' | '#');
        self.allow.iter().map(String::as_str).find(|entry| entry.is_empty() || entry.contains(odd))
    }
}
