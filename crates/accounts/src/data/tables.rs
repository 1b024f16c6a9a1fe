//! The system tables follow the file that this Bistro brings.

use std::sync::Arc;
use std::time::Duration;

use bistro_policy::Rules;
use bistro_schema::Schema;
use bistro_store::{Store, StoreError, StoreErrorKind};

/// The file. Tables of an older Bistro are changed by what only adds.
const TEXT: &str = include_str!("schema.graphql");

/// How long a node waits while another one changes tables.
const PATIENCE: Duration = Duration::from_secs(60);

/// The schema of the system tables.
pub fn schema() -> Arc<Schema> {
    Arc::new(bistro_sdl::read_system("system.graphql", TEXT).schema)
}

/// Makes or changes the tables, unless they follow the file already. Answers the store under their schema, and its rules.
pub(super) async fn follow(store: &Arc<dyn Store>) -> Result<(Arc<dyn Store>, Arc<Rules>), StoreError> {
    let (rules, _) = Rules::compile(schema());
    let next = Arc::clone(rules.schema());
    let view = store.with_schema(Arc::clone(&next));
    if view.recorded().await?.as_deref() != Some(TEXT) {
        let _lock = store.lock_tables(PATIENCE).await?;
        // Another node may have done it meanwhile.
        let recorded = view.recorded().await?;
        if recorded.as_deref() != Some(TEXT) {
            change(store, &next, recorded.as_deref()).await?;
        }
    }
    Ok((view, Arc::new(rules)))
}

async fn change(
    store: &Arc<dyn Store>,
    next: &Arc<Schema>,
    recorded: Option<&str>,
) -> Result<(), StoreError> {
    let old = recorded.map(|text| bistro_sdl::read_system("recorded", text).schema);
    let difference = match &old {
        None => bistro_migrate::everything(next),
        Some(old) => bistro_migrate::difference(old, next),
    };
    let in_the_way = difference.steps.iter().find(|step| !step.additive).map(|step| &step.text);
    if let Some(text) = in_the_way.or(difference.refused.first().map(|refused| &refused.text)) {
        // A newer Bistro may have tables that this one does not know: it must not take them away.
        let why = format!(
            "the tables of accounts are those of another Bistro: this one would change them by `{text}`. Start the newer one."
        );
        return Err(StoreError::new(StoreErrorKind::Unavailable, why));
    }
    let changes = difference.steps.iter().map(|step| step.change.clone()).collect();
    let old = Arc::new(Schema { system: true, ..old.unwrap_or_default() });
    store.with_schema(old).apply(Arc::clone(next), changes, TEXT.to_owned()).await
}

#[cfg(test)]
mod tests {
    use super::TEXT;

    #[test]
    fn the_file_has_no_mistakes() {
        let checked = bistro_sdl::read_system("system.graphql", TEXT);
        let errors: Vec<_> = checked.diagnostics.iter().filter(|d| d.is_error()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        let (_, more) = bistro_policy::Rules::compile(super::schema());
        assert!(more.iter().all(|d| !d.is_error()), "{more:?}");
    }
}
