//! How often what may happen: failed sign-ins, sign-ups, mails, codes.
//!
//! [`asks`] has a function for each thing that flows do; it says under which buckets that is counted. Numbers are kept in
//! memory where one node has the data, and as records of the database where several may share it.
//!
//! Invariants: a stranger who fails as often as they like keeps nobody out who has signed in from the same address or device
//! before; a limit answers alike for known and unknown accounts; nothing that is kept names an account or an address.

mod asks;
mod bucket;
mod known;
mod memory;
mod rate;
mod rates;
mod records;
mod turns;

use std::sync::{Arc, Mutex, PoisonError};

use bistro_problem::{Code, Problem};

use crate::accounts::Accounts;
use crate::data::Time;

pub use asks::{
    Attempt, anonymous, application, code, factor, mail, refresh, sign_in, sign_up, sign_up_by_mail, trip,
};
use bucket::Bucket;
pub(crate) use known::REMEMBERED_S;
pub use known::{DEVICE_COOKIES, device_cookie, remember};
use memory::Memory;
pub use rate::{NoRate, Rate};
pub use rates::{Kind, Rates};
use turns::{Turn, Turns};

/// The numbers of this node.
#[derive(Debug, Default)]
pub struct Limits {
    memory: Mutex<Memory>,
    turns: Turns,
}

/// Counts an event under each of the buckets, or under none of them.
///
/// # Errors
/// 429 with the seconds to wait.
async fn count(accounts: &Accounts, now: Time, mut buckets: Vec<Bucket>) -> Result<Arc<[Bucket]>, Problem> {
    buckets.sort_unstable_by_key(|bucket| bucket.key);
    let buckets: Arc<[Bucket]> = buckets.into();
    let counted = if accounts.data.shared() {
        records::count(&accounts.data, Arc::clone(&buckets), now.0).await?
    } else {
        accounts.limits.own(|memory| memory.count(&buckets, now.0))
    };
    counted.map_err(|(n, wait)| refused(buckets[n].kind, wait))?;
    Ok(buckets)
}

/// Undoes a count.
async fn take_back(accounts: &Accounts, now: Time, buckets: Arc<[Bucket]>) -> Result<(), Problem> {
    if accounts.data.shared() {
        return records::take_back(&accounts.data, buckets, now.0).await;
    }
    accounts.limits.own(|memory| memory.take_back(&buckets));
    Ok(())
}

impl Limits {
    fn own<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The refusal, in the words of the dialect.
fn refused(kind: Kind, wait: i64) -> Problem {
    let seconds = wait.div_euclid(1_000_000).unsigned_abs() + 1;
    let problem = match kind {
        Kind::Mail | Kind::MailPause => {
            let message =
                format!("For security purposes, you can only request this after {seconds} seconds.");
            Problem::new(Code::OverEmailRate, message)
        }
        // Clients forget a session whose refresh is refused, unless they are told to come again.
        Kind::Refresh => Problem::new(Code::OverRequestRate, "Request rate limit reached").status(503),
        _ => Problem::new(Code::OverRequestRate, "Request rate limit reached"),
    };
    problem.retry_after(seconds)
}
