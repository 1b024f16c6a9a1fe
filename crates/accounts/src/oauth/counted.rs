//! What signing in at a provider counts against: sign-ups and mails.

use bistro_oidc::Person;
use bistro_problem::Problem;

use crate::accounts::Accounts;
use crate::data::is;
use crate::data::records::{Account, Identity};
use crate::limits;
use crate::visit::Visit;

/// Counts before a person is let in. Answers whether a mail may be sent to the address that the provider has not verified.
///
/// # Errors
/// `over_request_rate_limit` for somebody new.
pub(super) async fn count(
    accounts: &Accounts,
    visit: &Visit,
    provider: &str,
    person: &Person,
) -> Result<bool, Problem> {
    let own = is("provider", provider).and(is("issuer", person.issuer.as_str()));
    let known = accounts.data.one::<Identity>(own.and(is("subject", person.subject.as_str()))).await?;
    let account = match (&known, &person.email) {
        (Some(identity), _) => accounts.data.one::<Account>(is("id", identity.account_id)).await?,
        (None, Some(email)) => accounts.data.one::<Account>(is("email", email.as_str())).await?,
        (None, None) => None,
    };
    if account.is_none() {
        limits::sign_up(accounts, visit).await?;
    }
    let confirmed = known.is_some() && account.is_some_and(|account| account.email_confirmed_at.is_some());
    match &person.email {
        Some(email) if !person.email_verified && !confirmed && accounts.settings.confirm_email => {
            Ok(limits::mail(accounts, visit, email).await.is_ok())
        }
        _ => Ok(false),
    }
}
