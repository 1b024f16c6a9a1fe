//! Rows as JSON, written straight into one buffer: nothing here allocates for a row or a value but the buffer's growth.

use std::any::Any;
use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_schema::ValueRef;
use bistro_schema::text::{write_json, write_plain};

use super::shape::{Form, Key, Out, Shape};
use super::{Caps, cast};
use crate::Sink;

/// A list of rows as JSON.
pub struct JsonSink {
    shape: Arc<Shape>,
    /// What is being written: the body, or the rows of the innermost lifted list.
    pub(super) out: Vec<u8>,
    frames: Vec<Frame>,
    /// Members of the rows of lifted lists, innermost last.
    pub(super) lifts: Vec<Lift>,
    /// Nested outputs that the shape doesn't have: the planner's own.
    skipped: usize,
    records: u64,
    caps: Caps,
    failure: Option<Problem>,
    form: Body,
}

/// What the outermost rows become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// A JSON array.
    Array,
    /// Cells, noted in the one lift at the bottom.
    Cells,
}

/// An open level.
struct Frame {
    level: usize,
    form: Form,
    /// Where its member starts in the buffer.
    start: usize,
    /// Whether a row came.
    filled: bool,
}

/// The rows of a lifted list, written one after the other.
#[derive(Default)]
pub(super) struct Lift {
    /// The enclosing buffer meanwhile.
    pub(super) outer: Vec<u8>,
    /// Each member of each row: where its value starts and ends.
    pub(super) marks: Vec<(usize, usize)>,
    /// How many rows.
    rows: usize,
}

impl JsonSink {
    /// A sink for rows of the shape, with room for about `capacity` bytes.
    pub fn new(shape: Arc<Shape>, caps: Caps, capacity: usize) -> Self {
        Self::with_form(shape, caps, capacity, Body::Array)
    }

    pub(super) fn with_form(shape: Arc<Shape>, caps: Caps, capacity: usize, form: Body) -> Self {
        let frames = Vec::with_capacity(shape.levels.len());
        let out = Vec::with_capacity(capacity);
        let mut sink =
            Self { shape, out, frames, lifts: Vec::new(), skipped: 0, records: 0, caps, failure: None, form };
        sink.start();
        sink
    }

    fn start(&mut self) {
        let form = match self.form {
            Body::Array => {
                self.out.push(b'[');
                Form::Many
            }
            Body::Cells => {
                self.lifts.push(Lift::default());
                Form::LiftMany
            }
        };
        self.frames.push(Frame { level: 0, form, start: 0, filled: false });
    }

    /// The body, unless a limit was met or a value could not be converted.
    pub fn finish(mut self) -> Result<Vec<u8>, Problem> {
        match self.failure.take() {
            Some(problem) => Err(problem),
            None => {
                self.out.push(b']');
                Ok(self.out)
            }
        }
    }

    pub(super) fn failure(&mut self) -> Option<Problem> {
        self.failure.take()
    }

    pub(super) fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    /// Whether the row that ends is one of the outermost.
    pub(super) fn is_outermost(&self) -> bool {
        self.frames.len() == 1 && self.skipped == 0
    }

    /// Fails where the text made of the cells has grown too large.
    pub(super) fn check_size(&mut self, bytes: usize) {
        if bytes > self.caps.bytes {
            self.too_large();
        }
    }

    fn fail(&mut self, problem: Problem) {
        self.failure.get_or_insert(problem);
    }

    fn too_large(&mut self) {
        let Caps { records, bytes } = self.caps;
        let text = format!("The reply would hold more than {records} records or {bytes} bytes");
        self.fail(
            Problem::new(Code::ReplyTooLarge, text).hint("Ask for fewer rows or columns, page by page."),
        );
    }

    /// Whether null members are left out here: a lifted list keeps them, or its lists would not correspond.
    fn strips(&self) -> bool {
        self.shape.style.strip_nulls && self.lifts.is_empty()
    }

    fn end_mark(&mut self) {
        let end = self.out.len();
        if let Some(mark) = self.marks()
            && let Some(last) = mark.last_mut()
        {
            last.1 = end;
        }
    }

