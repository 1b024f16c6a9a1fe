//! Stored hashes: our own form (argon2id in a PHC string) and those that other systems store.
//!
//! `$argon2id$…`, `$argon2i$…`, `$scrypt$…` (PHC), `$2a$ $2b$ $2x$ $2y$` (bcrypt), and `$fbscrypt$…` (Firebase).

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// The bytes of a salt of ours.
pub(crate) const SALT: usize = 16;
/// The bytes of a hash of ours.
const OUTPUT: usize = 32;
/// How much more than ours a stored hash may cost to verify.
const DEARER: u64 = 10;
/// The greatest cost of bcrypt that is verified: about a second.
const BCRYPT_MOST: u32 = 14;

/// What a hash of ours costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self { memory: 19 * 1_024, passes: 2 }
    }
}

impl Cost {
    fn params(self) -> Option<Params> {
        Params::new(self.memory, self.passes, 1, Some(OUTPUT)).ok()
    }

    fn work(self) -> u64 {
        u64::from(self.memory) * u64::from(self.passes)
    }
}

/// A stored hash, read.
enum Form {
    Argon2 { algorithm: Algorithm, params: Params, salt: Vec<u8>, hash: Vec<u8> },
    Scrypt { params: scrypt::Params, salt: Vec<u8>, hash: Vec<u8> },
    Bcrypt(String),
    Firebase(Firebase),
}

/// Firebase's scrypt: the derived key encrypts a signer key, and that is what is stored.
struct Firebase {
    params: scrypt::Params,
    salt: Vec<u8>,
    signer: Vec<u8>,
    hash: Vec<u8>,
}

/// Whether a stored hash can be verified here.
pub fn readable(stored: &str) -> bool {
    read(stored, Cost::default()).is_some()
}

/// Hashes with a salt, using `memory`.
pub(crate) fn hash(
    password: &[u8],
    salt: &[u8; SALT],
    cost: Cost,
    memory: &mut Vec<Block>,
) -> Option<String> {
    let params = cost.params()?;
    let mut out = [0; OUTPUT];
    argon2(Algorithm::Argon2id, &params, password, salt, &mut out, memory)?;
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(out));
    Some(format!("$argon2id$v=19$m={},t={},p=1${salt}${hash}", cost.memory, cost.passes))
}

/// Whether the password has the stored hash; `None` if that cannot be read, or would cost far more than a hash of ours.
pub(crate) fn verify(password: &[u8], stored: &str, cost: Cost, memory: &mut Vec<Block>) -> Option<bool> {
    Some(match read(stored, cost)? {
        Form::Argon2 { algorithm, params, salt, hash } => {
            let mut out = vec![0; hash.len()];
            argon2(algorithm, &params, password, &salt, &mut out, memory)?;
            verify_slices_are_equal(&out, &hash).is_ok()
        }
        Form::Scrypt { params, salt, hash } => {
            let mut out = vec![0; hash.len()];
            scrypt::scrypt(password, &salt, &params, &mut out).ok()?;
            verify_slices_are_equal(&out, &hash).is_ok()
        }
        // Of other systems that cut passwords at 72 bytes, theirs are verified as they made them.
        Form::Bcrypt(stored) => bcrypt::verify(password, &stored).unwrap_or(false),
        Form::Firebase(firebase) => firebase.verify(password)?,
    })
}

/// Whether a stored hash should be made anew: another form, or another cost.
pub(crate) fn outdated(stored: &str, cost: Cost) -> bool {
    !stored.starts_with(&format!("$argon2id$v=19$m={},t={},p=1$", cost.memory, cost.passes))
}

fn argon2(
    algorithm: Algorithm,
    params: &Params,
    password: &[u8],
    salt: &[u8],
    out: &mut [u8],
    memory: &mut Vec<Block>,
) -> Option<()> {
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::default());
    }
    let blocks = &mut memory[..params.block_count()];
    let argon2 = Argon2::new(algorithm, Version::V0x13, params.clone());
    argon2.hash_password_into_with_memory(password, salt, out, blocks).ok()
}

