//! Pages: plain HTML that works without JavaScript.

pub mod confirm;
pub mod cookie;
mod page;

pub use page::{escaped, page, page_on_the_way};
