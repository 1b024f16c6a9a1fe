//! PostgreSQL: reads pipelined over few connections, rows decoded from the binary format straight to bytes, inserts
//! over a pool of 32 connections.

use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt as _, pin_mut};
use tokio::sync::Semaphore;
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Client, NoTls, Row, RowStream, Statement};
use uuid::Uuid;

use crate::backend::{Post, Question};
use crate::seed::{self, Batch};
use crate::{json, time};

type Failure = Box<dyn Error + Send + Sync>;

/// Connections for inserts.
const WRITERS: usize = 32;
/// 2000-01-01, where PostgreSQL counts from, in microseconds since 1970.
const EPOCH: i64 = 946_684_800_000_000;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS users (
        id uuid PRIMARY KEY, name text NOT NULL, email text NOT NULL, created_at timestamptz NOT NULL);
    CREATE TABLE IF NOT EXISTS posts (
        id uuid PRIMARY KEY, author_id uuid NOT NULL REFERENCES users (id), title text NOT NULL,
        body text NOT NULL, status text NOT NULL, created_at timestamptz NOT NULL);
    CREATE TABLE IF NOT EXISTS comments (
        id uuid PRIMARY KEY, post_id uuid NOT NULL REFERENCES posts (id),
        author_id uuid NOT NULL REFERENCES users (id), body text NOT NULL, created_at timestamptz NOT NULL);
    CREATE INDEX IF NOT EXISTS posts_author_id_created_at ON posts (author_id, created_at);
    CREATE INDEX IF NOT EXISTS posts_created_at ON posts (created_at);
    CREATE INDEX IF NOT EXISTS comments_post_id_created_at ON comments (post_id, created_at);
    CREATE INDEX IF NOT EXISTS comments_author_id ON comments (author_id);";

const POST: &str = "SELECT p.id, p.author_id, p.title, p.body, p.status, p.created_at FROM posts p WHERE ";
const RULE: &str = " AND (p.status = 'published' OR p.author_id = $2)";
const AUTHORS: &str = "SELECT id, name FROM users WHERE id = ANY($1)";
const COMMENTS: &str = "SELECT k.i, c.id, c.body, c.created_at FROM unnest($1::uuid[]) WITH ORDINALITY AS k(id, i) \
    CROSS JOIN LATERAL (SELECT id, body, created_at FROM comments WHERE post_id = k.id \
    ORDER BY created_at DESC LIMIT 3) AS c";
const INSERT: &str =
    "INSERT INTO posts (id, author_id, title, body, status, created_at) VALUES ($1, $2, $3, $4, $5, $6)";

/// An open server.
pub(crate) struct Postgres {
    rules: bool,
    readers: Vec<Reader>,
    writers: Vec<(Client, Statement)>,
    free: parking::Free,
    next: AtomicUsize,
}

struct Reader {
    client: Client,
    one: Statement,
    of_author: Statement,
    page: Statement,
    authors: Statement,
    comments: Statement,
}

impl Postgres {
    pub(crate) async fn open(url: &str, rules: bool, readers: usize) -> Result<Self, Box<dyn Error>> {
        connect(url).await?.batch_execute(TABLES).await?;
        let rule = if rules { RULE } else { " AND ($2::uuid IS NULL OR true)" };
        let mut open = Vec::with_capacity(readers);
        for _ in 0..readers {
            let client = connect(url).await?;
            let text = |filter: &str, tail: &str| format!("{POST}{filter}{rule}{tail}");
            let newest = " ORDER BY p.created_at DESC LIMIT";
            open.push(Reader {
                one: client.prepare(&text("p.id = $1", "")).await?,
                of_author: client.prepare(&text("p.author_id = $1", &format!("{newest} 50"))).await?,
                page: client.prepare(&text("p.created_at < $1", &format!("{newest} 20"))).await?,
                authors: client.prepare(AUTHORS).await?,
                comments: client.prepare(COMMENTS).await?,
                client,
            });
        }
        let mut writers = Vec::with_capacity(WRITERS);
        for _ in 0..WRITERS {
            let client = connect(url).await?;
            let insert = client.prepare(INSERT).await?;
            writers.push((client, insert));
        }
        Ok(Self {
            rules,
            readers: open,
            writers,
            free: parking::Free::new(WRITERS),
            next: AtomicUsize::new(0),
        })
    }

