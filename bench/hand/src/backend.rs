//! Where the rows are: one of three databases, behind the two things that the routes ask.

use std::error::Error;
use std::path::Path;

use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::mysql::Mysql;
use crate::postgres::Postgres;
use crate::reader::Reads;
use crate::writer::{self, Job};
use crate::{schema, seed};

/// What one request asks.
#[derive(Clone, Copy)]
pub(crate) enum Question {
    /// One post by its key.
    One(Uuid),
    /// The newest 50 posts of an author.
    OfAuthor(Uuid),
    /// The newest 20 posts before a moment, in microseconds since 1970.
    Page(i64),
    /// The same with the author and the newest three comments of each.
    Feed(i64),
}

/// A new post.
pub(crate) struct Post {
    pub(crate) id: Uuid,
    pub(crate) author: Uuid,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) status: String,
    /// Microseconds since 1970.
    pub(crate) created_at: i64,
}

/// A database that is open.
pub(crate) enum Backend {
    /// A file: reads where the request is, one thread that writes.
    Sqlite {
        reads: Reads,
        writes: mpsc::Sender<Job>,
    },
    Postgres(Postgres),
    Mysql(Mysql),
}

impl Backend {
    /// Opens the database of the URL, or the file where there is none; makes the tables that are missing.
    pub(crate) async fn open(
        file: &Path,
        url: Option<&str>,
        rules: bool,
        readers: usize,
    ) -> Result<Self, Box<dyn Error>> {
        match url {
            Some(url) if url.starts_with("postgres") => {
                Ok(Backend::Postgres(Postgres::open(url, rules, readers).await?))
            }
            Some(url) => Ok(Backend::Mysql(Mysql::open(url, rules).await?)),
            None => {
                schema::create(file)?;
                let reads = Reads { file: file.to_owned(), rules };
                Ok(Backend::Sqlite { reads, writes: writer::start(file)? })
            }
        }
    }

    /// Fills the tables from the harness's files.
    pub(crate) async fn seed(file: &Path, url: Option<&str>, folder: &Path) -> Result<(), Box<dyn Error>> {
        match Self::open(file, url, true, 1).await? {
            Backend::Sqlite { .. } => seed::load(file, folder),
            Backend::Postgres(postgres) => postgres.seed(folder).await,
            Backend::Mysql(mysql) => mysql.seed(folder).await,
        }
    }

    /// Writes the answer; false where there is no such row for the caller (`One` only).
    pub(crate) async fn answer(
        &self,
        question: Question,
        caller: Option<Uuid>,
        out: &mut Vec<u8>,
    ) -> Result<bool, Box<dyn Error + Send + Sync>> {
        match self {
            Backend::Sqlite { reads, .. } => {
                Ok(reads.answer(&question, caller.as_ref().map(Uuid::as_bytes), out)?)
            }
            Backend::Postgres(postgres) => postgres.answer(question, caller, out).await,
            Backend::Mysql(mysql) => mysql.answer(question, caller, out).await,
        }
    }

    /// Inserts a post durably.
    pub(crate) async fn insert(&self, post: Post) -> Result<(), Box<dyn Error + Send + Sync>> {
        match self {
            Backend::Sqlite { writes, .. } => {
                let (done, outcome) = oneshot::channel();
                writes.send(Job { post, done }).await.map_err(|_| "the writer has ended")?;
                Ok(outcome.await??)
            }
            Backend::Postgres(postgres) => postgres.insert(post).await,
            Backend::Mysql(mysql) => mysql.insert(post).await,
        }
    }
}
