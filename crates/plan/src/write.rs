//! Writes: where every value of a row comes from, which conditions judge it, and how it comes back.
//!
//! Conditions are judged before the write, over the row as it would be ([`bistro_ir::Root::New`]), in the state that
//! the statement found, as PostgreSQL does. Rows are then written one by one by key, inside one transaction.

use bistro_ir::{Action, Compare, Conflict, Expr, Operand, ParamId, Read, Root};
use bistro_policy::{AuthorizedWrite, Rules};
use bistro_schema::{Default, FieldId, FieldKind, Kind, TypeId};
use bistro_store::{Delete, Insert, Judge, NewRow, Select, Update};

use crate::binds::{Bind, Binder};
use crate::error::PlanError;
use crate::read::{self, Reading};

/// The statements of a write to one type.
#[derive(Clone, Debug)]
pub struct WritePlan {
    /// The type.
    pub ty: TypeId,
    /// What happens.
    pub step: WriteStep,
    /// The rows written, one by key, as the caller wants them back; a row that it does not find is hidden.
    pub returning: Option<Select>,
    /// One row by key, if the caller may read it; `None` where every row may be read.
    pub readable: Option<Readable>,
    /// The slots of the row's key, in the key's order.
    pub key: Vec<ParamId>,
}

/// Whether the caller may read a row just written.
#[derive(Clone, Debug)]
pub struct Readable {
    /// The row by its key, where the caller may read it.
    pub probe: Select,
    /// The condition alone; scope 0 is the row.
    pub rule: Expr,
}

/// What happens to rows.
#[derive(Clone, Debug)]
pub enum WriteStep {
    /// New rows.
    Insert {
        /// Where each written field's value comes from.
        fills: Vec<Fill>,
        /// The judgement of a new row, if there is anything to judge.
        judge: Option<Judge>,
        /// What each condition of the judgement stands for.
        judged: Vec<Judged>,
        /// The statement.
        insert: Insert,
        /// What to do with a row that exists.
        upsert: Option<Box<UpsertPlan>>,
    },
    /// Changed rows.
    Update {
        /// Where each changed field's value comes from.
        fills: Vec<Fill>,
        /// The keys of the rows, then one condition for each of `judged`.
        find: Select,
        /// What each condition stands for.
        judged: Vec<Judged>,
        /// The statement.
        update: Update,
    },
    /// Removed rows.
    Delete {
        /// The keys of the rows.
        find: Select,
        /// The statement.
        delete: Delete,
    },
}

/// What an insert does with a row that exists.
#[derive(Clone, Debug)]
pub struct UpsertPlan {
    /// The key of the row that exists, then one condition for each of `judged`.
    pub probe: Select,
    /// What each condition stands for.
    pub judged: Vec<Judged>,
    /// The update of the row; `None` leaves it.
    pub update: Option<Update>,
}

/// What a condition on a row stands for, so that a refusal can say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// The rules.
    Rule,
    /// A field that is written at creation only keeps its value.
    Immutable(FieldId),
    /// A check.
    Check {
        /// The constraint's name.
        name: String,
        /// What its author wants callers to read.
        message: Option<String>,
    },
}

/// Where a written field's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The field.
    pub field: FieldId,
    /// Its column in the input, if the caller gives it.
    pub input: Option<usize>,
    /// Where the value comes from otherwise.
    pub otherwise: Otherwise,
    /// The slot of the value.
    pub cell: ParamId,
}

/// Where a value comes from that the caller does not give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// Nowhere: null.
    Null,
    /// Another slot: a default.
    Slot(ParamId),
    /// A new UUID.
    NewId,
}

/// Plans a write.
pub(crate) fn write(
    cx: &Reading<'_>,
    rules: &Rules,
    binder: &mut Binder,
    write: &AuthorizedWrite,
) -> Result<WritePlan, PlanError> {
    let ty = write.ty;
    let step = match &write.action {
        Action::Insert { columns, conflict } => insert(cx, rules, binder, write, columns, conflict.as_ref()),
        Action::Update { filter, columns } => update(cx, binder, write, filter, columns),
        Action::Delete { filter } => delete(cx, binder, write, filter),
    };
    let key = key_slots(cx, binder, ty);
    let returning = match &write.returning {
        Some(read) => Some(read::select(cx, binder, &by_key(cx, read, &key))?),
        None => None,
    };
    let filter = Expr::all([key_equals(cx, ty, &key), write.readable.clone()]);
    let readable = (!write.readable.is_true()).then(|| {
        let probe = read::keys(cx.schema, binder, ty, &filter, &[], &[], NewRow::default());
        Readable { probe: Select { lock: false, ..probe }, rule: binder.expr(&write.readable) }
    });
    Ok(WritePlan { ty, step, returning, readable, key })
}

