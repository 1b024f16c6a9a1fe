//! Values of every kind, the names of constraints, and what a failed job leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bistro_ir::{Expr, ParamId};
use bistro_schema::{Decimal, Value};
use bistro_store::{BrokenReference, Insert, Statement, Store, StoreError, StoreErrorKind};
use bistro_store_mysql::{MysqlStore, Options};

use crate::fixture::{Fixture, text, uuid, wait};

const KINDS: &str = r#"
enum Colour { red green }
type All @model {
  id: ID!
  i: Int
  big: BigInt
  f: Float
  short: Decimal @decimal(precision: 10, scale: 2)
  bare: Decimal
  s: String
  b: Boolean
  d: Date
  t: Time
  at: DateTime
  j: JSON
  raw: Bytes
  u: UUID
  colour: Colour
  words: [String!]
  uuids: [UUID!]
  prices: [Decimal!]
  floats: [Float!]
  times: [DateTime!]
  bytes: [Bytes!]
}
"#;

fn decimal(text: &str) -> Value {
    Value::Decimal(Decimal::parse(text).unwrap())
}

#[test]
fn values_of_every_kind_come_back_exactly() {
    let fixture = Fixture::new(KINDS);
    let cases = [
        ("i", Value::Int(i64::from(i32::MIN))),
        ("big", Value::Int(i64::MAX)),
        ("f", Value::Float(0.1)),
        ("f", Value::Float(1e300)),
        ("short", decimal("-99999999.99")),
        ("bare", decimal("12345678901234567890123456789.123456789")),
        ("bare", decimal("-0.000000001")),
        ("s", text("naïve \u{1F600} \"quoted\"")),
        ("b", Value::Bool(true)),
        ("d", Value::Date(-719_162)),
        ("t", Value::Time(86_399_999_999)),
        ("at", Value::DateTime(253_402_300_799_999_999)),
        ("j", Value::Json(r#"{"a":[1.50,null]}"#.into())),
        ("raw", Value::Bytes(vec![0, 255, 7].into())),
        ("u", uuid(9)),
        ("colour", text("green")),
        ("words", Value::List(vec![text("a,b"), text("\"")])),
        ("uuids", Value::List(vec![uuid(1), uuid(0xfe)])),
        ("prices", Value::List(vec![decimal("1.50"), decimal("1234567890123456789012345.6")])),
        ("floats", Value::List(vec![Value::Float(0.1), Value::Float(2.0)])),
        ("times", Value::List(vec![Value::DateTime(1_700_000_000_123_456)])),
        ("bytes", Value::List(vec![Value::Bytes(vec![1, 0xab].into())])),
        ("s", Value::Null),
    ];
    for (n, (name, value)) in cases.iter().enumerate() {
        let key = uuid(n as u8);
        let given = fixture.insert("All", &[("id", key.clone()), (name, value.clone())]).unwrap();
        assert_eq!(given, std::slice::from_ref(&key));
        let filter = crate::fixture::eq(fixture.own("All", "id"), crate::fixture::param(0));
        let found = fixture.column(fixture.select("All", &[name], filter), &[key]);
        assert_eq!(&found, std::slice::from_ref(value), "{name}");
    }
}

const SHOP: &str = r#"
type Shop @model { id: Int! @id  name: String! @unique  code: String  city: String @unique(with: ["code"]) }
type Item @model { id: ID!  title: String!  shop: Shop @relation(onDelete: CASCADE) }
"#;

#[test]
fn constraints_are_told_by_name() {
    let text_schema = SHOP.replace(" @unique(with: [\"code\"])", "");
    let fixture = Fixture::new(&text_schema);
    let (shop, item) = (fixture.ty("Shop"), fixture.ty("Item"));
    let counted = fixture.insert("Shop", &[("name", text("a"))]).unwrap();
    let unique = |name: &str| StoreErrorKind::Unique { ty: shop, constraint: name.into() };
    let cases = [
        (fixture.insert("Shop", &[("name", text("a"))]).unwrap_err(), unique("shops_name_key")),
        (
            fixture.insert("Shop", &[("id", counted[0].clone()), ("name", text("b"))]).unwrap_err(),
            unique("shops_pkey"),
        ),
        (
            fixture.insert("Item", &[("id", uuid(1)), ("title", Value::Null)]).unwrap_err(),
            StoreErrorKind::NotNull { ty: item, field: "title".into() },
        ),
        (
            fixture
                .insert("Item", &[("id", uuid(1)), ("title", text("x")), ("shop_id", Value::Int(99))])
                .unwrap_err(),
            StoreErrorKind::ForeignKey(Some(BrokenReference {
                constraint: "items_shop_id_fkey".into(),
                still_referenced: false,
            })),
        ),
    ];
    for (error, expected) in cases {
        assert_eq!(error.kind, expected, "{}", error.cause);
    }
    fixture
        .insert("Item", &[("id", uuid(2)), ("title", text("x")), ("shop_id", counted[0].clone())])
        .unwrap();
    let again = fixture.insert("Item", &[("id", uuid(2)), ("title", text("y"))]).unwrap_err();
    assert_eq!(again.kind, StoreErrorKind::Unique { ty: item, constraint: "items_pkey".into() });
    assert!(!fixture.update("Item", uuid(3), "title", text("z")).unwrap());
    assert!(fixture.update("Item", uuid(2), "title", text("z")).unwrap());
    assert!(fixture.delete("Shop", counted[0].clone()).unwrap());
    assert!(fixture.column(fixture.select("Item", &["id"], Expr::TRUE), &[]).is_empty());
}

#[test]
fn jobs_of_one_commit_fail_alone() {
    let fixture = Arc::new(Fixture::new("type Note @model { id: Int! @id  text: String! }"));
    let insert = Insert {
        ty: fixture.ty("Note"),
        values: vec![(fixture.field("Note", "text"), ParamId(0))],
        guarded: false,
    };
    let prepared = fixture.store.prepare(&Statement::Insert(insert)).unwrap();
    let jobs: Vec<_> = (0..100)
        .map(|n| {
            let prepared = prepared.clone();
            fixture.store.transact(Box::new(move |open| {
                Box::pin(async move {
                    open.write(&prepared, &[text(&n.to_string())]).await?;
                    match n % 10 {
                        3 => Err(StoreError::rolled_back()),
                        7 => panic!("a job's own mistake"),
                        _ => Ok(()),
                    }
                })
            }))
        })
        .collect();
    for (n, job) in jobs.into_iter().enumerate() {
        let expected = match n % 10 {
            3 => Err(StoreErrorKind::RolledBack),
            7 => Err(StoreErrorKind::Bug),
            _ => Ok(()),
        };
        assert_eq!(wait(job).map_err(|e| e.kind), expected);
    }
    assert_eq!(fixture.column(fixture.select("Note", &["id"], Expr::TRUE), &[]).len(), 80);
}

#[test]
fn what_was_acknowledged_is_there_after_opening_again() {
    let fixture = Fixture::new("type Note @model { id: Int! @id  text: String! }");
    fixture.insert("Note", &[("text", text("kept"))]).unwrap();
    fixture.store.close();
    let late = fixture.insert("Note", &[("text", text("late"))]).unwrap_err();
    assert_eq!(late.kind, StoreErrorKind::Unavailable);
    let store =
        wait(MysqlStore::open(&fixture.database.url(), fixture.schema.clone(), Options::default())).unwrap();
    assert_eq!(wait(store.recorded()).unwrap().as_deref(), Some("record"));
    let fixture = Fixture { store, ..fixture };
    assert_eq!(fixture.column(fixture.select("Note", &["text"], Expr::TRUE), &[]), [text("kept")]);
}

#[test]
fn records_are_kept_until_they_expire() {
    let fixture = Fixture::new("type Note @model { id: Int! @id }");
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    wait(fixture.store.transact(Box::new(move |open| {
        Box::pin(async move {
            open.record_put("idempotency", "k", b"one", 100).await?;
            open.record_put("idempotency", "k", b"two", 200).await?;
            assert_eq!(open.record_get("idempotency", "k", 150).await?.as_deref(), Some(&b"two"[..]));
            assert_eq!(open.record_get("idempotency", "k", 200).await?, None);
            assert_eq!(open.record_get("other", "k", 0).await?, None);
            count.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
    })))
    .unwrap();
    assert_eq!(seen.load(Ordering::Relaxed), 1);
}

#[test]
fn readers_on_many_threads_see_whole_commits_while_one_writes() {
    let fixture = Fixture::new("type Note @model { id: Int! @id  text: String! }");
    let insert = Insert {
        ty: fixture.ty("Note"),
        values: vec![(fixture.field("Note", "text"), ParamId(0))],
        guarded: false,
    };
    let insert = fixture.store.prepare(&Statement::Insert(insert)).unwrap();
    let pair = || {
        let insert = insert.clone();
        fixture.store.transact(Box::new(move |open| {
            Box::pin(async move {
                open.write(&insert, &[text("left")]).await?;
                open.write(&insert, &[text("right")]).await.map(drop)
            })
        }))
    };
    std::thread::scope(|scope| {
        let reader = || {
            let mut before = 0;
            for _ in 0..200 {
                let rows = fixture.column(fixture.select("Note", &["id"], Expr::TRUE), &[]).len();
                assert!(rows.is_multiple_of(2) && rows >= before, "{rows} rows after {before}");
                before = rows;
            }
        };
        let readers: Vec<_> = (0..4).map(|_| scope.spawn(reader)).collect();
        for _ in 0..100 {
            wait(pair()).unwrap();
        }
        readers.into_iter().for_each(|r| r.join().unwrap());
    });
    assert_eq!(fixture.column(fixture.select("Note", &["id"], Expr::TRUE), &[]).len(), 200);
}
