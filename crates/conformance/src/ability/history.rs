//! Tables and their history.

use std::sync::Arc;
use std::time::Duration;

use bistro_ir::{Compare, Expr, Operand, ParamId};
use bistro_schema::{Kind, Scalar, Value};
use bistro_store::load::Load;
use bistro_store::{AppliedState, Direction, Migration};

use super::bench::{Bench, same};
use crate::runtime::wait;
use crate::subject::SCHEMA;

pub(super) fn load(bench: &Bench<'_>) -> Result<(), String> {
    let ty = bench.ty("Cell");
    let fields = ["row_no", "col_no", "text"].map(|name| bench.field(ty, name)).to_vec();
    let row = |n: i64| vec![Value::Int(170), Value::Int(n), Value::text(format!("cell {n}"))];
    let load = |numbers: &[i64]| {
        let (fields, rows) = (fields.clone(), numbers.iter().map(|n| row(*n)).collect());
        wait(bench.store.load(Load { ty, fields, rows, record: None })).map_err(|e| e.to_string())
    };
    load(&(0..1000).collect::<Vec<_>>())?;
    let broken = load(&[1000, 0]);
    same("a load with a clash is refused", broken.is_err(), true)?;
    let filter = |ty| Expr::Compare(Compare::Eq, bench.operand(ty, "row_no"), Operand::Param(ParamId(0)));
    let count = bench.count("Cell", filter, vec![(Scalar::one(Kind::Int), Value::Int(170))]);
    same("rows", count.map_err(|e| e.message.to_string())?, 1000)
}

pub(super) fn lock(bench: &Bench<'_>) -> Result<(), String> {
    let held = wait(bench.store.lock_tables(Duration::from_secs(5))).map_err(|e| e.to_string())?;
    let second = wait(bench.store.lock_tables(Duration::from_millis(200)));
    same("a second holder", second.is_ok(), false)?;
    drop(held);
    // Giving it back may take a moment.
    wait(bench.store.lock_tables(Duration::from_secs(5))).map(drop).map_err(|e| e.to_string())
}

pub(super) fn migrations(bench: &Bench<'_>) -> Result<(), String> {
    let run = |name: &str, direction, statements: &[&str]| {
        wait(bench.store.migrate(Migration {
            name: name.to_owned(),
            checksum: "sum".to_owned(),
            direction,
            statements: statements.iter().map(|s| (*s).to_owned()).collect(),
            schema: SCHEMA.to_owned(),
            at: 7,
            progress: Default::default(),
        }))
        .map_err(|e| e.to_string())
    };
    let names = || -> Result<Vec<(String, bool)>, String> {
        let history = wait(bench.store.history()).map_err(|e| e.to_string())?;
        Ok(history.into_iter().map(|a| (a.name, a.state == AppliedState::Done)).collect())
    };
    run("0001_one", Direction::Up, &["CREATE TABLE exam_one (a int)"])?;
    run("0002_two", Direction::Up, &["CREATE TABLE exam_two (a int)", "INSERT INTO exam_two VALUES (1)"])?;
    let one = ("0001_one".to_owned(), true);
    same("after two", names()?, vec![one.clone(), ("0002_two".to_owned(), true)])?;
    run("0002_two", Direction::Down, &["DROP TABLE exam_two"])?;
    same("after going back", names()?, vec![one.clone()])?;
    let broken = run("0003_three", Direction::Up, &["INSERT INTO exam_one VALUES (1)", "DROP TABLE nothing"]);
    same("one that fails", broken.is_err(), true)?;
    if bench.subject.able.whole_changes {
        same("after one that failed", names()?, vec![one])?;
    }
    Ok(())
}

pub(super) fn whole_changes(bench: &Bench<'_>) -> Result<(), String> {
    let schema = bench.schema();
    let Some(home) = bench.home.another() else { return Err("no second home".to_owned()) };
    let store = home.open(schema);
    let all: Vec<_> = bistro_migrate::everything(schema).steps.into_iter().map(|s| s.change).collect();
    let twice = all.iter().chain(&all).cloned().collect();
    let broken = wait(store.apply(Arc::clone(schema), twice, SCHEMA.to_owned()));
    same("tables made twice", broken.is_err(), true)?;
    let recorded = wait(store.recorded()).map_err(|e| e.to_string())?;
    same("recorded after a failure", recorded, None)?;
    wait(store.apply(Arc::clone(schema), all, SCHEMA.to_owned())).map_err(|e| e.to_string())?;
    let recorded = wait(store.recorded()).map_err(|e| e.to_string())?;
    same("recorded", recorded.as_deref(), Some(SCHEMA))
}

pub(super) fn catalogue(bench: &Bench<'_>) -> Result<(), String> {
    let catalogue = wait(bench.store.catalogue()).map_err(|e| e.to_string())?;
    let Some(cells) = catalogue.table("cells") else { return Err("it has no cells".to_owned()) };
    same("the key of cells", cells.key.clone(), vec!["row_no".to_owned(), "col_no".to_owned()])?;
    let Some(papers) = catalogue.table("papers") else { return Err("it has no papers".to_owned()) };
    let to: Vec<&str> = papers.references.iter().map(|r| r.table.as_str()).collect();
    same("papers refer to people", to.contains(&"persons"), true)
}
