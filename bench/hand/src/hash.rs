//! A bare loop of argon2id on every processor: no server can hash more passwords.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};

/// KiB, passes, lanes and bytes: what OWASP names first, and Bistro uses.
const COST: (u32, u32, u32, usize) = (19 * 1_024, 2, 1, 32);

/// How many passwords are hashed in that time.
pub(crate) fn count(time: Duration) -> Result<u64, Box<dyn Error>> {
    let (memory, passes, lanes, bytes) = COST;
    let params = Params::new(memory, passes, lanes, Some(bytes)).map_err(|error| error.to_string())?;
    let processors = thread::available_parallelism()?.get();
    let until = Instant::now() + time;
    let loops: Vec<_> = (0..processors)
        .map(|_| params.clone())
        .map(|params| thread::spawn(move || one(params, until)))
        .collect();
    let counts = loops.into_iter().map(|one| one.join().map_err(|_| "a loop ended early")?);
    Ok(counts.sum::<Result<u64, String>>()?)
}

/// One processor's loop; the memory is kept from one password to the next.
fn one(params: Params, until: Instant) -> Result<u64, String> {
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (mut out, mut count) = ([0; COST.3], 0);
    while Instant::now() < until {
        let hashed = argon2.hash_password_into_with_memory(b"a password", &[1; 16], &mut out, &mut memory);
        hashed.map_err(|error| error.to_string())?;
        count += 1;
    }
    Ok(count)
}
