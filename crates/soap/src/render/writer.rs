//! The rows of a reply, written straight into one buffer between the elements around them: no tree, and nothing allocates for
//! a row or a value but the buffer's growth.

use std::any::Any;
use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_schema::ValueRef;
use bistro_store::Sink;

use super::shape::{Level, Out};
use super::value::write_value;
use crate::compile::{Selection, append_cursor};

/// What one reply may hold, and whether it may hold what XML cannot carry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caps {
    /// Rows of all levels together.
    pub(crate) records: u64,
    /// Bytes of the body.
    pub(crate) bytes: usize,
    /// Whether characters that XML cannot carry are replaced; otherwise they are a fault.
    pub(crate) replaces: bool,
}

/// The sink of a reply's rows.
pub(crate) struct Writer {
    out: Vec<u8>,
    /// What stands before the rows.
    start: usize,
    selection: Arc<Selection>,
    frames: Vec<Frame>,
    /// Rows that are printed; the next only says that there are more.
    most: u64,
    more: bool,
    /// How deep inside a row that is not printed.
    passed_over: usize,
    /// The place of the last row of a list.
    cursor: Vec<u8>,
    caps: Caps,
    records: u64,
    failure: Option<Problem>,
}

/// Rows that are open.
#[derive(Clone, Copy, Debug)]
struct Frame {
    level: usize,
    rows: u64,
    /// Where the attributes of the open row stand, or of the last one.
    attributes: usize,
    /// Whether something of it was replaced.
    lossy: bool,
}

impl Frame {
    const fn new(level: usize) -> Self {
        Self { level, rows: 0, attributes: 0, lossy: false }
    }
}

impl Writer {
    /// A writer behind what stands in front of the rows, for at most so many rows.
    pub(crate) fn new(before: Vec<u8>, selection: Arc<Selection>, most: Option<u64>, caps: Caps) -> Self {
        Self {
            start: before.len(),
            out: before,
            selection,
            frames: vec![Frame::new(0)],
            most: most.unwrap_or(u64::MAX),
            more: false,
            passed_over: 0,
            cursor: Vec::new(),
            caps,
            records: 0,
            failure: None,
        }
    }

    /// Whether rows follow those that were printed.
    pub(crate) fn more(&self) -> bool {
        self.more
    }

    /// The place of the last row, if there is one.
    pub(crate) fn cursor(&self) -> Option<&[u8]> {
        (self.frames[0].rows > 0).then_some(&self.cursor)
    }

    /// What was written. An error is a limit that was met.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Problem> {
        match self.failure {
            Some(problem) => Err(problem),
            None => Ok(self.out),
        }
    }

    fn level(&self, frame: &Frame) -> &Level {
        &self.selection.shape.levels[frame.level]
    }

    fn check_caps(&mut self) {
        let Caps { records, bytes, .. } = self.caps;
        if self.records > records || self.out.len() > bytes {
            let text = format!("The reply would hold more than {records} records or {bytes} bytes");
            let problem = Problem::new(Code::ReplyTooLarge, text);
            self.failure.get_or_insert(problem.hint("Ask for fewer rows or relations, page by page."));
        }
    }
}

/// The problem of a value that was not written whole, where that is one.
fn lost(caps: Caps, name: &str) -> Option<Problem> {
    let message = format!("{name} of a row holds a character that XML cannot carry");
    let problem = || Problem::new(Code::SoapCharacter, message).hint(Code::SoapCharacter.mend());
    (!caps.replaces).then(problem)
}

impl Sink for Writer {
    fn begin_row(&mut self) {
        self.records += 1;
        let outermost = self.frames.len() == 1;
        if self.passed_over > 0 {
            self.passed_over += 1;
            return;
        }
        let frame = self.frames.last_mut().expect("rows come inside a frame");
        let level = &self.selection.shape.levels[frame.level];
        if frame.rows >= if outermost { self.most } else { level.most } {
            self.passed_over = 1;
            match outermost {
                true => self.more = true,
                false => drop(self.out.splice(frame.attributes..frame.attributes, *b" moreRows=\"true\"")),
            }
            return;
        }
        frame.rows += 1;
        self.out.extend_from_slice(level.open.as_bytes());
        (frame.attributes, frame.lossy) = (self.out.len(), false);
        self.out.push(b'>');
    }

    fn value(&mut self, index: usize, value: ValueRef<'_>) {
        if self.passed_over > 0 {
            return;
        }
        let Self { out, selection, frames, cursor, .. } = self;
        let frame = frames.last_mut().expect("a value comes inside a row");
        let outs = &selection.shape.levels[frame.level].outs;
        match outs.get(index) {
            Some(Out::Value { open, close, scalar }) => {
                if let ValueRef::Null = value {
                    return;
                }
                out.extend_from_slice(open.as_bytes());
                let whole = write_value(value, *scalar, out);
                out.extend_from_slice(close.as_bytes());
                if !whole {
                    frame.lossy = true;
                    let name = open.trim_matches(['<', '>']);
                    self.failure = self.failure.take().or_else(|| lost(self.caps, name));
                }
            }
            Some(Out::Nested(_)) => {}
            None => {
                if index == outs.len() {
                    cursor.clear();
                }
                append_cursor(value, cursor);
            }
        }
    }

    fn begin_nested(&mut self, index: usize) {
        let frame = self.frames.last().expect("a nested output comes inside a row");
        match self.level(frame).outs.get(index) {
            Some(Out::Nested(level)) if self.passed_over == 0 => self.frames.push(Frame::new(*level)),
            _ => self.passed_over += 1,
        }
    }

    fn end_nested(&mut self, _index: usize) {
        match self.passed_over {
            0 => drop(self.frames.pop()),
            _ => self.passed_over -= 1,
        }
    }

    fn end_row(&mut self) -> bool {
        if self.passed_over > 0 {
            self.passed_over -= 1;
            return self.failure.is_none();
        }
        let frame = *self.frames.last().expect("a row ends after it began");
        self.out.extend_from_slice(self.selection.shape.levels[frame.level].close.as_bytes());
        if frame.lossy {
            self.out.splice(frame.attributes..frame.attributes, *b" lossy=\"true\"");
        }
        self.check_caps();
        self.failure.is_none()
    }

    fn reset(&mut self) {
        self.out.truncate(self.start);
        self.frames.clear();
        self.frames.push(Frame::new(0));
        self.cursor.clear();
        (self.more, self.passed_over, self.records, self.failure) = (false, 0, 0, None);
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}
