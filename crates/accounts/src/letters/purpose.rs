//! What mails are for.

use bistro_mail::Letter;

/// What a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Confirms the address of a new account.
    Confirmation,
    /// Signs in.
    MagicLink,
    /// Signs in to choose another password.
    Recovery,
    /// Takes an account that was made for somebody.
    Invite,
    /// Confirms a change of address, at the present one.
    EmailChangeCurrent,
    /// Confirms a change of address, at the new one.
    EmailChangeNew,
    /// Proves that it is still the same person.
    Reauthentication,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Purpose; 7] = [
        Purpose::Confirmation,
        Purpose::MagicLink,
        Purpose::Recovery,
        Purpose::Invite,
        Purpose::EmailChangeCurrent,
        Purpose::EmailChangeNew,
        Purpose::Reauthentication,
    ];

    /// The word in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Purpose::Confirmation => "confirmation",
            Purpose::MagicLink => "magiclink",
            Purpose::Recovery => "recovery",
            Purpose::Invite => "invite",
            Purpose::EmailChangeCurrent => "email_change_current",
            Purpose::EmailChangeNew => "email_change_new",
            Purpose::Reauthentication => "reauthentication",
        }
    }

    /// The purpose of a word in the table.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.word() == word)
    }

    /// The `type` of the dialect.
    pub const fn kind(self) -> &'static str {
        match self {
            Purpose::Confirmation => "signup",
            Purpose::MagicLink => "magiclink",
            Purpose::Recovery => "recovery",
            Purpose::Invite => "invite",
            Purpose::EmailChangeCurrent | Purpose::EmailChangeNew => "email_change",
            Purpose::Reauthentication => "reauthentication",
        }
    }

    /// The kind of mail that brings it.
    pub(super) const fn letter(self) -> Letter {
        match self {
            Purpose::Confirmation => Letter::Confirmation,
            Purpose::MagicLink => Letter::MagicLink,
            Purpose::Recovery => Letter::Recovery,
            Purpose::Invite => Letter::Invite,
            Purpose::EmailChangeCurrent | Purpose::EmailChangeNew => Letter::EmailChange,
            Purpose::Reauthentication => Letter::Reauthentication,
        }
    }
}
