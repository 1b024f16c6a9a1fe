//! Nonces of messages, on every store and by several at once.

use bistro_auth::Nonce;

use crate::seat::{Backend, RUNTIME, SCHEMA, Seat, settings};

/// Uses a nonce up in the name of somebody; whether it was the first time.
fn first(seat: &Seat, name: &str, bytes: &[u8], created: i64) -> bool {
    let nonce = Nonce::new(&seat.accounts.keys.pepper(), name, bytes, Some(created), seat.now());
    let used = seat.engine.use_once(seat.now(), Nonce::SPACE, nonce.key(), nonce.until());
    RUNTIME.block_on(used).unwrap()
}

#[test]
fn of_those_who_send_a_nonce_at_once_one_is_the_first() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, settings());
        let made = seat.now();
        let used = std::thread::scope(|scope| {
            let all: Vec<_> =
                (0..12).map(|_| scope.spawn(|| first(&seat, "ada@example.org", b"nonce", made))).collect();
            all.into_iter().map(|one| one.join().unwrap()).filter(|first| *first).count()
        });
        assert_eq!(used, 1, "{backend:?}");
        assert!(first(&seat, "ada@example.org", b"another", made), "{backend:?}");
        assert!(first(&seat, "bob@example.org", b"nonce", made), "{backend:?}: somebody else's");
        seat.pass(359);
        assert!(!first(&seat, "Ada@example.org", b"nonce", made), "{backend:?}");
        seat.pass(1);
        assert!(first(&seat, "ada@example.org", b"nonce", made), "{backend:?}: too old to be taken anyway");
    }
}
