//! Rows to bytes. A [`shape::Shape`] is made once from an operation; the sinks follow it without building a tree.

pub mod cast;
pub mod csv;
pub mod json;
pub mod shape;
pub mod writer;

#[cfg(test)]
mod tests;

pub use csv::CsvSink;
pub use json::JsonSink;
pub use shape::{Shape, Style};
pub use writer::Writer;

/// Caps of one reply.
#[derive(Clone, Copy, Debug)]
pub struct Caps {
    /// Rows of all levels together.
    pub records: u64,
    /// Bytes of the body.
    pub bytes: usize,
}
