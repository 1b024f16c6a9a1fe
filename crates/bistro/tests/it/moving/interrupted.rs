//! A move that is killed goes on where it stopped, and nothing serves the target meanwhile.

use std::time::{Duration, Instant};

use super::end::{End, On};
use super::{everything, moved};
use crate::harness::Folder;

/// Rounds a target: a few, or the acceptance's number.
fn rounds() -> u64 {
    if std::env::var("BISTRO_TEST_COUNTS").is_ok_and(|c| c == "full") { 50 } else { 5 }
}

/// Kills a move after some time; whether it was still under way.
fn killed(here: &End, there: &End, folder: &Folder, after: Duration) -> bool {
    let words = ["move", "--to", &there.url, "--yes", "--batch", "2"];
    let mut child = folder.start(&words, &[("BISTRO_DATABASE__URL", &here.url)]);
    std::thread::sleep(after);
    let under_way = child.try_wait().expect("the child can be asked").is_none();
    child.kill().expect("it is ours");
    child.wait().expect("it ends");
    under_way
}

/// Kills a move as soon as a table has rows there.
fn killed_within(here: &End, there: &End, folder: &Folder, table: &str) {
    let words = ["move", "--to", &there.url, "--yes", "--batch", "2"];
    let mut child = folder.start(&words, &[("BISTRO_DATABASE__URL", &here.url)]);
    let began = Instant::now();
    while !there.has_rows(table) {
        assert!(began.elapsed() < Duration::from_secs(60), "no row came");
    }
    let under_way = child.try_wait().expect("the child can be asked").is_none();
    child.kill().expect("it is ours");
    child.wait().expect("it ends");
    assert!(under_way, "the move was over before it was hit");
}

#[test]
fn a_killed_move_goes_on_and_loses_nothing() {
    let folder = everything::project(200);
    let here = End::new(On::Sqlite("bistro.db"));
    let began = Instant::now();
    let whole = here.move_to(&folder, &End::new(On::Postgres), &["--yes", "--batch", "2"]).well();
    let (wanted, time) = (moved(&whole), began.elapsed());
    let mut hit = 0;
    for (n, on) in [On::Postgres, On::Mysql, On::Sqlite("to.db")].into_iter().enumerate() {
        for round in 0..rounds() {
            let _ = std::fs::remove_file(folder.path().join("data/to.db"));
            let there = End::new(on);
            // Several times in one move, at moments that differ from round to round.
            for kill in 1..4_u64 {
                let share = (round * 37 + kill * 29 + n as u64 * 13) % 100;
                hit += u64::from(killed(&here, &there, &folder, time.mul_f64(0.1 + share as f64 / 400.0)));
            }
            let out = here.move_to(&folder, &there, &["--yes", "--batch", "50"]);
            // One that had come to its end before it was killed is simply there.
            if out.code() == 0 {
                assert_eq!(moved(&out.out()), wanted, "{on:?} round {round}");
            } else {
                out.said_no(1, "is not empty: it holds the tables of a Bistro project");
            }
            assert_eq!(there.run(&folder, &["migrate", "status"]).code(), 0);
        }
    }
    assert!(hit >= 2 * rounds(), "only {hit} kills hit a move under way");
}

#[test]
fn an_unfinished_move_is_not_served_and_belongs_to_its_source() {
    let folder = everything::project(1_000);
    let (here, there) = (End::new(On::Sqlite("bistro.db")), End::new(On::Postgres));
    killed_within(&here, &there, &folder, "persons");
    there.run(&folder, &["seed", "all.json"]).said_no(1, "a move that has not come to its end");
    let other = End::new(On::Sqlite("other.db"));
    here.move_to(&folder, &other, &["--yes"]).well();
    other.move_to(&folder, &there, &["--yes"]).said_no(1, "has not come to its end there");
    let other = End::new(On::Sqlite("another.db"));
    there.move_to(&folder, &other, &["--yes"]).said_no(1, "holds a move that has not come to its end");
    let text = folder.write("schema.graphql", &format!("# changed\n{}", everything::SCHEMA));
    here.move_to(&folder, &there, &["--yes"]).said_no(1, "schema.graphql has changed");
    std::fs::write(text, everything::SCHEMA).expect("the schema");
    let dry = here.move_to(&folder, &there, &["--dry-run"]).well();
    assert!(dry.contains("it would go on where it stopped"), "{dry}");
    here.move_to(&folder, &there, &["--yes", "--resume"]).well();
    there.sql("UPDATE persons SET name = 'x' WHERE id = 1");
    here.move_to(&folder, &there, &["--yes", "--resume"]).said_no(1, "is not empty");
}

#[test]
fn a_difference_is_named_by_its_row() {
    let folder = everything::project(1_000);
    let (here, there) = (End::new(On::Sqlite("bistro.db")), End::new(On::Postgres));
    killed_within(&here, &there, &folder, "things");
    let key = there.sql("SELECT min(id::text) FROM things");
    there.sql("UPDATE things SET small = 42, yes = NULL WHERE id = (SELECT min(id::text)::uuid FROM things)");
    let refused = here.move_to(&folder, &there, &["--yes"]);
    refused.said_no(1, &format!("things is not the same on both sides: the row {key} differs in small"));
    refused.said_no(1, "the target is not used");
    there.run(&folder, &["seed", "all.json"]).said_no(1, "a move that has not come to its end");
}

#[test]
fn regress_tables_that_a_killed_run_made_without_a_word_keep_their_views() {
    let folder = everything::project(1_000);
    let (here, there) = (End::new(On::Sqlite("bistro.db")), End::new(On::Mysql));
    killed_within(&here, &there, &folder, "persons");
    there.sql(r#"UPDATE bistro_records SET value = REPLACE(value, '"made":true', '"made":false')"#);
    here.move_to(&folder, &there, &["--yes"]).well();
    assert_eq!(there.sql("SELECT count(*) FROM nameds"), there.sql("SELECT count(*) FROM persons"));
}
