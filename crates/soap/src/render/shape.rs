//! The shape of a reply's rows: for each level the tags around its values, made once.

use bistro_schema::Scalar;

/// How rows are printed; the first level is the outermost.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    pub(crate) levels: Vec<Level>,
}

/// The rows of one read.
#[derive(Debug, Default)]
pub(crate) struct Level {
    /// `<Post`, after which attributes may stand.
    pub(crate) open: Box<str>,
    /// `</Post>`
    pub(crate) close: Box<str>,
    /// How many rows are printed in one row; the next only says that there are more.
    pub(crate) most: u64,
    /// By the index of the read's items; what lies beyond are the values of a cursor.
    pub(crate) outs: Vec<Out>,
}

/// One output of a row.
#[derive(Debug)]
pub(crate) enum Out {
    /// A value between its tags.
    Value { open: Box<str>, close: Box<str>, scalar: Scalar },
    /// Rows of another level.
    Nested(usize),
}

impl Level {
    /// At most so many rows in elements of this name.
    pub(crate) fn new(tag: &str, most: u64, outs: Vec<Out>) -> Self {
        Self { open: format!("<{tag}").into(), close: format!("</{tag}>").into(), most, outs }
    }
}

impl Out {
    /// A value in an element of this name.
    pub(crate) fn value(tag: &str, scalar: Scalar) -> Self {
        Out::Value { open: format!("<{tag}>").into(), close: format!("</{tag}>").into(), scalar }
    }
}
