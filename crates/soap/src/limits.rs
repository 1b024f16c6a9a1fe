//! What a request may ask for.

/// Caps on what an envelope comes to. The shell sets those that settings name; the others are what they are here.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Relations inside relations.
    pub relations: usize,
    /// Rows of an included list.
    pub included: u64,
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
        Self {
            relations: 5,
            included: 1_000,
            page: 30,
            page_most: 1_000,
            rows: 10_000,
            in_list: 2_000,
            pattern_bytes: 256,
        }
    }
}
