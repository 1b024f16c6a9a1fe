//! The migrations that were run.

use bistro_store::{Applied, AppliedState, Direction, StoreError};
use tokio_postgres::{Error, Row};

use crate::execute::Trouble;
use crate::link::Link;

/// What was run, in the order of the names.
pub(crate) async fn read(link: &Link) -> Result<Vec<Applied>, Trouble> {
    let sql = "SELECT name, checksum, at, direction, done, total FROM bistro_migrations ORDER BY name";
    let rows = link.client().query(sql, &[]).await?;
    rows.iter().map(applied).collect()
}

/// One entry.
pub(crate) async fn entry(link: &Link, name: &str) -> Result<Option<Applied>, Trouble> {
    let sql = "SELECT name, checksum, at, direction, done, total FROM bistro_migrations WHERE name = $1";
    link.client().query_opt(sql, &[&name]).await?.as_ref().map(applied).transpose()
}

fn applied(row: &Row) -> Result<Applied, Trouble> {
    let direction: Option<String> = row.try_get(3)?;
    let number = |at: usize| -> Result<u32, Error> {
        Ok(row.try_get::<_, Option<i32>>(at)?.and_then(|n| u32::try_from(n).ok()).unwrap_or(0))
    };
    let state = match direction.as_deref() {
        None => AppliedState::Done,
        Some("up") => AppliedState::Begun { direction: Direction::Up, done: number(4)?, of: number(5)? },
        Some("down") => AppliedState::Begun { direction: Direction::Down, done: number(4)?, of: number(5)? },
        Some(other) => return Err(StoreError::bug(format!("a migration's direction is {other:?}")).into()),
    };
    Ok(Applied { name: row.try_get(0)?, checksum: row.try_get(1)?, at: row.try_get(2)?, state })
}
