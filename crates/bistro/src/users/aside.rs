//! Orders without a running server: accounts are put together over the files themselves.

use std::sync::Arc;

use bistro_accounts::Accounts;

use super::{OFF, Order, carry_out};
use crate::error::Failure;
use crate::offline::Offline;
use crate::project::Project;
use crate::{accounts, secrets};

/// Carries an order out on a project's data.
pub(crate) async fn aside(project: &Project, order: Order) -> Result<String, Failure> {
    accounts_aside(project, async |accounts| carry_out(accounts, order).await).await
}

/// Works on the accounts of a project's data.
pub(crate) async fn accounts_aside(
    project: &Project,
    work: impl AsyncFnOnce(&Arc<Accounts>) -> Result<String, Failure>,
) -> Result<String, Failure> {
    let offline = Offline::open(project).await?;
    let done = on(project, &offline, work).await;
    offline.close();
    done
}

async fn on(
    project: &Project,
    offline: &Offline,
    work: impl AsyncFnOnce(&Arc<Accounts>) -> Result<String, Failure>,
) -> Result<String, Failure> {
    let server = &project.settings.server;
    let url = server.public_url.clone().unwrap_or_else(|| format!("http://{}", server.listen));
    let url = url.trim_end_matches('/');
    let secrets = offline.keep().load_or_create().await?;
    let keys = Arc::new(secrets::authenticator(project, url, false, &secrets, None)?);
    let mounted = accounts::mount(project, false, url, &offline.store(), &offline.engine, &keys).await?;
    let mounted = mounted.ok_or_else(|| Failure::Usage(OFF.into()))?;
    let done = work(&mounted.accounts).await;
    // What was mailed is on its way before the command ends.
    mounted.accounts.mailer.drain().await;
    done
}
