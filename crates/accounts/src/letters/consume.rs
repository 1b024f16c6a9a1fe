//! The use of a token: by its code and address, or by its link.

use bistro_problem::{Code, Problem};
use uuid::Uuid;

use super::{Purpose, link_hash, stored};
use crate::accounts::Accounts;
use crate::data::records::OneTimeToken;
use crate::data::{Filter, Rows as _, Time, Tx, any_of, before, is, not_before, set};
use crate::visit::Visit;

/// So often a code may be tried; then it is over, and its link is not.
const ATTEMPTS: i64 = 5;
/// For so many seconds a code may be typed, however long its link holds: six digits are guessed sooner than a link.
const TYPED_S: i64 = 600;
/// So many tokens of an address are compared with a code: several accounts may want to change to one address.
const MEANT_MOST: u64 = 8;

/// What somebody shows.
#[derive(Clone, Debug)]
pub enum Shown {
    /// What a link carries, with or without the prefix of PKCE.
    Link(String),
    /// An address and the code that was sent there.
    Code {
        /// The address, normalised.
        address: String,
        /// The code.
        code: String,
    },
}

/// A token that was used.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Whose it was.
    pub account: Uuid,
    /// What it was for.
    pub purpose: Purpose,
    /// The address that it was sent to.
    pub address: String,
    /// What the browser must prove, if the flow began with PKCE.
    pub challenge: Option<(String, String)>,
}

/// The code or the link is wrong, used or over: which of these is nobody's business.
pub(super) fn expired(shown: &Shown) -> Problem {
    Problem::new(
        Code::OtpExpired,
        match shown {
            Shown::Link(_) => "Email link is invalid or has expired",
            Shown::Code { .. } => "Token has expired or is invalid",
        },
    )
}

/// The token of a link, over or not.
pub(super) async fn waiting(
    accounts: &Accounts,
    purposes: &[Purpose],
    link: &str,
) -> Result<Option<OneTimeToken>, Problem> {
    accounts.data.one::<OneTimeToken>(of_link(accounts, purposes, link)).await
}

fn of_link(accounts: &Accounts, purposes: &[Purpose], link: &str) -> Filter {
    let kinds = any_of("kind", purposes.iter().map(|purpose| purpose.word()));
    let hash = link.strip_prefix("pkce_").unwrap_or(link);
    is("tag", stored(accounts, hash)).and(kinds)
}

/// Uses a token of one of the purposes; `None` if there is none that holds. The try of a code is counted, so the caller
/// commits in either case.
pub(super) async fn consume(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    purposes: &[Purpose],
    shown: &Shown,
) -> Result<Option<Proof>, Problem> {
    let found = match shown {
        Shown::Link(link) => tx.one::<OneTimeToken>(of_link(accounts, purposes, link)).await?,
        Shown::Code { address, code } => {
            by_code(tx, accounts, visit.now, purposes, (address, code.trim())).await?
        }
    };
    let Some(token) = found.filter(|token| visit.now < token.expires_at) else { return Ok(None) };
    if tx.delete::<OneTimeToken>(is("id", token.id)).await? == 0 {
        return Ok(None);
    }
    let Some(purpose) = Purpose::of(&token.kind) else { return Ok(None) };
    Ok(Some(Proof {
        account: token.account_id,
        purpose,
        address: token.email,
        challenge: token.code_challenge.zip(token.code_challenge_method),
    }))
}

/// The token that a code belongs to. A try is counted before the code is compared, by a write that fails for all but one of
/// several that come at once: a code cannot be guessed faster than tries are counted.
async fn by_code(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    now: Time,
    purposes: &[Purpose],
    (address, code): (&str, &str),
) -> Result<Option<OneTimeToken>, Problem> {
    let kinds = any_of("kind", purposes.iter().map(|purpose| purpose.word()));
    let recent = not_before("created_at", now.plus_s(-TYPED_S));
    let meant = is("email", address).and(kinds).and(not_before("expires_at", now)).and(recent);
    let meant = meant.newest("created_at");
    for token in tx.find::<OneTimeToken>(meant.limit(MEANT_MOST)).await? {
        let counted =
            is("id", token.id).and(is("attempts", token.attempts)).and(before("attempts", ATTEMPTS));
        if tx.update::<OneTimeToken>(counted, set! { attempts: token.attempts + 1 }).await? == 0 {
            continue;
        }
        let fits = |purpose| stored(accounts, &link_hash(accounts, purpose, address, code)) == token.tag;
        if Purpose::of(&token.kind).is_some_and(fits) {
            return Ok(Some(token));
        }
    }
    Ok(None)
}
