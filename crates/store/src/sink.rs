//! Where results go: typed, borrowed values in the shape of the statement, straight to bytes.

use std::any::Any;

use bistro_schema::{Value, ValueRef};

/// Takes one result. Calls nest as the statement's outputs do:
/// a row is `begin_row`, then for each output in order `value`, or `begin_nested` … rows … `end_nested`, then `end_row`.
/// A lifted to-many ([`crate::NestedForm::LiftMany`]) arrives as rows inside `begin_nested`/`end_nested` like any other.
pub trait Sink: Send {
    /// A row starts.
    fn begin_row(&mut self);
    /// The row's output number `index` (of its own level).
    fn value(&mut self, index: usize, value: ValueRef<'_>);
    /// The row's nested output number `index` starts; zero or more rows follow.
    fn begin_nested(&mut self, index: usize);
    /// The nested output ends.
    fn end_nested(&mut self, index: usize);
    /// The row ends. `false` stops the store early: the sink has met a limit of its own.
    fn end_row(&mut self) -> bool;
    /// Forgets everything taken, before the read is run again elsewhere.
    fn reset(&mut self);
    /// The sink itself, to take out what it made.
    fn into_any(self: Box<Self>) -> Box<dyn Any + Send>;
}

/// Keeps rows as values: for keys, verdicts and tests. Nested outputs become nested rows.
#[derive(Debug, Default)]
pub struct Collect {
    /// Finished rows of the outermost level.
    pub rows: Vec<Row>,
    open: Vec<(Row, usize)>,
}

/// A collected row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Values and nested rows in the order of the outputs.
    pub cells: Vec<Cell>,
}

/// One output of a collected row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A value.
    Value(Value),
    /// Nested rows.
    Nested(Vec<Row>),
}

impl Collect {
    /// An empty collector.
    pub fn new() -> Self {
        Self::default()
    }

    /// The plain values of each row, leaving nested ones out.
    pub fn values(self) -> Vec<Vec<Value>> {
        let plain = |c: Cell| if let Cell::Value(v) = c { Some(v) } else { None };
        self.rows.into_iter().map(|r| r.cells.into_iter().filter_map(plain).collect()).collect()
    }
}

impl Sink for Collect {
    fn begin_row(&mut self) {
        self.open.push((Row::default(), 0));
    }

    fn value(&mut self, _index: usize, value: ValueRef<'_>) {
        let (row, _) = self.open.last_mut().expect("a value comes inside a row");
        row.cells.push(Cell::Value(value.to_owned()));
    }

    fn begin_nested(&mut self, _index: usize) {
        let (row, _) = self.open.last_mut().expect("a nested output comes inside a row");
        row.cells.push(Cell::Nested(Vec::new()));
    }

    fn end_nested(&mut self, _index: usize) {}

    fn end_row(&mut self) -> bool {
        let (row, _) = self.open.pop().expect("a row ends after it began");
        match self.open.last_mut().map(|(outer, _)| outer.cells.last_mut()) {
            Some(Some(Cell::Nested(rows))) => rows.push(row),
            _ => self.rows.push(row),
        }
        true
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}
