//! The id of a request: the caller's own if it is sane, otherwise 16 hexadecimal digits that no other request has.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::header::{HeaderMap, HeaderValue};

/// The longest id that is taken over.
const LENGTH_MAX: usize = 128;

/// An id.
#[derive(Clone, Debug)]
pub enum RequestId {
    /// The caller's.
    Given(HeaderValue),
    /// Ours.
    Made([u8; 16]),
}

static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
static COUNT: AtomicU64 = AtomicU64::new(0);

impl RequestId {
    /// The id of a request with these headers.
    pub fn of(headers: &HeaderMap) -> Self {
        match headers.get("x-request-id") {
            Some(value) if sane(value.as_bytes()) => RequestId::Given(value.clone()),
            _ => Self::make(),
        }
    }

    /// A new id. The mixing is a bijection of a counter, so no two ids of a process are equal, and the seed makes those
    /// of two processes differ.
    pub fn make() -> Self {
        let mut x =
            COUNT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(*SEED);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
        let mut digits = [0_u8; 16];
        for (n, digit) in digits.iter_mut().enumerate() {
            *digit = b"0123456789abcdef"[(x >> (4 * n)) as usize & 15];
        }
        RequestId::Made(digits)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let bytes = match self {
            RequestId::Given(value) => value.as_bytes(),
            RequestId::Made(digits) => digits,
        };
        std::str::from_utf8(bytes).expect("both forms are checked to be ASCII")
    }

    /// The header's value.
    pub fn value(&self) -> HeaderValue {
        match self {
            RequestId::Given(value) => value.clone(),
            RequestId::Made(digits) => {
                HeaderValue::from_bytes(digits).expect("hexadecimal digits can stand in a header")
            }
        }
    }
}

/// Whether an id can stand in logs and headers without harm.
fn sane(id: &[u8]) -> bool {
    (1..=LENGTH_MAX).contains(&id.len())
        && id.iter().all(|b| b.is_ascii_alphanumeric() || b"._:/+=@-".contains(b))
}
