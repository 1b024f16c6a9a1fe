//! `[limits]`: what requests may ask for, and how often what may happen.

use bistro_accounts::limits::{Rate, Rates};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[limits]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// The request line.
    #[schemars(range(min = 1024))]
    pub(crate) request_line: usize,
    /// All headers together.
    #[schemars(range(min = 1024))]
    pub(crate) headers: usize,
    /// How many headers.
    #[schemars(range(min = 16, max = 100))]
    pub(crate) header_count: usize,
    /// The time in which the headers must have come.
    #[schemars(range(min = 1))]
    pub(crate) header_time: u64,
    /// A body of JSON or CSV.
    #[schemars(range(min = 1024))]
    pub(crate) body: usize,
    /// The longest pause within a body.
    #[schemars(range(min = 1))]
    pub(crate) body_idle: u64,
    /// The time in which the whole body must have come.
    #[schemars(range(min = 1))]
    pub(crate) body_time: u64,
    /// The time to the first byte of the answer.
    #[schemars(range(min = 1))]
    pub(crate) request: u64,
    /// The time of one statement.
    #[schemars(range(min = 1))]
    pub(crate) statement: u64,
    /// A connection without a request, or whose client takes nothing.
    #[schemars(range(min = 1))]
    pub(crate) idle: u64,
    /// How long requests may take to end after the order to stop.
    pub(crate) drain: u64,
    /// Connections at once.
    #[schemars(range(min = 1))]
    pub(crate) connections: usize,
    /// Streams of one HTTP/2 connection.
    #[schemars(range(min = 1))]
    pub(crate) streams: u32,
    /// Parameters of a query string.
    #[schemars(range(min = 1))]
    pub(crate) parameters: usize,
    /// Values of an `in` list.
    #[schemars(range(min = 1))]
    pub(crate) in_list: usize,
    /// Rows of a page.
    #[schemars(range(min = 1))]
    pub(crate) rows: u64,
    /// Rows of an embedded list.
    #[schemars(range(min = 1))]
    pub(crate) embed_rows: u64,
    /// Levels of embeds.
    #[schemars(range(min = 1, max = 10))]
    pub(crate) embed_depth: usize,
    /// Rows that one write may touch.
    #[schemars(range(min = 1))]
    pub(crate) write_rows: u64,
    /// Records of a whole reply.
    #[schemars(range(min = 1))]
    pub(crate) reply_records: u64,
    /// A whole reply.
    #[schemars(range(min = 1024))]
    pub(crate) reply_bytes: usize,
    /// Plans that are kept ready.
    #[schemars(range(min = 16))]
    pub(crate) plans: usize,
    /// Failed sign-ins to one account from one address. Rates are written like `10/min`, with `s`, `min`, `h` or `day`; `dev`
    /// allows a hundred times as many. A network of 64 bits counts as one address of IPv6.
    #[schemars(with = "String")]
    pub(crate) failed_sign_ins: Rate,
    /// Failed sign-ins from one address.
    #[schemars(with = "String")]
    pub(crate) failed_sign_ins_address: Rate,
    /// Failed sign-ins to one account from all addresses and devices together that never signed in to it.
    #[schemars(with = "String")]
    pub(crate) failed_sign_ins_account: Rate,
    /// Sign-ups from one address.
    #[schemars(with = "String")]
    pub(crate) sign_ups: Rate,
    /// Anonymous sign-ins from one address.
    #[schemars(with = "String")]
    pub(crate) anonymous_sign_ins: Rate,
    /// Mails to one recipient; `auth.mail_interval` says how soon one may follow another.
    #[schemars(with = "String")]
    pub(crate) mails: Rate,
    /// Mailed codes that are tried from one address.
    #[schemars(with = "String")]
    pub(crate) codes: Rate,
    /// Refreshes of one session.
    #[schemars(with = "String")]
    pub(crate) refreshes: Rate,
    /// Second factors that are tried for one account.
    #[schemars(with = "String")]
    pub(crate) factors: Rate,
    /// Requests of OAuth applications for tokens from one address.
    #[schemars(with = "String")]
    pub(crate) applications: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        let rates = Rates::default();
        Self {
            request_line: 64 << 10,
            headers: 16 << 10,
            header_count: 100,
            header_time: 10,
            body: 2 << 20,
            body_idle: 10,
            body_time: 30,
            request: 30,
            statement: 10,
            idle: 120,
            drain: 10,
            connections: 10_000,
            streams: 100,
            parameters: 100,
            in_list: 2_000,
            rows: 1_000,
            embed_rows: 1_000,
            embed_depth: 5,
            write_rows: 100_000,
            reply_records: 100_000,
            reply_bytes: 32 << 20,
            plans: 4_096,
            failed_sign_ins: rates.failed_sign_ins,
            failed_sign_ins_address: rates.failed_sign_ins_address,
            failed_sign_ins_account: rates.failed_sign_ins_account,
            sign_ups: rates.sign_ups,
            anonymous_sign_ins: rates.anonymous_sign_ins,
            mails: rates.mails,
            codes: rates.codes,
            refreshes: rates.refreshes,
            factors: rates.factors,
            applications: rates.applications,
        }
    }
}

impl Limits {
    /// How often what may happen to accounts.
    pub(crate) fn rates(&self) -> Rates {
        Rates {
            failed_sign_ins: self.failed_sign_ins,
            failed_sign_ins_address: self.failed_sign_ins_address,
            failed_sign_ins_account: self.failed_sign_ins_account,
            sign_ups: self.sign_ups,
            anonymous_sign_ins: self.anonymous_sign_ins,
            mails: self.mails,
            codes: self.codes,
            refreshes: self.refreshes,
            factors: self.factors,
            applications: self.applications,
        }
    }

    /// The setting that is too small to work with, and its least value.
    pub(crate) fn too_small(&self) -> Option<(&'static str, u64)> {
        let least: [(&'static str, u64, u64); 21] = [
            ("request_line", self.request_line as u64, 1_024),
            ("headers", self.headers as u64, 1_024),
            ("header_count", self.header_count as u64, 16),
            ("header_time", self.header_time, 1),
            ("body", self.body as u64, 1_024),
            ("body_idle", self.body_idle, 1),
            ("body_time", self.body_time, 1),
            ("request", self.request, 1),
            ("statement", self.statement, 1),
            ("idle", self.idle, 1),
            ("connections", self.connections as u64, 1),
            ("streams", u64::from(self.streams), 1),
            ("parameters", self.parameters as u64, 1),
            ("in_list", self.in_list as u64, 1),
            ("rows", self.rows, 1),
            ("embed_rows", self.embed_rows, 1),
            ("embed_depth", self.embed_depth as u64, 1),
            ("write_rows", self.write_rows, 1),
            ("reply_records", self.reply_records, 1),
            ("reply_bytes", self.reply_bytes as u64, 1_024),
            ("plans", self.plans as u64, 16),
        ];
        least.into_iter().find(|(_, value, least)| value < least).map(|(name, _, least)| (name, least))
    }

    /// The setting that is larger than the program allows, and its greatest value.
    pub(crate) fn too_large(&self) -> Option<(&'static str, u64)> {
        let most: [(&'static str, u64, u64); 2] =
            [("header_count", self.header_count as u64, 100), ("embed_depth", self.embed_depth as u64, 10)];
        most.into_iter().find(|(_, value, most)| value > most).map(|(name, _, most)| (name, most))
    }
}
