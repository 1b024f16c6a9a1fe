//! What is used once.

use crate::seat::{NOW, seats, wait};

#[test]
fn what_is_used_once_is_used_until_its_time_is_over() {
    for seat in seats() {
        let first = |now: i64, space: &'static str, key: &str| {
            wait(seat.engine.use_once(now, space, key.to_owned(), NOW + 100)).unwrap()
        };
        assert!(first(NOW, "a", "key"), "{}", seat.name);
        assert!(!first(NOW, "a", "key") && !first(NOW + 99, "a", "key"), "{}", seat.name);
        assert!(first(NOW, "a", "Key") && first(NOW, "b", "key"), "{}", seat.name);
        assert!(first(NOW + 100, "a", "key"), "{}", seat.name);
    }
}
