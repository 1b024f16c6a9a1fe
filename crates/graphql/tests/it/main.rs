//! The surface, by cases in files.

mod describe;
