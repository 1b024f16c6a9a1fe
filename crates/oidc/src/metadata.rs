//! A provider's discovery document (OpenID Connect Discovery 1.0, RFC 8414), and what is needed of it.

use serde::Deserialize;

use crate::error::OidcError;
use crate::preset::{Fixed, Preset};
use crate::settings::TokenAuth;

/// Where a provider's endpoints are, and what it says of itself.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    pub(crate) userinfo_endpoint: Option<String>,
    pub(crate) jwks_uri: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// What Microsoft writes in place of the tenant.
pub(crate) const TENANT: &str = "{tenantid}";

impl Metadata {
    /// The metadata of a provider without a document.
    pub(crate) fn fixed(issuer: &str, fixed: Fixed) -> Self {
        Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: fixed.authorization,
            token_endpoint: fixed.token,
            userinfo_endpoint: Some(fixed.userinfo),
            jwks_uri: None,
            token_endpoint_auth_methods_supported: Some(vec!["client_secret_post".to_owned()]),
            authorization_response_iss_parameter_supported: false,
        }
    }

    /// Refuses a document of another issuer than the one that was asked.
    pub(crate) fn judged(self, issuer: &str, preset: Preset) -> Result<Self, OidcError> {
        // Microsoft's common document stands for all tenants.
        let tenants = || {
            preset == Preset::Microsoft
                && self.issuer.starts_with("https://login.microsoftonline.com/")
                && self.issuer.ends_with("/v2.0")
        };
        if self.issuer != issuer && !tenants() {
            return Err(OidcError::Untrusted("the discovery document is of another issuer"));
        }
        if self.jwks_uri.is_none() {
            return Err(OidcError::Untrusted("the discovery document names no keys"));
        }
        Ok(self)
    }

    /// How the client's secret is sent.
    pub(crate) fn token_auth(&self) -> TokenAuth {
        let listed = self.token_endpoint_auth_methods_supported.as_ref();
        // A provider that lists none means basic.
        match listed.is_none_or(|methods| methods.iter().any(|m| m == "client_secret_basic")) {
            true => TokenAuth::Basic,
            false => TokenAuth::Post,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Metadata;
    use crate::preset::Preset;
    use crate::settings::TokenAuth;

    fn document(issuer: &str) -> serde_json::Value {
        json!({
            "issuer": issuer,
            "authorization_endpoint": "https://id.example/a",
            "token_endpoint": "https://id.example/t",
            "jwks_uri": "https://id.example/k",
        })
    }

    #[test]
    fn a_document_of_another_issuer_is_refused() {
        let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
        let common = "https://login.microsoftonline.com/common/v2.0";
        for (asked, said, preset, expected) in [
            ("https://id.example", "https://id.example", Preset::Oidc, true),
            ("https://id.example", "https://id.example/", Preset::Oidc, false),
            ("https://id.example", "https://evil.example", Preset::Oidc, false),
            (common, template, Preset::Microsoft, true),
            (common, template, Preset::Oidc, false),
            (common, "https://evil.example/{tenantid}/v2.0", Preset::Microsoft, false),
        ] {
            let metadata: Metadata = serde_json::from_value(document(said)).expect("it is whole");
            assert_eq!(metadata.judged(asked, preset).is_ok(), expected, "{asked} {said}");
        }
    }

    #[test]
    fn the_secret_is_sent_as_the_provider_wants_it() {
        for (methods, expected) in [
            (None, TokenAuth::Basic),
            (Some(json!(["client_secret_post", "client_secret_basic"])), TokenAuth::Basic),
            (Some(json!(["client_secret_post"])), TokenAuth::Post),
        ] {
            let mut document = document("https://id.example");
            if let Some(methods) = methods {
                document["token_endpoint_auth_methods_supported"] = methods;
            }
            let metadata: Metadata = serde_json::from_value(document).expect("it is whole");
            assert_eq!(metadata.token_auth(), expected);
        }
    }
}
