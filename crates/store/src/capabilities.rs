//! What a store can do. The middle asks these questions and never which store it is.

/// Declared once by each store; the conformance suite holds it to its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Several statements succeed or fail together.
    pub transactions: bool,
    /// Conditions and embeds may follow relations.
    pub relations: bool,
    /// `fts` operators have an index.
    pub full_text: bool,
    /// Regular expressions are matched.
    pub regex: bool,
    /// JSON paths are followed.
    pub json: bool,
    /// Groups and aggregates are computed.
    pub aggregates: bool,
    /// Foreign keys are enforced.
    pub foreign_keys: bool,
    /// Data outlives the process.
    pub durable: bool,
    /// Full text finds words of fewer than three characters.
    pub short_words: bool,
    /// Full text finds what the open transaction itself wrote.
    pub fresh_words: bool,
    /// JSON documents come back as they were written: their members in order and even twice, numbers in their form.
    /// Otherwise they come back as equal documents.
    pub documents_as_written: bool,
    /// Arrays and objects in JSON documents have the order of what is in them; otherwise they come by size, and then in an
    /// order of the store's own.
    pub documents_in_order: bool,
    /// The data lies in the process's own folder: one process holds it. Otherwise several nodes share it.
    pub embedded: bool,
    /// A change of tables is all or nothing, whatever interrupts it; otherwise each of its statements is.
    pub whole_changes: bool,
    /// The name of its SQL in migration folders (`up.<name>.sql`); `None` where tables are not changed by SQL.
    pub sql: Option<&'static str>,
}

impl Capabilities {
    /// Everything.
    pub const ALL: Capabilities = Capabilities {
        transactions: true,
        relations: true,
        full_text: true,
        regex: true,
        json: true,
        aggregates: true,
        foreign_keys: true,
        durable: true,
        short_words: true,
        fresh_words: true,
        documents_as_written: true,
        documents_in_order: true,
        embedded: true,
        whole_changes: true,
        sql: None,
    };
}
