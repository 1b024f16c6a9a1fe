//! The use of a token: by its code and address, or by its link.

use bistro_problem::{Code, Problem};
use uuid::Uuid;

use super::{Purpose, code_tag};
use crate::accounts::Accounts;
use crate::data::records::OneTimeToken;
use crate::data::{Rows as _, Tx, any_of, is, set};
use crate::visit::Visit;

/// So many wrong codes are taken before the code is over; its link is not.
const ATTEMPTS: i64 = 10;

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

/// Uses a token of one of the purposes; `None` if there is none that holds. The miss of a code is counted, so the caller
/// commits in either case.
pub(super) async fn consume(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    purposes: &[Purpose],
    shown: &Shown,
) -> Result<Option<Proof>, Problem> {
    let tags: Vec<String> = match shown {
        Shown::Link(link) => vec![link.strip_prefix("pkce_").unwrap_or(link).to_owned()],
        Shown::Code { address, code } => {
            purposes.iter().map(|purpose| code_tag(accounts, *purpose, address, code.trim())).collect()
        }
    };
    let words: Vec<&str> = purposes.iter().map(|purpose| purpose.word()).collect();
    let found = tx.one::<OneTimeToken>(any_of("tag", tags).and(any_of("kind", words.clone()))).await?;
    let by_code = matches!(shown, Shown::Code { .. });
    let holds =
        |token: &OneTimeToken| visit.now < token.expires_at && !(by_code && token.attempts >= ATTEMPTS);
    let Some(token) = found.filter(holds) else {
        if let Shown::Code { address, .. } = shown {
            missed(tx, address, &words).await?;
        }
        return Ok(None);
    };
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

/// Counts a wrong code against the tokens that it could have been meant for.
async fn missed(tx: &mut Tx<'_>, address: &str, words: &[&'static str]) -> Result<(), Problem> {
    let meant = is("email", address).and(any_of("kind", words.iter().copied()));
    for token in tx.find::<OneTimeToken>(meant).await? {
        tx.update::<OneTimeToken>(is("id", token.id), set! { attempts: token.attempts + 1 }).await?;
    }
    Ok(())
}
