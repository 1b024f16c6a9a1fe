//! The rows of a reply as JSON, written straight into one buffer: no tree, and nothing allocates for a row or a value but the
//! buffer's growth.
//!
//! A root field is `begin`, its parts each between `part` and `part_end`, and `end`. A [`State`] goes back to before a
//! root field that failed.

use std::any::Any;
use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_schema::ValueRef;
use bistro_store::Sink;

use super::frame::Frame;
use super::kept::{Kept, Until};
use super::shape::{Form, InfoAt, Out, Piece, Shape, Text};
use super::value::write_value;
use crate::document::PageNow;

/// What one reply may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caps {
    /// Rows of all levels together.
    pub(crate) records: u64,
    /// Bytes of the body.
    pub(crate) bytes: usize,
}

/// The sink of a reply.
pub(crate) struct Writer {
    out: Vec<u8>,
    shape: Arc<Shape>,
    pages: Vec<PageNow>,
    frames: Vec<Frame>,
    places: Places,
    /// Where rows start, of lists that are turned round.
    starts: Vec<usize>,
    /// How deep inside rows that are not printed; see [`Frame::more`].
    passed_over: usize,
    records: u64,
    /// Records and bytes of the same reply that another writer holds.
    beside: (u64, usize),
    caps: Caps,
    failure: Option<Problem>,
    /// The part under way, and what was there when its rows began.
    part: (usize, State),
    /// Its rows when none had come.
    fresh: Option<Frame>,
    /// The text about a page on its way to its mark.
    info: Vec<u8>,
}

/// What the places of a text are filled from.
#[derive(Debug, Default)]
struct Places {
    kept: Kept,
    /// Where texts about pages go that are known later, innermost last.
    marks: Vec<usize>,
    /// What was said of pages that are done and is printed later, and where each begins, innermost last.
    stash: (Vec<u8>, Vec<usize>),
    /// Where the number of written rows goes.
    affected: Vec<usize>,
}

/// How far a reply was written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct State {
    out: usize,
    frames: usize,
    marks: usize,
    stash: (usize, usize),
    affected: usize,
    starts: usize,
    kept: Until,
    records: u64,
}

impl Writer {
    /// A writer with room for about `capacity` bytes.
    pub(crate) fn new(caps: Caps, capacity: usize) -> Self {
        Self {
            out: Vec::with_capacity(capacity),
            shape: Arc::default(),
            pages: Vec::new(),
            frames: Vec::new(),
            places: Places::default(),
            starts: Vec::new(),
            passed_over: 0,
            records: 0,
            beside: (0, 0),
            caps,
            failure: None,
            part: (0, State::default()),
            fresh: None,
            info: Vec::new(),
        }
    }

    /// A writer for what will be appended to this one: a limit of both together is met before that.
    pub(crate) fn beside(&self, capacity: usize) -> Self {
        let beside = (self.beside.0 + self.records, self.beside.1 + self.out.len());
        Self { beside, ..Self::new(self.caps, capacity) }
    }

    /// Appends JSON as it stands.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Appends what another writer wrote, under the caps of both together.
    pub(crate) fn append(&mut self, other: Writer) -> Result<(), Problem> {
        self.records += other.records;
        self.raw(&other.out);
        self.check_caps();
        self.failure.take().map_or(Ok(()), Err)
    }

    /// How many bytes the reply may still take.
    pub(crate) fn room(&self) -> usize {
        self.caps.bytes.saturating_sub(self.beside.1 + self.out.len())
    }

    /// Starts a root field, whose pages are cut like this.
    pub(crate) fn begin(&mut self, shape: Arc<Shape>, pages: Vec<PageNow>) {
        (self.shape, self.pages) = (shape, pages);
        let mut root = Frame::new(0, Form::One, self.out.len(), self.places.kept.until());
        root.rows = 1;
        self.frames.push(root);
    }

    /// Starts the rows of a part of the root field.
    pub(crate) fn part(&mut self, index: usize) {
        self.begin_nested(index);
        self.part = (index, self.state());
        self.fresh = self.frames.last().copied();
    }

    /// Ends them.
    pub(crate) fn part_end(&mut self) {
        self.end_nested(self.part.0);
    }

