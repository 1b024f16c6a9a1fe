//! Whether everything fits: each value of the source against what the target's columns take. Nothing is written.

use std::sync::Arc;

use bistro_ir::{Expr, Operand, Root};
use bistro_schema::{RelationKind, Value, ValueRef};
use bistro_store::{Limit, Room, Store, StoreError, StoreErrorKind};

use super::pages::Pages;
use super::progress::Progress;
use super::source::Source;
use super::table::{Table, field, kind_name, shown};
use super::unreadable;

/// So many keys of rows that do not fit are named.
pub(super) const NAMED: usize = 5;

/// What was found about one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableReport {
    /// Its name.
    pub(super) name: String,
    /// Its rows.
    pub(super) rows: u64,
    /// Why it cannot be made at all.
    pub(super) refused: Vec<String>,
    /// Its columns.
    pub(super) columns: Vec<ColumnReport>,
    /// What is wrong with whole rows: entries of indexes, references.
    pub(super) misfits: Vec<Misfit>,
}

/// What was found about one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ColumnReport {
    /// The field's name.
    pub(super) name: String,
    /// The scalar in the words of the schema file.
    pub(super) kind: String,
    /// The type in the target's words.
    pub(super) declared: String,
    /// What does not fit.
    pub(super) misfits: Vec<Misfit>,
}

/// Rows that do not fit, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The reason, as what a value does: `holds U+0000`.
    pub(super) why: String,
    /// How many.
    pub(super) rows: u64,
    /// The keys of the first.
    pub(super) keys: Vec<String>,
}

/// Counts a row that does not fit.
pub(super) fn note(misfits: &mut Vec<Misfit>, why: String, key: impl FnOnce() -> String) {
    let at = misfits.iter().position(|m| m.why == why).unwrap_or_else(|| {
        misfits.push(Misfit { why, rows: 0, keys: Vec::new() });
        misfits.len() - 1
    });
    let misfit = &mut misfits[at];
    misfit.rows += 1;
    if misfit.keys.len() < NAMED {
        misfit.keys.push(key());
    }
}

impl TableReport {
    /// Whether all of it fits.
    pub(super) fn fits(&self) -> bool {
        self.refused.is_empty()
            && self.misfits.is_empty()
            && self.columns.iter().all(|c| c.misfits.is_empty())
    }
}

/// Reads a whole table and holds it against the target's room.
pub(super) async fn table(
    source: &Arc<Source>,
    target: &Arc<dyn Store>,
    table: &Table,
    batch: u64,
    progress: &Progress,
) -> Result<TableReport, StoreError> {
    let room = target.room(table.ty)?;
    let mut report = blank(source, table, &room);
    let tests = Tests::new(table, &room);
    let mut pages = Pages::new(source, table, batch, None)?;
    let mut last = None;
    loop {
        let rows = match pages.next().await {
            Ok(Some(rows)) => rows,
            Ok(None) => break,
            // A value that is not of its kind stops the whole page: look for it row by row.
            Err(error) if error.kind == StoreErrorKind::Bug => {
                let (rows, key) = unreadable::page(source, table, last.take(), batch, &mut report).await?;
                let Some(key) = key else { return Err(error) };
                pages = Pages::new(source, table, batch, Some(key))?;
                rows
            }
            Err(error) => return Err(error),
        };
        report.rows += rows.len() as u64;
        last = rows.last().map(|row| table.key_of(row)).or(last);
        rows.iter().for_each(|row| tests.run(table, row, &mut report));
        progress.add(rows.len() as u64);
    }
    references(source, table, &mut report).await?;
    Ok(report)
}

fn blank(source: &Source, table: &Table, room: &Room) -> TableReport {
    let schema = source.schema();
    let column = |c: &bistro_store::Column| ColumnReport {
        name: schema.ty(table.ty).field(c.field).name.clone(),
        kind: kind_name(schema, table.ty, c.field),
        declared: c.declared.clone(),
        misfits: Vec::new(),
    };
    TableReport {
        name: table.name.clone(),
        rows: 0,
        refused: room.refused.clone(),
        columns: room.columns.iter().map(column).collect(),
        misfits: Vec::new(),
    }
}

