//! The project's own secret beside its data: what is only compared is kept as a keyed hash, what must be read again is sealed.
//! A copy of the database alone then gives away neither.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;

/// The bytes of a nonce of AES-GCM, which stand before what is sealed.
const NONCE: usize = 12;

/// Makes keyed hashes and seals. Cheap to clone.
#[derive(Clone)]
pub struct Pepper {
    key: hmac::Key,
}

impl Pepper {
    /// From the secret that the project keeps.
    pub fn new(secret: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// A keyed hash of the parts, for one purpose: what is hashed for another never fits.
    pub fn tag(&self, space: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        for part in std::iter::once(space.as_bytes()).chain(parts.iter().copied()) {
            // With its length before it, no part can be moved into its neighbour.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign().as_ref().try_into().expect("SHA-256 has 32 bytes")
    }

    /// Encrypts for one purpose.
    pub fn seal(&self, space: &str, plain: &[u8]) -> Vec<u8> {
        let mut sealed = plain.to_vec();
        let nonce = self.cipher(space).seal_in_place_append_tag(Aad::from(space.as_bytes()), &mut sealed);
        let nonce = nonce.expect("the system has random bytes, and secrets are far shorter than 64 GB");
        [nonce.as_ref().as_slice(), &sealed].concat()
    }

    /// What was sealed for the purpose; `None` if it was not, or was changed since.
    pub fn open(&self, space: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = rest.to_vec();
        let plain = self.cipher(space).open_in_place(nonce, Aad::from(space.as_bytes()), &mut bytes).ok()?;
        Some(plain.to_vec())
    }

    fn cipher(&self, space: &str) -> RandomizedNonceKey {
        let key = self.tag("seal", &[space.as_bytes()]);
        RandomizedNonceKey::new(&AES_256_GCM, &key).expect("a tag is as long as a key of AES-256")
    }
}

impl std::fmt::Debug for Pepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pepper")
    }
}

#[cfg(test)]
mod tests {
    use super::Pepper;

    #[test]
    fn parts_and_purposes_are_kept_apart() {
        let pepper = Pepper::new(b"secret");
        let tag = |space, parts: &[&[u8]]| pepper.tag(space, parts);
        assert_eq!(tag("a", &[b"b", b"c"]), tag("a", &[b"b", b"c"]));
        for (space, parts) in
            [("a", &[b"bc".as_slice()][..]), ("ab", &[b"c"]), ("a", &[b"c", b"b"]), ("a", &[b"b", b"c", b""])]
        {
            assert_ne!(tag("a", &[b"b", b"c"]), tag(space, parts), "{space} {parts:?}");
        }
        assert_ne!(tag("a", &[b"b"]), Pepper::new(b"another").tag("a", &[b"b"]));
    }

    #[test]
    fn only_what_was_sealed_for_the_purpose_is_opened() {
        let pepper = Pepper::new(b"secret");
        let sealed = pepper.seal("totp", b"plain");
        assert_eq!(pepper.open("totp", &sealed).as_deref(), Some(b"plain".as_slice()));
        assert_eq!(pepper.open("flow", &sealed), None);
        assert_eq!(Pepper::new(b"another").open("totp", &sealed), None);
        for n in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[n] ^= 1;
            assert_eq!(pepper.open("totp", &changed), None, "{n}");
            assert_eq!(pepper.open("totp", &sealed[..n]), None, "{n}");
        }
    }
}
