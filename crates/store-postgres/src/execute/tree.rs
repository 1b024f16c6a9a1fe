//! Rows with what hangs on them: keys gathered from all rows of a level, the rows found for them, and their way into a
//! sink.

use std::collections::HashMap;
use std::sync::Arc;

use bistro_store::{Sink, StoreError};
use bistro_store_sql::Step;
use tokio_postgres::Row;

use crate::decode::{Wire, push, raw};
use crate::encode::Param;
use crate::link::Ready;
use crate::prepare::Level;

/// The different keys of a level's rows, numbered from 1 in the order in which they come.
pub(super) struct Keys<'r> {
    /// For each part, that part of each key.
    parts: Vec<(Vec<Option<&'r [u8]>>, Wire)>,
    /// The key's number for each row; 0 where nothing can be related.
    of: Vec<u32>,
    /// How many keys there are.
    pub(super) count: usize,
}

impl<'r> Keys<'r> {
    /// Gathers the keys by which the select of `level` hangs on these rows.
    pub(super) fn gather(level: &Level, ready: &Ready, rows: &'r [Row]) -> Result<Self, StoreError> {
        let batch =
            level.batch.as_ref().ok_or_else(|| StoreError::bug("a nested select without its keys"))?;
        let columns: Vec<usize> = batch.keys.iter().map(|(column, _)| *column).collect();
        let parts = columns.iter().map(|c| (Vec::new(), ready.columns[*c])).collect();
        let mut keys = Self { parts, of: Vec::with_capacity(rows.len()), count: 0 };
        match columns.as_slice() {
            [one] => keys.single(*one, level.always, rows)?,
            several => keys.several(several, level.always, rows)?,
        }
        Ok(keys)
    }

    fn single(&mut self, column: usize, always: bool, rows: &'r [Row]) -> Result<(), StoreError> {
        let mut known: HashMap<Option<&[u8]>, u32> = HashMap::with_capacity(rows.len());
        for row in rows {
            let key = raw(row, column)?;
            if key.is_none() && !always {
                self.of.push(0);
                continue;
            }
            let next = self.count as u32 + 1;
            let number = *known.entry(key).or_insert(next);
            if number == next {
                self.parts[0].0.push(key);
                self.count += 1;
            }
            self.of.push(number);
        }
        Ok(())
    }

    fn several(&mut self, columns: &[usize], always: bool, rows: &'r [Row]) -> Result<(), StoreError> {
        let mut known: HashMap<Vec<Option<&[u8]>>, u32> = HashMap::with_capacity(rows.len());
        for row in rows {
            let key = columns.iter().map(|c| raw(row, *c)).collect::<Result<Vec<_>, _>>()?;
            if key.iter().any(Option::is_none) && !always {
                self.of.push(0);
                continue;
            }
            let next = self.count as u32 + 1;
            let number = *known.entry(key.clone()).or_insert(next);
            if number == next {
                self.parts.iter_mut().zip(key).for_each(|(part, bytes)| part.0.push(bytes));
                self.count += 1;
            }
            self.of.push(number);
        }
        Ok(())
    }

    /// One part of all keys.
    pub(super) fn part(&self, at: usize) -> Param<'_> {
        match self.parts.get(at) {
            Some((keys, wire)) => Param::Keys(keys, *wire),
            None => Param::Keys(&[], Wire::Other),
        }
    }

    /// The numbers of the rows' keys, and how many keys there are.
    pub(super) fn release(self) -> (Vec<u32>, usize) {
        (self.of, self.count)
    }

    /// What hangs on rows without keys.
    pub(super) fn nothing(self) -> Branch {
        Branch { of: self.of, starts: Vec::new(), order: Vec::new(), tree: None }
    }
}

/// Rows of one level and what hangs on them.
pub(super) struct Tree {
    pub(super) ready: Arc<Ready>,
    pub(super) rows: Vec<Row>,
    pub(super) branches: Vec<Branch>,
}

/// The rows of a nested select, by the keys of the rows that they hang on.
pub(super) struct Branch {
    of: Vec<u32>,
    /// Where the rows of each key start in `order`, and after the last where they end.
    starts: Vec<u32>,
    order: Vec<u32>,
    tree: Option<Tree>,
}

impl Branch {
    /// Puts the rows in the order of their keys' numbers, which stand in the first column; rows of one key stay in order.
    pub(super) fn new(of: Vec<u32>, count: usize, tree: Tree) -> Result<Self, StoreError> {
        let number = |row: &Row| {
            let bytes = raw(row, 0)?.and_then(|b| <[u8; 8]>::try_from(b).ok()).map(i64::from_be_bytes);
            let number = bytes.and_then(|n| usize::try_from(n).ok()).filter(|n| (1..=count).contains(n));
            number.ok_or_else(|| StoreError::bug("a nested row without the number of its key"))
        };
        let numbers = tree.rows.iter().map(number).collect::<Result<Vec<usize>, _>>()?;
        let mut starts = vec![0_u32; count + 1];
        numbers.iter().for_each(|n| starts[*n] += 1);
        (1..=count).for_each(|n| starts[n] += starts[n - 1]);
        let mut next = starts.clone();
        let mut order = vec![0_u32; numbers.len()];
        for (row, number) in numbers.iter().enumerate() {
            let place = &mut next[number - 1];
            order[*place as usize] = row as u32;
            *place += 1;
        }
        Ok(Self { of, starts, order, tree: Some(tree) })
    }

    /// The places of the rows that hang on row number `row`.
    fn rows(&self, row: usize) -> &[u32] {
        match self.of[row] as usize {
            0 => &[],
            key => &self.order[self.starts[key - 1] as usize..self.starts[key] as usize],
        }
    }
}

impl Tree {
    /// Pushes all rows; answers how many were taken.
    pub(super) fn emit(&self, level: &Level, sink: &mut dyn Sink) -> Result<u64, StoreError> {
        let mut taken = 0;
        for row in 0..self.rows.len() {
            let (counted, more) = self.row(level, row, sink)?;
            taken += u64::from(counted);
            if !more {
                break;
            }
        }
        Ok(taken)
    }

    /// Pushes one row: whether it was taken whole, and whether the sink wants more.
    fn row(&self, level: &Level, at: usize, sink: &mut dyn Sink) -> Result<(bool, bool), StoreError> {
        let row = &self.rows[at];
        sink.begin_row();
        for step in &level.steps {
            match *step {
                Step::Value { index, column, form } => {
                    push(row, column, form, self.ready.columns[column], index, sink)?;
                }
                Step::Nested { index, query } => {
                    sink.begin_nested(index);
                    if !self.nested(level, query, at, sink)? {
                        return Ok((false, false));
                    }
                    sink.end_nested(index);
                }
            }
        }
        Ok((true, sink.end_row()))
    }

    fn nested(
        &self,
        level: &Level,
        query: usize,
        at: usize,
        sink: &mut dyn Sink,
    ) -> Result<bool, StoreError> {
        let (branch, inner) = (&self.branches[query], &level.nested[query]);
        let Some(tree) = &branch.tree else { return Ok(true) };
        let one = inner.batch.as_ref().is_some_and(|b| b.one);
        let rows = branch.rows(at);
        for row in if one { &rows[..rows.len().min(1)] } else { rows } {
            if !tree.row(inner, *row as usize, sink)?.1 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
