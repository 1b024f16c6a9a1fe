//! Loads the harness's JSON lines into the tables, in one transaction.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use rusqlite::{Connection, params};
use serde::Deserialize;
use uuid::Uuid;

use crate::{schema, time};

#[derive(Deserialize)]
struct User {
    id: Uuid,
    name: String,
    email: String,
    created_at: String,
}

#[derive(Deserialize)]
struct Post {
    id: Uuid,
    author_id: Uuid,
    title: String,
    body: String,
    status: String,
    created_at: String,
}

#[derive(Deserialize)]
struct Comment {
    id: Uuid,
    post_id: Uuid,
    author_id: Uuid,
    body: String,
    created_at: String,
}

/// Fills the file from `users.jsonl`, `posts.jsonl` and, where there is one, `comments.jsonl`.
pub(crate) fn load(file: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    schema::create(file)?;
    let mut connection = schema::open_writer(file)?;
    let transaction = connection.transaction()?;
    each_line(&folder.join("users.jsonl"), |line| user(&transaction, line))?;
    each_line(&folder.join("posts.jsonl"), |line| post(&transaction, line))?;
    let comments = folder.join("comments.jsonl");
    if comments.exists() {
        each_line(&comments, |line| comment(&transaction, line))?;
    }
    transaction.commit()?;
    connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

/// Rows of one table as a JSON array, for a server.
pub(crate) struct Batch {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static str,
    pub(crate) json: String,
}

/// Rows of a batch.
const ROWS: usize = 2_000;

/// The files as batches, in the order of their references.
pub(crate) fn batches(
    folder: &Path,
) -> Result<impl Iterator<Item = Result<Batch, std::io::Error>>, Box<dyn Error>> {
    let tables = [
        ("users", "id, name, email, created_at"),
        ("posts", "id, author_id, title, body, status, created_at"),
        ("comments", "id, post_id, author_id, body, created_at"),
    ];
    let mut all: Vec<(&'static str, &'static str, std::io::Lines<BufReader<File>>)> = Vec::new();
    for (table, columns) in tables {
        let file = folder.join(format!("{table}.jsonl"));
        if table != "comments" || file.exists() {
            let open = File::open(&file).map_err(|cause| format!("{}: {cause}", file.display()))?;
            all.push((table, columns, BufReader::new(open).lines()));
        }
    }
    Ok(all.into_iter().flat_map(|(table, columns, mut lines)| {
        std::iter::from_fn(move || {
            let mut json = String::from("[");
            for line in lines.by_ref().take(ROWS) {
                match line {
                    Ok(line) => {
                        json.push_str(if json.len() > 1 { "," } else { "" });
                        json.push_str(&line);
                    }
                    Err(cause) => return Some(Err(cause)),
                }
            }
            json.push(']');
            (json.len() > 2).then_some(Ok(Batch { table, columns, json }))
        })
    }))
}

fn each_line(
    file: &Path,
    mut insert: impl FnMut(&str) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mut lines = BufReader::new(File::open(file).map_err(|cause| format!("{}: {cause}", file.display()))?);
    let mut line = String::new();
    let mut number = 0;
    while lines.read_line(&mut line)? > 0 {
        number += 1;
        insert(&line).map_err(|cause| format!("{}:{number}: {cause}", file.display()))?;
        line.clear();
    }
    Ok(())
}

fn moment(text: &str) -> Result<i64, String> {
    time::parse(text).ok_or_else(|| format!("`{text}` is not a time like 2025-01-01T00:00:00Z"))
}

fn user(to: &Connection, line: &str) -> Result<(), Box<dyn Error>> {
    let row: User = serde_json::from_str(line)?;
    to.prepare_cached("INSERT INTO users (id, name, email, created_at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![row.id.as_bytes(), row.name, row.email, moment(&row.created_at)?])?;
    Ok(())
}

fn post(to: &Connection, line: &str) -> Result<(), Box<dyn Error>> {
    let row: Post = serde_json::from_str(line)?;
    to.prepare_cached(
        "INSERT INTO posts (id, author_id, title, body, status, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        row.id.as_bytes(),
        row.author_id.as_bytes(),
        row.title,
        row.body,
        row.status,
        moment(&row.created_at)?
    ])?;
    Ok(())
}

fn comment(to: &Connection, line: &str) -> Result<(), Box<dyn Error>> {
    let row: Comment = serde_json::from_str(line)?;
    to.prepare_cached(
        "INSERT INTO comments (id, post_id, author_id, body, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        row.id.as_bytes(),
        row.post_id.as_bytes(),
        row.author_id.as_bytes(),
        row.body,
        moment(&row.created_at)?
    ])?;
    Ok(())
}
