//! Several statements together, and what breaks them.

use bistro_ir::{Compare, Expr, Operand, ParamId};
use bistro_schema::{Kind, Scalar, Value};
use bistro_store::{Insert, Statement, StoreErrorKind};

use super::bench::{Bench, found, same, take};
use crate::runtime::wait;
use crate::subject::person;

fn cell(row: i64, col: i64) -> [(&'static str, Value); 2] {
    [("row_no", Value::Int(row)), ("col_no", Value::Int(col))]
}

fn cells(bench: &Bench<'_>, row: i64) -> Result<i64, String> {
    let filter = |ty| Expr::Compare(Compare::Eq, bench.operand(ty, "row_no"), Operand::Param(ParamId(0)));
    bench
        .count("Cell", filter, vec![(Scalar::one(Kind::Int), Value::Int(row))])
        .map_err(|e| format!("{} {}", e.code.text(), e.message))
}

pub(super) fn whole(bench: &Bench<'_>) -> Result<(), String> {
    let broken = bench.insert_all("Cell", &[&cell(100, 1), &cell(100, 2), &cell(100, 1)]);
    same(
        "the clash is told",
        matches!(broken.map_err(|e| e.kind), Err(StoreErrorKind::Unique { .. })),
        true,
    )?;
    same("rows after a clash", cells(bench, 100)?, 0)?;
    let (statement, binds) = bench.insert("Cell", &cell(100, 1));
    let prepared = bench.store.prepare(&statement).map_err(|e| e.to_string())?;
    let given_up = wait(bench.store.transact(Box::new(move |tx| {
        Box::pin(async move {
            tx.write(&prepared, &binds).await?;
            Err(bistro_store::StoreError::rolled_back())
        })
    })));
    same("a job that gives up", given_up.map_err(|e| e.kind), Err(StoreErrorKind::RolledBack))?;
    same("rows after giving up", cells(bench, 100)?, 0)?;
    bench.insert_all("Cell", &[&cell(100, 1), &cell(100, 2)]).map_err(|e| e.to_string())?;
    same("rows after both", cells(bench, 100)?, 2)
}

pub(super) fn guarded(bench: &Bench<'_>) -> Result<(), String> {
    let (Statement::Insert(one), first) = bench.insert("Cell", &cell(110, 1)) else {
        return Err("an insert is another statement".to_owned());
    };
    let (_, second) = bench.insert("Cell", &cell(110, 2));
    let prepared = bench
        .store
        .prepare(&Statement::Insert(Insert { guarded: true, ..one }))
        .map_err(|e| e.to_string())?;
    let (kept, told) = found::<Vec<bool>>();
    wait(bench.store.transact(Box::new(move |tx| {
        Box::pin(async move {
            for binds in [&first, &first, &second] {
                let written = tx.write(&prepared, binds).await;
                told.lock().expect("no job panics").push(written.is_ok());
            }
            Ok(())
        })
    })))
    .map_err(|e| e.to_string())?;
    same("inserts that went well", take(&kept), vec![true, false, true])?;
    same("rows", cells(bench, 110)?, 2)
}

pub(super) fn foreign_keys(bench: &Bench<'_>) -> Result<(), String> {
    let nobody = Value::Uuid(person(200));
    let broken = bench.insert_all("Badge", &[&[("id", Value::Int(900)), ("person_id", nobody)]]);
    match broken.map_err(|e| e.kind) {
        Err(StoreErrorKind::ForeignKey(_)) => Ok(()),
        other => Err(format!("a row that refers to nothing: {other:?}")),
    }
}

pub(super) fn unique(bench: &Bench<'_>) -> Result<(), String> {
    let named = |n: usize, nick: &str| {
        [("id", Value::Uuid(person(n))), ("name", Value::text("named")), ("nick", Value::text(nick))]
    };
    bench.insert_all("Person", &[&named(120, "one")]).map_err(|e| e.to_string())?;
    let constraint = |row: [(&str, Value); 3]| match bench.insert_all("Person", &[&row]).map_err(|e| e.kind) {
        Err(StoreErrorKind::Unique { constraint, .. }) => Ok(constraint),
        other => Err(format!("a second row of one key: {other:?}")),
    };
    same("the nick's", constraint(named(121, "one"))?, "persons_nick_key".to_owned())?;
    same("the key's", constraint(named(120, "two"))?, "persons_pkey".to_owned())
}
