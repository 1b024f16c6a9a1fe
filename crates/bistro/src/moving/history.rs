//! The history of migrations: what was applied to the source counts as applied on the target.

use std::sync::Arc;

use bistro_store::{Applied, AppliedState, Direction, Migration, Store, StoreError, StoreErrorKind};

use super::place::UNFINISHED;
use crate::migrations::{Engine, Folders};

/// Whether a store merely lacks what was asked.
pub(super) fn lacks<T: Default>(result: Result<T, StoreError>) -> Result<T, StoreError> {
    match result {
        Err(error) if matches!(error.kind, StoreErrorKind::Unsupported(_)) => Ok(T::default()),
        result => result,
    }
}

/// Records each migration of the source on the target, where nothing is run for it.
pub(super) async fn copy(
    from: &Arc<dyn Store>,
    to: &Arc<dyn Store>,
    folders: &Folders,
) -> Result<(), StoreError> {
    let there = lacks(to.history().await)?;
    for applied in lacks(from.history().await)? {
        if applied.state != AppliedState::Done || there.iter().any(|t| t.name == applied.name) {
            continue;
        }
        let checksum = checksum(&applied, from, to, folders);
        let migration = Migration {
            name: applied.name,
            checksum,
            direction: Direction::Up,
            statements: Vec::new(),
            schema: UNFINISHED.to_owned(),
            at: applied.at,
            progress: bistro_store::migration::Progress::default(),
        };
        to.migrate(migration).await?;
    }
    Ok(())
}

/// The checksum of a folder's files for the target's engine, if those of the source's are as they were when it was applied;
/// otherwise the old one, so that the change shows there too.
fn checksum(applied: &Applied, from: &Arc<dyn Store>, to: &Arc<dyn Store>, folders: &Folders) -> String {
    let other = || {
        let folder = folders.named(&applied.name)?;
        let (from, to) = (Engine::of(from.capabilities())?, Engine::of(to.capabilities())?);
        let unchanged = folder.checksum(from).ok()? == applied.checksum;
        if unchanged { folder.checksum(to).ok() } else { None }
    };
    other().unwrap_or_else(|| applied.checksum.clone())
}
