//! Bistro's own tables move with the project's: for the time of the move one schema holds both.

use std::sync::Arc;

use bistro_schema::{Schema, TypeId};
use bistro_store::{Store, StoreError};

/// The system tables of a database, and the text that they follow.
pub(super) struct System {
    schema: Arc<Schema>,
    text: String,
}

impl System {
    /// Those of a database; `None` where accounts were never served.
    pub(super) async fn of(store: &Arc<dyn Store>) -> Result<Option<Self>, StoreError> {
        let named = Arc::new(Schema { system: true, ..Schema::default() });
        let Some(text) = store.with_schema(named).recorded().await? else { return Ok(None) };
        let schema = Arc::new(bistro_sdl::read_system("recorded", &text).schema);
        Ok(Some(Self { schema, text }))
    }

    /// The project's schema, and these tables after its own.
    pub(super) fn beside(&self, project: &Schema) -> Schema {
        let mut both = project.clone();
        let shift = both.types.len() as u16;
        both.types.extend(self.schema.types.iter().cloned().map(|mut ty| {
            // System tables have no enums and no join tables: relations are all that refers to types.
            for relation in &mut ty.relations {
                relation.target = TypeId(relation.target.0 + shift);
            }
            ty
        }));
        both
    }

    /// Records that the tables are there.
    pub(super) async fn record(&self, store: &Arc<dyn Store>) -> Result<(), StoreError> {
        let view = store.with_schema(Arc::clone(&self.schema));
        view.apply(Arc::clone(&self.schema), Vec::new(), self.text.clone()).await
    }
}