    /// Ends the root field. `affected` is how many rows a write touched. An error is a limit that was met: then the field has
    /// to be taken back.
    pub(crate) fn end(&mut self, affected: Option<u64>) -> Result<(), Problem> {
        if let Some(problem) = self.failure.take() {
            return Err(problem);
        }
        let frame = self.frames.pop().expect("a root field ends after it began");
        write_text(&self.shape.levels[frame.level].close, &frame, &mut self.places, &mut self.out);
        let digits = affected.unwrap_or_default().to_string();
        while let Some(at) = self.places.affected.pop() {
            insert(&mut self.out, at, digits.as_bytes());
        }
        self.check_caps();
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Where the reply is now, between root fields.
    pub(crate) fn mark(&self) -> State {
        self.state()
    }

    /// Takes back everything since then.
    pub(crate) fn back_to(&mut self, state: State) {
        self.out.truncate(state.out);
        self.frames.truncate(state.frames);
        self.places.marks.truncate(state.marks);
        self.places.stash.0.truncate(state.stash.0);
        self.places.stash.1.truncate(state.stash.1);
        self.places.affected.truncate(state.affected);
        self.places.kept.back_to(state.kept);
        self.starts.truncate(state.starts);
        (self.records, self.passed_over, self.failure) = (state.records, 0, None);
    }

    /// The reply.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.out
    }

    fn state(&self) -> State {
        State {
            out: self.out.len(),
            frames: self.frames.len(),
            marks: self.places.marks.len(),
            stash: (self.places.stash.0.len(), self.places.stash.1.len()),
            affected: self.places.affected.len(),
            starts: self.starts.len(),
            kept: self.places.kept.until(),
            records: self.records,
        }
    }

    #[inline]
    fn check_caps(&mut self) {
        let Caps { records, bytes } = self.caps;
        if self.records + self.beside.0 > records || self.out.len() + self.beside.1 > bytes {
            let text = format!("The reply would hold more than {records} records or {bytes} bytes");
            let problem = Problem::new(Code::ReplyTooLarge, text);
            self.failure.get_or_insert(problem.hint("Ask for fewer rows or fields, page by page."));
        }
    }

    /// Says of a page what its rows have told, at its mark or right here.
    fn page_end(&mut self, frame: &Frame, index: usize) {
        let Self { out, shape, frames, places, info, .. } = self;
        let outer = frames.last().expect("a nested output ends inside a row").level;
        let Some(Out::Nested { page: Some(page), .. }) = shape.levels[outer].outs.get(index) else { return };
        match &page.info {
            None => {}
            Some((text, InfoAt::Behind)) => write_text(text, frame, places, out),
            Some((text, InfoAt::Later)) => {
                info.clear();
                write_text(text, frame, places, info);
                places.stash.1.push(places.stash.0.len());
                places.stash.0.extend_from_slice(info);
            }
            Some((text, InfoAt::Mark)) => {
                info.clear();
                write_text(text, frame, places, info);
                let at = places.marks.pop().expect("a mark was made before the page");
                insert(out, at, info);
                for place in places.affected.iter_mut().filter(|place| **place >= at) {
                    *place += info.len();
                }
            }
        }
    }

    /// Puts the rows of a list that came last first into their order.
    fn turn(&mut self, frame: &Frame) {
        let first = frame.start + 1;
        let rows = self.out.split_off(first);
        let mut end = rows.len();
        for start in self.starts.drain(frame.starts..).rev() {
            if self.out.len() > first {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&rows[start - first..end]);
            // The comma before the row stays behind.
            end = (start - first).saturating_sub(1);
        }
    }
}

impl Sink for Writer {
    #[inline]
    fn begin_row(&mut self) {
        if self.passed_over > 0 {
            self.passed_over += 1;
            return;
        }
        self.records += 1;
        let frame = self.frames.last_mut().expect("a row comes inside a part");
        if frame.rows == frame.most {
            frame.more = true;
            self.passed_over = 1;
            return;
        }
        // The first row's values stay where the ends of the page are wanted.
        match frame.ends && frame.rows == 1 {
            true => frame.row = self.places.kept.until(),
            false => self.places.kept.back_to(frame.row),
        }
        if frame.form == Form::Many && frame.printed {
            if frame.rows > 0 {
                self.out.push(b',');
            }
            if frame.backward {
                self.starts.push(self.out.len());
            }
        }
        frame.rows += 1;
    }

