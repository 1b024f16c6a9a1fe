//! `bistro seed`.

use std::sync::Arc;

use crate::cli::Seed;
use crate::control::Ask;
use crate::error::Failure;
use crate::offline::{self, Offline};
use crate::project::Project;
use crate::seed::{self, Progress};
use crate::terminal;

/// Loads files through the running server, or into the database itself.
pub(crate) async fn seed(project: &Project, args: &Seed) -> Result<(), Failure> {
    let mut files = Vec::with_capacity(args.files.len());
    for file in &args.files {
        files.push(std::path::absolute(file).map_err(Failure::file("find", file))?);
    }
    let progress = Arc::new(Progress::default());
    let (note, ask) = (Arc::clone(&progress), Ask::Seed { files, upsert: args.upsert });
    let asked = project.clone();
    let through = async {
        let call = tokio::task::spawn_blocking(move || {
            offline::ask(&asked, &ask, |done, total| note.set(done, total))
        });
        call.await.map_err(|_| Failure::Usage("talking to the running Bistro ended early".into()))?
    };
    let asked = seed::watch(Arc::clone(&progress), through).await.map_err(|failure| as_typed(args, failure));
    let text = match asked? {
        Some(text) => text,
        None => {
            let offline = Offline::open(project).await?;
            let work = seed::run(&offline.engine, &args.files, args.upsert, &progress);
            let seeded = seed::watch(Arc::clone(&progress), work).await;
            offline.close();
            seeded?.text()
        }
    };
    terminal::line(&text);
    Ok(())
}

/// The server's message with the files as they were typed.
fn as_typed(args: &Seed, failure: Failure) -> Failure {
    let Failure::Remote(message) = failure else { return failure };
    let typed = args.files.iter().fold(message, |message, file| match std::path::absolute(file) {
        Ok(full) => message.replace(&full.display().to_string(), &file.display().to_string()),
        Err(_) => message,
    });
    Failure::Remote(typed)
}
