//! Tables follow the schema: made on an empty database, changed by `dev`, held to by `serve`.

use std::sync::Arc;

use bistro_migrate::Difference;
use bistro_policy::Rules;
use bistro_schema::Schema;
use bistro_store::{Change, Store, StoreError};

use crate::clock::now_us;
use crate::database::Place;
use crate::error::Failure;
use crate::project::Project;
use crate::schema_file::Loaded;

/// What following a schema came to.
pub(crate) struct Followed {
    /// The store, seen under the schema.
    pub(crate) store: Arc<dyn Store>,
    /// Whether the database was empty before.
    pub(crate) fresh: bool,
    /// What was changed, in lines for people; empty for nothing.
    pub(crate) plan: Vec<String>,
}

/// What lies between the tables and a schema.
struct Compared {
    fresh: bool,
    same_text: bool,
    difference: Difference,
}

/// Makes the tables follow the schema by additive changes. Everything else is refused with its reason, and nothing
/// is done.
pub(crate) async fn follow(
    project: &Project,
    store: &Arc<dyn Store>,
    loaded: &Loaded,
) -> Result<Followed, Failure> {
    let next = Arc::clone(loaded.rules.schema());
    let compared = compare(project, store, &next, &loaded.text).await?;
    let Compared { fresh, same_text, difference } = compared;
    let mut reasons: Vec<String> =
        difference.refused.iter().map(|r| format!("{}: {}", r.text, r.reason)).collect();
    let view = store.with_schema(Arc::clone(&next));
    for step in &difference.steps {
        if let Some(reason) = in_the_way(project, store, &loaded.rules, &step.change).await? {
            reasons.push(format!("{}: {reason}", step.text));
        }
    }
    if !reasons.is_empty() {
        return Err(Failure::Tables(refusal(&reasons)));
    }
    // The record also keeps what changes no table: rules, defaults, descriptions.
    if !same_text {
        let changes = difference.steps.iter().map(|s| s.change.clone()).collect();
        let applied = store.apply(Arc::clone(&next), changes, loaded.text.clone()).await;
        applied.map_err(|error| data(project, &error))?;
    }
    let mut plan: Vec<String> = difference.steps.into_iter().map(|s| s.text).collect();
    plan.extend(difference.notes);
    Ok(Followed { store: view, fresh, plan })
}

/// Makes the tables on an empty database; otherwise refuses any difference between them and the schema.
pub(crate) async fn hold(
    project: &Project,
    store: &Arc<dyn Store>,
    loaded: &Loaded,
) -> Result<Followed, Failure> {
    let next = Arc::clone(loaded.rules.schema());
    let compared = compare(project, store, &next, &loaded.text).await?;
    if compared.fresh || compared.difference.is_empty() {
        return follow(project, store, loaded).await;
    }
    let steps = compared.difference.steps.iter().map(|s| s.text.clone());
    let refused = compared.difference.refused.iter().map(|r| format!("{} ({})", r.text, r.reason));
    let lines: Vec<String> = steps.chain(refused).map(|line| format!("  {line}\n")).collect();
    let text = format!(
        "the tables differ from {}, and serve changes no tables:\n{}run bistro dev to apply what is additive, or restore \
         the schema that the tables follow",
        project.schema_path().display(),
        lines.concat(),
    );
    Err(Failure::Tables(text))
}

/// A failure of the store, with the database that it is about.
pub(crate) fn data(project: &Project, error: &StoreError) -> Failure {
    let place = Place::of(project).map_or_else(|_| project.data.display().to_string(), |p| p.shown());
    Failure::Data { place, message: error.cause.clone() }
}

fn refusal(reasons: &[String]) -> String {
    let lines: Vec<String> = reasons.iter().map(|r| format!("  {r}\n")).collect();
    format!("the tables cannot follow the schema:\n{}nothing was changed", lines.concat())
}

async fn compare(
    project: &Project,
    store: &Arc<dyn Store>,
    next: &Schema,
    text: &str,
) -> Result<Compared, Failure> {
    let recorded = store.recorded().await.map_err(|error| data(project, &error))?;
    if recorded.as_deref() == Some(crate::moving::UNFINISHED) {
        let text = "the database holds a move that has not come to its end; run the same bistro move again";
        return Err(Failure::Tables(text.into()));
    }
    let fresh = recorded.is_none();
    let same_text = recorded.as_deref() == Some(text);
    let difference = match recorded {
        None => bistro_migrate::everything(next),
        Some(_) if same_text => Difference::default(),
        // A schema that was served reads without errors; an older Bistro's words may be missing, and then show here.
        Some(old) => bistro_migrate::difference(&bistro_sdl::read("recorded", &old).schema, next),
    };
    Ok(Compared { fresh, same_text, difference })
}

/// Why stored rows do not let a change be made, if so.
async fn in_the_way(
    project: &Project,
    store: &Arc<dyn Store>,
    rules: &Rules,
    change: &Change,
) -> Result<Option<String>, Failure> {
    let count = match bistro_engine::violations(store, rules, change, now_us()).await {
        Ok(count) => count,
        Err(error) if matches!(change, Change::AddCheck(..)) => {
            tracing::debug!(%error, "the rows that break a new check cannot be counted");
            let reason = "stored rows cannot be judged by it yet; save its new columns first, then the check";
            return Ok(Some(reason.into()));
        }
        Err(error) => return Err(data(project, &error)),
    };
    Ok(match count {
        0 => None,
        1 => Some("1 stored row breaks it; mend the data first".into()),
        many => Some(format!("{many} stored rows break it; mend the data first")),
    })
}
