//! The database servers of a test run: started once, named to every step, gone with the run.

use std::cell::OnceCell;

use anyhow::Result;
use bistro_testkit::{Engine, Server, Settings};

/// Servers that are started when a step first wants them.
#[derive(Default)]
pub(crate) struct Servers {
    ours: OnceCell<Vec<Server>>,
}

impl Servers {
    /// `BISTRO_TEST_POSTGRES_URL` and its like, for servers that are running now.
    pub(crate) fn variables(&self) -> Result<Vec<(&'static str, String)>> {
        if self.ours.get().is_none() {
            // Those that the caller named are passed on by the environment.
            let wanted = |engine: &Engine| std::env::var_os(engine.variable()).is_none();
            let mut started = Vec::new();
            for engine in Engine::ALL.into_iter().filter(wanted) {
                crate::services::install(engine)?;
                started.push(Server::start(engine, &Settings::default())?);
            }
            let _ = self.ours.set(started);
        }
        let ours = self.ours.get().map(Vec::as_slice).unwrap_or_default();
        Ok(ours.iter().map(|server| (server.engine().variable(), server.url())).collect())
    }
}
