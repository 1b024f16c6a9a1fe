//! Automatic persisted queries: texts that clients sent once together with their hash, and name by it from then on.

use apollo_compiler::response::serde_json_bytes::ByteString;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::digest::Hash;

/// Bytes of all texts that are kept.
const BYTES: u64 = 8 << 20;
/// How many texts are kept.
const COUNT: usize = 4_096;

/// The texts that were asked for last. Each weighs at least its share of the room, so that their number is bounded too.
#[derive(Debug)]
pub(super) struct Persisted(Cache<Hash, ByteString, Weight>);

#[derive(Clone, Debug)]
struct Weight;

impl Weighter<Hash, ByteString> for Weight {
    fn weight(&self, _: &Hash, text: &ByteString) -> u64 {
        (text.as_str().len() as u64).max(BYTES / COUNT as u64)
    }
}

impl Persisted {
    pub(super) fn new() -> Self {
        Self(Cache::with_weighter(COUNT, BYTES, Weight))
    }

    /// The text of this hash.
    pub(super) fn get(&self, hash: &Hash) -> Option<ByteString> {
        self.0.get(hash)
    }

    /// Keeps a text whose hash was verified.
    pub(super) fn keep(&self, hash: Hash, text: &str) {
        // A copy: the text of a request is a part of its whole body.
        self.0.insert(hash, ByteString::from(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::digest::hash;

    #[test]
    fn the_store_is_bounded_by_count_and_by_bytes() {
        let check = |bytes: usize, most: u64| {
            let store = Persisted::new();
            for n in 0..10_000 {
                let text = format!("{n:0>bytes$}");
                store.keep(hash(&text), &text);
            }
            assert!(store.0.len() as u64 <= most && store.0.weight() <= BYTES, "{bytes}: {}", store.0.len());
            let last = format!("{:0>bytes$}", 9_999);
            assert_eq!(store.get(&hash(&last)).map(|t| t.as_str().to_owned()), Some(last));
        };
        check(10, COUNT as u64);
        check(16 << 10, BYTES / (16 << 10));
    }
}
