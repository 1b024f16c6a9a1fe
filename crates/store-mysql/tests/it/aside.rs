//! Slow reads step aside, give up at their deadline, and are refused when too many wait.

use std::time::Duration;

use bistro_ir::{Compare, Expr, Function, Operand, Root};
use bistro_schema::Value;
use bistro_store::{Collect, ReadNow, Select, Statement, Store, StoreErrorKind};
use bistro_store_mysql::Options;

use crate::fixture::{Fixture, eventually, param, start, text, wait};

/// A select that looks at every triple of rows, which takes minutes.
fn slow(fixture: &Fixture) -> Select {
    let via = vec![fixture.relation("Item", "boss"), fixture.relation("Item", "peers")];
    let far = |inner: Expr| Expr::Some { root: Root::Scope(0), via: via.clone(), filter: Box::new(inner) };
    let never = Expr::Compare(
        Compare::Eq,
        Operand::Call(Function::Lower, vec![fixture.own("Item", "name")]),
        param(0),
    );
    fixture.select("Item", &["id"], far(far(far(never))))
}

fn fixture(deadline: u64) -> Fixture {
    let options = Options {
        deadline: Duration::from_millis(deadline),
        readers: 2,
        connections: 2,
        queue: 2,
        ..Options::default()
    };
    let schema = "type Item @model { id: Int! @id  name: String!  boss: Item  peers: [Item!]! @inverse(of: \"boss\") }";
    let fixture = Fixture::with(schema, options);
    fixture.insert("Item", &[("name", text("root"))]).unwrap();
    let insert = bistro_store::Insert {
        ty: fixture.ty("Item"),
        values: vec![
            (fixture.field("Item", "name"), bistro_ir::ParamId(0)),
            (fixture.field("Item", "boss_id"), bistro_ir::ParamId(1)),
        ],
        guarded: false,
    };
    let insert = fixture.store.prepare(&Statement::Insert(insert)).unwrap();
    let boss = fixture.update("Item", Value::Int(1), "boss_id", Value::Int(1));
    boss.unwrap();
    wait(fixture.store.transact(Box::new(move |open| {
        Box::pin(async move {
            for n in 0..1_500 {
                open.write(&insert, &[text(&n.to_string()), Value::Int(1)]).await?;
            }
            Ok(())
        })
    })))
    .unwrap();
    fixture
}

#[test]
fn a_bounded_read_that_takes_too_long_is_run_aside_from_then_on() {
    let fixture = fixture(200);
    let select = slow(&fixture);
    let prepared = fixture.store.prepare(&Statement::Select(select)).unwrap();
    let mut sink = Collect::new();
    let binds = [text("nobody")];
    assert_eq!(fixture.store.read_now(&prepared, &binds, &mut sink).unwrap(), ReadNow::Later);
    assert!(sink.rows.is_empty());
    let aside = wait(fixture.store.read(prepared.clone(), binds.to_vec(), Box::new(Collect::new())));
    assert_eq!(aside.err().map(|e| e.kind), Some(StoreErrorKind::TimedOut));
    assert_eq!(fixture.store.read_now(&prepared, &binds, &mut sink).unwrap(), ReadNow::Later);
    // The connection serves on.
    let quick = fixture.select("Item", &["id"], crate::fixture::eq(fixture.own("Item", "id"), param(0)));
    assert_eq!(fixture.column(quick, &[Value::Int(1)]), [Value::Int(1)]);
}

#[test]
fn too_many_waiting_reads_are_refused_and_abandoned_ones_stop() {
    let fixture = fixture(60_000);
    let mut select = slow(&fixture);
    select.cost = bistro_store::Cost::Unbounded;
    let prepared = fixture.store.prepare(&Statement::Select(select)).unwrap();
    let read = || start(fixture.store.read(prepared.clone(), vec![text("nobody")], Box::new(Collect::new())));
    let running = || {
        let sql = "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() \
                   AND info LIKE '%LOWER%' AND id <> CONNECTION_ID()";
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
    let mut quick = fixture.select("Item", &["id"], crate::fixture::eq(fixture.own("Item", "id"), param(0)));
    quick.cost = bistro_store::Cost::Unbounded;
    assert_eq!(fixture.column(quick, &[Value::Int(1)]), [Value::Int(1)]);
}
