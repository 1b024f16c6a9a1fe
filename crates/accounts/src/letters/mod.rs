//! Mails that prove something: codes and links that are used once.
//!
//! A token is a six-digit code, and a link that carries a keyed hash of the code and the address. What is stored is a keyed
//! hash of that: who reads the table has neither. Either of the two uses the token up, in one conditional write.

mod act;
mod consume;
mod gathered;
pub mod otp;
mod purpose;
pub mod reauthenticate;
pub mod recover;
pub mod resend;
pub mod verify;
mod way_back;

use aws_lc_rs::rand;
use bistro_mail::{Letter, Mail, Values};
use bistro_problem::{Code, Problem};
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::data::records::{Account, OneTimeToken};
use crate::data::{Rows as _, Time, Tx, is, set};
use crate::flows::Challenge;
use crate::redirect;
use crate::visit::Visit;

pub use consume::{Proof, Shown};
pub use gathered::{drop_gathered, drop_identities};
pub use purpose::Purpose;

/// A token that was made, and the mail that brings it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The code.
    pub otp: String,
    /// What the link carries.
    pub token_hash: String,
    /// The link.
    pub link: String,
    /// The mail, to be posted after the commit.
    pub mail: Mail,
}

/// A keyed hash in hexadecimal, as tables keep what is only compared.
pub fn tag(accounts: &Accounts, space: &str, parts: &[&str]) -> String {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    let tag = accounts.keys.pepper().tag(space, &parts);
    tag.iter().take(28).map(|byte| format!("{byte:02x}")).collect()
}

/// What the link carries that brings a code to an address.
fn link_hash(accounts: &Accounts, purpose: Purpose, address: &str, code: &str) -> String {
    tag(accounts, "one_time_link", &[purpose.word(), address, code])
}

/// What is stored of a link.
fn stored(accounts: &Accounts, link_hash: &str) -> String {
    tag(accounts, "one_time_token", &[link_hash])
}

/// Makes a token for an account, in place of those of its kind, and writes the mail. Notes on the account when it was sent.
#[allow(clippy::too_many_arguments, reason = "each is a part of what a mail says")]
pub async fn prepare(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &mut Account,
    purpose: Purpose,
    to: &str,
    redirect_to: &str,
    challenge: Option<&Challenge>,
) -> Result<Sent, Problem> {
    let now = visit.now;
    let otp = code()?;
    let hash = link_hash(accounts, purpose, to, &otp);
    let before = is("account_id", account.id).and(is("kind", purpose.word()));
    tx.delete::<OneTimeToken>(before).await?;
    tx.insert(OneTimeToken {
        id: Uuid::now_v7(),
        account_id: account.id,
        kind: purpose.word().to_owned(),
        tag: stored(accounts, &hash),
        email: to.to_owned(),
        code_challenge: challenge.map(|c| c.text.clone()),
        code_challenge_method: challenge.map(|c| c.method.to_owned()),
        attempts: 0,
        created_at: now,
        expires_at: now.plus_s(accounts.settings.otp_ttl_s),
    })
    .await?;
    note(tx, account, purpose, now).await?;
    let token_hash = if challenge.is_some() { format!("pkce_{hash}") } else { hash };
    let members = [("token", token_hash.as_str()), ("type", purpose.kind()), ("redirect_to", redirect_to)];
    let link = redirect::with_query(&format!("{}/verify", accounts.settings.issuer()), &members);
    let values = Values {
        site_url: &accounts.settings.site_url,
        confirmation_url: &link,
        email: account.email.as_deref().unwrap_or(to),
        new_email: account.new_email.as_deref().unwrap_or(""),
        token: &otp,
        token_hash: &token_hash,
        redirect_to,
        data: &account.user_metadata,
    };
    let letter = match purpose {
        // Whoever reads it has no account yet: somebody may want to sign up with their address.
        Purpose::EmailChangeNew if account.email.is_none() => Letter::Confirmation,
        purpose => purpose.letter(),
    };
    let mail = accounts.templates.write(letter, to, &values);
    Ok(Sent { otp, token_hash, link, mail })
}

