//! Places: what stands between braces, and what it stands for.

use std::borrow::Cow;

use serde_json::Value;

use super::letter::Values;

/// The most characters of what an account says of its owner: whoever signs up with somebody's address writes them.
const DATA_MOST: usize = 200;

/// A place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    SiteUrl,
    ConfirmationUrl,
    RedirectTo,
    Email,
    NewEmail,
    Token,
    TokenHash,
    /// A member of the data, by its path.
    Data(Vec<String>),
}

/// The names, as templates write them.
const NAMED: [(&str, Place); 7] = [
    ("SiteURL", Place::SiteUrl),
    ("ConfirmationURL", Place::ConfirmationUrl),
    ("RedirectTo", Place::RedirectTo),
    ("Email", Place::Email),
    ("NewEmail", Place::NewEmail),
    ("Token", Place::Token),
    ("TokenHash", Place::TokenHash),
];

impl Place {
    /// The place of `.Token` and the like.
    ///
    /// # Errors
    /// What there is instead.
    pub(super) fn read(words: &str) -> Result<Self, String> {
        let name = words.strip_prefix('.').unwrap_or("");
        if let Some(path) = name.strip_prefix("Data.") {
            let path: Vec<String> = path.split('.').map(str::to_owned).collect();
            let plain =
                |name: &String| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
            if path.iter().all(plain) {
                return Ok(Self::Data(path));
            }
        }
        let found = NAMED.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, place)| place).ok_or_else(|| {
            let known: Vec<String> = NAMED.iter().map(|(name, _)| format!(".{name}")).collect();
            format!("{{{{ {words} }}}} stands for nothing; there are {}, .Data.name", known.join(", "))
        })
    }

    /// Whether it is an address that was judged before.
    pub(super) fn is_url(&self) -> bool {
        matches!(self, Place::SiteUrl | Place::ConfirmationUrl | Place::RedirectTo)
    }

    /// What it stands for; empty for nothing.
    pub(super) fn value<'v>(&self, values: &Values<'v>) -> Cow<'v, str> {
        Cow::Borrowed(match self {
            Place::SiteUrl => values.site_url,
            Place::ConfirmationUrl => values.confirmation_url,
            Place::RedirectTo => values.redirect_to,
            Place::Email => values.email,
            Place::NewEmail => values.new_email,
            Place::Token => values.token,
            Place::TokenHash => values.token_hash,
            Place::Data(path) => return data(path, values),
        })
    }
}

fn data<'v>(path: &[String], values: &Values<'v>) -> Cow<'v, str> {
    let mut names = path.iter();
    let first = names.next().and_then(|name| values.data.get(name));
    let text = match names.try_fold(first, |found, name| found.map(|value| value.get(name))) {
        Some(Some(Value::String(text))) => Cow::Borrowed(text.as_str()),
        Some(None | Some(Value::Null)) | None => Cow::Borrowed(""),
        Some(Some(other)) => Cow::Owned(other.to_string()),
    };
    match text.char_indices().nth(DATA_MOST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => text,
    }
}
