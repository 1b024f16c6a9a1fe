//! What a document comes to for one set of roles and one structure of variables: operations that are ready to run, where
//! their values come from, and how their rows are printed. Made by `compile/`, kept by `document/`, run by `execute/`.
//!
//! Invariant: nothing here holds a value of a request but constants of its document; the same plan serves all requests of
//! its shape.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bistro_engine::Ready;
use bistro_ir::{Bound, Operation};
use bistro_schema::Scalar;

use crate::compile::Source;
use crate::render::Shape;

/// One GraphQL operation, ready to run for any values.
pub(crate) struct Plan {
    pub(crate) kind: Kind,
    /// Whether all root fields are one transaction (`@atomic`).
    pub(crate) atomic: bool,
    /// Whether it asks for the schema, which not everybody may.
    pub(crate) introspects: bool,
    pub(crate) roots: Vec<Root>,
    /// What nothing runs with, and is judged all the same.
    pub(crate) judged: Vec<Judged>,
    /// What its replies come to.
    pub(crate) size: Size,
}

/// The size of the last reply in bytes, which the next one is likely to have.
#[derive(Debug)]
pub(crate) struct Size(AtomicUsize);

impl Size {
    /// Room for the next reply: a little more than last time, so that the buffer seldom grows.
    pub(crate) fn room(&self) -> usize {
        let size = self.0.load(Ordering::Relaxed);
        size + size / 8 + 64
    }

    /// Notes what a reply came to.
    pub(crate) fn note(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

impl Default for Size {
    fn default() -> Self {
        Self(AtomicUsize::new(256))
    }
}

/// What sort of operation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Query,
    Mutation,
    Subscription,
}

/// A variable's value that no operation takes: the page of a list of which nothing is read.
pub(crate) struct Judged {
    pub(crate) scalar: Scalar,
    pub(crate) source: Source,
    /// Where the list stands in the text.
    pub(crate) place: Place,
}

/// One field of the operation's root.
pub(crate) struct Root {
    /// Its name in the reply, and so the path of its errors.
    pub(crate) key: Box<str>,
    /// Where it stands in the text.
    pub(crate) place: Place,
    pub(crate) work: Work,
}

/// A place in a document, both counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// What a root field asks for.
pub(crate) enum Work {
    /// JSON that is known when the document is: `__typename`, introspection, `_service`, with the key and its colon before it.
    Known(Box<[u8]>),
    /// Rows.
    Read(Reading),
    /// Federation: rows of several types by their keys.
    Entities(Box<crate::compile::Entities>),
    /// Rows in or away, and then rows out.
    Write(Box<crate::compile::write::Writing>),
    /// A live query: the reading is run again when what it depends on has changed.
    Live(Reading),
    /// The changes of one type.
    Changes(Box<crate::compile::Changes>),
}

/// Reads whose rows are printed as one JSON value.
pub(crate) struct Reading {
    /// In the order of the outputs of the shape's first level, one each.
    pub(crate) parts: Vec<Part>,
    pub(crate) shape: Arc<Shape>,
    /// The pages of the shape, by their index.
    pub(crate) pages: Vec<PageBounds>,
    /// What its rows may cost, judged again with each request's values.
    pub(crate) cost: Cost,
}

/// One operation and where its values come from.
pub(crate) struct Part {
    pub(crate) operation: Operation,
    pub(crate) ready: Arc<Ready>,
    /// One for each parameter slot.
    pub(crate) sources: Vec<Source>,
}

/// What a page was cut by; its bounds are parameters of a part, or fixed.
#[derive(Clone, Debug)]
pub(crate) struct PageBounds {
    /// The part of the reading (its index) in whose operation the bounds are.
    pub(crate) part: usize,
    /// The limit of the read.
    pub(crate) limit: Bound,
    /// Whether the limit asks for one row more than the page has, to know whether more follows.
    pub(crate) extra: bool,
    /// How many rows were skipped first.
    pub(crate) offset: Option<Bound>,
    /// Whether a cursor was given from which the page starts (`after`, or `before` with `last`).
    pub(crate) from_cursor: bool,
}

/// How many rows a selection may come to: those of a list times what hangs on each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cost {
    /// The lists, each with what hangs on a row of it.
    pub(crate) lists: Vec<(Rows, Cost)>,
}

/// The number of rows of one list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    /// The part whose parameters `bound` speaks of.
    pub(crate) part: usize,
    pub(crate) bound: Bound,
    /// How many of them are asked for only to know whether they are there.
    pub(crate) plus: u64,
}