fn insert(
    cx: &Reading<'_>,
    rules: &Rules,
    binder: &mut Binder,
    write: &AuthorizedWrite,
    columns: &[FieldId],
    conflict: Option<&Conflict>,
) -> WriteStep {
    let fills = insert_fills(cx, rules, binder, write.ty, columns);
    let values: Vec<(FieldId, ParamId)> = fills.iter().map(|f| (f.field, f.cell)).collect();
    let (mut judged, mut conditions) = (Vec::new(), Vec::new());
    if !write.create.is_true() {
        judged.push(Judged::Rule);
        conditions.push(binder.expr(&write.create));
    }
    checks(binder, write, &mut judged, &mut conditions);
    let judge =
        (!conditions.is_empty()).then(|| Judge { ty: write.ty, new: NewRow(values.clone()), conditions });
    let upsert = conflict.map(|c| Box::new(upsert(cx, binder, write, columns, &fills, c)));
    WriteStep::Insert {
        fills,
        judge,
        judged,
        insert: Insert { ty: write.ty, values, guarded: upsert.is_some() },
        upsert,
    }
}

/// The checks of the type, as conditions.
fn checks(
    binder: &mut Binder,
    write: &AuthorizedWrite,
    judged: &mut Vec<Judged>,
    conditions: &mut Vec<Expr>,
) {
    for check in &write.checks {
        judged.push(Judged::Check { name: check.name.clone(), message: check.message.clone() });
        // A check that is unknown holds, as in SQL.
        conditions.push(Expr::Not(Box::new(Expr::Is(Box::new(binder.expr(&check.condition)), Some(false)))));
    }
}

/// Every field that a new row gets: given ones, defaults, new ids, times.
fn insert_fills(
    cx: &Reading<'_>,
    rules: &Rules,
    binder: &mut Binder,
    ty: TypeId,
    columns: &[FieldId],
) -> Vec<Fill> {
    let t = cx.schema.ty(ty);
    let mut fills = Vec::new();
    for (id, field) in t.fields() {
        if matches!(field.kind, FieldKind::Computed(_) | FieldKind::Generated) {
            continue;
        }
        let input = columns.iter().position(|c| *c == id).filter(|_| !field.updated);
        let is_new_key = t.key == [id] && field.scalar.kind == Kind::Id && field.alias.is_none();
        let otherwise = match &field.default {
            _ if field.updated => Otherwise::Slot(binder.slot(Bind::Now)),
            Some(Default::Value(value)) => Otherwise::Slot(binder.slot(Bind::Literal(value.clone()))),
            Some(Default::Expr(_)) => match rules.default(ty, id).map(|o| binder.operand(o)) {
                Some(Operand::Param(slot)) => Otherwise::Slot(slot),
                _ => Otherwise::Null,
            },
            None if is_new_key => Otherwise::NewId,
            None => Otherwise::Null,
        };
        let skipped = input.is_none()
            && otherwise == Otherwise::Null
            && (field.nullable || field.kind == FieldKind::Counter);
        if !skipped {
            let cell = binder.slot(Bind::Cell(id));
            fills.push(Fill { field: id, input, otherwise, cell });
        }
    }
    fills
}

fn upsert(
    cx: &Reading<'_>,
    binder: &mut Binder,
    write: &AuthorizedWrite,
    columns: &[FieldId],
    fills: &[Fill],
    conflict: &Conflict,
) -> UpsertPlan {
    let t = cx.schema.ty(write.ty);
    let equals = |f: &FieldId| {
        let cell = fills.iter().find(|fill| fill.field == *f).map(|fill| Operand::Param(fill.cell));
        cell.map_or(Expr::FALSE, |c| Expr::Compare(Compare::Eq, Operand::Field(Root::Scope(0), *f), c))
    };
    let filter = Expr::all(conflict.fields.iter().map(equals));
    if !conflict.merge {
        let probe = read::keys(cx.schema, binder, write.ty, &filter, &[], &[], NewRow::default());
        return UpsertPlan { probe, judged: Vec::new(), update: None };
    }
    let is_set = |f: &&Fill| columns.contains(&f.field) || t.field(f.field).updated;
    let set: Vec<(FieldId, ParamId)> = fills.iter().filter(is_set).map(|f| (f.field, f.cell)).collect();
    let (mut judged, mut conditions) = (Vec::new(), Vec::new());
    let rule = Expr::all([write.update_row.clone(), write.update_new.clone()]);
    if !rule.is_true() {
        judged.push(Judged::Rule);
        conditions.push(rule);
    }
    immutables(cx, write.ty, &set, &mut judged, &mut conditions);
    let mut bound = Vec::new();
    checks(binder, write, &mut judged, &mut bound);
    conditions.extend(bound);
    let new = NewRow(set.clone());
    let probe = read::keys(cx.schema, binder, write.ty, &filter, &conditions, &[], new);
    let key = key_slots(cx, binder, write.ty);
    UpsertPlan { probe, judged, update: Some(Update { ty: write.ty, set, key }) }
}

