//! MySQL and MariaDB: a pool of connections, rows decoded from the binary format straight to bytes.

use std::error::Error;
use std::path::Path;

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, OptsBuilder, Params, Pool, PoolConstraints, PoolOpts, Row, Value};
use uuid::Uuid;

use crate::backend::{Post, Question};
use crate::seed::{self, Batch};
use crate::{json, time};

type Failure = Box<dyn Error + Send + Sync>;

/// Connections of the pool.
const CONNECTIONS: usize = 32;

const TABLES: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS users (
        id binary(16) PRIMARY KEY, name longtext NOT NULL, email longtext NOT NULL, created_at datetime(6) NOT NULL)",
    "CREATE TABLE IF NOT EXISTS posts (
        id binary(16) PRIMARY KEY, author_id binary(16) NOT NULL, title longtext NOT NULL, body longtext NOT NULL,
        status varchar(32) NOT NULL, created_at datetime(6) NOT NULL,
        KEY posts_author_id_created_at (author_id, created_at), KEY posts_created_at (created_at),
        FOREIGN KEY (author_id) REFERENCES users (id))",
    "CREATE TABLE IF NOT EXISTS comments (
        id binary(16) PRIMARY KEY, post_id binary(16) NOT NULL, author_id binary(16) NOT NULL, body longtext NOT NULL,
        created_at datetime(6) NOT NULL,
        KEY comments_post_id_created_at (post_id, created_at), KEY comments_author_id (author_id),
        FOREIGN KEY (post_id) REFERENCES posts (id), FOREIGN KEY (author_id) REFERENCES users (id))",
];

const POST: &str = "SELECT p.id, p.author_id, p.title, p.body, p.status, p.created_at FROM posts p WHERE ";
const NEWEST: &str = " ORDER BY p.created_at DESC LIMIT ";
const INSERT: &str =
    "INSERT INTO posts (id, author_id, title, body, status, created_at) VALUES (?, ?, ?, ?, ?, ?)";
/// The keys come as one list of hexadecimal texts.
const AUTHORS: &str = "SELECT u.id, u.name FROM JSON_TABLE(?, '$[*]' COLUMNS (id char(32) PATH '$')) AS k \
    JOIN users u ON u.id = UNHEX(k.id)";
const COMMENTS: &str = "SELECT i, id, body, created_at FROM (SELECT k.i, c.id, c.body, c.created_at, \
    ROW_NUMBER() OVER (PARTITION BY k.i ORDER BY c.created_at DESC) AS n \
    FROM JSON_TABLE(?, '$[*]' COLUMNS (i FOR ORDINALITY, id char(32) PATH '$')) AS k \
    JOIN comments c ON c.post_id = UNHEX(k.id)) AS x WHERE n <= 3 ORDER BY i, n";

/// An open server.
pub(crate) struct Mysql {
    rules: bool,
    pool: Pool,
}

impl Mysql {
    pub(crate) async fn open(url: &str, rules: bool) -> Result<Self, Box<dyn Error>> {
        let constraints = PoolConstraints::new(CONNECTIONS, CONNECTIONS).ok_or("a pool needs connections")?;
        let options = OptsBuilder::from_opts(Opts::from_url(url)?)
            .pool_opts(PoolOpts::default().with_constraints(constraints).with_reset_connection(false))
            .init(vec!["SET time_zone = '+00:00'"]);
        let pool = Pool::new(options);
        let mut connection = pool.get_conn().await?;
        for table in TABLES {
            connection.query_drop(table).await?;
        }
        drop(connection);
        Ok(Self { rules, pool })
    }

    /// The statement of a filter; its parameters.
    fn post(&self, filter: &str, tail: &str, value: Value, caller: Option<Uuid>) -> (String, Params) {
        let rule = if self.rules { " AND (p.status = 'published' OR p.author_id = ?)" } else { "" };
        let mut values = vec![value];
        if self.rules {
            values.push(caller.map_or(Value::NULL, key));
        }
        (format!("{POST}{filter}{rule}{tail}"), Params::Positional(values))
    }

    pub(crate) async fn answer(
        &self,
        question: Question,
        caller: Option<Uuid>,
        out: &mut Vec<u8>,
    ) -> Result<bool, Failure> {
        let mut connection = self.pool.get_conn().await?;
        let (text, values) = match question {
            Question::One(id) => self.post("p.id = ?", "", key(id), caller),
            Question::OfAuthor(id) => self.post("p.author_id = ?", &format!("{NEWEST}50"), key(id), caller),
            Question::Page(before) | Question::Feed(before) => {
                self.post("p.created_at < ?", &format!("{NEWEST}20"), instant(before), caller)
            }
        };
        let rows: Vec<Row> = connection.exec(text, values).await?;
        match question {
            Question::One(_) => match rows.first() {
                Some(row) => post(row, out).map(|()| true),
                None => Ok(false),
            },
            Question::OfAuthor(_) | Question::Page(_) => list(&rows, out),
            Question::Feed(_) => feed(&mut connection, &rows, out).await,
        }
    }