fn read(stored: &str, cost: Cost) -> Option<Form> {
    if stored.len() > 1_024 {
        return None;
    }
    if ["$2a$", "$2b$", "$2x$", "$2y$"].iter().any(|prefix| stored.starts_with(prefix)) {
        let most = stored.get(4..6)?.parse::<u32>().ok()?;
        return (stored.len() == 60 && most <= BCRYPT_MOST).then(|| Form::Bcrypt(stored.to_owned()));
    }
    let parts: Vec<&str> = stored.strip_prefix('$')?.split('$').collect();
    match parts[..] {
        [name @ ("argon2id" | "argon2i"), "v=19", params, salt, hash] => {
            let (m, t, p) = (number(params, "m")?, number(params, "t")?, number(params, "p")?);
            let (salt, hash) = (unpadded(salt)?, unpadded(hash)?);
            if u64::from(m) * u64::from(t) > cost.work() * DEARER
                || p > 16
                || !(16..=64).contains(&hash.len())
            {
                return None;
            }
            let algorithm = if name == "argon2id" { Algorithm::Argon2id } else { Algorithm::Argon2i };
            let params = Params::new(m, t, p, Some(hash.len())).ok()?;
            (8..=64).contains(&salt.len()).then_some(Form::Argon2 { algorithm, params, salt, hash })
        }
        ["scrypt", params, salt, hash] => {
            let params = scrypt_params(number(params, "ln")?, number(params, "r")?, number(params, "p")?)?;
            let (salt, hash) = (unpadded(salt)?, unpadded(hash)?);
            (16..=64).contains(&hash.len()).then_some(Form::Scrypt { params, salt, hash })
        }
        ["fbscrypt", params, salt, hash] if number(params, "v") == Some(1) => {
            let params_n = scrypt_params(number(params, "n")?, number(params, "r")?, number(params, "p")?)?;
            let text = |name: &str| params.split(',').find_map(|pair| pair.strip_prefix(name));
            let mut salt = STANDARD.decode(salt).ok()?;
            salt.extend(STANDARD.decode(text("ss=")?).ok()?);
            let signer = STANDARD.decode(text("sk=")?).ok()?;
            let hash = STANDARD.decode(hash).ok()?;
            let sound = !signer.is_empty() && signer.len() == hash.len() && salt.len() <= 128;
            sound.then_some(Form::Firebase(Firebase { params: params_n, salt, signer, hash }))
        }
        _ => None,
    }
}

/// Parameters of scrypt within reason: at most 64 MiB, and ten times the usual work.
fn scrypt_params(log_n: u32, r: u32, p: u32) -> Option<scrypt::Params> {
    let sound = (4..=16).contains(&log_n) && (1..=16).contains(&r) && (1..=16).contains(&p);
    let memory = (128_u64 * u64::from(r)) << log_n.min(16);
    let affordable = memory <= 64 << 20 && memory * u64::from(p) <= 256 << 20;
    if !sound || !affordable {
        return None;
    }
    scrypt::Params::new(u8::try_from(log_n).ok()?, r, p).ok()
}

/// A parameter of `m=19456,t=2,p=1`.
fn number(params: &str, name: &str) -> Option<u32> {
    let mut pairs = params.split(',').filter_map(|pair| pair.split_once('='));
    pairs.find(|(known, _)| *known == name).and_then(|(_, value)| value.parse().ok())
}

fn unpadded(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

impl Firebase {
    fn verify(&self, password: &[u8]) -> Option<bool> {
        let mut key = [0; 32];
        scrypt::scrypt(password, &self.salt, &self.params, &mut key).ok()?;
        let key = UnboundCipherKey::new(&AES_256, &key).ok()?;
        let mut made = self.signer.clone();
        // The counter starts at zero: each key encrypts one text.
        let context = EncryptionContext::Iv128([0; 16].into());
        EncryptingKey::ctr(key).ok()?.less_safe_encrypt(&mut made, context).ok()?;
        Some(verify_slices_are_equal(&made, &self.hash).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::{Cost, hash, outdated, readable, verify};

    const CHEAP: Cost = Cost { memory: 64, passes: 1 };

    #[test]
    fn what_was_hashed_is_verified() {
        let mut memory = Vec::new();
        let made = hash("käse".as_bytes(), &[7; 16], CHEAP, &mut memory).unwrap();
        let mut check = |password: &str, expected: Option<bool>| {
            assert_eq!(verify(password.as_bytes(), &made, CHEAP, &mut memory), expected, "{password}");
        };
        check("käse", Some(true));
        check("kase", Some(false));
        assert!(!outdated(&made, CHEAP));
        assert!(outdated(&made, Cost::default()));
    }

    #[test]
    fn forms_of_other_systems_are_verified() {
        let mut memory = Vec::new();
        let mut check = |stored: &str, password: &str, expected: Option<bool>| {
            assert_eq!(
                verify(password.as_bytes(), stored, Cost::default(), &mut memory),
                expected,
                "{stored}"
            );
            assert_eq!(readable(stored), expected.is_some(), "{stored}");
        };
        let bcrypt = bcrypt::hash("secret word", 4).unwrap();
        check(&bcrypt, "secret word", Some(true));
        check(&bcrypt.replacen("$2b$", "$2a$", 1), "secret word", Some(true));
        check(&bcrypt, "secret words", Some(false));
        check(&bcrypt.replacen("$04$", "$31$", 1), "secret word", None);
        // Firebase's own example of its scrypt.
        let firebase = "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";
        check(firebase, "user1password", Some(true));
        check(firebase, "user2password", Some(false));
        for unreadable in [
            "",
            "$",
            "plain",
            "$argon2id$v=19$m=4294967295,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA",
            "$scrypt$ln=30,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$2b$10$short",
        ] {
            check(unreadable, "x", None);
        }
    }
}
