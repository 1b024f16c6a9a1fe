//! What a caller, or a mistake of ours above the store, must not be able to break.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use bistro_ir::{Bound, Expr, ParamId};
use bistro_schema::{Value, ValueRef};
use bistro_store::{Collect, Cost, Insert, Sink, Statement, Store, StoreError, StoreErrorKind};
use bistro_store_postgres::Options;

use crate::fixture::{Fixture, eq, param, start, text, wait};

const SCHEMA: &str = "type Item @model { id: Int! @id  name: String! @unique }";

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

fn small() -> Options {
    Options { readers: 1, writers: 2, ..Options::default() }
}

#[test]
fn a_panic_in_a_counted_read_leaves_no_snapshot_open() {
    let fixture = Fixture::with(SCHEMA, small());
    fixture.insert("Item", &[("name", text("a"))]).unwrap();
    let mut select = fixture.select("Item", &["id"], Expr::TRUE);
    (select.total, select.limit) = (true, Some(Bound::Fixed(1)));
    let prepared = fixture.store.prepare(&Statement::Select(select.clone())).unwrap();
    for _ in 0..4 {
        let read = start(fixture.store.read(prepared.clone(), Vec::new(), Box::new(Panics)));
        assert!(wait(read).err().is_some_and(|ended| ended.is_panic()));
    }
    fixture.insert("Item", &[("name", text("b"))]).unwrap();
    let (rows, summary) = fixture.rows(select, &[]).unwrap();
    assert_eq!((rows.len(), summary.total), (1, Some(2)));
}

#[test]
fn long_chains_of_conditions_are_no_deep_expressions() {
    let fixture = Fixture::with(SCHEMA, small());
    fixture.insert("Item", &[("name", text("a"))]).unwrap();
    let conditions = || vec![eq(fixture.own("Item", "name"), param(0)); 5_000];
    for filter in
        [Expr::Or(conditions()), Expr::And(conditions()), Expr::Not(Box::new(Expr::And(conditions())))]
    {
        let finds = !matches!(filter, Expr::Not(_));
        let found = fixture.column(fixture.select("Item", &["id"], filter), &[text("a")]);
        assert_eq!(found, if finds { vec![Value::Int(1)] } else { Vec::new() });
    }
}

#[test]
fn nul_in_a_text_is_refused_in_clear_words() {
    let fixture = Fixture::with(SCHEMA, small());
    let error = fixture.insert("Item", &[("name", text("a\0b"))]).unwrap_err();
    let said =
        |e: &StoreError| matches!(&e.kind, StoreErrorKind::Rejected(_, words) if words.contains("U+0000"));
    assert!(said(&error), "{error}");
    let found = fixture
        .rows(fixture.select("Item", &["id"], eq(fixture.own("Item", "name"), param(0))), &[text("a\0b")]);
    assert!(said(&found.unwrap_err()));
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
    let fixture = Arc::new(Fixture::with(SCHEMA, Options { writers: 8, ..Options::default() }));
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
fn regress_reads_of_a_transaction_add_to_what_the_sink_holds() {
    let fixture = Fixture::with(SCHEMA, small());
    fixture.insert("Item", &[("name", text("a"))]).unwrap();
    // A pattern without a literal beginning needs a text of its own.
    let like = Expr::Like { operand: fixture.own("Item", "name"), pattern: param(0), fold: false };
    let prepared = fixture.store.prepare(&Statement::Select(fixture.select("Item", &["id"], like))).unwrap();
    wait(fixture.store.transact(Box::new(move |open| {
        Box::pin(async move {
            let mut sink = Collect::new();
            for pattern in ["a%", "%a"] {
                open.read(&prepared, &[text(pattern)], &mut sink).await?;
            }
            assert_eq!(sink.rows.len(), 2);
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
fn regress_a_read_that_would_hold_too_much_is_refused_while_it_is_read() {
    let fixture = Fixture::new(
        "type Parent @model { id: Int! @id  children: [Child!]! @inverse(of: \"parent\") }\n\
         type Child @model { id: Int! @id  parent: Parent!  text: String! }",
    );
    fixture.insert("Parent", &[]).unwrap();
    fixture
        .database
        .sql(
            "INSERT INTO childs (parent_id, text) SELECT 1, repeat('x', 100000) FROM generate_series(1, 900)",
        )
        .unwrap();
    let children = fixture.select("Child", &["id", "text"], Expr::TRUE);
    let mut parents = fixture.select("Parent", &["id"], Expr::TRUE);
    parents.outputs.push(crate::related::nested(&fixture, "Parent", "children", children));
    let refused = fixture.rows(parents, &[]).unwrap_err();
    assert!(
        matches!(&refused.kind, StoreErrorKind::Rejected(bistro_problem::Code::ReplyTooLarge, words) if words.contains("fewer rows")),
        "{refused}"
    );
    let few = fixture.select("Parent", &["id"], Expr::TRUE);
    assert_eq!(fixture.rows(few, &[]).unwrap().0.len(), 1, "the connection goes on");
}
