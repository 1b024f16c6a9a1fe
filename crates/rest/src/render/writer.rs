//! The sink of a reply, whichever its form.

use std::any::Any;
use std::sync::Arc;

use bistro_problem::Problem;
use bistro_schema::ValueRef;

use super::{Caps, CsvSink, JsonSink, Shape};
use crate::Sink;
use crate::media::Media;

/// The sink of a reply.
pub enum Writer {
    /// JSON of any kind; an object is cut out of the list.
    Json(JsonSink),
    /// CSV.
    Csv(CsvSink),
    /// Nothing is wanted back.
    Nothing,
}

impl Writer {
    /// A sink for a form of reply.
    pub fn new(media: Media, shape: Arc<Shape>, caps: Caps, capacity: usize) -> Self {
        match media {
            Media::Csv => Writer::Csv(CsvSink::new(shape, caps, capacity)),
            Media::Json { .. } | Media::Array { .. } | Media::Object { .. } => {
                Writer::Json(JsonSink::new(shape, caps, capacity))
            }
        }
    }

    /// The body, unless a limit was met or a value could not be converted.
    pub fn finish(self) -> Result<Vec<u8>, Problem> {
        match self {
            Writer::Json(sink) => sink.finish(),
            Writer::Csv(sink) => sink.finish(),
            Writer::Nothing => Ok(Vec::new()),
        }
    }
}

impl Sink for Writer {
    fn begin_row(&mut self) {
        match self {
            Writer::Json(sink) => sink.begin_row(),
            Writer::Csv(sink) => sink.begin_row(),
            Writer::Nothing => {}
        }
    }

    #[inline]
    fn value(&mut self, index: usize, value: ValueRef<'_>) {
        match self {
            Writer::Json(sink) => sink.value(index, value),
            Writer::Csv(sink) => sink.value(index, value),
            Writer::Nothing => {}
        }
    }

    fn begin_nested(&mut self, index: usize) {
        match self {
            Writer::Json(sink) => sink.begin_nested(index),
            Writer::Csv(sink) => sink.begin_nested(index),
            Writer::Nothing => {}
        }
    }

    fn end_nested(&mut self, index: usize) {
        match self {
            Writer::Json(sink) => sink.end_nested(index),
            Writer::Csv(sink) => sink.end_nested(index),
            Writer::Nothing => {}
        }
    }

    fn end_row(&mut self) -> bool {
        match self {
            Writer::Json(sink) => sink.end_row(),
            Writer::Csv(sink) => sink.end_row(),
            Writer::Nothing => true,
        }
    }

    fn reset(&mut self) {
        match self {
            Writer::Json(sink) => sink.reset(),
            Writer::Csv(sink) => sink.reset(),
            Writer::Nothing => {}
        }
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}
