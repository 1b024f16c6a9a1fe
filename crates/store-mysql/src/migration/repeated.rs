//! Whether a statement whose end was never noted is done: it changes tables, and the server refuses to do that twice.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, ServerError};

/// Whether the server's refusal means that the statement was done before.
pub(super) async fn repeated(conn: &mut Conn, sql: &str, error: &ServerError) -> Result<bool, Error> {
    let words = words(sql);
    let first = words.first().map(|w| w.to_ascii_uppercase()).unwrap_or_default();
    let at = |word: &str| words.iter().position(|w| w.eq_ignore_ascii_case(word));
    match first.as_str() {
        "CREATE" | "ALTER" | "DROP" | "RENAME" => {}
        _ => return Ok(false),
    }
    match error.code {
        // MariaDB says this of a foreign key that exists.
        1005 => Ok(error.message.contains("errno: 121")),
        // Tables, columns, keys and constraints that exist, under each name that the servers have for that.
        1050 => Ok(first == "CREATE"),
        1060 | 1061 | 1068 | 1826 | 3822 => Ok(true),
        // Tables, columns, keys and constraints that are gone.
        1051 | 1091 | 3821 | 3940 | 4092 => Ok(at("DROP").is_some()),
        1146 if first == "DROP" => Ok(true),
        // A name that is gone may never have been there; where it was given another, that must be there.
        1146 => match (first.as_str(), at("RENAME"), at("TO")) {
            ("RENAME" | "ALTER", Some(_), Some(to)) if at("COLUMN").is_none() => {
                let table = words.get(to + 1).map(|w| bare(w));
                let sql = "SELECT count(*) FROM information_schema.tables \
                           WHERE table_schema = DATABASE() AND table_name = ?";
                there(conn.exec_first(sql, (table,)).await?)
            }
            _ => Ok(false),
        },
        1054 => match (first.as_str(), words.get(2), at("RENAME"), at("TO")) {
            ("ALTER", Some(table), Some(rename), Some(to))
                if words.get(rename + 1).is_some_and(|w| w.eq_ignore_ascii_case("COLUMN"))
                    && to == rename + 3
                    && words.len() == to + 2 =>
            {
                let sql = "SELECT count(*) FROM information_schema.columns \
                           WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?";
                there(conn.exec_first(sql, (bare(table), bare(&words[to + 1]))).await?)
            }
            _ => Ok(false),
        },
        _ => Ok(false),
    }
}

fn there(count: Option<u64>) -> Result<bool, Error> {
    Ok(count.is_some_and(|n| n > 0))
}

/// A name without its quotes.
fn bare(word: &str) -> String {
    word.trim_matches(['`', '"']).to_owned()
}

/// The words of a statement, without comments before it.
fn words(sql: &str) -> Vec<String> {
    let mut rest = sql.trim_start();
    loop {
        let end = match rest {
            r if r.starts_with("--") || r.starts_with('#') => r.find('\n').map(|at| at + 1),
            r if r.starts_with("/*") => r.find("*/").map(|at| at + 2),
            _ => break,
        };
        rest = rest[end.unwrap_or(rest.len())..].trim_start();
    }
    rest.trim_end_matches([';', ' ', '\n']).split_whitespace().map(str::to_owned).collect()
}
