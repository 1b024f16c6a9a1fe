//! Answers whose time does not tell what was found.

use std::time::{Duration, Instant};

/// Answers come after a whole number of these: more than work on a known account takes longer than on an unknown one.
const STEP: Duration = Duration::from_millis(100);

/// Runs work whose time depends on whether there is an account, and answers at the end of a step.
pub async fn in_time<T>(work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let done = work.await;
    tokio::time::sleep(left(began.elapsed())).await;
    done
}

/// The time to the end of the step.
fn left(taken: Duration) -> Duration {
    let step = STEP.as_nanos();
    let over = taken.as_nanos() % step;
    Duration::from_nanos(u64::try_from(step - over).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::left;

    #[test]
    fn answers_wait_for_the_end_of_a_step() {
        let check = |taken: u64, expected: u64| {
            let taken = Duration::from_micros(taken);
            assert_eq!(left(taken), Duration::from_micros(expected), "{taken:?}");
        };
        check(0, 100_000);
        check(1, 99_999);
        check(99_999, 1);
        check(100_000, 100_000);
        check(250_000, 50_000);
    }
}
