//! Random texts: secrets of applications, and codes.

use aws_lc_rs::{constant_time, digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_problem::Problem;

/// A text of 256 random bits.
pub(super) fn random() -> Result<String, Problem> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| Problem::bug("the system has no random bytes"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256 in hexadecimal: enough for a text that nobody can guess.
pub(super) fn hashed(secret: &str) -> String {
    let digest = digest::digest(&digest::SHA256, secret.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a secret is that of a hash, in a time that does not tell where they differ.
pub(super) fn fits(stored: &str, secret: &str) -> bool {
    equal(stored, &hashed(secret))
}

/// Whether two texts are equal, in a time that does not tell where they differ.
pub(super) fn equal(a: &str, b: &str) -> bool {
    constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}