    pub(crate) async fn answer(
        &self,
        question: Question,
        caller: Option<Uuid>,
        out: &mut Vec<u8>,
    ) -> Result<bool, Failure> {
        let _ = self.rules;
        let reader = &self.readers[self.next.fetch_add(1, Ordering::Relaxed) % self.readers.len()];
        match question {
            Question::One(id) => {
                let rows = reader.rows(&reader.one, &[&Key(id), &caller.map(Key)]).await?;
                pin_mut!(rows);
                match rows.next().await {
                    Some(row) => post(&row?, out).map(|()| true),
                    None => Ok(false),
                }
            }
            Question::OfAuthor(id) => {
                list(reader.rows(&reader.of_author, &[&Key(id), &caller.map(Key)]).await?, out).await
            }
            Question::Page(before) => {
                list(reader.rows(&reader.page, &[&Moment(before), &caller.map(Key)]).await?, out).await
            }
            Question::Feed(before) => reader.feed(before, caller, out).await,
        }
    }

    pub(crate) async fn insert(&self, new: Post) -> Result<(), Failure> {
        let lease = self.free.take().await;
        let (client, insert) = &self.writers[lease.at];
        let (id, author, at) = (Key(new.id), Key(new.author), Moment(new.created_at));
        let values: [&(dyn ToSql + Sync); 6] = [&id, &author, &new.title, &new.body, &new.status, &at];
        client.execute_raw(insert, values).await?;
        Ok(())
    }

    pub(crate) async fn seed(&self, folder: &Path) -> Result<(), Box<dyn Error>> {
        let client = &self.writers[0].0;
        for batch in seed::batches(folder)? {
            let Batch { table, columns, json } = batch?;
            let text = format!(
                "INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(null::{table}, $1::text::json)"
            );
            client.execute(text.as_str(), &[&json]).await?;
        }
        client.batch_execute("VACUUM ANALYZE").await?;
        Ok(())
    }
}

