//! A name and a password that come with each request, as SOAP clients send them (WS-Security UsernameToken): judged like a
//! sign-in, without a session. What was verified is remembered for a while, or each request would cost a hash.

use std::sync::Arc;

use bistro_auth::PasswordTag;
use bistro_ir::Caller;
use bistro_password::Password;
use bistro_problem::Problem;
use serde_json::json;

use super::session::Method;
use super::verified::{invalid, verified};
use super::{email, password};
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::Account;
use crate::limits::{self, Attempt};
use crate::visit::Visit;

impl Accounts {
    /// Who shows an address and a password with a request. Limits, failures and bans are those of a sign-in; an account with a
    /// second factor has proved the first one alone.
    ///
    /// # Errors
    /// `invalid_credentials` for an unknown address and a wrong password alike; `email_not_confirmed` and `user_banned` for who
    /// knows the password; `over_request_rate_limit`; `validation_failed` for a password that is too long.
    pub async fn user_name_token(
        self: &Arc<Self>,
        visit: &Visit,
        name: &str,
        password: &str,
    ) -> Result<Caller, Problem> {
        let secret = password::read(password)?;
        // What is no address belongs to nobody, which takes as long to find out.
        let shown = Shown { name: email::normalised(name).unwrap_or_else(|_| name.to_owned()), secret };
        if let Some(caller) = shown.remembered(self, visit).await? {
            return Ok(caller);
        }
        let attempt = limits::sign_in(self, visit, &shown.name).await?;
        // It counts as failed until it is judged: that happens even if who asked has gone meanwhile.
        let (inside, seen) = (Arc::clone(self), visit.clone());
        let judged = tokio::spawn(async move { judged(&inside, &seen, shown, attempt).await });
        judged.await.unwrap_or_else(|error| Err(Problem::bug(format!("a sign-in ended early: {error}"))))
    }
}

/// What was shown.
struct Shown {
    name: String,
    secret: Password,
}

impl Shown {
    fn tag(&self, accounts: &Accounts) -> PasswordTag {
        accounts.keys.password_tag(&self.name, self.secret.text())
    }

    /// Who that is, if it was verified a short while ago and is still good.
    async fn remembered(&self, accounts: &Accounts, visit: &Visit) -> Result<Option<Caller>, Problem> {
        let project = accounts.data.project();
        let now_s = visit.now.seconds();
        accounts.keys.remembered(project.schema(), &self.tag(accounts), now_s, visit.ip).await
    }
}

async fn judged(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    shown: Shown,
    attempt: Attempt,
) -> Result<Caller, Problem> {
    // Clients send many requests at once: another one may have been judged while this one waited for its turn.
    if let Some(caller) = shown.remembered(accounts, visit).await? {
        attempt.take_back(accounts, visit).await?;
        return Ok(caller);
    }
    let verified = verified(accounts, visit, &shown.name, shown.secret.clone(), attempt).await?;
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let noted = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let account = verified.still(tx, &seen).await?;
                limits::remember(tx, &inside, &seen, &account).await?;
                let details = json!({ "method": Method::Password.word(), "session": null });
                let (actor, id) = (Actor::Account(account.id), Some(account.id));
                audit::note(tx, &seen, "sign_in", actor, id, details).await?;
                Ok((account, After::default()))
            })
        }),
    );
    let account = noted.await?;
    let (id, turn) = (account.id.into_bytes(), turn(accounts, &account));
    accounts.keys.remember_password(&shown.tag(accounts), id, turn, visit.now.seconds());
    // Nobody, if something changed since it was verified.
    shown.remembered(accounts, visit).await?.ok_or_else(invalid)
}

/// Which password an account has, at which address: another number after a change of either.
pub(crate) fn turn(accounts: &Accounts, account: &Account) -> i64 {
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    let (email, password) = (part(&account.email), part(&account.password));
    let tag = accounts.keys.pepper().tag("password_turn", &[email.as_bytes(), password.as_bytes()]);
    let (first, _) = tag.split_at(8);
    i64::from_be_bytes(first.try_into().expect("a tag has 32 bytes"))
}
