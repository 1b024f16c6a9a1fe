//! Tables that somebody else made, taken into the history as they are: the project's first migration says what they are
//! (`bistro pull --write` writes it), and is recorded without being run.

use std::collections::BTreeSet;

use bistro_store::StoreErrorKind;
use bistro_store::catalogue::Column;

use super::drift;
use super::engine::Engine;
use super::folder::BASELINE;
use super::run::{Leave, Lines};
use super::state::Site;
use crate::error::Failure;
use crate::tables;

impl Site<'_> {
    /// Records the baseline if its tables are there and nothing is recorded yet. Where they are not as it says, all that
    /// differs is named and nothing is done.
    pub(super) async fn adopt(&self, leave: &Leave) -> Result<Lines, Failure> {
        let Some(folder) = self.folders.all.first().filter(|f| f.name == BASELINE) else {
            return Ok(Lines::new());
        };
        let seen = self.look().await?;
        if seen.recorded.is_some() || !seen.history.is_empty() {
            return Ok(Lines::new());
        }
        let catalogue = match self.store.catalogue().await {
            Ok(catalogue) => catalogue,
            Err(error) if matches!(error.kind, StoreErrorKind::Unsupported(_)) => return Ok(Lines::new()),
            Err(error) => return Err(tables::data(self.project, &error)),
        };
        // A database without any of them is new, and gets them.
        if !folder.schema.types.iter().any(|t| catalogue.table(&t.collection).is_some()) {
            return Ok(Lines::new());
        }
        let found = drift::compare(&folder.schema, self.engine, true, &catalogue);
        let lines = drift::in_the_way(&found);
        if !lines.is_empty() && !leave.drift {
            let text = format!(
                "the tables are not as {BASELINE} says:\n{}nothing was changed; mend the tables, or pull their schema again: \
                 remove {} and run bistro pull --write --force",
                lines.concat(),
                folder.path.display()
            );
            return Err(Failure::Tables(text));
        }
        self.record(&seen, &[folder]).await
    }
}

/// Whether the database has a value for the column where a statement has none.
pub(super) fn fills_itself(column: &Column) -> bool {
    column.default.is_some() || column.counted || column.generated
}

/// Whether a column that no schema speaks of can stay. SQLite makes tables again to change them, and would lose it.
pub(super) fn may_stay(engine: Engine, column: &Column) -> bool {
    engine != Engine::Sqlite && (column.nullable || fills_itself(column))
}

/// Whether two sets of columns are one, in whatever order.
pub(super) fn same(there: &[String], here: &[&str]) -> bool {
    let there: BTreeSet<&str> = there.iter().map(String::as_str).collect();
    there == here.iter().copied().collect()
}
