//! The key set of an address: `auth.jwks = "https://…"`.
//!
//! It is fetched before the server starts ([`KeySet::first`]) and again from time to time ([`Refresh`]); how, says
//! [`fetch`]. A refresh that fails changes nothing.

mod fetch;
mod refresh;

use bistro_auth::{AuthError, Jwks};
use bistro_outgoing::Allow;

pub(crate) use refresh::Refresh;

use crate::error::Failure;
use crate::project::Project;

/// Whether the setting is an address, and no file and no JSON.
pub(crate) fn is_address(setting: &str) -> bool {
    let scheme = setting.trim().split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|s| s.eq_ignore_ascii_case("http") || s.eq_ignore_ascii_case("https"))
}

/// A key set that was fetched and can be used.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct KeySet {
    address: String,
    text: String,
}

impl KeySet {
    /// The key set to start with; `None` if the settings name no address.
    pub(crate) async fn first(project: &Project) -> Result<Option<Self>, Failure> {
        match address(project) {
            Some(address) => {
                let fetched = Self::fetch(address, project.settings.outgoing.allowed(false)).await.map_err(|failure| match failure {
                    Failure::KeySet { address, reason } => {
                        let reason = format!(
                            "{reason}; see that it answers, or save the set to a file and write auth.jwks = \"jwks.json\""
                        );
                        Failure::KeySet { address, reason }
                    }
                    other => other,
                })?;
                Ok(Some(fetched))
            }
            None => Ok(None),
        }
    }

    /// Fetches it. It holds keys that can be used.
    async fn fetch(address: String, allow: Allow) -> Result<Self, Failure> {
        match fetch::text(&address, allow).await {
            Ok(text) => {
                let set = Self { address, text };
                set.keys()?;
                Ok(set)
            }
            Err(reason) => Err(Failure::KeySet { address, reason }),
        }
    }

    /// Its keys.
    pub(crate) fn keys(&self) -> Result<Jwks, Failure> {
        Jwks::parse(&self.text).map_err(|error| {
            let reason = match error {
                AuthError::Jwks(reason) => reason,
                other => other.to_string(),
            };
            Failure::KeySet { address: self.address.clone(), reason }
        })
    }
}

/// The address in the settings.
fn address(project: &Project) -> Option<String> {
    let setting = project.settings.auth.jwks.as_deref()?;
    is_address(setting).then(|| setting.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn addresses_are_told_from_files_and_json() {
        let cases = [
            ("https://id.example/jwks.json", true),
            (" HTTP://127.0.0.1:1/x", true),
            ("jwks.json", false),
            ("file:///jwks.json", false),
            ("https.json", false),
            (r#"{"keys": [], "from": "https://id.example"}"#, false),
        ];
        for (setting, expected) in cases {
            assert_eq!(is_address(setting), expected, "{setting}");
        }
    }
}
