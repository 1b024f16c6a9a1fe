//! What is done beside requests: other nodes' ends of sessions are followed, and what is over is cleared away.

use std::collections::HashSet;
use std::sync::Arc;

use bistro_problem::Problem;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::{Authorization, Challenge, Flow, KnownDevice, OneTimeToken, Revocation, Session};
use crate::data::{Rows as _, Time, before, not_before};
use crate::limits::REMEMBERED_S;
use crate::visit::Visit;

/// So far back is looked for what other nodes noted: clocks differ, and a transaction may take a while to be seen.
const LOOK_BACK_S: i64 = 60;
/// So long notes for other nodes are kept.
const KEPT_S: i64 = 3_600;
/// So long codes and flows stay after they are over, so that their answers can say so.
const OVER_S: i64 = 86_400;

/// The notes of other nodes that were followed already.
#[derive(Debug, Default)]
pub struct Followed(HashSet<Uuid>);

impl Accounts {
    /// Looks again at the sessions and accounts that other nodes noted.
    pub async fn follow(&self, followed: &mut Followed, now: i64) -> Result<(), Problem> {
        let since = Time(now).plus_s(-LOOK_BACK_S);
        let notes = self.data.find::<Revocation>(not_before("at", since).newest("at").limit(10_000)).await?;
        let ids: HashSet<Uuid> = notes.iter().map(|note| note.id).collect();
        for note in notes.iter().filter(|note| !followed.0.contains(&note.id)) {
            if let Some(session) = note.session_id {
                self.keys.session_changed(session.into_bytes());
            }
            if let Some(account) = note.account_id {
                self.keys.account_changed(account.into_bytes());
            }
        }
        // There may be more than were read: then nobody is believed.
        if notes.len() == 10_000 {
            self.keys.all_changed();
        }
        followed.0 = ids;
        Ok(())
    }

    /// Clears away what is over.
    pub async fn sweep(self: &Arc<Self>, now: i64) -> Result<(), Problem> {
        let (over, noted) = (Time(now).plus_s(-OVER_S), Time(now).plus_s(-KEPT_S));
        let idle = self.settings.session_idle_s;
        let visit = Visit::command(now);
        let swept = self.transact(
            &visit,
            Box::new(move |tx| {
                Box::pin(async move {
                    tx.delete::<OneTimeToken>(before("expires_at", over)).await?;
                    tx.delete::<Flow>(before("expires_at", over)).await?;
                    tx.delete::<Challenge>(before("expires_at", over)).await?;
                    tx.delete::<Authorization>(before("expires_at", over)).await?;
                    tx.delete::<Revocation>(before("at", noted)).await?;
                    let remembered = Time(now).plus_s(-REMEMBERED_S);
                    tx.delete::<KnownDevice>(before("seen_at", remembered)).await?;
                    tx.delete::<Session>(before("not_after", over)).await?;
                    if idle > 0 {
                        tx.delete::<Session>(before("used_at", over.plus_s(-idle))).await?;
                    }
                    Ok(((), After::default()))
                })
            }),
        );
        swept.await
    }
}