/// What is asked of each row: by the place of the column, and by the places of an index's columns.
struct Tests {
    limits: Vec<(usize, Limit)>,
    indexes: Vec<(String, Vec<usize>, usize)>,
}

impl Tests {
    fn new(table: &Table, room: &Room) -> Self {
        let place = |f| table.fields.iter().position(|own| *own == f);
        let columns = room.columns.iter().filter_map(|c| Some((place(c.field)?, c)));
        let limits = columns.flat_map(|(at, c)| c.limits.iter().map(move |l| (at, *l))).collect();
        let index = |(name, fields, most): &(String, Vec<_>, usize)| {
            (name.clone(), fields.iter().filter_map(|f| place(*f)).collect(), *most)
        };
        Self { limits, indexes: room.indexes.iter().map(index).collect() }
    }

    fn run(&self, table: &Table, row: &[Value], report: &mut TableReport) {
        for (at, limit) in &self.limits {
            if !limit.admits(row[*at].borrow()) {
                note(&mut report.columns[*at].misfits, limit.broken(), || table.shown_key(row));
            }
        }
        for (name, places, most) in &self.indexes {
            if places.iter().map(|at| size(row[*at].borrow())).sum::<usize>() > *most {
                let why = format!("is longer than the {most} bytes of an entry of the index {name}");
                note(&mut report.misfits, why, || table.shown_key(row));
            }
        }
    }
}

/// The bytes that a value takes in an index, at least.
fn size(value: ValueRef<'_>) -> usize {
    match value {
        ValueRef::Null => 0,
        ValueRef::Text(text) | ValueRef::Json(text) => text.len(),
        ValueRef::Bytes(bytes) => bytes.len(),
        ValueRef::List(items) => items.iter().map(|item| size(item.borrow())).sum(),
        ValueRef::Uuid(_) | ValueRef::Decimal(_) => 16,
        _ => 8,
    }
}

/// Rows that refer to nothing, which only a hand beside Bistro can have made.
async fn references(source: &Arc<Source>, table: &Table, report: &mut TableReport) -> Result<(), StoreError> {
    let schema = Arc::clone(source.schema());
    let ty = schema.ty(table.ty);
    for (id, relation) in ty.relations().filter(|(_, r)| r.kind == RelationKind::ToOne) {
        let there = Expr::Some { root: Root::Scope(0), via: vec![id], filter: Box::new(Expr::TRUE) };
        let given = relation.pairs.iter().map(|(near, _)| Expr::Not(Box::new(Expr::IsNull(field(*near)))));
        let filter = Expr::all(given.chain([Expr::Not(Box::new(there))]));
        let mut select = table.select(&schema, &table.key_fields(), filter, Some(NAMED as u64));
        select.total = true;
        let (rows, summary) = source.rows(select, Vec::new()).await?;
        if rows.is_empty() {
            continue;
        }
        report.misfits.push(Misfit {
            why: format!(
                "refers to a row of {} that is not there ({})",
                schema.ty(relation.target).collection,
                relation.name
            ),
            rows: summary.total.unwrap_or(rows.len() as u64),
            keys: rows.iter().map(|row| shown(row.iter())).collect(),
        });
    }
    Ok(())
}

/// How many rows a table has, counted by the store.
pub(super) async fn count(source: &Source, table: &Table) -> Result<u64, StoreError> {
    let mut select = table.select(source.schema(), &[], Expr::TRUE, None);
    select.order.clear();
    let function = bistro_ir::Aggregate::Count;
    select.outputs.push(bistro_store::Output::Aggregate { function, operand: None::<(Operand, _)> });
    let (rows, _) = source.rows(select, Vec::new()).await?;
    match rows.first().and_then(|row| row.first()) {
        Some(Value::Int(count)) => Ok(u64::try_from(*count).unwrap_or(0)),
        _ => Err(StoreError::bug("a count gave no number")),
    }
}
