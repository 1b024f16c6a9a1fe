//! Orders without a running server: accounts are put together over the files themselves.

use std::sync::Arc;

use super::{OFF, Order, carry_out};
use crate::error::Failure;
use crate::offline::Offline;
use crate::project::Project;
use crate::{accounts, secrets};

/// Carries an order out on a project's data.
pub(crate) async fn aside(project: &Project, order: Order) -> Result<String, Failure> {
    let offline = Offline::open(project).await?;
    let done = on(project, &offline, order).await;
    offline.close();
    done
}

async fn on(project: &Project, offline: &Offline, order: Order) -> Result<String, Failure> {
    let server = &project.settings.server;
    let url = server.public_url.clone().unwrap_or_else(|| format!("http://{}", server.listen));
    let url = url.trim_end_matches('/');
    let secrets = offline.keep().load_or_create().await?;
    let keys = Arc::new(secrets::authenticator(project, url, false, &secrets, None)?);
    let mounted = accounts::mount(project, false, url, &offline.store(), &offline.engine, &keys).await?;
    let mounted = mounted.ok_or_else(|| Failure::Usage(OFF.into()))?;
    let done = carry_out(&mounted.accounts, order).await;
    // What was mailed is on its way before the command ends.
    mounted.accounts.mailer.drain().await;
    done
}
