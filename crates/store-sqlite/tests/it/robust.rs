//! What a caller, or a mistake of ours above the store, must not be able to break.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bistro_ir::{Bound, Expr};
use bistro_schema::{Value, ValueRef};
use bistro_store::{Collect, ReadNow, Sink, Statement, Store};

use crate::fixture::{Fixture, eq, param, text};

const SCHEMA: &str = "type Item @model { id: Int! @id  name: String! }";

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
fn regress_a_panic_in_a_counted_read_leaves_no_snapshot_open() {
    let fixture = Fixture::new(SCHEMA);
    fixture.insert("Item", &[("name", text("a"))]).unwrap();
    let mut select = fixture.select("Item", &["id"], Expr::TRUE);
    (select.total, select.limit) = (true, Some(Bound::Fixed(1)));
    let prepared = fixture.store.prepare(&Statement::Select(select)).unwrap();
    let read = || fixture.store.read_now(&prepared, &[], &mut Panics).map(drop);
    assert!(catch_unwind(AssertUnwindSafe(read)).is_err());
    fixture.insert("Item", &[("name", text("b"))]).unwrap();
    let mut sink = Collect::new();
    let ReadNow::Done(summary) = fixture.store.read_now(&prepared, &[], &mut sink).unwrap() else {
        panic!("two rows are read at once");
    };
    assert_eq!(summary.total, Some(2), "the thread still reads its old snapshot");
}

#[test]
fn regress_long_chains_of_conditions_are_no_deep_expressions() {
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
fn regress_few_but_slow_steps_do_not_hold_the_calling_thread() {
    let fixture = Fixture::new(SCHEMA);
    for _ in 0..20 {
        fixture.insert("Item", &[("name", text(&"x".repeat(20_000)))]).unwrap();
    }
    let like = Expr::Like { operand: fixture.own("Item", "name"), pattern: param(0), fold: true };
    let select = fixture.select("Item", &["id"], Expr::Or(vec![like; 500]));
    let prepared = fixture.store.prepare(&Statement::Select(select)).unwrap();
    let read = fixture.store.read_now(&prepared, &[text("%y%z%")], &mut Collect::new());
    assert!(matches!(read, Ok(ReadNow::Later)), "ten thousand long texts were folded at once");
}
