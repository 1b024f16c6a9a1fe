//! What conditions and values a store knows.

use bistro_ir::{Aggregate, Compare, Expr, Item, JsonStep, Operand, ParamId, Root, SearchMode};
use bistro_problem::Problem;
use bistro_schema::{Kind, Scalar, TypeId, Value};
use bistro_store::{Collect, Cost, NewRow, Output, Select, Statement};

use super::bench::{Bench, found, same, take};
use crate::runtime::wait;
use crate::subject::person;

const STRING: Scalar = Scalar::one(Kind::String);

fn told(problem: Problem) -> String {
    format!("{} {}", problem.code.text(), problem.message)
}

fn param() -> Operand {
    Operand::Param(ParamId(0))
}

/// A paper of this number, if it is not there yet.
fn paper(bench: &Bench<'_>, id: i64, title: &str, more: &[(&str, Value)]) -> Result<(), String> {
    let first = [("id", Value::Int(id)), ("title", Value::text(title)), ("mood", Value::text("calm"))];
    let second = [("open", Value::Bool(true))];
    let row: Vec<_> = first.into_iter().chain(second).chain(more.iter().cloned()).collect();
    bench.insert_all("Paper", &[&row]).map_err(|e| e.to_string())
}

/// How many papers of this number meet the condition.
fn papers(
    bench: &Bench<'_>,
    id: i64,
    condition: impl FnOnce(TypeId) -> Expr,
    value: &str,
) -> Result<i64, String> {
    let filter = |ty| {
        let number = Operand::Literal(Value::Int(id), Scalar::one(Kind::BigInt));
        let this = Expr::Compare(Compare::Eq, bench.operand(ty, "id"), number);
        Expr::And(vec![this, condition(ty)])
    };
    bench.count("Paper", filter, vec![(STRING, Value::text(value))]).map_err(told)
}

pub(super) fn relations(bench: &Bench<'_>) -> Result<(), String> {
    let who = Value::Uuid(person(130));
    let author = [("id", who.clone()), ("name", Value::text("far away"))];
    bench.insert_all("Person", &[&author]).map_err(|e| e.to_string())?;
    paper(bench, 1300, "related", &[("author_id", who)])?;
    let condition = |ty| {
        let way = bench.schema().ty(ty).relation_named("author").expect("papers have authors");
        let name = bench.operand(bench.ty("Person"), "name");
        let filter = Box::new(Expr::Compare(Compare::Eq, name, param()));
        Expr::Some { root: Root::Scope(0), via: vec![way], filter }
    };
    same("by the author's name", papers(bench, 1300, condition, "far away")?, 1)?;
    same("by another name", papers(bench, 1300, condition, "near")?, 0)
}

pub(super) fn aggregates(bench: &Bench<'_>) -> Result<(), String> {
    for (id, stars) in [(1310, 1), (1311, 2), (1312, 4)] {
        paper(bench, id, "counted", &[("stars", Value::Int(stars))])?;
    }
    let ty = bench.ty("Paper");
    let item = |function| Item::Aggregate {
        key: format!("{function:?}"),
        function,
        operand: Some(bench.operand(ty, "stars")),
        cast: None,
    };
    let all = [Aggregate::Count, Aggregate::Sum, Aggregate::Min, Aggregate::Max].map(item).to_vec();
    let filter = Expr::Compare(Compare::Eq, bench.operand(ty, "title"), param());
    let rows = bench.read(ty, all, filter, vec![(STRING, Value::text("counted"))]).map_err(told)?;
    same("count, sum, least, greatest", rows, vec![[3, 7, 1, 4].map(Value::Int).to_vec()])
}

