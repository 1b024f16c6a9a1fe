//! The kinds of mail, and what their templates are given.

use serde_json::{Map, Value};

/// The kinds of mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter {
    /// The link that confirms an address after signing up.
    Confirmation,
    /// The link or code that signs in.
    MagicLink,
    /// The link or code that recovers an account.
    Recovery,
    /// An invitation.
    Invite,
    /// The link that confirms a change of address.
    EmailChange,
    /// The code that proves who asks.
    Reauthentication,
    /// The password was changed.
    PasswordChanged,
    /// Somebody wanted to sign up with the address of an account.
    AlreadyRegistered,
}

impl Letter {
    /// All of them, in the order of their numbers.
    pub const ALL: [Letter; 8] = [
        Letter::Confirmation,
        Letter::MagicLink,
        Letter::Recovery,
        Letter::Invite,
        Letter::EmailChange,
        Letter::Reauthentication,
        Letter::PasswordChanged,
        Letter::AlreadyRegistered,
    ];

    /// The file's name without its end.
    pub const fn name(self) -> &'static str {
        match self {
            Letter::Confirmation => "confirmation",
            Letter::MagicLink => "magic_link",
            Letter::Recovery => "recovery",
            Letter::Invite => "invite",
            Letter::EmailChange => "email_change",
            Letter::Reauthentication => "reauthentication",
            Letter::PasswordChanged => "password_changed",
            Letter::AlreadyRegistered => "already_registered",
        }
    }

    /// The template that comes with the program.
    pub(super) const fn usual(self) -> &'static str {
        match self {
            Letter::Confirmation => include_str!("../../templates/confirmation.html"),
            Letter::MagicLink => include_str!("../../templates/magic_link.html"),
            Letter::Recovery => include_str!("../../templates/recovery.html"),
            Letter::Invite => include_str!("../../templates/invite.html"),
            Letter::EmailChange => include_str!("../../templates/email_change.html"),
            Letter::Reauthentication => include_str!("../../templates/reauthentication.html"),
            Letter::PasswordChanged => include_str!("../../templates/password_changed.html"),
            Letter::AlreadyRegistered => include_str!("../../templates/already_registered.html"),
        }
    }
}

/// What the places of a template stand for.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// `.SiteURL`.
    pub site_url: &'a str,
    /// `.ConfirmationURL`.
    pub confirmation_url: &'a str,
    /// `.Email`.
    pub email: &'a str,
    /// `.NewEmail`.
    pub new_email: &'a str,
    /// `.Token`.
    pub token: &'a str,
    /// `.TokenHash`.
    pub token_hash: &'a str,
    /// `.RedirectTo`.
    pub redirect_to: &'a str,
    /// `.Data.name`: what the account's owner says of it.
    pub data: &'a Map<String, Value>,
}
