//! What a request may ask for.

/// Caps on envelopes and on what they come to; all configurable.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Relations inside relations.
    pub relations: usize,
    /// Rows of a page without `first`.
    pub page: u64,
    /// The greatest `first`.
    pub page_most: u64,
    /// Rows of one `CreatePosts`.
    pub rows: usize,
    /// Values of an `in` list.
    pub in_list: usize,
    /// Bytes of a pattern or regular expression.
    pub pattern_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { relations: 5, page: 30, page_most: 1_000, rows: 10_000, in_list: 2_000, pattern_bytes: 256 }
    }
}
