//! What one caller does must not cost others: locks, large replies, values of other programs, refusals of the server.

use std::time::{Duration, Instant};

use bistro_ir::Expr;
use bistro_problem::Code;
use bistro_schema::Value;
use bistro_store::{
    Collect, Nested, NestedForm, Output, Statement, Store, StoreError, StoreErrorKind, Update,
};
use bistro_store_mysql::Options;

use crate::fixture::{Fixture, eventually, start, text, wait};

const ITEMS: &str = "type Item @model { id: Int! @id  name: String! }";

fn one() -> Options {
    Options { readers: 1, connections: 1, ..Options::default() }
}

fn rejected(error: StoreError) -> (Code, String) {
    match error.kind {
        StoreErrorKind::Rejected(code, words) => (code, words),
        _ => panic!("{error}"),
    }
}

/// The threads of the server that work for this database.
fn connections(fixture: &Fixture) -> String {
    let sql = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID() \
               ORDER BY id";
    fixture.database.sql(sql).unwrap()
}

fn update(fixture: &Fixture, key: i64, name: &str) -> tokio::task::JoinHandle<Result<(), StoreError>> {
    let set = vec![(fixture.field("Item", "name"), bistro_ir::ParamId(1))];
    let statement =
        Statement::Update(Update { ty: fixture.ty("Item"), set, key: vec![bistro_ir::ParamId(0)] });
    let prepared = fixture.store.prepare(&statement).unwrap();
    let binds = [Value::Int(key), text(name)];
    start(fixture.store.transact(Box::new(move |open| {
        Box::pin(async move { open.write_last(&prepared, &binds).await.map(drop) })
    })))
}

/// Writes a row and keeps its lock for a time.
fn locked(fixture: &Fixture, time: Duration) -> tokio::task::JoinHandle<Result<(), StoreError>> {
    let set = vec![(fixture.field("Item", "name"), bistro_ir::ParamId(1))];
    let statement =
        Statement::Update(Update { ty: fixture.ty("Item"), set, key: vec![bistro_ir::ParamId(0)] });
    let prepared = fixture.store.prepare(&statement).unwrap();
    let (told, held) = std::sync::mpsc::channel();
    let job = start(fixture.store.transact(Box::new(move |open| {
        Box::pin(async move {
            open.write(&prepared, &[Value::Int(1), text("held")]).await?;
            told.send(()).unwrap();
            tokio::time::sleep(time).await;
            Ok(())
        })
    })));
    held.recv().unwrap();
    job
}

#[test]
fn regress_reads_do_not_wait_for_writes_that_wait_for_a_lock() {
    let options = Options { readers: 2, connections: 4, ..Options::default() };
    let fixture = Fixture::with(ITEMS, options);
    fixture.insert("Item", &[("name", text("a"))]).unwrap();
    let holder = locked(&fixture, Duration::from_secs(3));
    let writes: Vec<_> = (0..12).map(|_| update(&fixture, 1, "b")).collect();
    std::thread::sleep(Duration::from_millis(200));
    let began = Instant::now();
    assert_eq!(fixture.column(fixture.select("Item", &["name"], Expr::TRUE), &[]), [text("a")]);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    for write in std::iter::once(holder).chain(writes) {
        wait(write).unwrap().unwrap();
    }
}

#[test]
fn regress_a_lock_that_is_waited_for_too_long_is_a_timeout() {
    let options = Options { deadline: Duration::from_secs(1), ..Options::default() };
    let fixture = Fixture::with(ITEMS, options);
    fixture.insert("Item", &[("name", text("a"))]).unwrap();
    let holder = locked(&fixture, Duration::from_secs(4));
    let late = wait(update(&fixture, 1, "b")).unwrap().unwrap_err();
    assert_eq!(late.kind, StoreErrorKind::TimedOut, "{late}");
    wait(holder).unwrap().unwrap();
}

#[test]
fn regress_a_read_that_would_hold_too_much_is_refused_while_it_is_read() {
    let schema = "type Shelf @model { id: Int! @id  label: String!  books: [Book!]! @inverse(of: \"shelf\") }
                  type Book @model { id: Int! @id  body: String!  shelf: Shelf! }";
    let fixture = Fixture::with(schema, one());
    let fill = "INSERT INTO \"Shelf\" (\"label\") SELECT 'x' FROM seq;
                INSERT INTO \"Book\" (\"body\", \"shelf_id\") SELECT repeat('x', 20000), a.n FROM seq a, big b";
    let names = |text: &str| {
        let table = |ty: &str| format!("`{}`", fixture.schema.ty(fixture.ty(ty)).collection);
        let text = text.replace("\"Shelf\"", &table("Shelf")).replace("\"Book\"", &table("Book"));
        text.replace('"', "`")
    };
    let numbers = "CREATE TABLE seq (n INT) AS WITH RECURSIVE s AS (SELECT 1 n UNION ALL SELECT n + 1 FROM s WHERE \
                   n < 20) SELECT n FROM s; CREATE TABLE big AS WITH RECURSIVE s AS (SELECT 1 n UNION ALL SELECT \
                   n + 1 FROM s WHERE n < 200) SELECT n FROM s";
    fixture.database.sql(&format!("{numbers}; {}", names(fill))).unwrap();
    let mut shelves = fixture.select("Shelf", &["label"], Expr::TRUE);
    shelves.outputs.push(Output::Nested(Box::new(Nested {
        relation: fixture.relation("Shelf", "books"),
        select: fixture.select("Book", &["body"], Expr::TRUE),
        when: Expr::TRUE,
        link: Expr::TRUE,
        form: NestedForm::Many,
    })));
    let (code, words) = rejected(fixture.rows(shelves.clone(), &[]).unwrap_err());
    assert_eq!(code, Code::ReplyTooLarge);
    assert_eq!(words, "the reply would be larger than 64 MB; ask for fewer rows or columns");
    // In a transaction, too, and what comes next finds a clean connection.
    let prepared = fixture.store.prepare(&Statement::Select(shelves.clone())).unwrap();
    let refused = wait(fixture.store.transact(Box::new(move |open| {
        Box::pin(async move { open.read(&prepared, &[], &mut Collect::new()).await.map(drop) })
    })));
    assert_eq!(rejected(refused.unwrap_err()).0, Code::ReplyTooLarge);
    shelves.limit = Some(bistro_ir::Bound::Fixed(2));
    assert_eq!(fixture.rows(shelves, &[]).unwrap().0.len(), 2);
    eventually("nothing is read on", || connections(&fixture).lines().count() <= 2);
    assert!(fixture.store.reachable().is_ok());
}

