//! What a request brings besides its operation, and what comes back besides its rows.

use std::sync::Arc;
use std::time::Duration;

use bistro_ir::Caller;
use bistro_schema::Value;

/// Who asks, when, and the headers that rules read.
#[derive(Clone, Debug)]
pub struct Context {
    /// Who asks.
    pub caller: Caller,
    /// The time of the request in microseconds since the epoch: `now` in rules and defaults.
    pub now: i64,
    /// The headers that [`crate::Engine::rule_headers`] names, with lower-case names.
    pub headers: Arc<[(String, String)]>,
}

impl Context {
    /// A caller at a time, without headers.
    pub fn new(caller: Caller, now: i64) -> Self {
        Self { caller, now, headers: Arc::from([]) }
    }
}

/// What an operation came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rows that the sink took.
    pub rows: u64,
    /// All rows that match, where the operation asked.
    pub total: Option<u64>,
    /// Rows written: inserted, updated or deleted.
    pub affected: u64,
    /// Rows inserted, of those.
    pub inserted: u64,
    /// The key of the one row that was inserted, if the caller may read it.
    pub key: Option<Vec<Value>>,
}

/// Caps that hold whatever a request asks; all configurable.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Rows of a page (`limits.rows`).
    pub max_rows: u64,
    /// Rows of an embedded list (`limits.embed_rows`).
    pub embed_rows: u64,
    /// Levels of embeds (`limits.embed_depth`).
    pub embed_depth: usize,
    /// Records of a whole reply (`limits.reply_records`).
    pub reply_records: u64,
    /// Bytes of a whole reply (`limits.reply_bytes`).
    pub reply_bytes: usize,
    /// Rows that one write may touch (`limits.write_rows`).
    pub write_rows: u64,
    /// Plans kept ready (`limits.plans`).
    pub plans: usize,
    /// How long the operations of one transaction may take together, for callers whom rules bind: all writers wait
    /// while it is open.
    pub transaction: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_rows: 1_000,
            embed_rows: 1_000,
            embed_depth: 5,
            reply_records: 100_000,
            reply_bytes: 32 << 20,
            write_rows: 100_000,
            plans: 4_096,
            transaction: Duration::from_secs(10),
        }
    }
}
