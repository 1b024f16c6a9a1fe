//! kill -9 in the middle of `up` and `down`: old or new, never between, and no row lost.

use std::time::{Duration, Instant};

use bistro_testkit::Database;

use crate::harness::Server;
use crate::place::{Place, on};
use crate::round::waiting;
use crate::rounds;

const NOTES: u32 = 4_000;

/// Multiples of it, without their whole part, lie evenly however many there are.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// What is killed next.
fn words(up: bool) -> [&'static str; 3] {
    ["migrate", if up { "up" } else { "down" }, "--allow-destructive"]
}

/// How the rounds went.
#[derive(Debug, Default)]
struct Tally {
    old: u32,
    new: u32,
    between: u32,
}

/// Kills at moments that lie evenly over the later part of the time that the whole takes; the first part is the start of
/// the process.
#[expect(clippy::print_stdout, reason = "how the kills fell is part of the result")]
fn check(database: Option<Database>, whole: bool, rounds: u32) {
    let place = waiting(database, NOTES);
    let times: Vec<Duration> = [true, false].iter().map(|up| timed(&place, *up)).collect();
    let (mut up, mut tally) = (true, Tally::default());
    for round in 0..rounds {
        let part = 0.3 + 0.9 * (f64::from(round) * GOLDEN).fract();
        let mut child = place.folder.start(&words(up), &[]);
        std::thread::sleep(times[usize::from(!up)].mul_f64(part));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        up = judge(&place, whole, round, &mut tally);
    }
    println!("{rounds} rounds: {tally:?}");
    assert!(tally.old + tally.new + tally.between == rounds);
    assert!(!whole || tally.between == 0, "{tally:?}");
}

fn timed(place: &Place, up: bool) -> Duration {
    let start = Instant::now();
    place.folder.run(&words(up)).well();
    start.elapsed()
}

/// Looks at what a kill left; whether `up` is next.
fn judge(place: &Place, whole: bool, round: u32, tally: &mut Tally) -> bool {
    // This changes nothing, and waits until the server has ended what the killed one asked for.
    if whole {
        place.migrate(&["up", "--to", "0001"]).well();
    }
    let (mut states, mut remarks) = place.status();
    if states[1] == "begun" {
        assert!(!whole, "round {round}: half of a migration is left");
        tally.between += 1;
        place.migrate(&["up", "--allow-destructive"]).well();
        (states, remarks) = place.status();
    } else if states[1] == "applied" {
        tally.new += 1;
    } else {
        tally.old += 1;
    }
    // The comparison of the database with its history finds every table, column, key and index as it should be.
    assert!(remarks.is_empty(), "round {round}, {states:?}: {remarks:?}");
    let texts = match states[1].as_str() {
        "applied" => "SELECT count(DISTINCT body) FROM notes WHERE score = id OR id % 2 = 1",
        "pending" => "SELECT count(DISTINCT text) FROM notes",
        other => panic!("round {round}: {other}"),
    };
    assert_eq!(place.sql(texts), NOTES.to_string(), "round {round}, {states:?}");
    states[1] == "pending"
}

#[test]
fn killed_on_sqlite() {
    check(on::sqlite(), true, rounds(10, 200));
}

#[test]
fn killed_on_postgres() {
    check(on::postgres(), true, rounds(10, 200));
}

#[test]
fn killed_on_mysql() {
    check(on::mysql(), false, rounds(10, 200));
}

/// Where statements stand alone, a server that starts ends what was begun before it serves, without being told.
#[test]
fn nothing_is_served_before_what_was_begun_is_done() {
    let place = waiting(on::mysql(), NOTES);
    let time = timed(&place, true);
    place.folder.run(&words(false)).well();
    for part in 1..40 {
        let mut child = place.folder.start(&words(true), &[]);
        std::thread::sleep(time.mul_f64(f64::from(part) / 40.0));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let (states, _) = place.status();
        match states[1].as_str() {
            "begun" => {
                let Place { folder, .. } = place;
                let server = Server::start(folder, &["serve"]);
                let key = server.publishable();
                let rows = server.get("/rest/v1/notes?select=body,score&id=eq.2").key(&key).send();
                assert_eq!(rows.ok(), r#"[{"body":"note 2","score":2}]"#);
                let status = server.folder.run(&["migrate", "status"]).well();
                assert!(!status.contains("begun") && !status.contains("pending"), "{status}");
                return;
            }
            "applied" => drop(place.folder.run(&words(false)).well()),
            _ => {}
        }
    }
    panic!("no kill hit the middle");
}
