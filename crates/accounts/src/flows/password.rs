//! Passwords of accounts: judged, hashed, compared.

use bistro_password::{HashError, Password, Policy, Verdict, judge};
use bistro_problem::{Code, Problem};

use crate::accounts::Accounts;
use crate::data::records::Account;

/// Reads a password that is to be set; `related` are texts that others know of the account.
///
/// # Errors
/// `weak_password` with the reasons, `validation_failed` for one that is too long.
pub fn new(accounts: &Accounts, text: &str, related: &[&str]) -> Result<Password, Problem> {
    let password = read(text)?;
    let policy = Policy { length: accounts.settings.password_min };
    let mut related = related.to_vec();
    related.push(&accounts.settings.project);
    judge(&password, policy, &related).map_err(|weak| {
        let reasons = serde_json::to_string(&weak.reasons).unwrap_or_default();
        Problem::new(Code::WeakPassword, weak.message).details_json(reasons)
    })?;
    Ok(password)
}

/// Reads a password that is to be compared.
///
/// # Errors
/// `validation_failed` for one that is too long.
pub fn read(text: &str) -> Result<Password, Problem> {
    Password::of(text).map_err(|error| Problem::new(Code::ValidationFailed, error.to_string()))
}

impl Accounts {
    /// Hashes a password.
    pub async fn hash(&self, password: Password) -> Result<String, Problem> {
        self.hasher.hash(password).await.map_err(told)
    }

    /// Compares a password with the account's. It takes as long where there is no account, or no password.
    pub async fn compare(&self, password: Password, account: Option<&Account>) -> Result<Verdict, Problem> {
        let stored = account.and_then(|account| account.password.as_deref());
        let compared = match stored {
            Some(stored) => self.hasher.verify(password, stored).await,
            None => {
                let wasted = self.hasher.waste(password).await;
                wasted.map(|()| Verdict { matches: false, outdated: false })
            }
        };
        match compared {
            Err(HashError::Unreadable) => {
                tracing::error!("a stored password is of no form that can be verified");
                Ok(Verdict { matches: false, outdated: false })
            }
            compared => compared.map_err(told),
        }
    }
}

fn told(error: HashError) -> Problem {
    match error {
        HashError::Busy => {
            Problem::new(Code::OverRequestRate, "Too many people are signing in").status(503).retry_after(1)
        }
        error => Problem::bug(error.to_string()),
    }
}
