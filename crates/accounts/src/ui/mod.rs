//! Pages: plain HTML that works without JavaScript.

pub mod confirm;
mod page;

pub use page::{escaped, page};
