//! Writes, row by row inside one transaction: fill, judge, write, return.

use bistro_ir::Input;
use bistro_plan::{Fill, Otherwise, UpsertPlan, WriteStep};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, FieldKind, Type, Value};
use bistro_store::store::Written;
use bistro_store::{Collect, Prepared, Sink, StoreError, StoreErrorKind, Transaction};

use crate::bind;
use crate::context::{Context, Outcome};
use crate::engine::Engine;
use crate::feed::{Event, Record};
use crate::judge::{refuse_unless_all, row_refused};
use crate::problem::{problem, veiled};
use crate::ready::{Ready, ReadyWrite};
use crate::refer;
use crate::scope;
use crate::session::Time;
use crate::values::{check_violation, counted, is_html};
use crate::verdict::Row;

mod key;

/// One write under way.
struct Writing<'w> {
    engine: &'w Engine,
    tx: &'w mut dyn Transaction,
    ready: &'w Ready,
    body: &'w ReadyWrite,
    input: &'w Input,
    sink: &'w mut dyn Sink,
    binds: Vec<Value>,
    outcome: Outcome,
    time: Time,
    last: bool,
    /// Whether the caller may be told of rows of this type at all.
    may_tell: bool,
    record: &'w mut Record,
}

/// For whom a write is done, and how long it may take.
pub(crate) struct At<'a> {
    pub(crate) cx: &'a Context,
    pub(crate) time: Time,
    /// Whether nothing follows in the transaction.
    pub(crate) last: bool,
    /// What is told once it is committed.
    pub(crate) record: &'a mut Record,
}

/// Carries out a write.
pub(crate) async fn run(
    engine: &Engine,
    at: At<'_>,
    tx: &mut dyn Transaction,
    ready: &Ready,
    body: &ReadyWrite,
    input: &Input,
    sink: &mut dyn Sink,
) -> Result<Outcome, Problem> {
    let binds = bind::fill(engine.schema(), at.cx, &ready.binds, input);
    let At { cx, time, last, record } = at;
    let outcome = Outcome::default();
    let may_tell = scope::may_read(engine.schema(), cx, body.plan.ty);
    let mut writing =
        Writing { engine, tx, ready, body, input, sink, binds, outcome, time, last, may_tell, record };
    match &body.plan.step {
        WriteStep::Insert { fills, upsert, .. } => writing.insert_all(fills, upsert.as_deref()).await?,
        WriteStep::Update { fills, .. } => writing.update_all(fills).await?,
        WriteStep::Delete { .. } => writing.delete_all().await?,
    }
    writing.finish()
}

