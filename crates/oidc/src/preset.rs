//! The providers that need no discovery, or whose ways are known.

/// Which provider it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Any OpenID Connect provider, by discovery.
    Oidc,
    /// Google.
    Google,
    /// GitHub, or a GitHub Enterprise Server.
    Github,
    /// GitLab, or a server of one's own.
    Gitlab,
    /// Microsoft Entra ID and personal accounts.
    Microsoft,
    /// Apple.
    Apple,
    /// Discord.
    Discord,
    /// Facebook.
    Facebook,
}

/// The addresses of a provider that has no discovery document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fixed {
    pub(crate) authorization: String,
    pub(crate) token: String,
    pub(crate) userinfo: String,
}

impl Preset {
    /// The preset of a name; other names are generic providers.
    pub fn of(name: &str) -> Self {
        match name {
            "google" => Preset::Google,
            "github" => Preset::Github,
            "gitlab" => Preset::Gitlab,
            "azure" | "microsoft" => Preset::Microsoft,
            "apple" => Preset::Apple,
            "discord" => Preset::Discord,
            "facebook" => Preset::Facebook,
            _ => Preset::Oidc,
        }
    }

    /// The issuer, unless the settings name one.
    pub fn issuer(self) -> Option<&'static str> {
        match self {
            Preset::Oidc => None,
            Preset::Google => Some("https://accounts.google.com"),
            Preset::Github => Some("https://github.com"),
            Preset::Gitlab => Some("https://gitlab.com"),
            Preset::Microsoft => Some("https://login.microsoftonline.com/common/v2.0"),
            Preset::Apple => Some("https://appleid.apple.com"),
            Preset::Discord => Some("https://discord.com"),
            Preset::Facebook => Some("https://www.facebook.com"),
        }
    }

    /// The scopes, unless the settings name others.
    pub(crate) fn scopes(self) -> &'static [&'static str] {
        match self {
            Preset::Oidc | Preset::Google | Preset::Gitlab | Preset::Microsoft => {
                &["openid", "email", "profile"]
            }
            Preset::Github => &["read:user", "user:email"],
            Preset::Apple => &["openid", "email", "name"],
            Preset::Discord => &["identify", "email"],
            Preset::Facebook => &["public_profile", "email"],
        }
    }

    /// Where to go, for those without discovery.
    pub(crate) fn fixed(self, issuer: &str) -> Option<Fixed> {
        let (authorization, token, userinfo) = match self {
            Preset::Github => {
                let api = match issuer {
                    "https://github.com" => "https://api.github.com".to_owned(),
                    server => format!("{server}/api/v3"),
                };
                let oauth = format!("{issuer}/login/oauth");
                (format!("{oauth}/authorize"), format!("{oauth}/access_token"), format!("{api}/user"))
            }
            Preset::Discord => {
                let api = format!("{issuer}/api");
                (
                    format!("{issuer}/oauth2/authorize"),
                    format!("{api}/oauth2/token"),
                    format!("{api}/users/@me"),
                )
            }
            Preset::Facebook => {
                let graph = match issuer {
                    "https://www.facebook.com" => "https://graph.facebook.com",
                    other => other,
                };
                let fields = "id,name,first_name,last_name,email,picture";
                (
                    format!("{issuer}/v23.0/dialog/oauth"),
                    format!("{graph}/v23.0/oauth/access_token"),
                    format!("{graph}/v23.0/me?fields={fields}"),
                )
            }
            _ => return None,
        };
        Some(Fixed { authorization, token, userinfo })
    }

    /// Whether the answer comes as a form from the provider's own page.
    pub(crate) fn form_post(self) -> bool {
        // Apple insists on it as soon as the name or the address is asked for.
        self == Preset::Apple
    }
}
