//! Refresh tokens: the session's id, its counter, and a keyed hash of both. None is stored, so none can be stolen from the
//! database; which one is in force is the counter of the session's row.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_auth::Pepper;
use uuid::Uuid;

/// What the hash is for.
const SPACE: &str = "refresh_token";
/// The bytes of the id and of the counter, before the hash.
const PLAIN: usize = 16 + 8;
/// The bytes of the hash that are kept.
const TAG: usize = 20;

/// A refresh token that we made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The session.
    pub session: Uuid,
    /// How often the session's token had been rotated when this one was made.
    pub counter: i64,
}

impl RefreshToken {
    /// The token as clients keep it.
    pub fn text(self, pepper: &Pepper) -> String {
        let mut bytes = self.plain();
        bytes.extend_from_slice(&pepper.tag(SPACE, &[&bytes])[..TAG]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token; `None` if it is none of ours.
    pub fn read(text: &str, pepper: &Pepper) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == PLAIN + TAG)?;
        let (plain, tag) = bytes.split_at(PLAIN);
        let session = Uuid::from_slice(&plain[..16]).ok()?;
        let counter = i64::from_be_bytes(plain[16..].try_into().ok()?);
        let expected = pepper.tag(SPACE, &[plain]);
        same(tag, &expected[..TAG]).then_some(Self { session, counter })
    }

    fn plain(self) -> Vec<u8> {
        let mut bytes = self.session.into_bytes().to_vec();
        bytes.extend_from_slice(&self.counter.to_be_bytes());
        bytes
    }
}

/// Whether two texts of one length are equal, in a time that does not tell where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}
