//! Tables follow the schema: made on an empty database, changed by `dev`, held to by `serve`.

use std::sync::Arc;

use bistro_migrate::{Class, Difference, Step};
use bistro_policy::Rules;
use bistro_schema::Schema;
use bistro_store::{Change, Store, StoreError};

use crate::clock::now_us;
use crate::database::Place;
use crate::error::Failure;
use crate::migrations::{self, Gate};
use crate::project::Project;
use crate::schema_file::Loaded;
use crate::unmanaged;

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
    old: Arc<Schema>,
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
    if !project.settings.database.managed {
        return unmanaged::hold(project, store, loaded).await;
    }
    let next = Arc::clone(loaded.rules.schema());
    if !project.aside {
        unmanaged::refuse_foreign(&next)?;
        refuse_unfit(store, &next)?;
    }
    let mut compared = compare(project, store, &next, &loaded.text).await?;
    let _lock = if compared.same_text { None } else { migrations::lock(project, store).await? };
    if _lock.is_some() {
        // Another node may have done it while this one waited.
        compared = compare(project, store, &next, &loaded.text).await?;
    }
    let Compared { fresh, same_text, difference, old } = compared;
    let mut reasons: Vec<String> =
        difference.refused.iter().map(|r| format!("{}: {}", r.text, r.reason)).collect();
    reasons.extend(difference.steps.iter().filter(|s| !s.additive).map(not_additive));
    let view = store.with_schema(Arc::clone(&next));
    for step in difference.steps.iter().filter(|s| s.additive) {
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
        let before = store.with_schema(old);
        let applied = before.apply(Arc::clone(&next), changes, loaded.text.clone()).await;
        applied.map_err(|error| data(project, &error))?;
    }
    let mut plan: Vec<String> = difference.steps.into_iter().map(|s| s.text).collect();
    plan.extend(difference.notes);
    Ok(Followed { store: view, fresh, plan })
}

/// A step that is taken only when somebody asks for it.
fn not_additive(step: &Step) -> String {
    match &step.class {
        Class::Destructive { loses } => format!("{}: {loses} would be lost; {BY_MIGRATION}", step.text),
        _ => format!("{}: it is more than an addition; {BY_MIGRATION}", step.text),
    }
}

const BY_MIGRATION: &str = "bistro migrate new NAME writes a migration for it";

/// Holds the tables to the schema: by the project's migrations, or without any, by making the tables on an empty database
/// and refusing every difference otherwise. With `migrate`, pending migrations are run first.
pub(crate) async fn hold(
    project: &Project,
    store: &Arc<dyn Store>,
    loaded: &Loaded,
    migrate: bool,
) -> Result<Followed, Failure> {
    if !project.settings.database.managed {
        return unmanaged::hold(project, store, loaded).await;
    }
    let next = Arc::clone(loaded.rules.schema());
    unmanaged::refuse_foreign(&next)?;
    refuse_unfinished(project, store).await?;
    if let Gate::Open = migrations::gate(project, store, loaded, migrate).await? {
        let store = store.with_schema(next);
        return Ok(Followed { store, fresh: false, plan: Vec::new() });
    }
    let compared = compare(project, store, &next, &loaded.text).await?;
    if compared.fresh || compared.difference.is_empty() {
        return follow(project, store, loaded).await;
    }
    let steps = compared.difference.steps.iter().map(|s| s.text.clone());
    let refused = compared.difference.refused.iter().map(|r| format!("{} ({})", r.text, r.reason));
    let lines: Vec<String> = steps.chain(refused).map(|line| format!("  {line}\n")).collect();
    let text = format!(
        "the tables differ from {}, and serve changes no tables:\n{}run bistro dev to apply what is additive, write \
         migrations (bistro migrate new NAME), or restore the schema that the tables follow",
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
    refuse_unfinished(project, store).await?;
    let recorded = store.recorded().await.map_err(|error| data(project, &error))?;
    let fresh = recorded.is_none();
    let same_text = recorded.as_deref() == Some(text);
    // A schema that was served reads without errors; an older Bistro's words may be missing, and then show here.
    let old = recorded.map(|old| bistro_sdl::read("recorded", &old).schema);
    let difference = match &old {
        None => bistro_migrate::everything(next),
        Some(_) if same_text => Difference::default(),
        Some(old) => bistro_migrate::difference(old, next),
    };
    Ok(Compared { old: Arc::new(old.unwrap_or_default()), fresh, same_text, difference })
}

/// Refuses what the engine cannot hold, before anything is made of it.
fn refuse_unfit(store: &Arc<dyn Store>, next: &Schema) -> Result<(), Failure> {
    let Some(engine) = migrations::Engine::of(store.capabilities()) else { return Ok(()) };
    let unfit = bistro_store_sql::ddl::unfit(engine.dialect(), next);
    if unfit.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = unfit.iter().map(|u| format!("  {}; {}\n", u.message, u.hint)).collect();
    Err(Failure::Tables(format!(
        "{} cannot hold this schema:\n{}",
        engine.title(),
        lines.concat().trim_end()
    )))
}

/// Refuses a database that a move has not filled yet.
async fn refuse_unfinished(project: &Project, store: &Arc<dyn Store>) -> Result<(), Failure> {
    let recorded = store.recorded().await.map_err(|error| data(project, &error))?;
    if recorded.as_deref() == Some(crate::moving::UNFINISHED) {
        let text = "the database holds a move that has not come to its end; run the same bistro move again";
        return Err(Failure::Tables(text.into()));
    }
    Ok(())
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