    pub(crate) async fn insert(&self, new: Post) -> Result<(), Failure> {
        let mut connection = self.pool.get_conn().await?;
        let values: Vec<Value> = vec![
            key(new.id),
            key(new.author),
            new.title.into(),
            new.body.into(),
            new.status.into(),
            instant(new.created_at),
        ];
        connection.exec_drop(INSERT, Params::Positional(values)).await?;
        Ok(())
    }

    pub(crate) async fn seed(&self, folder: &Path) -> Result<(), Box<dyn Error>> {
        let mut connection = self.pool.get_conn().await?;
        for batch in seed::batches(folder)? {
            let Batch { table, columns, json } = batch?;
            let source = |name: &str| match name {
                id if id == "id" || id.ends_with("_id") => format!("UNHEX(REPLACE({id}, '-', ''))"),
                "created_at" => "REPLACE(REPLACE(created_at, 'T', ' '), 'Z', '')".to_owned(),
                other => other.to_owned(),
            };
            let names: Vec<&str> = columns.split(", ").collect();
            let from: Vec<String> = names.iter().map(|n| source(n)).collect();
            let table_columns: Vec<String> = names.iter().map(|n| format!("{n} text PATH '$.{n}'")).collect();
            let text = format!(
                "INSERT INTO {table} ({columns}) SELECT {} FROM JSON_TABLE(?, '$[*]' COLUMNS ({})) AS j",
                from.join(", "),
                table_columns.join(", ")
            );
            connection.exec_drop(text, (json,)).await?;
        }
        connection.query_drop("ANALYZE TABLE users, posts, comments").await?;
        Ok(())
    }
}

async fn feed(connection: &mut Conn, posts: &[Row], out: &mut Vec<u8>) -> Result<bool, Failure> {
    let hex = |column: usize| -> Result<String, Failure> {
        let keys = posts.iter().map(|row| Ok(Uuid::from_slice(bytes(row, column)?)?.simple().to_string()));
        Ok(serde_json::to_string(&keys.collect::<Result<Vec<_>, Failure>>()?)?)
    };
    let authors: Vec<Row> = connection.exec(AUTHORS, (hex(1)?,)).await?;
    let comments: Vec<Row> = connection.exec(COMMENTS, (hex(0)?,)).await?;
    let mut at = 0;
    out.push(b'[');
    for (n, row) in posts.iter().enumerate() {
        out.extend_from_slice(if n == 0 { b"{\"id\":" } else { b",{\"id\":" });
        json::uuid(out, bytes(row, 0)?);
        written(row, 2, out)?;
        let author = bytes(row, 1)?;
        out.extend_from_slice(b",\"author\":{\"id\":");
        json::uuid(out, author);
        out.extend_from_slice(b",\"name\":");
        let found = authors.iter().find(|found| bytes(found, 0).is_ok_and(|id| id == author));
        json::string(out, found.map_or(Ok(&b""[..]), |found| bytes(found, 1))?);
        out.extend_from_slice(b"},\"comments\":[");
        let mut comma = false;
        while let Some(comment) = comments.get(at).filter(|c| place(c) == n as i64 + 1) {
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

fn list(rows: &[Row], out: &mut Vec<u8>) -> Result<bool, Failure> {
    out.push(b'[');
    for (n, row) in rows.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        post(row, out)?;
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
    let Some(Value::Date(year, month, day, hour, minute, second, micros)) = row.as_ref(column) else {
        return Err("a column holds no moment".into());
    };
    let clock = [*month, *day, *hour, *minute, *second].map(i64::from);
    out.extend_from_slice(b",\"created_at\":\"");
    time::write(out, time::instant(i64::from(*year), clock) + i64::from(*micros));
    out.push(b'"');
    Ok(())
}

fn bytes(row: &Row, column: usize) -> Result<&[u8], Failure> {
    match row.as_ref(column) {
        Some(Value::Bytes(bytes)) => Ok(bytes),
        _ => Err("a column holds no bytes".into()),
    }
}

fn place(row: &Row) -> i64 {
    match row.as_ref(0) {
        Some(Value::Int(n)) => *n,
        Some(Value::UInt(n)) => i64::try_from(*n).unwrap_or(i64::MAX),
        _ => 0,
    }
}

fn key(id: Uuid) -> Value {
    Value::Bytes(id.as_bytes().to_vec())
}

fn instant(micros: i64) -> Value {
    let ([month, day, hour, minute, second], year, rest) = time::parts(micros);
    Value::Date(year as u16, month as u8, day as u8, hour as u8, minute as u8, second as u8, rest as u32)
}
