//! Commands beside a running server: one line of JSON asked, lines of JSON told, over `data/bistro.sock`.
//!
//! The socket is for the owner of the data folder alone. Start at [`Ask`]; the server's side is [`Listening`], the
//! command's is [`call`].

#[cfg(not(unix))]
mod absent;
#[cfg(unix)]
mod client;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod socket;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::applications;
use crate::migrations::Order;
use crate::users;

#[cfg(not(unix))]
pub(crate) use absent::{Listening, call};
#[cfg(unix)]
pub(crate) use client::call;
#[cfg(unix)]
pub(crate) use server::Listening;

/// The longest line, in bytes.
#[cfg(unix)]
const LINE_MAX: usize = 4 << 20;

/// What a command asks of the server.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Ask {
    /// Where the server is reached.
    Status,
    /// Read the keys again.
    Keys,
    /// Load files.
    Seed {
        /// Absolute paths.
        files: Vec<PathBuf>,
        /// Whether rows that exist are updated.
        upsert: bool,
    },
    /// Explain a request.
    Explain {
        /// The method and path.
        request: String,
        /// The body.
        body: Option<String>,
        /// Who asks.
        caller: String,
    },
    /// What operations cost, and which indexes would help.
    Advise {
        /// Leave out what ran fewer times.
        calls: u64,
        /// Whether JSON is wanted.
        json: bool,
    },
    /// Look at the migrations, or run them.
    Migrate {
        /// What exactly.
        order: Order,
    },
    /// Look at people's accounts, or change them.
    User {
        /// What exactly.
        order: users::Order,
    },
    /// Look at the applications that may act for people, or change them.
    Application {
        /// What exactly.
        order: applications::Order,
    },
    /// Look for an account, or make it.
    Account {
        /// Its key.
        sub: String,
        /// A JSON object with the row's fields, to make it.
        create: Option<String>,
    },
}

/// What the server tells.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "tell", rename_all = "snake_case")]
pub(crate) enum Tell {
    /// How far it is.
    Progress {
        /// Rows done.
        done: usize,
        /// Rows in all.
        total: usize,
    },
    /// The answer; nothing follows.
    Done {
        /// In words, or the text that was asked for.
        text: String,
    },
    /// A refusal; nothing follows.
    Failed {
        /// Why.
        message: String,
    },
}