    #[inline]
    fn value(&mut self, index: usize, value: ValueRef<'_>) {
        if self.passed_over > 0 {
            return;
        }
        let frame = self.frames.last().expect("a value comes inside a row");
        match self.shape.levels[frame.level].outs.get(index) {
            Some(Out::Value { before, print }) => {
                write_text(before, frame, &mut self.places, &mut self.out);
                write_value(value, *print, &mut self.out);
            }
            Some(Out::Kept { slot, print }) => self.places.kept.push(frame.row, *slot, *print, value),
            Some(Out::Nested { .. }) | None => {}
        }
    }

    fn begin_nested(&mut self, index: usize) {
        let outer = self.frames.last().expect("a nested output comes inside a row");
        let Some(Out::Nested { before, form, level, page }) =
            (if self.passed_over == 0 { self.shape.levels[outer.level].outs.get(index) } else { None })
        else {
            self.passed_over += 1;
            return;
        };
        write_text(before, outer, &mut self.places, &mut self.out);
        let mut frame = Frame::new(*level, *form, self.out.len(), self.places.kept.until());
        frame.starts = self.starts.len();
        if let Some(page) = page {
            frame.cut(page, self.pages[page.index]);
        }
        if frame.form == Form::Many && frame.printed {
            self.out.push(b'[');
        }
        self.frames.push(frame);
    }

    fn end_nested(&mut self, index: usize) {
        if self.passed_over > 0 {
            self.passed_over -= 1;
            return;
        }
        let frame = self.frames.pop().expect("a nested output ends after it began");
        match frame.form {
            _ if !frame.printed => self.out.truncate(frame.start),
            Form::Many => {
                if frame.backward {
                    self.turn(&frame);
                }
                self.out.push(b']');
            }
            Form::One if frame.rows == 0 => self.out.extend_from_slice(b"null"),
            Form::One => {}
        }
        self.page_end(&frame, index);
        self.places.kept.back_to(frame.kept);
    }

    #[inline]
    fn end_row(&mut self) -> bool {
        if self.passed_over > 0 {
            self.passed_over -= 1;
            return self.failure.is_none();
        }
        let frame = self.frames.last().expect("a row ends after it began");
        write_text(&self.shape.levels[frame.level].close, frame, &mut self.places, &mut self.out);
        self.check_caps();
        self.failure.is_none()
    }

    fn reset(&mut self) {
        self.back_to(self.part.1);
        if let (Some(frame), Some(fresh)) = (self.frames.last_mut(), self.fresh) {
            *frame = fresh;
        }
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

/// Appends a text; its places are filled from the row of the frame that came last, or from the frame's page.
#[inline]
fn write_text(text: &Text, frame: &Frame, places: &mut Places, out: &mut Vec<u8>) {
    match &*text.0 {
        [Piece::Bytes(bytes)] => out.extend_from_slice(bytes),
        pieces => pieces.iter().for_each(|piece| write_piece(piece, frame, places, out)),
    }
}

fn write_piece(piece: &Piece, frame: &Frame, places: &mut Places, out: &mut Vec<u8>) {
    let end = places.kept.until().cursors;
    match piece {
        Piece::Bytes(bytes) => out.extend_from_slice(bytes),
        Piece::Cursor(signature) => places.kept.write_cursor(*signature, (frame.row.cursors, end), out),
        Piece::GlobalId(type_name) => places.kept.write_id(type_name, frame.row, out),
        Piece::HasNext => write_bool(frame.has_next(), out),
        Piece::HasPrevious => write_bool(frame.has_previous(), out),
        Piece::StartCursor(signature) | Piece::EndCursor(signature) => {
            let last = matches!(piece, Piece::EndCursor(_)) != frame.backward;
            match frame.span(end, last) {
                Some(span) => places.kept.write_cursor(*signature, span, out),
                None => out.extend_from_slice(b"null"),
            }
        }
        Piece::Affected => places.affected.push(out.len()),
        Piece::Mark => places.marks.push(out.len()),
        Piece::Info => {
            let (said, starts) = &mut places.stash;
            let start = starts.pop().expect("the page is done of which this speaks");
            out.extend_from_slice(&said[start..]);
            said.truncate(start);
        }
    }
}

fn write_bool(truth: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if truth { b"true" } else { b"false" });
}

/// Puts bytes where others stand, which move behind them.
fn insert(out: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    out.extend_from_slice(bytes);
    out[at..].rotate_right(bytes.len());
}
