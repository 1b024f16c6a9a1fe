//! Slow reads step aside, give up at their deadline, and are refused when too many wait.

use std::time::{Duration, Instant};

use bistro_ir::Expr;
use bistro_schema::Value;
use bistro_store::{Collect, Cost, Prepared, ReadNow, Statement, Store, StoreErrorKind};
use bistro_store_postgres::Options;

use crate::fixture::{Fixture, eq, eventually, param, start, text, wait};

const SCHEMA: &str = r#"
type Item @model { id: Int! @id  name: String! }
type Slow @view(sql: "select 1 as n from pg_sleep(30)") @allow(to: [READ]) { n: Int }
"#;

fn fixture(deadline: u64) -> Fixture {
    let options =
        Options { deadline: Duration::from_millis(deadline), readers: 1, queue: 2, ..Options::default() };
    let fixture = Fixture::with(SCHEMA, options);
    fixture.insert("Item", &[("name", text("a"))]).unwrap();
    fixture
}

/// A read that takes half a minute.
fn slow(fixture: &Fixture, cost: Cost) -> Prepared {
    let mut select = fixture.select("Slow", &["n"], Expr::TRUE);
    select.cost = cost;
    fixture.store.prepare(&Statement::Select(select)).unwrap()
}

#[test]
fn a_read_that_takes_too_long_is_stopped_and_has_a_connection_of_its_own_from_then_on() {
    let fixture = fixture(300);
    let prepared = slow(&fixture, Cost::Bounded);
    let mut sink = Collect::new();
    assert_eq!(fixture.store.read_now(&prepared, &[], &mut sink).unwrap(), ReadNow::Later);
    let read = || start(fixture.store.read(prepared.clone(), Vec::new(), Box::new(Collect::new())));
    assert_eq!(wait(read()).unwrap().err().map(|e| e.kind), Some(StoreErrorKind::TimedOut));
    // The second one is in nobody's way.
    let second = read();
    std::thread::sleep(Duration::from_millis(50));
    let quick = fixture.select("Item", &["id"], eq(fixture.own("Item", "id"), param(0)));
    let began = Instant::now();
    assert_eq!(fixture.column(quick, &[Value::Int(1)]), [Value::Int(1)]);
    assert!(began.elapsed() < Duration::from_millis(200), "{:?}", began.elapsed());
    assert_eq!(wait(second).unwrap().err().map(|e| e.kind), Some(StoreErrorKind::TimedOut));
}

#[test]
fn too_many_waiting_reads_are_refused_and_abandoned_ones_stop() {
    let fixture = fixture(60_000);
    let prepared = slow(&fixture, Cost::Unbounded);
    let read = || start(fixture.store.read(prepared.clone(), Vec::new(), Box::new(Collect::new())));
    let running = || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                   AND state = 'active' AND query LIKE '%slows%' AND pid <> pg_backend_pid()";
        fixture.database.sql(sql).unwrap().trim().parse::<usize>().unwrap()
    };
    // Two connections are for long reads, two more requests may wait.
    let waiting: Vec<_> = (0..4).map(|_| read()).collect();
    eventually("two reads run", || running() == 2);
    let refused = wait(read()).unwrap();
    assert_eq!(refused.err().map(|e| e.kind), Some(StoreErrorKind::Overloaded));
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    eventually("the abandoned reads are stopped", || running() == 0);
    // Their places are free again.
    let mut quick = fixture.select("Item", &["id"], eq(fixture.own("Item", "id"), param(0)));
    quick.cost = Cost::Unbounded;
    assert_eq!(fixture.column(quick, &[Value::Int(1)]), [Value::Int(1)]);
}
