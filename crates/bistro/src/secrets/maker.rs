//! Makes keys for ID tokens when the first one is asked for: a project without applications needs none.

use std::sync::{Arc, Weak};

use bistro_auth::{IdTokenAlgorithm, KeyMaker};
use bistro_problem::Problem;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::clock::now_s;
use crate::running::Running;

/// Makes them in the secrets of a running server.
pub(crate) struct Maker(Weak<Running>);

impl Maker {
    /// The maker of this server.
    pub(crate) fn of(running: &Arc<Running>) -> Arc<Self> {
        Arc::new(Self(Arc::downgrade(running)))
    }
}

impl KeyMaker for Maker {
    fn make(&self, algorithm: IdTokenAlgorithm) -> BoxFuture<'static, Result<(), Problem>> {
        let running = self.0.upgrade();
        async move {
            let Some(running) = running else { return Err(Problem::bug("the server has stopped")) };
            let lost = |failure: crate::error::Failure| {
                Problem::bug(format!("no key for ID tokens was kept: {failure}"))
            };
            // Two nodes at once make one: who comes second finds it.
            let make = move |secrets: &mut bistro_auth::Secrets| {
                secrets.need_id_token_key(algorithm.name(), now_s())
            };
            running.keep().update(make).await.map_err(lost)?;
            running.reload_keys().await.map_err(lost)?;
            Ok(())
        }
        .boxed()
    }
}
