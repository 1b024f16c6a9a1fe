//! What is limited, and how often it may happen.

use super::rate::Rate;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A failed sign-in to an account from an address.
    FailedFrom,
    /// A failed sign-in from an address.
    FailedAddress,
    /// A failed sign-in to an account from addresses and devices that never signed in to it.
    FailedAccount,
    /// A sign-up from an address.
    SignUp,
    /// An anonymous sign-in from an address.
    Anonymous,
    /// A mail to a recipient: how soon one follows another.
    MailPause,
    /// A mail to a recipient.
    Mail,
    /// A code of a mail that is tried from an address.
    Code,
    /// A refresh of a session.
    Refresh,
    /// A code or key of a second factor that is tried for an account.
    Factor,
    /// A request of an application for a token from an address.
    Application,
    /// A trip to a provider that begins from an address.
    Trip,
}

impl Kind {
    /// The word in keys; it never changes.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Kind::FailedFrom => "failed_from",
            Kind::FailedAddress => "failed_address",
            Kind::FailedAccount => "failed_account",
            Kind::SignUp => "sign_up",
            Kind::Anonymous => "anonymous",
            Kind::MailPause => "mail_pause",
            Kind::Mail => "mail",
            Kind::Code => "code",
            Kind::Refresh => "refresh",
            Kind::Factor => "factor",
            Kind::Application => "application",
            Kind::Trip => "trip",
        }
    }
}

/// The rates that hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Failed sign-ins to one account from one address.
    pub failed_sign_ins: Rate,
    /// Failed sign-ins from one address.
    pub failed_sign_ins_address: Rate,
    /// Failed sign-ins to one account from addresses and devices that never signed in to it.
    pub failed_sign_ins_account: Rate,
    /// Sign-ups from one address.
    pub sign_ups: Rate,
    /// Anonymous sign-ins from one address.
    pub anonymous_sign_ins: Rate,
    /// Mails to one recipient.
    pub mails: Rate,
    /// Mailed codes that are tried from one address.
    pub codes: Rate,
    /// Refreshes of one session.
    pub refreshes: Rate,
    /// Second factors that are tried for one account.
    pub factors: Rate,
    /// Requests of applications for tokens, and trips to providers, from one address.
    pub applications: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            failed_sign_ins: Rate::a_minute(10),
            failed_sign_ins_address: Rate::a_minute(30),
            failed_sign_ins_account: Rate::an_hour(100),
            sign_ups: Rate::an_hour(30),
            anonymous_sign_ins: Rate::an_hour(30),
            mails: Rate::an_hour(5),
            codes: Rate::a_minute(30),
            refreshes: Rate::a_minute(60),
            factors: Rate::a_minute(10),
            applications: Rate::a_minute(300),
        }
    }
}

impl Rates {
    /// The rate of a kind. How soon a mail follows another is a setting of its own.
    pub(super) const fn of(&self, kind: Kind) -> Rate {
        match kind {
            Kind::FailedFrom => self.failed_sign_ins,
            Kind::FailedAddress => self.failed_sign_ins_address,
            Kind::FailedAccount => self.failed_sign_ins_account,
            Kind::SignUp => self.sign_ups,
            Kind::Anonymous => self.anonymous_sign_ins,
            Kind::MailPause | Kind::Mail => self.mails,
            Kind::Code => self.codes,
            Kind::Refresh => self.refreshes,
            Kind::Factor => self.factors,
            Kind::Application | Kind::Trip => self.applications,
        }
    }

    /// All of them so many times as high, as development servers have them.
    #[must_use]
    pub const fn times(self, factor: u32) -> Self {
        Self {
            failed_sign_ins: self.failed_sign_ins.times(factor),
            failed_sign_ins_address: self.failed_sign_ins_address.times(factor),
            failed_sign_ins_account: self.failed_sign_ins_account.times(factor),
            sign_ups: self.sign_ups.times(factor),
            anonymous_sign_ins: self.anonymous_sign_ins.times(factor),
            mails: self.mails.times(factor),
            codes: self.codes.times(factor),
            refreshes: self.refreshes.times(factor),
            factors: self.factors.times(factor),
            applications: self.applications.times(factor),
        }
    }
}