impl Writing<'_> {
    fn ty(&self) -> &Type {
        self.engine.schema().ty(self.body.plan.ty)
    }

    fn finish(self) -> Result<Outcome, Problem> {
        let n = self.outcome.affected;
        if self.input.exactly_one && n != 1 {
            return Err(Problem::new(Code::Singular, "Cannot coerce the result to a single JSON object")
                .details(format!("The result contains {n} rows")));
        }
        Ok(self.outcome)
    }

    async fn insert_all(&mut self, fills: &[Fill], upsert: Option<&UpsertPlan>) -> Result<(), Problem> {
        let rows = &self.input.rows;
        self.within_limit(rows.len() as u64)?;
        for (n, row) in rows.iter().enumerate() {
            self.time.check()?;
            self.insert_or_merge(fills, upsert, row).await.map_err(|problem| problem.row(n))?;
        }
        Ok(())
    }

    async fn insert_or_merge(
        &mut self,
        fills: &[Fill],
        upsert: Option<&UpsertPlan>,
        row: &[Option<Value>],
    ) -> Result<(), Problem> {
        self.fill(fills, row)?;
        let found = match upsert {
            Some(_) => self.find().await?,
            None => Vec::new(),
        };
        match (upsert, found.into_iter().next()) {
            (Some(plan), Some(found)) => self.merge(plan, found).await,
            (upsert, _) => self.insert_one(upsert).await,
        }
    }

    /// Writes the row that waits in the cells.
    async fn insert_one(&mut self, upsert: Option<&UpsertPlan>) -> Result<(), Problem> {
        self.judge().await?;
        let readable = self.readable_at_sight();
        let last = readable.is_some() && upsert.is_none() && self.is_last(self.input.rows.len());
        let written = match self.change(last).await {
            Ok(written) => written,
            Err(error) => {
                // Somebody else made the row since it was looked for: now it is there.
                if let (Some(plan), StoreErrorKind::Unique { .. }) = (upsert, &error.kind)
                    && let Some(found) = self.find().await?.into_iter().next()
                {
                    return self.merge(plan, found).await;
                }
                return Err(self.explain(error).await);
            }
        };
        counted(self.ty(), &written.key)?;
        self.outcome.inserted += 1;
        self.outcome.affected += 1;
        self.set_key(&written.key);
        self.record.wrote(self.engine.feed(), self.body.plan.ty, Event::Insert, || written.key.clone());
        let shown = self.give_back().await?;
        if self.outcome.inserted == 1 && self.input.rows.len() == 1 {
            let shown = shown || self.may_tell && self.may_read(readable).await?;
            self.outcome.key = shown.then_some(written.key);
        }
        Ok(())
    }

    /// Updates the row that an upsert found, or leaves it.
    async fn merge(&mut self, plan: &UpsertPlan, found: Vec<Value>) -> Result<(), Problem> {
        if plan.update.is_none() {
            // It is left as it is, and only who could have made it learns that it is there.
            return self.judge().await;
        }
        let (key, verdicts) = found.split_at(self.body.plan.key.len());
        refuse_unless_all(self.ty(), &plan.judged, verdicts, &self.ready.rule)?;
        self.set_key(key);
        self.keep_key(plan, key);
        let before = self.before_move(key).await?;
        let Some(merge) = &self.body.merge else {
            self.outcome.affected += 1;
            return self.give_back().await.map(drop);
        };
        if let Err(error) = self.tx.write(merge, &self.binds).await {
            return Err(self.explain(error).await);
        }
        self.move_key();
        self.note_update(before);
        self.note_account();
        self.outcome.affected += 1;
        self.give_back().await.map(|_| ())
    }

    async fn update_all(&mut self, fills: &[Fill]) -> Result<(), Problem> {
        let Some(row) = self.input.rows.first() else { return Ok(()) };
        self.fill(fills, row)?;
        let found = self.find().await?;
        self.within_limit(found.len() as u64)?;
        let WriteStep::Update { judged, .. } = &self.body.plan.step else { return Ok(()) };
        let last = self.is_last(found.len());
        for row in found {
            self.time.check()?;
            let (key, verdicts) = row.split_at(self.body.plan.key.len());
            refuse_unless_all(self.ty(), judged, verdicts, &self.ready.rule)?;
            self.set_key(key);
            // With nothing to change a row is found and judged like any other, and left alone.
            if !fills.is_empty() {
                self.overwrite(key, last).await?;
            }
            self.outcome.affected += 1;
            self.give_back().await?;
        }
        Ok(())
    }

    /// Changes the row of a key, which waits in the slots.
    async fn overwrite(&mut self, key: &[Value], last: bool) -> Result<(), Problem> {
        let before = self.before_move(key).await?;
        if let Err(error) = self.change(last).await {
            return Err(self.explain(error).await);
        }
        self.move_key();
        self.note_update(before);
        self.note_account();
        Ok(())
    }

    async fn delete_all(&mut self) -> Result<(), Problem> {
        let found = self.find().await?;
        self.within_limit(found.len() as u64)?;
        // All rows are read back first: an earlier row's cascade may take a later one with it.
        for key in &found {
            self.time.check()?;
            self.set_key(key);
            self.give_back().await?;
        }
        self.record.deletes(self.engine, &mut *self.tx, self.body.plan.ty, &found).await?;
        let last = self.is_last(found.len());
        for key in &found {
            self.time.check()?;
            self.set_key(key);
            if let Err(error) = self.change(last).await {
                return Err(self.explain(error).await);
            }
        }
        self.outcome.affected = found.len() as u64;
        Ok(())
    }

    /// The keys (and verdicts) of the rows that the write goes through.
    async fn find(&mut self) -> Result<Vec<Vec<Value>>, Problem> {
        let Some(find) = &self.body.find else { return Ok(Vec::new()) };
        let mut collect = Collect::new();
        let done = self.tx.read(find, &self.binds, &mut collect).await;
        done.map_err(|e| self.problem(e))?;
        Ok(collect.values())
    }

    fn within_limit(&self, rows: u64) -> Result<(), Problem> {
        let most = self.engine.options.write_rows;
        if let Some(max) = self.input.max_affected.filter(|max| rows > *max) {
            return Err(Problem::new(
                Code::MaxAffected,
                "Query result exceeds max-affected preference constraint",
            )
            .details(format!("The query affects {rows} rows"))
            .hint(format!("max-affected is {max}.")));
        }
        if rows > most {
            return Err(Problem::new(
                Code::TooComplex,
                format!("the write touches {rows} rows, more than {most}"),
            )
            .hint("Write in smaller parts, or raise limits.write_rows."));
        }
        Ok(())
    }

    /// Puts a row's values into their cells: given ones, defaults, new ids.
    fn fill(&mut self, fills: &[Fill], row: &[Option<Value>]) -> Result<(), Problem> {
        let (schema, ty) = (self.engine.schema(), self.body.plan.ty);
        let inserts = matches!(self.body.plan.step, WriteStep::Insert { .. });
        for fill in fills {
            let given = fill.input.and_then(|n| row.get(n)).and_then(Option::as_ref);
            let value = match (given, fill.otherwise) {
                (Some(value), _) => clean(schema.ty(ty), fill.field, value),
                (None, Otherwise::Slot(slot)) => self.binds[slot.0 as usize].clone(),
                (None, Otherwise::NewId) => Value::Uuid(*uuid::Uuid::now_v7().as_bytes()),
                (None, Otherwise::Null) => Value::Null,
            };
            // A key sent as null asks for a new one.
            let value = match (value, fill.otherwise) {
                (Value::Null, Otherwise::NewId) => Value::Uuid(*uuid::Uuid::now_v7().as_bytes()),
                (value, _) => value,
            };
            if let Err(problem) = self.engine.patterns.check(schema, (ty, fill.field), &value, inserts) {
                let problem = problem.column(schema.ty(ty).field(fill.field).name.as_str());
                return Err(veiled(&self.engine.view(self.ready.roles), ty, fill.field, problem));
            }
            self.binds[fill.cell.0 as usize] = value;
        }
        Ok(())
    }

    /// Gives the row of the key to the sink, where the caller wants it back; whether it did.
    async fn give_back(&mut self) -> Result<bool, Problem> {
        let Some(returning) = &self.body.returning else { return Ok(false) };
        let read = self.tx.read(returning, &self.binds, self.sink).await;
        let rows = read.map_err(|e| self.problem(e))?.rows;
        if rows == 0 {
            return Err(row_refused(self.ty())
                .hint("The row would be hidden from you: write it without asking for it back."));
        }
        self.outcome.rows += rows;
        Ok(true)
    }

    /// Refuses the row that waits in the cells, if rules or checks do.
    async fn judge(&mut self) -> Result<(), Problem> {
        let (Some(judge), WriteStep::Insert { judge: Some(plan), judged, .. }) =
            (&self.body.judge, &self.body.plan.step)
        else {
            return Ok(());
        };
        let absent = |_| Some(Value::Null);
        let row = Row { values: &plan.new.0, binds: &self.binds, absent: &absent, over: None };
        let known: Option<Vec<Value>> = plan
            .conditions
            .iter()
            .map(|condition| row.judge(condition).map(|truth| truth.map_or(Value::Null, Value::Bool)))
            .collect();
        let verdicts = match known {
            Some(verdicts) => verdicts,
            None => {
                let mut collect = Collect::new();
                let judging = self.tx.read(judge, &self.binds, &mut collect).await;
                judging.map_err(|e| self.problem(e))?;
                collect.values().into_iter().next().unwrap_or_default()
            }
        };
        refuse_unless_all(self.ty(), judged, &verdicts, &self.ready.rule)
    }

    /// Whether the caller may read the row that waits in the cells; `None` where only the store can tell.
    fn readable_at_sight(&self) -> Option<bool> {
        let Some(readable) = &self.body.plan.readable else { return Some(true) };
        let WriteStep::Insert { insert, .. } = &self.body.plan.step else { return None };
        let ty = self.ty();
        // A field that nothing fills is null, unless the store counts or calculates it.
        let absent = |field: FieldId| (ty.field(field).kind == FieldKind::Stored).then_some(Value::Null);
        let row = Row { values: &insert.values, binds: &self.binds, absent: &absent, over: None };
        row.judge(&readable.rule).map(|truth| truth == Some(true))
    }

    /// Whether a write of one row among `rows` ends the transaction.
    fn is_last(&self, rows: usize) -> bool {
        self.last && rows == 1 && self.body.returning.is_none()
    }

    /// Writes the row that waits in the cells or whose key does.
    async fn change(&mut self, last: bool) -> Result<Written, StoreError> {
        match last {
            true => self.tx.write_last(&self.body.change, &self.binds).await,
            false => self.tx.write(&self.body.change, &self.binds).await,
        }
    }

    /// Whether the caller may read the row of the key.
    async fn may_read(&mut self, at_sight: Option<bool>) -> Result<bool, Problem> {
        if let Some(readable) = at_sight {
            return Ok(readable);
        }
        let Some(readable) = &self.body.readable else { return Ok(true) };
        let mut collect = Collect::new();
        let read = self.tx.read(readable, &self.binds, &mut collect).await;
        Ok(read.map_err(|e| self.problem(e))?.rows > 0)
    }

    fn problem(&self, error: StoreError) -> Problem {
        if let StoreErrorKind::Check { constraint } = &error.kind
            && !constraint.is_empty()
        {
            return check_violation(self.ty(), constraint).cause(error.to_string());
        }
        problem(&self.engine.view(self.ready.roles), error, &self.cells())
    }

    /// The problem of a refused row; a foreign key is looked for where the store does not say which it was.
    async fn explain(&mut self, error: StoreError) -> Problem {
        if let StoreErrorKind::ForeignKey(broken) = &error.kind {
            let deletes = matches!(self.body.plan.step, WriteStep::Delete { .. });
            let (ty, key) = (self.body.plan.ty, self.key());
            let cells = self.cells();
            let view = self.engine.view(self.ready.roles);
            let found = match broken {
                Some(broken) => refer::named_by_store(&view, ty, broken, &cells, &key),
                None => {
                    let prepare = |s: &bistro_store::Statement| -> Result<Prepared, StoreError> {
                        self.engine.store.prepare(s)
                    };
                    refer::find(&view, &prepare, self.tx, ty, &cells, &key, deletes).await
                }
            };
            if let Some(problem) = found {
                return problem.cause(error.to_string());
            }
        }
        self.problem(error)
    }

    /// The row that waits in the cells.
    fn cells(&self) -> Vec<(FieldId, Value)> {
        let fills = match &self.body.plan.step {
            WriteStep::Insert { fills, .. } | WriteStep::Update { fills, .. } => fills.as_slice(),
            WriteStep::Delete { .. } => &[],
        };
        fills.iter().map(|f| (f.field, self.binds[f.cell.0 as usize].clone())).collect()
    }
}

/// The value as it is stored: HTML without what runs.
fn clean(ty: &Type, field: FieldId, value: &Value) -> Value {
    match value {
        Value::Text(text) if is_html(ty.field(field).scalar.kind) => Value::text(ammonia::clean(text)),
        value => value.clone(),
    }
}
