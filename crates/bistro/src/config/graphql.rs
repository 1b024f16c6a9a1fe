//! `[graphql]`, with its defaults and bounds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[graphql]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Graphql {
    /// Whether `/graphql/v1` is served.
    pub(crate) enabled: bool,
    /// Whether `/graphql` is a page to write and try documents on.
    pub(crate) explorer: bool,
    /// Whether ids are unique over all types and `node(id:)` finds any row, as Relay wants it. A field `id` of the file is
    /// then called `key`.
    pub(crate) global_ids: bool,
    /// Whether the schema is a subgraph of Apollo Federation 2.
    pub(crate) federation: bool,
    /// As a subgraph: the types that belong to another one, to which this service only adds fields.
    pub(crate) extends: Vec<String>,
    /// Who may ask for the schema: `on` for everybody, `off` for nobody, `auto` for everybody in `dev` and for callers with a
    /// user's token or the secret key in `serve`.
    pub(crate) introspection: Asking,
    /// Whether only the documents of `graphql/trusted.json` are run, by their id, as `--only-trusted` asks.
    pub(crate) only_trusted: bool,
    /// Whether a document that was sent once with its hash is known by the hash afterwards (automatic persisted queries).
    pub(crate) apq: bool,
    /// Operations of one batch. 0 refuses batches.
    #[schemars(range(max = 100))]
    pub(crate) batch: usize,
    /// How often live queries look again where other nodes write to the same database, or where rules look at the time.
    #[schemars(range(min = 1))]
    pub(crate) poll: u64,
    /// A document.
    #[schemars(range(min = 1024))]
    pub(crate) document: usize,
    /// Tokens of a document.
    #[schemars(range(min = 100))]
    pub(crate) tokens: usize,
    /// Levels of braces.
    #[schemars(range(min = 2, max = 100))]
    pub(crate) depth: usize,
    /// Fields of a document, fragments written out.
    #[schemars(range(min = 1))]
    pub(crate) fields: usize,
    /// Names under which one field of one object is asked for.
    #[schemars(range(min = 1))]
    pub(crate) aliases: usize,
    /// Rows that a document may come to, by the product of its page sizes.
    #[schemars(range(min = 1))]
    pub(crate) rows: u64,
    /// Rows of a page without `first` and `last`. `limits.rows` is the most that they can ask for.
    #[schemars(range(min = 1))]
    pub(crate) page: u64,
}

/// Who may ask for the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Asking {
    /// Everybody in `dev`, callers who are signed in elsewhere.
    Auto,
    /// Everybody.
    On,
    /// Nobody.
    Off,
}

impl Default for Graphql {
    fn default() -> Self {
        Self {
            enabled: true,
            explorer: true,
            global_ids: false,
            federation: false,
            extends: Vec::new(),
            introspection: Asking::Auto,
            only_trusted: false,
            apq: true,
            batch: 0,
            poll: 1,
            document: 64 << 10,
            tokens: 15_000,
            depth: 24,
            fields: 500,
            aliases: 20,
            rows: 10_000,
            page: 30,
        }
    }
}

impl Graphql {
    /// The setting that is too small to work with, and its least value.
    pub(super) fn too_small(&self) -> Option<(&'static str, u64)> {
        let least: [(&'static str, u64, u64); 8] = [
            ("poll", self.poll, 1),
            ("document", self.document as u64, 1_024),
            ("tokens", self.tokens as u64, 100),
            ("depth", self.depth as u64, 2),
            ("fields", self.fields as u64, 1),
            ("aliases", self.aliases as u64, 1),
            ("rows", self.rows, 1),
            ("page", self.page, 1),
        ];
        least.into_iter().find(|(_, value, least)| value < least).map(|(name, _, least)| (name, least))
    }

    /// The setting that is larger than the program allows, and its greatest value.
    pub(super) fn too_large(&self) -> Option<(&'static str, u64)> {
        let most: [(&'static str, u64, u64); 2] =
            [("batch", self.batch as u64, 100), ("depth", self.depth as u64, 100)];
        most.into_iter().find(|(_, value, most)| value > most).map(|(name, _, most)| (name, most))
    }
}
