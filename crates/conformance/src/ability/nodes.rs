//! Several hands on one database: at once, one after another, from several nodes.

use std::time::{Duration, Instant};

use bistro_engine::Context;
use bistro_ir::{Action, Body, Caller, Compare, Conflict, Expr, Input, Operand, Operation, ParamId, Write};
use bistro_schema::{Kind, Scalar, Value};
use bistro_store::Collect;

use super::bench::{Bench, found, same, take};
use crate::runtime::wait;
use crate::subject::{NOW, Subject};

/// Rows of cells with this number.
fn cells(bench: &Bench<'_>, row: i64) -> Result<i64, String> {
    let filter = |ty| Expr::Compare(Compare::Eq, bench.operand(ty, "row_no"), Operand::Param(ParamId(0)));
    bench
        .count("Cell", filter, vec![(Scalar::one(Kind::Int), Value::Int(row))])
        .map_err(|e| format!("{} {}", e.code.text(), e.message))
}

pub(super) fn upserts_at_once(bench: &Bench<'_>) -> Result<(), String> {
    let ty = bench.ty("Cell");
    let columns = ["row_no", "col_no", "text"].map(|name| bench.field(ty, name)).to_vec();
    let conflict = Some(Conflict { fields: columns[..2].to_vec(), merge: true });
    let action = Action::Insert { columns, conflict };
    let operation = Operation { body: Body::Write(Write { ty, action, returning: None }), params: vec![] };
    let upsert = |n: usize| -> Result<(), String> {
        let cx = Context::new(Caller::service(), NOW);
        let told = |e: bistro_problem::Problem| format!("{} {}", e.code.text(), e.message);
        let ready = bench.engine().ready(cx.caller.roles, &operation).map_err(told)?;
        let row = [Value::Int(140), Value::Int(1), Value::text(format!("{n}"))].map(Some).to_vec();
        let input = Input { rows: vec![row], ..Input::default() };
        wait(bench.engine().write(cx, ready, input, Box::new(Collect::new()))).map(drop).map_err(told)
    };
    let upsert = &upsert;
    std::thread::scope(|scope| {
        let hand = |n: usize| scope.spawn(move || (0..10).try_for_each(|m| upsert(n * 10 + m)));
        let hands: Vec<_> = (0..8).map(hand).collect();
        hands.into_iter().try_for_each(|hand| hand.join().map_err(|_| "a thread panicked".to_owned())?)
    })?;
    same("rows", cells(bench, 140)?, 1)
}

pub(super) fn records(bench: &Bench<'_>) -> Result<(), String> {
    let put = |key: &'static str, value: &'static [u8], expires: i64| {
        wait(bench.store.transact(Box::new(move |tx| {
            Box::pin(async move { tx.record_put("exam", key, value, expires).await })
        })))
        .map_err(|e| e.to_string())
    };
    let get = |key: &'static str, now: i64| -> Result<Option<Vec<u8>>, String> {
        let (kept, told) = found::<Option<Vec<u8>>>();
        wait(bench.store.transact(Box::new(move |tx| {
            Box::pin(async move {
                *told.lock().expect("no job panics") = tx.record_get("exam", key, now).await?;
                Ok(())
            })
        })))
        .map_err(|e| e.to_string())?;
        Ok(take(&kept))
    };
    put("a", b"one\0\xff", 100)?;
    put("a", b"two\0\xff", 200)?;
    same("the last put", get("a", 150)?, Some(b"two\0\xff".to_vec()))?;
    same("an expired one", get("a", 200)?, None)?;
    same("an unknown one", get("b", 0)?, None)?;
    // Whoever looks for a record keeps others from looking until the transaction ends.
    let (began, wait_for) = (Instant::now(), Duration::from_millis(300));
    let (asked, heard) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            wait(bench.store.transact(Box::new(move |tx| {
                Box::pin(async move {
                    tx.record_get("exam", "c", 0).await?;
                    let _ = asked.send(());
                    // The store's own writer may be the thread that this blocks.
                    std::thread::sleep(wait_for);
                    tx.record_put("exam", "c", b"done", 1_000).await
                })
            })))
        });
        let _ = heard.recv();
        same("after waiting", get("c", 0)?, Some(b"done".to_vec()))?;
        same("it waited", began.elapsed() >= wait_for, true)
    })
}

pub(super) fn durable(bench: &Bench<'_>) -> Result<(), String> {
    let row = [("row_no", Value::Int(150)), ("col_no", Value::Int(1)), ("text", Value::text("kept"))];
    bench.insert_all("Cell", &[&row]).map_err(|e| e.to_string())?;
    if bench.subject.able.embedded {
        // One process holds the folder: this store is closed by its last handle, so a copy of the home is looked at.
        return bench.copied(|copy| same("rows after opening again", cells(copy, 150)?, 1));
    }
    bench.again(|again| same("rows after opening again", cells(again, 150)?, 1))
}

pub(super) fn two_nodes(bench: &Bench<'_>) -> Result<(), String> {
    let cell = |col: i64| [("row_no", Value::Int(160)), ("col_no", Value::Int(col))];
    bench.again(|other| {
        bench.insert_all("Cell", &[&cell(1)]).map_err(|e| e.to_string())?;
        same("the other node sees it", cells(other, 160)?, 1)?;
        other.insert_all("Cell", &[&cell(2)]).map_err(|e| e.to_string())?;
        same("and the other way round", cells(bench, 160)?, 2)
    })
}

impl Bench<'_> {
    /// The same with another store on the same home.
    fn again(&self, check: impl FnOnce(&Bench<'_>) -> Result<(), String>) -> Result<(), String> {
        let store = self.home.open(self.schema());
        let subject = Subject::over(self.subject.name, std::sync::Arc::clone(&store), self.engine());
        let ended = check(&Bench { home: self.home, store: std::sync::Arc::clone(&store), subject });
        store.close();
        ended
    }

    /// The same with another store on a copy of the folder.
    fn copied(&self, check: impl FnOnce(&Bench<'_>) -> Result<(), String>) -> Result<(), String> {
        let copy = self.home.copy().map_err(|e| e.to_string())?;
        let store = copy.open(self.schema());
        let subject = Subject::over(self.subject.name, std::sync::Arc::clone(&store), self.engine());
        check(&Bench { home: &copy, store, subject })
    }
}
