//! Addresses and devices that have signed in to an account before.
//!
//! A device is a browser that keeps the cookie [`device_cookie`]. Rows hold keyed hashes, by the account's address for mail and
//! not by its id, so that an account that does not exist is looked up like one that does.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_problem::Problem;
use uuid::Uuid;

use super::bucket::network;
use crate::accounts::Accounts;
use crate::data::records::{Account, KnownDevice};
use crate::data::{Rows as _, Time, Tx, any_of, before, is, not_before, set};
use crate::visit::Visit;

/// For so many seconds an address or a device is remembered.
pub(crate) const REMEMBERED_S: i64 = 180 * 86_400;
/// A row is written again when it is older than this.
const RENEWED_S: i64 = 86_400;
/// So many of an account are remembered.
const MOST: u64 = 50;
/// The longest name that is told from others, in characters.
const NAME_MOST: usize = 320;
/// The names of the cookie of a device: over HTTPS, and over plain HTTP in development.
pub const DEVICE_COOKIES: [&str; 2] = ["__Host-bistro-device", "bistro-device"];
/// The random bytes of a device.
const DEVICE: usize = 16;

/// The name of an account as it is counted: what was typed, without differences that do not matter.
pub(super) fn name(typed: &str) -> String {
    typed.trim().chars().take(NAME_MOST).collect::<String>().to_lowercase()
}

/// Whether somebody has signed in to the account of this name from here before.
pub(super) async fn knows(accounts: &Accounts, visit: &Visit, name: &str) -> Result<bool, Problem> {
    let tags = tags(accounts, visit, name);
    let recent = not_before("seen_at", visit.now.plus_s(-REMEMBERED_S));
    Ok(accounts.data.one::<KnownDevice>(any_of("tag", tags).and(recent)).await?.is_some())
}

/// Remembers where somebody signed in from, in the transaction of the sign-in.
pub async fn remember(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &Account,
) -> Result<(), Problem> {
    let Some(email) = &account.email else { return Ok(()) };
    for tag in tags(accounts, visit, &name(email)) {
        note(tx, account.id, tag, visit.now).await?;
    }
    Ok(())
}

async fn note(tx: &mut Tx<'_>, account: Uuid, tag: String, now: Time) -> Result<(), Problem> {
    let own = is("tag", tag.as_str());
    match tx.one::<KnownDevice>(own.clone()).await? {
        Some(known) if known.account_id == account => {
            if now >= known.seen_at.plus_s(RENEWED_S) {
                tx.update::<KnownDevice>(own, set! { seen_at: now }).await?;
            }
            return Ok(());
        }
        // The address for mail belonged to another account once.
        Some(_) => drop(tx.delete::<KnownDevice>(own).await?),
        None => {}
    }
    let theirs = || is("account_id", account);
    tx.delete::<KnownDevice>(theirs().and(before("seen_at", now.plus_s(-REMEMBERED_S)))).await?;
    let beyond = tx.find::<KnownDevice>(theirs().newest("seen_at").offset(MOST - 1)).await?;
    for old in beyond {
        tx.delete::<KnownDevice>(is("id", old.id)).await?;
    }
    tx.insert(KnownDevice { id: Uuid::now_v7(), account_id: account, tag, seen_at: now }).await
}

/// The hashes under which a visit to an account is remembered.
fn tags(accounts: &Accounts, visit: &Visit, name: &str) -> Vec<String> {
    let pepper = accounts.keys.pepper();
    let tag = |kind: &[u8], what: &[u8]| {
        let tag = pepper.tag("known_device", &[kind, name.as_bytes(), what]);
        tag.iter().take(28).map(|byte| format!("{byte:02x}")).collect()
    };
    let address = visit.ip.map(|ip| tag(b"address", &network(ip)));
    let device = visit.device.as_deref().map(|device| tag(b"device", device.as_bytes()));
    address.into_iter().chain(device).collect()
}

/// A new device: the value of the cookie that a browser keeps.
///
/// # Errors
/// If the system has no random bytes.
pub fn device_cookie() -> Result<String, Problem> {
    let mut bytes = [0; DEVICE];
    rand::fill(&mut bytes).map_err(|_| Problem::bug("the system has no random bytes"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
