//! The runtime that stores across a network live in.

use std::sync::LazyLock;

use tokio::runtime::{Builder, EnterGuard, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime starts")
});

/// Waits for a future on this thread.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// The calling thread belongs to the runtime while the guard lives: a store may spawn.
pub fn enter() -> EnterGuard<'static> {
    RUNTIME.enter()
}
