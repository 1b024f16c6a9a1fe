//! What a caller, or a mistake of ours above the store, must not be able to break.

use std::any::Any;

use bistro_ir::{Bound, Expr};
use bistro_schema::{Value, ValueRef};
use bistro_store::{Collect, Sink, Statement, Store};

use crate::fixture::{Fixture, eq, param, runtime, text, wait};

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
fn a_panic_in_a_counted_read_leaves_no_snapshot_open() {
    let fixture = Fixture::new(SCHEMA);
    fixture.insert("Item", &[("name", text("a"))]).unwrap();
    let mut select = fixture.select("Item", &["id"], Expr::TRUE);
    (select.total, select.limit) = (true, Some(Bound::Fixed(1)));
    let prepared = fixture.store.prepare(&Statement::Select(select)).unwrap();
    let panicked = runtime().spawn(fixture.store.read(prepared.clone(), Vec::new(), Box::new(Panics)));
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
