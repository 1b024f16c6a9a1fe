//! Pages: plain HTML that works without JavaScript.

pub mod confirm;
mod page;

pub use page::{escaped, page, page_on_the_way};
