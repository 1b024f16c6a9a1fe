//! One idempotency key in many hands at once: the work is done once, and all are told the same.

use crate::seat::{Backend, Seat};

const BATCH: &str =
    r#"{"operations":[{"method":"POST","path":"/rest/v1/samples?select=id","body":{"word":"once"}}]}"#;

#[test]
fn requests_with_one_key_at_the_same_time_write_once() {
    let seat = Seat::new();
    for backend in Backend::ALL {
        let running = seat.take(backend, true);
        let headers = vec![("idempotency-key".to_owned(), "k".to_owned())];
        let answers: Vec<String> = std::thread::scope(|scope| {
            let ask = || running.send("ada", "POST", "/batch/v1", &headers, BATCH.into());
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|t| String::from_utf8(t.join().unwrap().body.to_vec()).unwrap()).collect()
        });
        assert!(answers.iter().all(|a| a == &answers[0] && a.contains("results")), "{backend:?} {answers:?}");
        let rows = running.send(
            "ada",
            "GET",
            "/rest/v1/samples?word=eq.once&select=count()",
            &Vec::new(),
            "".into(),
        );
        assert_eq!(&rows.body[..], b"[{\"count\":1}]", "{backend:?}");
    }
}
