//! Writes: one thread, one transaction for all that waits, an answer after the commit.

use std::path::Path;

use rusqlite::{Connection, params};
use tokio::sync::{mpsc, oneshot};

use crate::backend::Post;
use crate::schema;

/// The most inserts that share one commit.
const GROUP: usize = 256;
/// How many inserts may wait before callers are held back.
const WAITING: usize = 4096;

/// A post to insert, and whom to tell.
pub(crate) struct Job {
    pub(crate) post: Post,
    pub(crate) done: oneshot::Sender<Result<(), String>>,
}

/// Starts the writer; it ends when the last sender is gone.
pub(crate) fn start(file: &Path) -> Result<mpsc::Sender<Job>, Box<dyn std::error::Error>> {
    let connection = schema::open_writer(file)?;
    let (sender, mut jobs) = mpsc::channel(WAITING);
    std::thread::Builder::new().name("writer".into()).spawn(move || {
        let mut group = Vec::with_capacity(GROUP);
        while jobs.blocking_recv_many(&mut group, GROUP) > 0 {
            commit(&connection, &mut group);
        }
    })?;
    Ok(sender)
}

fn commit(connection: &Connection, group: &mut Vec<Job>) {
    let begun = run(connection, "BEGIN IMMEDIATE");
    let mut inserted = Vec::with_capacity(group.len());
    for job in group.iter() {
        inserted.push(begun.clone().and_then(|()| in_savepoint(connection, &job.post)));
    }
    let committed = begun.and_then(|()| run(connection, "COMMIT"));
    if committed.is_err() && !connection.is_autocommit() {
        // The refusal is already what the callers will hear.
        let _ = run(connection, "ROLLBACK");
    }
    for (job, inserted) in group.drain(..).zip(inserted) {
        // A caller who went away doesn't want the answer.
        let _ = job.done.send(inserted.and_then(|()| committed.clone()));
    }
}

/// Inserts one post, so that its failure leaves the rest of the group alone.
fn in_savepoint(connection: &Connection, post: &Post) -> Result<(), String> {
    run(connection, "SAVEPOINT job")?;
    let outcome = insert(connection, post).map_err(|cause| cause.to_string());
    if outcome.is_err() {
        run(connection, "ROLLBACK TO job")?;
    }
    run(connection, "RELEASE job")?;
    outcome
}

fn insert(connection: &Connection, post: &Post) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO posts (id, author_id, title, body, status, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            post.id.as_bytes(),
            post.author.as_bytes(),
            post.title,
            post.body,
            post.status,
            post.created_at
        ])
        .map(|_| ())
}

fn run(connection: &Connection, sql: &str) -> Result<(), String> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute([]).map(|_| ()))
        .map_err(|cause| cause.to_string())
}
