//! What a request may ask for.

use std::time::Duration;

/// Caps on documents and on what they come to; all configurable.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a document.
    pub document_bytes: usize,
    /// Tokens of a document.
    pub tokens: usize,
    /// Levels of braces.
    pub depth: usize,
    /// Fields, fragments written out.
    pub fields: usize,
    /// Names under which one field of one object is asked for.
    pub aliases: usize,
    /// Rows that a document may come to, by the product of its page sizes.
    pub rows: u64,
    /// Relations inside relations.
    pub relations: usize,
    /// Rows of a page without `first` and `last`.
    pub page: u64,
    /// The greatest `first` and `last`.
    pub page_most: u64,
    /// The greatest `first` of a live query.
    pub live_most: u64,
    /// Values of an `in` list.
    pub in_list: usize,
    /// Bytes of a pattern or regular expression.
    pub pattern_bytes: usize,
    /// Levels of an introspection.
    pub introspection_depth: usize,
    /// Fields of an introspection.
    pub introspection_fields: usize,
    /// Operations of a batch; 0 refuses batches.
    pub batch: usize,
    /// Whether a write may have an empty filter.
    pub unfiltered_writes: bool,
    /// How often live queries look again where other nodes write to the same database.
    pub poll: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 64 << 10,
            tokens: 15_000,
            depth: 24,
            fields: 500,
            aliases: 20,
            rows: 10_000,
            relations: 5,
            page: 30,
            page_most: 1_000,
            live_most: 100,
            in_list: 2_000,
            pattern_bytes: 256,
            introspection_depth: 20,
            introspection_fields: 500,
            batch: 0,
            unfiltered_writes: false,
            poll: Duration::from_secs(1),
        }
    }
}