#[test]
fn regress_values_of_other_programs_do_not_fail_the_page() {
    let schema = "type Old @model { id: Int! @id  day: Date  at: DateTime  time: Time  many: BigInt }";
    let fixture = Fixture::with(schema, one());
    let table = fixture.schema.ty(fixture.ty("Old")).collection.clone();
    let sql = |sql: &str| fixture.database.sql(&sql.replace("old", &format!("`{table}`"))).unwrap();
    sql("SET sql_mode = ''; ALTER TABLE old MODIFY many BIGINT UNSIGNED; \
         INSERT INTO old (id, day, at, time, many) VALUES \
         (1, '0000-00-00', '0000-00-00 00:00:00', '23:59:59', 9223372036854775807), \
         (2, '2020-00-00', '2020-02-00 10:00:00', '00:00:00', 7)");
    let page = |field: &str| fixture.rows(fixture.select("Old", &[field], Expr::TRUE), &[]);
    let column = |field: &str| fixture.column(fixture.select("Old", &[field], Expr::TRUE), &[]);
    assert_eq!(column("day"), [Value::Null, Value::Null]);
    assert_eq!(column("at"), [Value::Null, Value::Null]);
    assert_eq!(column("many"), [Value::Int(i64::MAX), Value::Int(7)]);
    sql(
        "SET sql_mode = ''; INSERT INTO old (id, time, many) VALUES (3, '-01:00:00', 18446744073709551615); \
         INSERT INTO old (id) VALUES (4)",
    );
    let before = connections(&fixture);
    let refused = |field: &str| rejected(page(field).unwrap_err());
    let expected = |text: &str| (Code::OutOfRange, format!("the stored value {text}"));
    assert_eq!(refused("many"), expected("18446744073709551615 is outside the range of BigInt"));
    assert_eq!(refused("time"), expected("-01:00:00 is outside the range of Time"));
    sql("UPDATE old SET time = '25:00:00' WHERE id = 3");
    assert_eq!(refused("time"), expected("25:00:00 is outside the range of Time"));
    assert_eq!(column("id").len(), 4);
    assert_eq!(connections(&fixture), before, "a refusal cost a connection");
}

#[test]
fn regress_refusals_of_the_server_have_codes_and_keep_the_connection() {
    let schema = "type Row @model { id: Int! @id  kind: String  small: String  note: String }";
    let fixture = Fixture::with(schema, one());
    let table = fixture.schema.ty(fixture.ty("Row")).collection.clone();
    let sql = |sql: &str| fixture.database.sql(&sql.replace("tab", &format!("`{table}`"))).unwrap();
    sql("ALTER TABLE tab MODIFY kind ENUM('a', 'b'), MODIFY small INT");
    sql("DELIMITER //\nCREATE TRIGGER refuses BEFORE UPDATE ON tab FOR EACH ROW \
         IF NEW.note = 'no' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'notes may not say no'; \
         ELSEIF NEW.note = 'far' THEN SIGNAL SQLSTATE '22003' SET MESSAGE_TEXT = 'too far'; END IF//\nDELIMITER ;");
    fixture.insert("Row", &[("kind", text("a"))]).unwrap();
    let before = connections(&fixture);
    let check = |name: &str, value: &str, code: Code, words: &str| {
        let found = rejected(fixture.update("Row", Value::Int(1), name, text(value)).unwrap_err());
        assert_eq!(found, (code, words.to_owned()), "{name} = {value}");
    };
    let invalid = "the value is not one of its column's type";
    check("kind", "c", Code::InvalidText, invalid);
    check("small", "many", Code::InvalidText, invalid);
    check("small", "99999999999", Code::OutOfRange, "value out of range");
    check("note", "no", Code::CheckViolation, "notes may not say no");
    check("note", "far", Code::OutOfRange, "too far");
    assert!(fixture.update("Row", Value::Int(1), "kind", text("b")).unwrap());
    // A counter that has come to its end.
    sql("ALTER TABLE tab MODIFY id TINYINT AUTO_INCREMENT; INSERT INTO tab (id) VALUES (127)");
    let full = rejected(fixture.insert("Row", &[("kind", text("a"))]).unwrap_err());
    assert_eq!(full.0, Code::OutOfRange, "{}", full.1);
    assert_eq!(connections(&fixture), before, "a refusal cost the connection");
}
