//! `[soap]`, with its defaults and bounds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[soap]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Soap {
    /// Whether `/soap/v1` is served.
    pub(crate) enabled: bool,
    /// The targetNamespace of the WSDL, and the beginning of every action.
    pub(crate) namespace: String,
    /// What becomes of characters that XML cannot carry, such as U+0001: `replace` sends U+FFFD and marks the row `lossy`,
    /// `fault` refuses.
    pub(crate) invalid_characters: InvalidCharacters,
    /// An envelope.
    #[schemars(range(min = 1024))]
    pub(crate) body: usize,
}

/// What becomes of characters that XML cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum InvalidCharacters {
    /// U+FFFD stands for them.
    Replace,
    /// The reply is a fault.
    Fault,
}

impl Default for Soap {
    fn default() -> Self {
        Self {
            enabled: true,
            namespace: bistro_soap::names::NAMESPACE.into(),
            invalid_characters: InvalidCharacters::Replace,
            body: 1 << 20,
        }
    }
}

impl Soap {
    /// What cannot be used as a setting, and why.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        if self.body < 1_024 {
            return Some(("body", "soap.body must be at least 1024".into()));
        }
        let name = &self.namespace;
        let is_uri =
            name.contains(':') && name.chars().all(|c| c.is_ascii_graphic() && !"<>\"\\^`{|}".contains(c));
        (!is_uri).then(|| {
            ("namespace", format!("soap.namespace is an absolute URI such as urn:example:v1, not {name:?}"))
        })
    }
}
