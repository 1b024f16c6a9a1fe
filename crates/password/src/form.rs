//! Stored hashes: our own form (argon2id in a PHC string) and those that other systems store.
//!
//! `$argon2id$…`, `$argon2i$…`, `$scrypt$…` (PHC), `$2a$ $2b$ $2y$` (bcrypt), and `$fbscrypt$…` (Firebase).

use std::ops::RangeInclusive;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// The bytes of a salt of ours.
pub(crate) const SALT: usize = 16;
/// The bytes of a hash of ours.
const OUTPUT: usize = 32;
/// How much more than ours, or than the usual cost where ours is less, a stored hash may cost to verify.
const DEARER: u64 = 10;
/// The most memory that a stored hash may need, in KiB.
const MEMORY_MOST: u32 = 128 * 1_024;
/// The greatest cost of bcrypt that is verified: about ten hashes of ours.
const BCRYPT_MOST: u32 = 13;

/// The longest stored hash that is read, in bytes.
const LONGEST_STORED: usize = 1_024;

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

    /// Whether a stored hash of this cost is verified where hashes of ours have another.
    fn affordable(self, ours: Self) -> bool {
        let memory = MEMORY_MOST.max(ours.memory);
        self.memory <= memory && self.work() <= ours.work().max(Self::default().work()) * DEARER
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
    // Kept for the next password, unless this one was far larger than that will be.
    if memory.len() > 2 * params.block_count() {
        *memory = Vec::new();
    }
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::default());
    }
    let blocks = &mut memory[..params.block_count()];
    let argon2 = Argon2::new(algorithm, Version::V0x13, params.clone());
    argon2.hash_password_into_with_memory(password, salt, out, blocks).ok()
}

fn read(stored: &str, cost: Cost) -> Option<Form> {
    if stored.len() > LONGEST_STORED {
        return None;
    }
    let parts: Vec<&str> = stored.strip_prefix('$')?.split('$').collect();
    match parts[..] {
        ["2a" | "2b" | "2y", _, _] => bcrypt_form(stored),
        ["argon2id", "v=19", params, salt, hash] => {
            argon2_form(Algorithm::Argon2id, params, salt, hash, cost)
        }
        ["argon2i", "v=19", params, salt, hash] => argon2_form(Algorithm::Argon2i, params, salt, hash, cost),
        ["scrypt", params, salt, hash] => {
            let params = scrypt_params(numbers(params, ["ln", "r", "p"])?)?;
            Some(Form::Scrypt { params, salt: unpadded(salt, 0..=64)?, hash: unpadded(hash, 16..=64)? })
        }
        ["fbscrypt", params, salt, hash] => Firebase::read(params, salt, hash).map(Form::Firebase),
        _ => None,
    }
}

fn bcrypt_form(stored: &str) -> Option<Form> {
    let cost = stored.parse::<bcrypt::HashParts>().ok()?.get_cost();
    (4..=BCRYPT_MOST).contains(&cost).then(|| Form::Bcrypt(stored.to_owned()))
}

fn argon2_form(algorithm: Algorithm, params: &str, salt: &str, hash: &str, ours: Cost) -> Option<Form> {
    let [memory, passes, lanes] = numbers(params, ["m", "t", "p"])?;
    let (salt, hash) = (unpadded(salt, 8..=64)?, unpadded(hash, 16..=64)?);
    if !(Cost { memory, passes }).affordable(ours) || lanes > 16 {
        return None;
    }
    let params = Params::new(memory, passes, lanes, Some(hash.len())).ok()?;
    Some(Form::Argon2 { algorithm, params, salt, hash })
}

/// Parameters of scrypt within reason: at most 64 MiB, and ten times the usual work.
fn scrypt_params([log_n, r, p]: [u32; 3]) -> Option<scrypt::Params> {
    let sound = (4..=16).contains(&log_n) && (1..=16).contains(&r) && (1..=16).contains(&p);
    let memory = (128_u64 * u64::from(r)) << log_n.min(16);
    let affordable = memory <= 64 << 20 && memory * u64::from(p) <= 256 << 20;
    if !sound || !affordable {
        return None;
    }
    scrypt::Params::new(u8::try_from(log_n).ok()?, r, p).ok()
}

/// The parameters of `m=19456,t=2,p=1`: these and no others, since another one would change the hash.
fn numbers<const N: usize>(params: &str, names: [&str; N]) -> Option<[u32; N]> {
    let mut found = [None; N];
    for pair in params.split(',') {
        let (name, value) = pair.split_once('=')?;
        let place = names.iter().position(|known| *known == name)?;
        found[place] = Some(value.parse().ok()?);
    }
    let mut numbers = [0; N];
    for (number, found) in numbers.iter_mut().zip(found) {
        *number = found?;
    }
    Some(numbers)
}

fn unpadded(text: &str, length: RangeInclusive<usize>) -> Option<Vec<u8>> {
    let bytes = STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    length.contains(&bytes.len()).then_some(bytes)
}

impl Firebase {
    /// `v=1,n=14,r=8,p=1,ss=Bw==,sk=…`: what a project tells, with `n` as a power of two.
    fn read(params: &str, salt: &str, hash: &str) -> Option<Self> {
        let (texts, counts): (Vec<&str>, Vec<&str>) =
            params.split(',').partition(|pair| pair.starts_with("ss=") || pair.starts_with("sk="));
        let [1, n, r, p] = numbers(&counts.join(","), ["v", "n", "r", "p"])? else { return None };
        let text = |name: &str| texts.iter().find_map(|pair| pair.strip_prefix(name));
        let mut salt = STANDARD.decode(salt).ok()?;
        salt.extend(STANDARD.decode(text("ss=").unwrap_or("")).ok()?);
        let (signer, hash) = (STANDARD.decode(text("sk=")?).ok()?, STANDARD.decode(hash).ok()?);
        let sound = !signer.is_empty() && signer.len() == hash.len() && salt.len() <= 128;
        sound.then_some(Self { params: scrypt_params([n, r, p])?, salt, signer, hash })
    }

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
mod tests;
