//! A row of a reply while it is made: its items and how they are printed, side by side.

use bistro_ir::{Embed, Expr, Item, Operand, Read, Root};
use bistro_schema::{FieldId, Kind, RelationId, Scalar};

use crate::render::{Form, Level, Out, Page, Piece, Print, Slot, Text};

/// The items of a read, each with its output; text that stands before the next output waits in `text`.
#[derive(Default)]
pub(super) struct Row {
    pub(super) items: Vec<Item>,
    outs: Vec<Out>,
    pub(super) text: Text,
    /// How many outputs are kept; they stand in front.
    kept: usize,
    keeps_key: bool,
}

/// The members of an object that is being printed.
pub(super) struct Members {
    first: bool,
}

impl Members {
    /// Opens an object.
    pub(super) fn open(row: &mut Row) -> Self {
        row.text.push("{");
        Self { first: true }
    }

    /// Begins a member.
    pub(super) fn name(&mut self, row: &mut Row, key: &str) {
        row.text.name(key, self.first);
        self.first = false;
    }

    /// Whether nothing stands in it so far; from now on something does.
    pub(super) fn begin(&mut self) -> bool {
        std::mem::replace(&mut self.first, false)
    }

    /// Closes the object.
    pub(super) fn close(self, row: &mut Row) {
        row.text.push("}");
    }
}

impl Row {
    /// A value where the text stands.
    pub(super) fn value(&mut self, item: Item, print: Print) {
        let before = std::mem::take(&mut self.text);
        self.items.push(item);
        self.outs.push(Out::Value { before, print });
    }

    /// A value that is read and kept for what is made of it elsewhere in the row.
    pub(super) fn keep(&mut self, slot: Slot, item: Item, print: Print) {
        self.items.insert(self.kept, item);
        self.outs.insert(self.kept, Out::Kept { slot, print });
        self.kept += 1;
    }

    /// Keeps the values of the key, once.
    pub(super) fn keep_key(&mut self, fields: impl Iterator<Item = (FieldId, Scalar)>) {
        if std::mem::replace(&mut self.keeps_key, true) {
            return;
        }
        for (n, (field, scalar)) in fields.enumerate() {
            let operand = Operand::Field(Root::Scope(0), field);
            let item = Item::Value { key: format!("key.{n}"), operand, cast: None };
            self.keep(Slot::Key, item, print(scalar));
        }
    }

    /// Rows of another level where the text stands: a part of the reading.
    pub(super) fn part(&mut self, form: Form, level: usize, page: Option<Page>) {
        let before = std::mem::take(&mut self.text);
        self.outs.push(Out::Nested { before, form, level, page });
    }

    /// Related rows where the text stands.
    pub(super) fn embed(
        &mut self,
        (key, relation, read): (String, RelationId, Read),
        (form, level, page): (Form, usize, Option<Page>),
    ) {
        let (when, link) = (Box::new(Expr::TRUE), Box::new(Expr::TRUE));
        self.items.push(Item::Embed(Embed {
            key,
            relation,
            read: Box::new(read),
            when,
            link,
            spread: false,
        }));
        self.part(form, level, page);
    }

    /// Adds a place that is filled in when the row is printed.
    pub(super) fn place(&mut self, piece: Piece) {
        self.text.place(piece);
    }

    /// Whether nothing is read so far.
    pub(super) fn reads_nothing(&self) -> bool {
        self.items.is_empty()
    }

    /// The items of the read, and the level that prints them.
    pub(super) fn finish(self) -> (Vec<Item>, Level) {
        (self.items, Level { outs: self.outs, close: self.text })
    }
}

/// How a value of this scalar is printed.
pub(super) const fn print(scalar: Scalar) -> Print {
    Print { scalar, quoted: matches!(scalar.kind, Kind::BigInt | Kind::Decimal { .. }) }
}
