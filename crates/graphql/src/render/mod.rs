//! How rows become a GraphQL reply: a [`Shape`] is made once with its plan, and rows run through it into bytes.

mod frame;
mod kept;
mod shape;
#[cfg(test)]
mod tests;
mod value;
mod writer;

pub(crate) use shape::{Form, InfoAt, Level, Out, Page, Piece, Print, Shape, Slot, Text};
pub(crate) use value::write_value;
pub(crate) use writer::{Caps, State, Writer};
