//! What a caller, or a mistake of ours above the store, must not be able to break.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use bistro_ir::{Bound, Expr, ParamId};
use bistro_schema::{Value, ValueRef};
use bistro_store::{Collect, Cost, Insert, Sink, Statement, Store, StoreError, StoreErrorKind};
use bistro_store_mysql::Options;

use crate::fixture::{Fixture, eq, param, start, text, wait};

const SCHEMA: &str = "type Item @model { id: Int! @id  name: String! @unique }";

fn small() -> Options {
    Options { readers: 3, connections: 3, ..Options::default() }
}

/// A sink with a mistake.
struct Panics;

impl Sink for Panics {
    fn begin_row(&mut self) {
        panic!("a mistake in a sink");
    }

    fn value(&mut self, _: usize, _: ValueRef<'_>) {}

    fn begin_nested(&mut self, _: usize) {}

    fn end_nested(&mut self, _: usize) {}

    fn end_row(&mut self) -> bool {
        true
    }

    fn reset(&mut self) {}

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

#[test]
fn a_panic_in_a_counted_read_leaves_no_snapshot_open() {
    let fixture = Fixture::new(SCHEMA);
    fixture.insert("Item", &[("name", text("a"))]).unwrap();
    let mut select = fixture.select("Item", &["id"], Expr::TRUE);
    (select.total, select.limit) = (true, Some(Bound::Fixed(1)));
    let prepared = fixture.store.prepare(&Statement::Select(select)).unwrap();
    let panicked = start(fixture.store.read(prepared.clone(), Vec::new(), Box::new(Panics)));
    assert!(wait(panicked).is_err());
    fixture.insert("Item", &[("name", text("b"))]).unwrap();
    let (_, summary) = wait(fixture.store.read(prepared, Vec::new(), Box::new(Collect::new()))).unwrap();
    assert_eq!(summary.total, Some(2), "a connection still shows its old snapshot");
}

#[test]
fn long_chains_of_conditions_are_no_deep_expressions() {
    let fixture = Fixture::new(SCHEMA);
    fixture.insert("Item", &[("name", text("a"))]).unwrap();
    let conditions = || vec![eq(fixture.own("Item", "name"), param(0)); 10_000];
    for filter in
        [Expr::Or(conditions()), Expr::And(conditions()), Expr::Not(Box::new(Expr::And(conditions())))]
    {
        let finds = !matches!(filter, Expr::Not(_));
        let found = fixture.column(fixture.select("Item", &["id"], filter), &[text("a")]);
        assert_eq!(found, if finds { vec![Value::Int(1)] } else { Vec::new() });
    }
}

#[test]
fn dropped_futures_give_back_what_they_held() {
    let fixture = Fixture::with(SCHEMA, small());
    fixture.insert("Item", &[("name", text("a"))]).unwrap();
    for cost in [Cost::Bounded, Cost::Unbounded] {
        let mut select = fixture.select("Item", &["id"], Expr::TRUE);
        select.cost = cost;
        let prepared = fixture.store.prepare(&Statement::Select(select.clone())).unwrap();
        for n in 0..200_u64 {
            let read = start(fixture.store.read(prepared.clone(), Vec::new(), Box::new(Collect::new())));
            std::thread::sleep(Duration::from_micros(n * 20));
            read.abort();
        }
        assert_eq!(fixture.column(select, &[]), [Value::Int(1)]);
    }
    let insert = Insert {
        ty: fixture.ty("Item"),
        values: vec![(fixture.field("Item", "name"), ParamId(0))],
        guarded: false,
    };
    let insert = fixture.store.prepare(&Statement::Insert(insert)).unwrap();
    for n in 0..50 {
        let insert = insert.clone();
        let job = fixture.store.transact(Box::new(move |open| {
            Box::pin(async move {
                open.write(&insert, &[text(&format!("n{n}"))]).await?;
                tokio::time::sleep(Duration::from_millis(1)).await;
                Ok(())
            })
        }));
        // Nobody waits for it; it is done all the same.
        drop(job);
    }
    crate::fixture::eventually("all jobs are done", || {
        fixture.column(fixture.select("Item", &["id"], Expr::TRUE), &[]).len() == 51
    });
}

#[test]
fn a_guarded_insert_that_is_refused_takes_back_itself_alone() {
    let fixture = Fixture::with(SCHEMA, small());
    let values = vec![(fixture.field("Item", "name"), ParamId(0))];
    let insert = |guarded| Insert { ty: fixture.ty("Item"), values: values.clone(), guarded };
    let plain = fixture.store.prepare(&Statement::Insert(insert(false))).unwrap();
    let guarded = fixture.store.prepare(&Statement::Insert(insert(true))).unwrap();
    for last in [false, true] {
        let (plain, guarded) = (plain.clone(), guarded.clone());
        let name = |n: &str| [text(&format!("{n}{last}"))];
        let (a, b, c) = (name("a"), name("b"), name("c"));
        wait(fixture.store.transact(Box::new(move |open| {
            Box::pin(async move {
                open.write(&plain, &a).await?;
                let refused = open.write(&guarded, &a).await.unwrap_err();
                assert!(matches!(refused.kind, StoreErrorKind::Unique { .. }), "{refused}");
                open.write(&guarded, &b).await?;
                if last {
                    open.write_last(&guarded, &a).await.unwrap_err();
                    open.write_last(&guarded, &c).await?;
                }
                Ok(())
            })
        })))
        .unwrap();
    }
    assert_eq!(fixture.column(fixture.select("Item", &["name"], Expr::TRUE), &[]).len(), 5);
}

#[test]
fn a_last_write_commits_and_a_refused_one_leaves_nothing() {
    let fixture = Fixture::with(SCHEMA, small());
    let values = vec![(fixture.field("Item", "name"), ParamId(0))];
    let insert = Insert { ty: fixture.ty("Item"), values, guarded: false };
    let insert = fixture.store.prepare(&Statement::Insert(insert)).unwrap();
    let run = |names: &'static [&'static str]| {
        let insert = insert.clone();
        wait(fixture.store.transact(Box::new(move |open| {
            Box::pin(async move {
                let (last, before) = names.split_last().unwrap();
                for name in before {
                    open.write(&insert, &[text(name)]).await?;
                }
                open.write_last(&insert, &[text(last)]).await.map(drop)
            })
        })))
    };
    run(&["a"]).unwrap();
    run(&["b", "c"]).unwrap();
    for refused in [run(&["a"]), run(&["d", "b"])] {
        assert!(matches!(refused.unwrap_err().kind, StoreErrorKind::Unique { .. }));
    }
    assert_eq!(fixture.column(fixture.select("Item", &["name"], Expr::TRUE), &[]).len(), 3);
}

#[test]
fn a_job_that_hides_a_failure_is_not_acknowledged() {
    let fixture = Fixture::with(SCHEMA, small());
    let values = vec![(fixture.field("Item", "name"), ParamId(0))];
    let insert = Insert { ty: fixture.ty("Item"), values, guarded: false };
    let insert = fixture.store.prepare(&Statement::Insert(insert)).unwrap();
    let done = wait(fixture.store.transact(Box::new(move |open| {
        Box::pin(async move {
            open.write(&insert, &[text("a")]).await?;
            let _ = open.write(&insert, &[text("a")]).await;
            Ok(())
        })
    })));
    assert!(matches!(done.unwrap_err().kind, StoreErrorKind::Unique { .. }));
    assert!(fixture.column(fixture.select("Item", &["name"], Expr::TRUE), &[]).is_empty());
}

#[test]
fn a_record_is_looked_for_by_one_transaction_at_a_time() {
    let fixture = Arc::new(Fixture::with(SCHEMA, Options { connections: 8, ..Options::default() }));
    let jobs: Vec<_> = (0..8)
        .map(|_| {
            fixture.store.transact(Box::new(|open| {
                Box::pin(async move {
                    let before = open.record_get("count", "k", 0).await?;
                    let count = before.map_or(0, |b| b[0]);
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    open.record_put("count", "k", &[count + 1], i64::MAX).await
                })
            }))
        })
        .collect();
    jobs.into_iter().for_each(|job| wait(job).unwrap());
    wait(fixture.store.transact(Box::new(|open| {
        Box::pin(async move {
            assert_eq!(open.record_get("count", "k", 0).await?, Some(vec![8]));
            Ok(())
        })
    })))
    .unwrap();
}

#[test]
fn what_is_still_needed_and_what_is_missing_are_told_apart() {
    let schema =
        "type Knot @model { id: Int! @id  name: String!  up: Knot  downs: [Knot!]! @inverse(of: \"up\") }";
    let fixture = Fixture::with(schema, small());
    fixture.insert("Knot", &[("name", text("root"))]).unwrap();
    fixture.insert("Knot", &[("name", text("leaf")), ("up_id", Value::Int(1))]).unwrap();
    let check = |error: StoreError, still: bool| match error.kind {
        StoreErrorKind::ForeignKey(Some(broken)) => {
            assert_eq!(broken.still_referenced, still, "{}", error.cause)
        }
        kind => panic!("{kind:?}"),
    };
    check(fixture.delete("Knot", Value::Int(1)).unwrap_err(), true);
    check(fixture.update("Knot", Value::Int(1), "id", Value::Int(9)).unwrap_err(), true);
    check(fixture.update("Knot", Value::Int(1), "up_id", Value::Int(9)).unwrap_err(), false);
    check(fixture.insert("Knot", &[("name", text("x")), ("up_id", Value::Int(9))]).unwrap_err(), false);
}

#[test]
fn regress_a_key_that_is_taken_is_told_before_references_to_the_old_one() {
    let schema =
        "type Twig @model { id: Int! @id  name: String!  up: Twig  downs: [Twig!]! @inverse(of: \"up\") }";
    let fixture = Fixture::with(schema, small());
    fixture.insert("Twig", &[("name", text("root"))]).unwrap();
    fixture.insert("Twig", &[("name", text("leaf")), ("up_id", Value::Int(1))]).unwrap();
    let taken = fixture.update("Twig", Value::Int(1), "id", Value::Int(2)).unwrap_err();
    assert!(matches!(taken.kind, StoreErrorKind::Unique { .. }), "{taken}");
    let needed = fixture.update("Twig", Value::Int(1), "id", Value::Int(9)).unwrap_err();
    assert!(matches!(needed.kind, StoreErrorKind::ForeignKey(Some(_))), "{needed}");
    let orphan = fixture.insert("Twig", &[("name", text("x")), ("up_id", Value::Int(77))]).unwrap_err();
    assert!(
        matches!(orphan.kind, StoreErrorKind::ForeignKey(Some(_))),
        "references are looked at again: {orphan}"
    );
    assert_eq!(fixture.column(fixture.select("Twig", &["id"], Expr::TRUE), &[]).len(), 2);
}
