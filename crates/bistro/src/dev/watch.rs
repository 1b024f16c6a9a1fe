//! Follows the schema file and what is written for it: each save is read, planned, applied and served; a broken one changes
//! nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

use crate::config;
use crate::error::Failure;
use crate::project::SCHEMA_FILE;
use crate::running::Running;
use crate::{migrations, schema_file, terminal, trusted};

/// How long a save may take in several steps: editors write beside, rename, set times.
const SETTLE: Duration = Duration::from_millis(30);

/// The project's files under watch. Starts before the schema is read, so that no save is missed.
pub(super) struct Watch {
    touches: mpsc::UnboundedReceiver<bool>,
    /// The folder of trusted documents, which may come later.
    documents: PathBuf,
    /// Watches as long as it is there.
    watcher: notify::Result<RecommendedWatcher>,
}

impl Watch {
    /// Watches a project's folder, not the file: editors put a new file in the old one's place.
    pub(super) fn start(dir: &Path) -> Self {
        let (touched, touches) = mpsc::unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            if event.kind.is_access() {
                return;
            }
            let is = |name: &str| event.paths.iter().any(|p| p.file_name().is_some_and(|n| n == name));
            if [SCHEMA_FILE, config::FILE, trusted::FOLDER, trusted::FILE].into_iter().any(is) {
                // Nobody listens only when the server is ending.
                let _ = touched.send(is(config::FILE));
            }
        });
        let watcher = watcher.and_then(|mut watcher| {
            watcher.watch(folder(dir), RecursiveMode::NonRecursive)?;
            Ok(watcher)
        });
        let mut watch = Self { touches, documents: folder(dir).join(trusted::FOLDER), watcher };
        watch.watch_documents();
        watch
    }

    /// Watches the folder of trusted documents from the time when it is there; watching it twice is the same as once.
    fn watch_documents(&mut self) {
        if let Ok(watcher) = &mut self.watcher
            && self.documents.is_dir()
        {
            // A folder that vanished again is noticed where its files are read.
            let _ = watcher.watch(&self.documents, RecursiveMode::NonRecursive);
        }
    }

    /// Follows saves until dropped.
    pub(super) async fn follow(mut self, running: Arc<Running>) {
        if let Err(error) = &self.watcher {
            terminal::err(&format!("saves are not followed, since the folder cannot be watched: {error}\n"));
            return;
        }
        while let Some(mut configured) = self.touches.recv().await {
            tokio::time::sleep(SETTLE).await;
            self.watch_documents();
            while let Ok(more) = self.touches.try_recv() {
                configured |= more;
            }
            if configured {
                terminal::err(&format!("{} changed: start again to use it\n", config::FILE));
            }
            follow(&running).await;
        }
    }
}

fn folder(dir: &Path) -> &Path {
    if dir.as_os_str().is_empty() { Path::new(".") } else { dir }
}

/// Follows the files as they are now, and says what came of it.
async fn follow(running: &Running) {
    let started = Instant::now();
    match changed(running).await {
        Ok(None) => {}
        Ok(Some((what, warnings))) => {
            terminal::err(&warnings);
            let ms = started.elapsed().as_millis();
            terminal::line(&format!("{what} ({ms} ms)"));
            if let Some(offer) = migrations::offer(&running.project, running.engine().schema()) {
                terminal::line(&offer);
            }
        }
        Err(failure) => terminal::err(&format!("{failure}\nthe running schema stays\n")),
    }
}

/// What was followed and the report of warnings; nothing if the files are as before.
async fn changed(running: &Running) -> Result<Option<(String, String)>, Failure> {
    let path = running.project.schema_path();
    let colour = terminal::colour();
    // Compiling the rules takes its own thread and waits for it.
    let read = tokio::task::spawn_blocking(move || schema_file::read(&path, colour)?.loaded()).await;
    let loaded = read.map_err(|_| Failure::Usage("reading the schema ended early".into()))??;
    let trusted = trusted::load(&running.project, loaded.rules.schema())?;
    let documents = (trusted != running.trusted())
        .then(|| format!("{}/{}: followed, documents: {}", trusted::FOLDER, trusted::FILE, trusted.len()));
    let same = loaded.text == running.text();
    if same && documents.is_none() {
        return Ok(None);
    }
    let warnings = loaded.warnings.clone();
    let plan = running.replace(loaded, trusted).await?;
    let what = documents.filter(|_| same).unwrap_or_else(|| plan_text(&plan));
    Ok(Some((what, warnings)))
}

/// Serves the file as it is now, after a command migrated the tables.
pub(crate) async fn again(running: &Running) -> Result<(), Failure> {
    let loaded = schema_file::read(&running.project.schema_path(), terminal::colour())?.loaded()?;
    let trusted = trusted::load(&running.project, loaded.rules.schema())?;
    running.replace(loaded, trusted).await.map(drop)
}

/// A plan in one line: `+ column posts.slug text; ~ 1 rule of posts; breaking: none`. What clients may miss is named as
/// breaking; what would lose data was refused before.
pub(super) fn plan_text(plan: &[String]) -> String {
    let what = if plan.is_empty() { "no table or rule changed".to_owned() } else { plan.join("; ") };
    let gone = |line: &&str| line.starts_with("- computed") || line.starts_with("- view");
    let breaking: Vec<&str> = plan.iter().map(String::as_str).filter(gone).collect();
    let breaking = if breaking.is_empty() { "none".to_owned() } else { breaking.join(", ") };
    format!("{SCHEMA_FILE}: {what}; breaking: {breaking}")
}
