//! How rows become a GraphQL reply: a [`Shape`] is made once with its plan, and rows run through it into bytes.

mod shape;

pub(crate) use shape::{Form, InfoAt, Level, Out, Page, Piece, Print, Shape, Slot, Text};
