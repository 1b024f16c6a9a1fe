//! What is done once a transaction is committed: nothing of it may happen for what was rolled back.

use std::sync::Arc;

use bistro_engine::Work;
use bistro_mail::Mail;
use bistro_problem::Problem;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::visit::Visit;

/// What is left to do.
#[derive(Debug, Default)]
pub struct After {
    /// Sessions that changed or ended.
    pub sessions: Vec<Uuid>,
    /// Accounts all of whose sessions must be looked at again.
    pub accounts: Vec<Uuid>,
    /// Mails to post.
    pub mails: Vec<Mail>,
}

impl Accounts {
    /// Runs work in one transaction, and what it leaves to do when that is committed: even if who asked has gone meanwhile.
    pub async fn transact<T: Send + 'static>(
        self: &Arc<Self>,
        visit: &Visit,
        work: Work<(T, After)>,
    ) -> Result<T, Problem> {
        let (accounts, now) = (Arc::clone(self), visit.now.0);
        let done = tokio::spawn(async move {
            let (value, after) = accounts.data.transact(now, work).await?;
            accounts.finish(after);
            Ok(value)
        });
        done.await.unwrap_or_else(|error| Err(Problem::bug(format!("a transaction ended early: {error}"))))
    }

    fn finish(&self, after: After) {
        for session in after.sessions {
            self.keys.session_changed(session.into_bytes());
        }
        for account in after.accounts {
            self.keys.account_changed(account.into_bytes());
        }
        for mail in after.mails {
            // The caller is told the same either way: who gets mail is nobody else's business.
            if let Err(error) = self.mailer.send(mail) {
                tracing::error!(%error, "a mail was not taken");
            }
        }
    }
}