/// Notes when a mail was sent.
async fn note(tx: &mut Tx<'_>, account: &mut Account, purpose: Purpose, now: Time) -> Result<(), Problem> {
    let sent = Some(now);
    let set = match purpose {
        Purpose::Confirmation => {
            account.confirmation_sent_at = sent;
            set! { confirmation_sent_at: sent }
        }
        Purpose::MagicLink | Purpose::Recovery => {
            account.recovery_sent_at = sent;
            set! { recovery_sent_at: sent }
        }
        Purpose::Invite => {
            account.invited_at = sent;
            account.confirmation_sent_at = sent;
            set! { invited_at: sent, confirmation_sent_at: sent }
        }
        Purpose::EmailChangeCurrent | Purpose::EmailChangeNew => {
            account.email_change_sent_at = sent;
            set! { email_change_sent_at: sent }
        }
        Purpose::Reauthentication => {
            account.reauthentication_sent_at = sent;
            set! { reauthentication_sent_at: sent }
        }
    };
    tx.update::<Account>(is("id", account.id), set).await.map(drop)
}

/// Six digits, all equally likely.
fn code() -> Result<String, Problem> {
    loop {
        let mut bytes = [0; 4];
        rand::fill(&mut bytes).map_err(|_| Problem::bug("the system has no random bytes"))?;
        let number = u32::from_be_bytes(bytes);
        // The numbers above the last whole million would make some codes likelier than others.
        if number < 4_294_000_000 {
            return Ok(format!("{:06}", number % 1_000_000));
        }
    }
}

/// Refuses a mail that follows another of its kind too soon, for flows that learn the recipient inside a transaction; others
/// ask [`limits::mail`](crate::limits::mail) before it.
///
/// # Errors
/// `over_email_send_rate_limit` with the seconds to wait.
pub fn not_too_soon(accounts: &Accounts, last: Option<Time>, now: Time) -> Result<(), Problem> {
    let interval = accounts.settings.mail_interval_s;
    let Some(left) =
        last.map(|last| last.plus_s(interval).seconds() - now.seconds()).filter(|left| *left > 0)
    else {
        return Ok(());
    };
    let message = format!("For security purposes, you can only request this after {left} seconds.");
    Err(Problem::new(Code::OverEmailRate, message).retry_after(left.unsigned_abs()))
}

/// Takes away all that was mailed to an account and not used yet: its password or its address was changed.
pub async fn forget(tx: &mut Tx<'_>, account: Uuid) -> Result<(), Problem> {
    tx.delete::<OneTimeToken>(is("account_id", account)).await.map(drop)
}

/// The mail that tells of a new password; none without an address.
pub fn password_changed(accounts: &Accounts, account: &Account) -> Option<Mail> {
    plain(accounts, Letter::PasswordChanged, account)
}

/// The mail to somebody with whose address somebody wanted to sign up.
pub fn already_registered(accounts: &Accounts, account: &Account) -> Option<Mail> {
    plain(accounts, Letter::AlreadyRegistered, account)
}

fn plain(accounts: &Accounts, letter: Letter, account: &Account) -> Option<Mail> {
    let address = account.email.as_deref().filter(|_| accounts.settings.mail)?;
    let values = Values {
        site_url: &accounts.settings.site_url,
        confirmation_url: &accounts.settings.site_url,
        email: address,
        new_email: "",
        token: "",
        token_hash: "",
        redirect_to: &accounts.settings.site_url,
        data: &account.user_metadata,
    };
    Some(accounts.templates.write(letter, address, &values))
}

/// Refuses what needs mail where none can be sent.
///
/// # Errors
/// `email_provider_disabled`.
pub fn need_mail(accounts: &Accounts) -> Result<(), Problem> {
    match accounts.settings.mail {
        true => Ok(()),
        false => {
            Err(Problem::new(Code::EmailProviderDisabled, "Email logins are disabled: no mail can be sent")
                .hint("Set [mail] url."))
        }
    }
}
