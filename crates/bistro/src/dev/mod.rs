//! `bistro dev`: the server that follows its files.

mod banner;
mod notice;
mod sample;
mod sample_body;
pub(crate) mod starter;
mod watch;

use std::sync::Arc;

pub(crate) use notice::Notice;
use watch::Watch;
pub(crate) use watch::again;

use crate::error::Failure;
use crate::key_set::KeySet;
use crate::project::Project;
use crate::running::{self, Held, Running};
use crate::seed::{self, Progress};
use crate::site::Mode;
use crate::{migrations, schema_file, tables, terminal, trusted};

/// Serves a project's folder and follows its schema file, until a signal.
pub(crate) async fn dev(project: Project, open: bool, browser: bool) -> Result<(), Failure> {
    if open && !project.settings.server.listen.ip().is_loopback() {
        let listen = project.settings.server.listen;
        let text = format!(
            "--open lets everybody in as the service, so it listens on this machine only, not on {listen}"
        );
        return Err(Failure::Usage(text));
    }
    let mut news = Vec::new();
    if !project.schema_path().exists() && starter::is_empty(&project.dir)? {
        let files = starter::write(&project.dir)?;
        let names =
            files.iter().filter_map(|f| f.strip_prefix(&project.dir).ok()).map(|f| f.display().to_string());
        news.push(format!("Wrote {}", names.collect::<Vec<_>>().join(", ")));
    }
    let watch = Watch::start(&project.dir);
    let loaded = schema_file::read(&project.schema_path(), terminal::colour())?.loaded()?;
    terminal::err(&loaded.warnings);
    let trusted = trusted::load(&project, loaded.rules.schema())?;
    let key_set = KeySet::first(&project).await?;
    let held = Held::open(&project).await?;
    if project.settings.database.managed {
        migrations::refuse_pending(&project, &held.store()).await?;
    }
    let followed = tables::follow(&project, &held.store(), &loaded).await;
    let followed = followed.map_err(|failure| with_a_way_out(&project, failure))?;
    if !followed.fresh && !followed.plan.is_empty() {
        news.push(watch::plan_text(&followed.plan));
    }
    if project.settings.database.managed {
        news.extend(migrations::offer(&project, loaded.rules.schema()));
    }
    let secrets = held.keep.load_or_create().await?;
    let door = running::bind(&project).await?;
    let address = door.address;
    let mode = Mode { dev: true, open };
    let running =
        Running::new(project, mode, held, (loaded, trusted), &followed, address, (secrets, key_set)).await?;
    if followed.fresh {
        news.extend(seeds(&running).await?);
    }
    let serving = running.ready(door);
    terminal::line(&format!("Bistro listening on http://{address}"));
    terminal::out(&banner::banner(&running, &news).await);
    if browser {
        banner::open_browser(&format!("{}/docs", running.url));
    }
    serving.run(watch.follow(Arc::clone(&running))).await
}

/// At the start nothing runs yet that could be kept: besides the schema, the data may be thrown away.
fn with_a_way_out(project: &Project, failure: Failure) -> Failure {
    let Failure::Tables(text) = failure else { return failure };
    let data = project.data.display();
    Failure::Tables(format!(
        "{text}\nwrite the schema back as it was, run a migration, or remove {data} to begin with empty tables"
    ))
}

/// Loads the project's seeds into a database that was just made.
async fn seeds(running: &Running) -> Result<Option<String>, Failure> {
    let files = seed::files_in(&running.project.seed_dir())?;
    if files.is_empty() {
        return Ok(None);
    }
    let progress = Arc::new(Progress::default());
    let engine = running.engine();
    let work = seed::run(&engine, &files, false, &progress);
    match seed::watch(Arc::clone(&progress), work).await {
        Ok(seeded) => Ok(Some(format!("Seeded {}", seeded.text()))),
        // The server is useful without its seeds, and the next start would not try them again.
        Err(failure) => {
            terminal::err(&format!("nothing was seeded: {failure}\nmend it, then run: bistro seed seed/*\n"));
            Ok(None)
        }
    }
}