impl Reader {
    async fn rows(
        &self,
        statement: &Statement,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<RowStream, Failure> {
        Ok(self.client.query_raw(statement, values.iter().copied()).await?)
    }

    async fn feed(&self, before: i64, caller: Option<Uuid>, out: &mut Vec<u8>) -> Result<bool, Failure> {
        let posts: Vec<Row> =
            collect(self.rows(&self.page, &[&Moment(before), &caller.map(Key)]).await?).await?;
        let mut keys = Vec::with_capacity(posts.len());
        let mut wanted = Vec::with_capacity(posts.len());
        for row in &posts {
            keys.push(Key(Uuid::from_slice(bytes(row, 0)?)?));
            wanted.push(Key(Uuid::from_slice(bytes(row, 1)?)?));
        }
        wanted.sort_unstable_by_key(|key| key.0);
        wanted.dedup_by_key(|key| key.0);
        let parameters: ([&(dyn ToSql + Sync); 1], [&(dyn ToSql + Sync); 1]) = ([&wanted], [&keys]);
        let authors = async { collect(self.rows(&self.authors, &parameters.0).await?).await };
        let comments = async { collect(self.rows(&self.comments, &parameters.1).await?).await };
        let (authors, comments) = futures_util::future::try_join(authors, comments).await?;
        let mut at = 0;
        out.push(b'[');
        for (n, row) in posts.iter().enumerate() {
            out.extend_from_slice(if n == 0 { b"{\"id\":" } else { b",{\"id\":" });
            json::uuid(out, bytes(row, 0)?);
            written(row, 2, out)?;
            let author = bytes(row, 1)?;
            out.extend_from_slice(b",\"author\":");
            match authors.iter().find(|found| bytes(found, 0).is_ok_and(|id| id == author)) {
                Some(found) => {
                    out.extend_from_slice(b"{\"id\":");
                    json::uuid(out, author);
                    out.extend_from_slice(b",\"name\":");
                    json::string(out, bytes(found, 1)?);
                    out.push(b'}');
                }
                None => out.extend_from_slice(b"null"),
            }
            out.extend_from_slice(b",\"comments\":[");
            let mut comma = false;
            while let Some(comment) =
                comments.get(at).filter(|c| number(c, 0).is_ok_and(|i| i == n as i64 + 1))
            {
                out.extend_from_slice(if comma { b",{\"id\":" } else { b"{\"id\":" });
                comma = true;
                json::uuid(out, bytes(comment, 1)?);
                out.extend_from_slice(b",\"body\":");
                json::string(out, bytes(comment, 2)?);
                moment(comment, 3, out)?;
                out.push(b'}');
                at += 1;
            }
            out.extend_from_slice(b"]}");
        }
        out.push(b']');
        Ok(true)
    }
}

async fn connect(url: &str) -> Result<Client, Box<dyn Error>> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn collect(rows: RowStream) -> Result<Vec<Row>, Failure> {
    pin_mut!(rows);
    let mut all = Vec::with_capacity(64);
    while let Some(row) = rows.next().await {
        all.push(row?);
    }
    Ok(all)
}

async fn list(rows: RowStream, out: &mut Vec<u8>) -> Result<bool, Failure> {
    pin_mut!(rows);
    out.push(b'[');
    let mut comma = false;
    while let Some(row) = rows.next().await {
        if comma {
            out.push(b',');
        }
        comma = true;
        post(&row?, out)?;
    }
    out.push(b']');
    Ok(true)
}

fn post(row: &Row, out: &mut Vec<u8>) -> Result<(), Failure> {
    out.extend_from_slice(b"{\"id\":");
    json::uuid(out, bytes(row, 0)?);
    out.extend_from_slice(b",\"author_id\":");
    json::uuid(out, bytes(row, 1)?);
    written(row, 2, out)?;
    out.push(b'}');
    Ok(())
}

fn written(row: &Row, first: usize, out: &mut Vec<u8>) -> Result<(), Failure> {
    out.extend_from_slice(b",\"title\":");
    json::string(out, bytes(row, first)?);
    out.extend_from_slice(b",\"body\":");
    json::string(out, bytes(row, first + 1)?);
    out.extend_from_slice(b",\"status\":\"");
    out.extend_from_slice(bytes(row, first + 2)?);
    out.push(b'"');
    moment(row, first + 3, out)
}

fn moment(row: &Row, column: usize, out: &mut Vec<u8>) -> Result<(), Failure> {
    out.extend_from_slice(b",\"created_at\":\"");
    time::write(out, number(row, column)? + EPOCH);
    out.push(b'"');
    Ok(())
}

/// The bytes of a column as they came.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn bytes(row: &Row, column: usize) -> Result<&[u8], Failure> {
    Ok(row.try_get::<_, Raw<'_>>(column)?.0)
}

fn number(row: &Row, column: usize) -> Result<i64, Failure> {
    Ok(i64::from_be_bytes(bytes(row, column)?.try_into()?))
}

/// A key as a parameter.
#[derive(Clone, Copy, Debug)]
struct Key(Uuid);

/// A moment as a parameter, in microseconds since 1970.
#[derive(Clone, Copy, Debug)]
struct Moment(i64);

mod parameters {
    use std::error::Error;

    use tokio_postgres::types::private::BytesMut;
    use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

    use super::{EPOCH, Key, Moment};

    impl ToSql for Key {
        fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
            out.extend_from_slice(self.0.as_bytes());
            Ok(IsNull::No)
        }

        fn accepts(ty: &Type) -> bool {
            *ty == Type::UUID
        }

        to_sql_checked!();
    }

    impl ToSql for Moment {
        fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
            out.extend_from_slice(&(self.0 - EPOCH).to_be_bytes());
            Ok(IsNull::No)
        }

        fn accepts(ty: &Type) -> bool {
            *ty == Type::TIMESTAMPTZ
        }

        to_sql_checked!();
    }
}

/// Which connections of the pool are free.
mod parking {
    use std::sync::{Mutex, PoisonError};

    use super::Semaphore;

    pub(super) struct Free {
        count: Semaphore,
        places: Mutex<Vec<usize>>,
    }

    /// A connection that is taken; given back when dropped.
    pub(super) struct Lease<'f> {
        pub(super) at: usize,
        free: &'f Free,
    }

    impl Free {
        pub(super) fn new(places: usize) -> Self {
            Self { count: Semaphore::new(places), places: Mutex::new((0..places).collect()) }
        }

        pub(super) async fn take(&self) -> Lease<'_> {
            if let Ok(permit) = self.count.acquire().await {
                permit.forget();
            }
            let at = self.places.lock().unwrap_or_else(PoisonError::into_inner).pop();
            Lease { at: at.expect("a permit stands for a free place"), free: self }
        }
    }

    impl Drop for Lease<'_> {
        fn drop(&mut self) {
            self.free.places.lock().unwrap_or_else(PoisonError::into_inner).push(self.at);
            self.free.count.add_permits(1);
        }
    }
}