/// A field that is written at creation only may be sent again, but not changed.
fn immutables(
    cx: &Reading<'_>,
    ty: TypeId,
    set: &[(FieldId, ParamId)],
    judged: &mut Vec<Judged>,
    conditions: &mut Vec<Expr>,
) {
    for (field, _) in set.iter().filter(|(f, _)| cx.schema.ty(ty).field(*f).immutable) {
        judged.push(Judged::Immutable(*field));
        let differs =
            Expr::Distinct(Operand::Field(Root::Scope(0), *field), Operand::Field(Root::New, *field));
        conditions.push(Expr::Not(Box::new(differs)));
    }
}

fn update(
    cx: &Reading<'_>,
    binder: &mut Binder,
    write: &AuthorizedWrite,
    filter: &Expr,
    columns: &[FieldId],
) -> WriteStep {
    let t = cx.schema.ty(write.ty);
    let mut fills = Vec::new();
    for (n, field) in columns.iter().enumerate() {
        if !t.field(*field).updated {
            let cell = binder.slot(Bind::Cell(*field));
            fills.push(Fill { field: *field, input: Some(n), otherwise: Otherwise::Null, cell });
        }
    }
    for (id, _) in t.fields().filter(|(_, f)| f.updated && !columns.is_empty()) {
        let (cell, now) = (binder.slot(Bind::Cell(id)), binder.slot(Bind::Now));
        fills.push(Fill { field: id, input: None, otherwise: Otherwise::Slot(now), cell });
    }
    let set: Vec<(FieldId, ParamId)> = fills.iter().map(|f| (f.field, f.cell)).collect();
    let (mut judged, mut conditions) = (Vec::new(), Vec::new());
    if !write.update_new.is_true() {
        judged.push(Judged::Rule);
        conditions.push(write.update_new.clone());
    }
    immutables(cx, write.ty, &set, &mut judged, &mut conditions);
    let mut bound = Vec::new();
    checks(binder, write, &mut judged, &mut bound);
    conditions.extend(bound);
    let order = write.returning.as_ref().map_or(&[][..], |r| &r.order);
    let find = read::keys(cx.schema, binder, write.ty, filter, &conditions, order, NewRow(set.clone()));
    let key = key_slots(cx, binder, write.ty);
    WriteStep::Update { fills, find, judged, update: Update { ty: write.ty, set, key } }
}

fn delete(cx: &Reading<'_>, binder: &mut Binder, write: &AuthorizedWrite, filter: &Expr) -> WriteStep {
    let order = write.returning.as_ref().map_or(&[][..], |r| &r.order);
    let find = read::keys(cx.schema, binder, write.ty, filter, &[], order, NewRow::default());
    let key = key_slots(cx, binder, write.ty);
    WriteStep::Delete { find, delete: Delete { ty: write.ty, key } }
}

fn key_slots(cx: &Reading<'_>, binder: &mut Binder, ty: TypeId) -> Vec<ParamId> {
    (0..cx.schema.ty(ty).key.len()).map(|n| binder.slot(Bind::Key(n))).collect()
}

/// The row whose key waits in the slots.
fn key_equals(cx: &Reading<'_>, ty: TypeId, key: &[ParamId]) -> Expr {
    let fields = cx.schema.ty(ty).key.iter().zip(key);
    Expr::all(fields.map(|(f, slot)| {
        Expr::Compare(Compare::Eq, Operand::Field(Root::Scope(0), *f), Operand::Param(*slot))
    }))
}

/// The returning read, of the one row whose key waits in the slots.
fn by_key(cx: &Reading<'_>, read: &Read, key: &[ParamId]) -> Read {
    let filter = Expr::all([key_equals(cx, read.ty, key), read.filter.clone()]);
    Read { filter, order: Vec::new(), limit: None, offset: None, total: false, ..read.clone() }
}