pub(super) fn json(bench: &Bench<'_>) -> Result<(), String> {
    paper(bench, 1320, "document", &[("extra", Value::Json("{\"a\":{\"b\":[1,\"two\"]}}".into()))])?;
    let condition = |ty| {
        let path = vec![JsonStep::Key("a".into()), JsonStep::Key("b".into()), JsonStep::Index(-1)];
        let base = Box::new(bench.operand(ty, "extra"));
        Expr::Compare(Compare::Eq, Operand::Json { base, path, text: true }, param())
    };
    same("by a part", papers(bench, 1320, condition, "two")?, 1)?;
    same("by another part", papers(bench, 1320, condition, "1")?, 0)
}

pub(super) fn regex(bench: &Bench<'_>) -> Result<(), String> {
    paper(bench, 1330, "gammas", &[])?;
    let matches =
        |fold: bool| move |ty| Expr::Match { operand: bench.operand(ty, "title"), pattern: param(), fold };
    same("a match", papers(bench, 1330, matches(false), "^g.m+a[rs]$")?, 1)?;
    same("another case", papers(bench, 1330, matches(false), "^G")?, 0)?;
    same("another case, folded", papers(bench, 1330, matches(true), "^G")?, 1)
}

fn finds(bench: &Bench<'_>, id: i64, mode: SearchMode, query: &str) -> Result<i64, String> {
    let condition = |ty| Expr::Search { field: Some(bench.field(ty, "title")), mode, query: param() };
    papers(bench, id, condition, query)
}

pub(super) fn full_text(bench: &Bench<'_>) -> Result<(), String> {
    paper(bench, 1340, "The quick Brown fox; ünïcode", &[])?;
    let cases = [
        (SearchMode::Plain, "BROWN quick", 1),
        (SearchMode::Plain, "brow", 0),
        (SearchMode::Plain, "ÜNÏCODE", 1),
        (SearchMode::Phrase, "quick brown", 1),
        (SearchMode::Phrase, "brown quick", 0),
        (SearchMode::Query, "brown & !dog", 1),
        (SearchMode::Query, "dog | fox", 1),
        (SearchMode::Web, "brown -fox", 0),
        (SearchMode::Web, "dog or \"quick brown\"", 1),
    ];
    for (mode, query, expected) in cases {
        same(&format!("{mode:?} {query}"), finds(bench, 1340, mode, query)?, expected)?;
    }
    Ok(())
}

pub(super) fn short_words(bench: &Bench<'_>) -> Result<(), String> {
    paper(bench, 1350, "of x and yz", &[])?;
    same("x", finds(bench, 1350, SearchMode::Plain, "x")?, 1)?;
    same("yz", finds(bench, 1350, SearchMode::Plain, "yz")?, 1)
}

pub(super) fn fresh_words(bench: &Bench<'_>) -> Result<(), String> {
    let (insert, values) = bench.insert(
        "Paper",
        &[
            ("id", Value::Int(1360)),
            ("title", Value::text("quartz")),
            ("mood", Value::text("calm")),
            ("open", Value::Bool(true)),
        ],
    );
    let ty = bench.ty("Paper");
    let query = param();
    let select = Statement::Select(Select {
        ty,
        outputs: vec![Output::Value(bench.operand(ty, "id"), Scalar::one(Kind::BigInt))],
        filter: Expr::Search { field: Some(bench.field(ty, "title")), mode: SearchMode::Plain, query },
        order: vec![],
        limit: None,
        offset: None,
        total: false,
        new: NewRow::default(),
        lock: false,
        cost: Cost::Unbounded,
    });
    let insert = bench.store.prepare(&insert).map_err(|e| e.to_string())?;
    let select = bench.store.prepare(&select).map_err(|e| e.to_string())?;
    let (kept, rows) = found::<Vec<Vec<Value>>>();
    wait(bench.store.transact(Box::new(move |tx| {
        Box::pin(async move {
            tx.write(&insert, &values).await?;
            let mut collect = Collect::new();
            tx.read(&select, &[Value::text("quartz")], &mut collect).await?;
            *rows.lock().expect("no job panics") = collect.values();
            Ok(())
        })
    })))
    .map_err(|e| e.to_string())?;
    same("found inside the transaction", take(&kept), vec![vec![Value::Int(1360)]])
}