    /// The marks to write into, if the innermost object around is the row of a lifted list.
    fn marks(&mut self) -> Option<&mut Vec<(usize, usize)>> {
        let object = self.frames.iter().rev().find(|f| f.form != Form::LiftOne)?;
        if object.form != Form::LiftMany {
            return None;
        }
        self.lifts.last_mut().map(|lift| &mut lift.marks)
    }

    /// A value that is converted, or noted as a member of a lifted row.
    fn slow_value(&mut self, level: usize, index: usize, value: ValueRef<'_>) {
        let shape = self.shape.clone();
        let Some(Out::Value { key, bare, cast }) = shape.levels[level].outs.get(index) else { return };
        let converted = match cast {
            None => None,
            Some((from, to)) => match cast::convert(&shape.schema, value, *from, *to) {
                Ok(value) => Some(value),
                Err(problem) => return self.fail(problem),
            },
        };
        let value = converted.as_ref().map_or(value, |v| v.borrow());
        if matches!(value, ValueRef::Null) && self.strips() {
            return;
        }
        open(&mut self.out, key);
        let at = self.out.len();
        if let Some(marks) = self.marks() {
            marks.push((at, at));
        }
        if self.is_cell() {
            write_cell(value, *bare, &mut self.out);
        } else {
            write_value(value, *bare, shape.style.decimal_strings, &mut self.out);
        }
        self.end_mark();
    }

    /// Whether a value here is a whole cell of a table.
    fn is_cell(&self) -> bool {
        let inside = self.frames.iter().any(|f| matches!(f.form, Form::One | Form::Many));
        self.form == Body::Cells && !inside && self.lifts.len() == 1
    }

    fn nested_end(&mut self, frame: &Frame) {
        match frame.form {
            Form::Many => self.out.push(b']'),
            Form::One if frame.filled => {}
            Form::One if self.strips() => self.out.truncate(frame.start),
            Form::One => self.null(),
            Form::LiftOne if frame.filled => {}
            Form::LiftOne => self.absent(frame.level),
            Form::LiftMany => {
                let lift = self.lifts.pop().expect("a lifted list ends after it began");
                let rows = std::mem::replace(&mut self.out, lift.outer);
                self.transpose(frame.level, &rows, &lift.marks, lift.rows);
            }
            Form::Silent => {}
        }
        if matches!(frame.form, Form::Many | Form::One) {
            self.end_mark();
        }
    }

    fn null(&mut self) {
        // A null cell of a table is empty.
        if !self.is_cell() {
            self.out.extend_from_slice(b"null");
        }
    }

    /// The members of a spread row that is not there.
    fn absent(&mut self, level: usize) {
        if self.strips() {
            return;
        }
        let shape = self.shape.clone();
        for key in &shape.levels[level].leaves {
            open(&mut self.out, key);
            let at = self.out.len();
            if let Some(marks) = self.marks() {
                marks.push((at, at));
            }
            self.null();
            self.end_mark();
        }
    }

    fn transpose(&mut self, level: usize, rows: &[u8], marks: &[(usize, usize)], count: usize) {
        let shape = self.shape.clone();
        let leaves = &shape.levels[level].leaves;
        for (column, key) in leaves.iter().enumerate() {
            open(&mut self.out, key);
            let at = self.out.len();
            if let Some(outer) = self.marks() {
                outer.push((at, at));
            }
            self.out.push(b'[');
            for row in 0..count {
                if row > 0 {
                    self.out.push(b',');
                }
                if let Some((start, end)) = marks.get(row * leaves.len() + column) {
                    self.out.extend_from_slice(&rows[*start..*end]);
                }
            }
            self.out.push(b']');
            self.end_mark();
        }
    }
}

/// Writes a member's name, with a comma unless it is the object's first.
#[inline]
fn open(out: &mut Vec<u8>, key: &Key) {
    // No value ends with a brace that opens, so the last byte tells.
    let first = matches!(out.last(), Some(b'{') | None);
    out.extend_from_slice(if first { key.first() } else { key.next() });
}

