//! The values of one request in a plan.

use bistro_ir::Input;

/// The values of a request, in the order of the plan's roots.
pub(crate) struct Bound {
    pub(crate) roots: Vec<BoundRoot>,
    /// Rows that it may come to, by the product of its page sizes.
    pub(crate) rows: u64,
}

/// The values of one root field.
pub(crate) enum BoundRoot {
    /// It needs none.
    Nothing,
    /// One input a part, and what is known of each page.
    Read { inputs: Vec<Input>, pages: Vec<PageNow> },
    /// The rows and conditions of a write.
    Write(crate::compile::write::BoundWriting),
    /// The values of a subscription to changes: those of each node.
    Changes(Vec<BoundRoot>),
}

/// One page, as a request cuts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageNow {
    /// Rows that the page has at most.
    pub(crate) most: u64,
    /// Whether rows lie before it (after it, where the page comes last first): a cursor or an offset was given.
    pub(crate) skipped: bool,
}
