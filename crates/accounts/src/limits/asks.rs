//! What flows ask: each function says under which buckets something is counted.

use std::sync::Arc;

use bistro_problem::Problem;
use uuid::Uuid;

use super::bucket::{Bucket, network};
use super::rate::Rate;
use super::rates::Kind;
use super::{Turn, count, known, take_back};
use crate::accounts::Accounts;
use crate::visit::Visit;

/// A sign-in that counts as failed until it is said to have been right.
#[must_use = "a sign-in that was right must not count as failed"]
#[derive(Debug)]
pub struct Attempt {
    counted: Arc<[Bucket]>,
    /// Others of the same account and address, and of the address, come after it.
    _turns: Vec<Turn>,
}

impl Attempt {
    /// It was right, or never judged: it does not count.
    pub async fn take_back(self, accounts: &Accounts, visit: &Visit) -> Result<(), Problem> {
        match self.counted.is_empty() {
            true => Ok(()),
            false => take_back(accounts, visit.now, self.counted).await,
        }
    }
}

/// Before a password is compared with that of an account: `name` is the address as it was typed, whether an account has it
/// or not. It counts at once, so that many at a time are not judged before the first of them failed.
///
/// # Errors
/// `over_request_rate_limit`.
pub async fn sign_in(accounts: &Accounts, visit: &Visit, name: &str) -> Result<Attempt, Problem> {
    let Some(ip) = visit.ip else { return Ok(Attempt { counted: Arc::new([]), _turns: Vec::new() }) };
    let name = known::name(name);
    let from = network(ip);
    let mut buckets = vec![
        bucket(accounts, Kind::FailedFrom, &[name.as_bytes(), &from]),
        bucket(accounts, Kind::FailedAddress, &[&from]),
    ];
    // What strangers do everywhere must not slow down who has been here before.
    if !known::knows(accounts, visit, &name).await? {
        buckets.push(bucket(accounts, Kind::FailedAccount, &[name.as_bytes()]));
    }
    // In this order always: two who wait for each other's turns would wait for ever.
    let mut turns = Vec::with_capacity(buckets.len());
    for bucket in &buckets {
        turns.extend(accounts.limits.turns.take(bucket).await);
    }
    Ok(Attempt { counted: count(accounts, visit.now, buckets).await?, _turns: turns })
}

/// Before an account is made.
///
/// # Errors
/// `over_request_rate_limit`.
pub async fn sign_up(accounts: &Accounts, visit: &Visit) -> Result<(), Problem> {
    from_address(accounts, visit, Kind::SignUp).await
}

/// Before a mail that makes an account where there is none yet; who signed in from here before makes none.
///
/// # Errors
/// `over_request_rate_limit`.
pub async fn sign_up_by_mail(accounts: &Accounts, visit: &Visit, address: &str) -> Result<(), Problem> {
    match known::knows(accounts, visit, &known::name(address)).await? {
        true => Ok(()),
        false => from_address(accounts, visit, Kind::SignUp).await,
    }
}

/// Before an anonymous account is made.
///
/// # Errors
/// `over_request_rate_limit`.
pub async fn anonymous(accounts: &Accounts, visit: &Visit) -> Result<(), Problem> {
    from_address(accounts, visit, Kind::Anonymous).await
}

/// Before a code that was mailed is compared.
///
/// # Errors
/// `over_request_rate_limit`.
pub async fn code(accounts: &Accounts, visit: &Visit) -> Result<(), Problem> {
    from_address(accounts, visit, Kind::Code).await
}

/// Before an application gets tokens.
///
/// # Errors
/// `over_request_rate_limit`.
pub async fn application(accounts: &Accounts, visit: &Visit) -> Result<(), Problem> {
    from_address(accounts, visit, Kind::Application).await
}

/// Before a browser sets out to a provider.
///
/// # Errors
/// `over_request_rate_limit`.
pub async fn trip(accounts: &Accounts, visit: &Visit) -> Result<(), Problem> {
    from_address(accounts, visit, Kind::Trip).await
}

/// Before a session gets its next tokens.
///
/// # Errors
/// `over_request_rate_limit`, as 503: clients try again after that.
pub async fn refresh(accounts: &Accounts, visit: &Visit, session: Uuid) -> Result<(), Problem> {
    let bucket = bucket(accounts, Kind::Refresh, &[session.as_bytes()]);
    count(accounts, visit.now, vec![bucket]).await.map(drop)
}

/// Before a second factor of an account is judged. Only who has proved the first one comes here.
///
/// # Errors
/// `over_request_rate_limit`.
pub async fn factor(accounts: &Accounts, visit: &Visit, account: Uuid) -> Result<(), Problem> {
    let bucket = bucket(accounts, Kind::Factor, &[account.as_bytes()]);
    count(accounts, visit.now, vec![bucket]).await.map(drop)
}

/// Before a mail that somebody asked for, whether an account has the address or not. Strangers and those who have been here
/// before are counted apart: no stranger uses up the mails of an account's owner.
///
/// # Errors
/// `over_email_send_rate_limit`.
pub async fn mail(accounts: &Accounts, visit: &Visit, recipient: &str) -> Result<(), Problem> {
    if visit.ip.is_none() {
        return Ok(());
    }
    let recipient = known::name(recipient);
    let by: &[u8] = if known::knows(accounts, visit, &recipient).await? { b"known" } else { b"stranger" };
    let parts = [recipient.as_bytes(), by];
    let mut buckets = vec![bucket(accounts, Kind::Mail, &parts)];
    if let Some(pause) = u32::try_from(accounts.settings.mail_interval_s).ok().filter(|pause| *pause > 0) {
        let rate = Rate::one_in(pause);
        buckets.push(Bucket { rate, ..bucket(accounts, Kind::MailPause, &parts) });
    }
    count(accounts, visit.now, buckets).await.map(drop)
}

/// A command has no address and is not limited.
async fn from_address(accounts: &Accounts, visit: &Visit, kind: Kind) -> Result<(), Problem> {
    let Some(ip) = visit.ip else { return Ok(()) };
    let bucket = bucket(accounts, kind, &[&network(ip)]);
    count(accounts, visit.now, vec![bucket]).await.map(drop)
}

fn bucket(accounts: &Accounts, kind: Kind, parts: &[&[u8]]) -> Bucket {
    Bucket::new(&accounts.keys.pepper(), &accounts.settings.rates, kind, parts)
}
