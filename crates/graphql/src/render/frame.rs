//! An open list of rows, and what is known of its page.

use super::kept::Until;
use super::shape::{Form, Page, Piece};
use crate::document::PageNow;

/// The rows of one read while they come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// The level of its rows.
    pub(super) level: usize,
    pub(super) form: Form,
    /// How many rows came, the one too many left out.
    pub(super) rows: u64,
    /// How many it may have.
    pub(super) most: u64,
    /// Whether a row more came, which only tells that there is one.
    pub(super) more: bool,
    /// Whether rows were skipped first.
    pub(super) skipped: bool,
    pub(super) backward: bool,
    /// Whether its rows are printed.
    pub(super) printed: bool,
    /// Whether the cursors of the first and the last row are wanted after the rows.
    pub(super) ends: bool,
    /// Where it starts in the buffer, the bracket included.
    pub(super) start: usize,
    /// Where the starts of its rows begin, if they are noted.
    pub(super) starts: usize,
    /// Where its kept values begin.
    pub(super) kept: Until,
    /// Where those of the row begin that came last.
    pub(super) row: Until,
}

impl Frame {
    pub(super) fn new(level: usize, form: Form, start: usize, kept: Until) -> Self {
        Self {
            level,
            form,
            rows: 0,
            most: u64::MAX,
            more: false,
            skipped: false,
            backward: false,
            printed: true,
            ends: false,
            start,
            starts: 0,
            kept,
            row: kept,
        }
    }

    /// Cuts it as the page says.
    pub(super) fn cut(&mut self, page: &Page, now: PageNow) {
        let asks = |piece: &Piece| matches!(piece, Piece::StartCursor(_) | Piece::EndCursor(_));
        self.ends = page.info.as_ref().is_some_and(|(text, _)| text.0.iter().any(asks));
        (self.backward, self.printed) = (page.backward, page.printed);
        (self.most, self.skipped) = (now.most, now.skipped);
    }

    pub(super) fn has_next(&self) -> bool {
        if self.backward { self.skipped } else { self.more }
    }

    pub(super) fn has_previous(&self) -> bool {
        if self.backward { self.more } else { self.skipped }
    }

    /// The kept values of the first row that came and of the last, `None` where there is no row. `end` is where all end.
    pub(super) fn span(&self, end: usize, last: bool) -> Option<(usize, usize)> {
        if self.rows == 0 {
            return None;
        }
        let one = self.row.cursors == self.kept.cursors;
        Some(match (one, last) {
            (true, _) => (self.kept.cursors, end),
            (false, true) => (self.row.cursors, end),
            (false, false) => (self.kept.cursors, self.row.cursors),
        })
    }
}