impl Sink for JsonSink {
    fn begin_row(&mut self) {
        if self.skipped > 0 {
            return;
        }
        let frame = self.frames.last_mut().expect("the outermost level is always open");
        frame.filled = true;
        self.records += 1;
        match frame.form {
            Form::Many => {
                // No row ends with a bracket that opens either.
                let separator: &[u8] = if self.out.last() == Some(&b'[') { b"{" } else { b",{" };
                self.out.extend_from_slice(separator);
            }
            Form::One => self.out.push(b'{'),
            Form::LiftMany => {
                if let Some(lift) = self.lifts.last_mut() {
                    lift.rows += 1;
                }
            }
            Form::LiftOne | Form::Silent => {}
        }
    }

    #[inline]
    fn value(&mut self, index: usize, value: ValueRef<'_>) {
        if self.skipped > 0 || self.failure.is_some() {
            return;
        }
        let level = self.frames.last().expect("a value comes inside a row").level;
        let Some(Out::Value { key, bare, cast }) = self.shape.levels[level].outs.get(index) else { return };
        if cast.is_some() || !self.lifts.is_empty() {
            return self.slow_value(level, index, value);
        }
        let style = self.shape.style;
        if style.strip_nulls && matches!(value, ValueRef::Null) {
            return;
        }
        open(&mut self.out, key);
        write_value(value, *bare, style.decimal_strings, &mut self.out);
    }

    fn begin_nested(&mut self, index: usize) {
        let level = self.frames.last().expect("a nested output comes inside a row").level;
        let shape = &self.shape;
        let Some(Out::Nested { key, form, level }) =
            (if self.skipped == 0 { shape.levels[level].outs.get(index) } else { None })
        else {
            self.skipped += 1;
            return;
        };
        let (form, level) = (*form, *level);
        if form == Form::Silent {
            self.skipped += 1;
            return;
        }
        let start = self.out.len();
        if matches!(form, Form::One | Form::Many) {
            open(&mut self.out, key);
            let at = self.out.len();
            if !self.lifts.is_empty()
                && let Some(marks) = self.marks()
            {
                marks.push((at, at));
            }
        }
        match form {
            Form::Many => self.out.push(b'['),
            Form::LiftMany => {
                let outer = std::mem::take(&mut self.out);
                self.lifts.push(Lift { outer, ..Lift::default() });
            }
            Form::One | Form::LiftOne | Form::Silent => {}
        }
        self.frames.push(Frame { level, form, start, filled: false });
    }

    fn end_nested(&mut self, _index: usize) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        let frame = self.frames.pop().expect("a nested output ends after it began");
        self.nested_end(&frame);
    }

    fn end_row(&mut self) -> bool {
        if self.skipped > 0 {
            return true;
        }
        let frame = self.frames.last().expect("a row ends after it began");
        if matches!(frame.form, Form::One | Form::Many) {
            self.out.push(b'}');
        }
        if self.records > self.caps.records || self.out.len() > self.caps.bytes {
            self.too_large();
        }
        self.failure.is_none()
    }

    fn reset(&mut self) {
        self.out.clear();
        self.frames.clear();
        self.lifts.clear();
        (self.skipped, self.records, self.failure) = (0, 0, None);
        self.start();
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

/// Writes one value as JSON.
#[inline]
fn write_value(value: ValueRef<'_>, bare: bool, decimal_strings: bool, out: &mut Vec<u8>) {
    match value {
        ValueRef::Decimal(decimal) if decimal_strings => {
            out.push(b'"');
            decimal.write(out, bare);
            out.push(b'"');
        }
        ValueRef::Decimal(decimal) => decimal.write(out, bare),
        ValueRef::List(items) => {
            out.push(b'[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                write_value(item.borrow(), bare, decimal_strings, out);
            }
            out.push(b']');
        }
        value => write_json(value, out),
    }
}

/// Writes one value as the text of a cell.
fn write_cell(value: ValueRef<'_>, bare: bool, out: &mut Vec<u8>) {
    match value {
        ValueRef::Decimal(decimal) => decimal.write(out, bare),
        value => write_plain(value, out),
    }
}
