//! How many passwords are hashed a second: by bare loops of argon2id on every core, and by the hasher; and how late others
//! wake up meanwhile. `cargo run --release -p bistro-password --example rate`

use std::thread;
use std::time::{Duration, Instant};

use bistro_password::{Cost, Hasher, Password};

const TIME: Duration = Duration::from_secs(4);

fn bare(cores: usize) -> f64 {
    let cost = Cost::default();
    let until = Instant::now() + TIME;
    let loops: Vec<_> = (0..cores)
        .map(|_| {
            thread::spawn(move || {
                let params =
                    argon2::Params::new(cost.memory, cost.passes, 1, Some(32)).expect("a usual cost");
                let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
                let mut memory = vec![argon2::Block::default(); argon2.params().block_count()];
                let (mut out, mut count) = ([0; 32], 0);
                while Instant::now() < until {
                    let hashed =
                        argon2.hash_password_into_with_memory(b"a password", &[1; 16], &mut out, &mut memory);
                    hashed.expect("the memory fits the cost");
                    count += 1;
                }
                count
            })
        })
        .collect();
    loops.into_iter().map(|one| one.join().expect("a loop ends")).sum::<u32>() as f64 / TIME.as_secs_f64()
}

/// How much later than asked a task woke up, in microseconds, sorted: what requests would feel.
async fn delays(until: Instant) -> Vec<u128> {
    let nap = Duration::from_millis(1);
    let mut delays = Vec::new();
    while Instant::now() < until {
        let start = Instant::now();
        tokio::time::sleep(nap).await;
        delays.push(start.elapsed().saturating_sub(nap).as_micros());
    }
    delays.sort_unstable();
    delays
}

#[tokio::main]
async fn main() -> Result<(), bistro_password::HashError> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let bare = bare(cores);
    let hasher = Hasher::new(Cost::default(), cores, 64)?;
    let until = Instant::now() + TIME;
    let one = || async {
        let mut count = 0;
        while Instant::now() < until {
            let password = Password::of("a password").expect("it is short");
            count += u32::from(hasher.hash(password).await.is_ok());
        }
        count
    };
    let watching = tokio::spawn(delays(until));
    let all = futures_util::future::join_all((0..cores * 4).map(|_| one())).await;
    let delays = watching.await.expect("a nap does not panic");
    let late = delays.get(delays.len() * 99 / 100).copied().unwrap_or(0);
    let aside = all.iter().sum::<u32>() as f64 / TIME.as_secs_f64();
    let line = format!(
        "{cores} cores: bare {bare:.1}/s, hasher {aside:.1}/s, {:.0} %; others wake up {late} µs late (p99)\n",
        100.0 * aside / bare
    );
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes())
        .map_err(|_| bistro_password::HashError::Failed("nothing could be printed"))
}
