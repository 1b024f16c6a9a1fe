//! The shape of a reply: for each level of rows, the bytes between its values.
//!
//! The first level is one row that is no store's: its outputs are the parts of the reading, in order. Everything that is
//! known before a row comes (names, brackets, `__typename`) is text; an output carries the text that stands before it.

use bistro_schema::Scalar;

/// How the rows of one root field are printed.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    pub(crate) levels: Vec<Level>,
}

/// The rows of one read.
#[derive(Debug, Default)]
pub(crate) struct Level {
    /// By the index of the read's items (of the reading's parts, on the first level).
    pub(crate) outs: Vec<Out>,
    /// What stands behind the last output of a row; with no printed output, the whole row.
    pub(crate) close: Text,
}

/// One output of a row.
#[derive(Debug)]
pub(crate) enum Out {
    /// A value.
    Value { before: Text, print: Print },
    /// A value that is not printed where it comes: a part of the row's cursor or global id. These come first.
    Kept { slot: Slot, print: Print },
    /// Related rows, or the rows of a part.
    Nested { before: Text, form: Form, level: usize, page: Option<Page> },
}

/// What a row keeps until it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The values of its cursor.
    Cursor,
    /// The values of its key.
    Key,
}

/// How nested rows stand in their row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The one row, or null.
    One,
    /// A list in brackets.
    Many,
}

/// What is said of a list besides its rows.
#[derive(Debug)]
pub(crate) struct Page {
    /// Index into [`crate::plan::Reading::pages`].
    pub(crate) index: usize,
    /// Whether the rows come last first (`last`), and are turned round.
    pub(crate) backward: bool,
    /// What to print of the page, and where.
    pub(crate) info: Option<(Text, InfoAt)>,
    /// Whether the list itself is printed; otherwise only what `info` says of it.
    pub(crate) printed: bool,
}

/// Where the text about a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InfoAt {
    /// Where the mark was made, before the rows.
    Mark,
    /// Behind the rows.
    Behind,
    /// Where [`Piece::Info`] stands, in a later text of the same object.
    Later,
}

/// Text with places to fill in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) Vec<Piece>);

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// JSON as it stands.
    Bytes(Box<[u8]>),
    /// The cursor of the row, a string. The number is the order's signature.
    Cursor(u32),
    /// The global id of the row: a string made of this type name and the kept key.
    GlobalId(Box<str>),
    /// Whether rows follow the page.
    HasNext,
    /// Whether rows come before the page.
    HasPrevious,
    /// The first row's cursor, or null.
    StartCursor(u32),
    /// The last row's cursor, or null.
    EndCursor(u32),
    /// How many rows a write touched; known when it has ended.
    Affected,
    /// Remembers this place for the text about a page whose rows come later.
    Mark,
    /// What was said of the page that was done last, see [`InfoAt::Later`].
    Info,
}

/// How a value is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Print {
    /// What the value is.
    pub(crate) scalar: Scalar,
    /// Whether numbers are strings (BigInt, Decimal).
    pub(crate) quoted: bool,
}

impl Text {
    /// Adds JSON as it stands.
    pub(crate) fn push(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Piece::Bytes(bytes)) => {
                let mut longer = std::mem::take(bytes).into_vec();
                longer.extend_from_slice(text.as_bytes());
                *bytes = longer.into();
            }
            _ => self.0.push(Piece::Bytes(text.as_bytes().into())),
        }
    }

    /// Adds another text.
    pub(crate) fn append(&mut self, other: Text) {
        for piece in other.0 {
            match piece {
                Piece::Bytes(bytes) => self.push(&String::from_utf8_lossy(&bytes)),
                piece => self.0.push(piece),
            }
        }
    }

    /// Adds a place to fill in.
    pub(crate) fn place(&mut self, piece: Piece) {
        self.0.push(piece);
    }

    /// Adds a member's name and colon, with a comma unless it is the first of its object.
    pub(crate) fn name(&mut self, name: &str, first: bool) {
        // GraphQL names need no escapes.
        self.push(&format!("{}\"{name}\":", if first { "" } else { "," }));
    }
}
