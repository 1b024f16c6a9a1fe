//! Rows as CSV (RFC 4180): a header of the members' names, null as an empty cell, embedded rows as JSON text.

use std::any::Any;
use std::sync::Arc;

use bistro_problem::Problem;
use bistro_schema::ValueRef;

use super::Caps;
use super::json::{Body, JsonSink};
use super::shape::Shape;
use crate::Sink;

/// A table of rows as CSV.
pub struct CsvSink {
    cells: JsonSink,
    text: Vec<u8>,
}

impl CsvSink {
    /// A sink for rows of the shape.
    pub fn new(shape: Arc<Shape>, caps: Caps, capacity: usize) -> Self {
        let cells = JsonSink::with_form(shape, caps, 256, Body::Cells);
        let mut sink = Self { cells, text: Vec::with_capacity(capacity) };
        sink.header();
        sink
    }

    /// The text, unless a limit was met or a value could not be converted.
    pub fn finish(mut self) -> Result<Vec<u8>, Problem> {
        match self.cells.failure() {
            Some(problem) => Err(problem),
            None => Ok(self.text),
        }
    }

    fn header(&mut self) {
        let shape = self.cells.shape().clone();
        for (n, name) in shape.columns().enumerate() {
            let name: String = serde_json::from_slice(name).expect("a key is a JSON string");
            if n > 0 {
                self.text.push(b',');
            }
            cell(name.as_bytes(), &mut self.text);
        }
    }

    fn line(&mut self) {
        self.text.push(b'\n');
        let marks = std::mem::take(&mut self.cells.lifts[0].marks);
        for (n, (start, end)) in marks.iter().enumerate() {
            if n > 0 {
                self.text.push(b',');
            }
            cell(&self.cells.out[*start..*end], &mut self.text);
        }
        self.cells.out.clear();
    }
}

/// Writes a cell, in quotes where its text needs them.
fn cell(bytes: &[u8], out: &mut Vec<u8>) {
    if !bytes.iter().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r')) {
        return out.extend_from_slice(bytes);
    }
    out.push(b'"');
    for byte in bytes {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

impl Sink for CsvSink {
    fn begin_row(&mut self) {
        self.cells.begin_row();
    }

    fn value(&mut self, index: usize, value: ValueRef<'_>) {
        self.cells.value(index, value);
    }

    fn begin_nested(&mut self, index: usize) {
        self.cells.begin_nested(index);
    }

    fn end_nested(&mut self, index: usize) {
        self.cells.end_nested(index);
    }

    fn end_row(&mut self) -> bool {
        if self.cells.is_outermost() {
            self.line();
        }
        self.cells.check_size(self.text.len());
        self.cells.end_row()
    }

    fn reset(&mut self) {
        self.cells.reset();
        self.text.clear();
        self.header();
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}
