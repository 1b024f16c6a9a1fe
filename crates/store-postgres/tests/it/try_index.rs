//! Indexes that are not there, tried on a sample: the planner's answer is honest, and nothing is left of it.

use std::time::Duration;

use bistro_ir::{Bound, Expr};
use bistro_schema::{FieldId, Value};
use bistro_store::{Nested, NestedForm, Output, Select, Statement, Store, StoreError, Tried};
use bistro_store_postgres::Options;

use crate::fixture::{Fixture, eq, eventually, param, start, wait};

const SCHEMA: &str = r#"
type Maker @model { id: Int! @id  name: String!  items: [Item!]! @inverse(of: "maker") }
type Item @model {
  id: Int! @id
  title: String! @length(max: 80) @unique @search
  kind: String! @length(max: 40)
  price: Decimal!
  maker: Maker!
}
"#;

/// What is in the database: its tables, its indexes, its rows.
const STATE: &str = "SELECT (SELECT string_agg(n.nspname || '.' || c.relname, ',' ORDER BY n.nspname, c.relname) \
                     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace), \
                     (SELECT md5(string_agg(i::text, ',' ORDER BY id)) FROM items i), \
                     (SELECT last_value FROM items_id_seq)";

fn fixture(rows: u32, options: Options) -> Fixture {
    let fixture = Fixture::with(SCHEMA, options);
    let sql = format!(
        "INSERT INTO makers (name) SELECT 'maker ' || n FROM generate_series(1, 50) n; \
         INSERT INTO items (title, kind, price, maker_id) \
         SELECT 'item ' || n, 'kind ' || n % 97, n % 1009, 1 + n % 50 FROM generate_series(1, {rows}) n; ANALYZE"
    );
    fixture.database.sql(&sql).unwrap();
    fixture
}

/// The three dearest items of a kind.
fn dearest(fixture: &Fixture) -> Select {
    let mut select = fixture.select("Item", &["title"], eq(fixture.own("Item", "kind"), param(0)));
    select.order = vec![fixture.by("Item", "price")];
    select.limit = Some(Bound::Fixed(3));
    select
}

fn tried(fixture: &Fixture, select: Select, fields: &[&str]) -> Result<Tried, StoreError> {
    let prepared = fixture.store.prepare(&Statement::Select(select)).unwrap();
    let fields: Vec<FieldId> = fields.iter().map(|f| fixture.field("Item", f)).collect();
    wait(fixture.store.try_index(&prepared, fixture.ty("Item"), &fields))
}

fn check(rows: u32, young: bool) {
    let fixture = fixture(rows, Options { writers: 1, ..Options::default() });
    let state = || fixture.database.sql(STATE).unwrap();
    let before = state();
    let helps = tried(&fixture, dearest(&fixture), &["kind", "price"]).unwrap();
    assert!(helps.used, "{}", helps.after);
    assert!(helps.after.contains("bistro_tried") && !helps.before.contains("bistro_tried"), "{helps:?}");
    assert_eq!(helps.after.contains("few rows"), young, "{}", helps.after);
    let idle = tried(&fixture, dearest(&fixture), &["maker_id"]).unwrap();
    assert!(!idle.used, "{}", idle.after);
    assert_eq!(state(), before, "{rows} rows");
    // The one connection for writes has nothing left of it either, and goes on.
    let again = tried(&fixture, dearest(&fixture), &["kind", "price"]).unwrap();
    assert_eq!(again.used, helps.used);
    fixture.update("Item", Value::Int(1), "price", Value::Int(5)).unwrap();
}

#[test]
fn an_index_that_helps_is_used_and_one_that_does_not_is_not() {
    check(5_000, false);
    check(60_000, false);
}

#[test]
fn a_table_of_few_rows_is_planned_as_a_large_one() {
    check(0, true);
    check(40, true);
}

#[test]
fn what_hangs_on_rows_is_tried_too() {
    let fixture = fixture(5_000, Options::default());
    let mut makers = fixture.select("Maker", &["name"], Expr::TRUE);
    let relation = fixture.relation("Maker", "items");
    makers.outputs.push(Output::Nested(Box::new(Nested {
        relation,
        select: dearest(&fixture),
        when: Expr::TRUE,
        link: Expr::TRUE,
        form: NestedForm::Many,
    })));
    let helps = tried(&fixture, makers, &["maker_id", "kind"]).unwrap();
    assert!(helps.used && helps.after.contains("\n  "), "{}", helps.after);
}

#[test]
fn what_cannot_be_tried_says_why_and_leaves_nothing() {
    let one = Options { writers: 1, ..Options::default() };
    let fixture = fixture(1_000, one);
    let state = || fixture.database.sql(STATE).unwrap();
    let before = state();
    let refused = tried(&fixture, dearest(&fixture), &["kind"; 33]).unwrap_err();
    assert!(refused.cause.contains("more than 32 columns"), "{refused:?}");
    assert_eq!(state(), before, "after an error");
    for wait_for in [1, 5, 20, 60] {
        let prepared = fixture.store.prepare(&Statement::Select(dearest(&fixture))).unwrap();
        let fields = [fixture.field("Item", "kind")];
        let task = start(fixture.store.try_index(&prepared, fixture.ty("Item"), &fields));
        std::thread::sleep(Duration::from_millis(wait_for));
        task.abort();
        eventually("nothing is left of a dropped future", || state() == before);
        fixture.update("Item", Value::Int(1), "price", Value::Int(5)).unwrap();
        fixture.update("Item", Value::Int(1), "price", Value::Int(1)).unwrap();
    }
}
