//! Rows → XML, as they come from the store.

mod escape;
mod shape;
mod value;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use escape::write_text;
pub(crate) use shape::{Level, Out, Shape};
pub(crate) use writer::{Caps, Writer};
