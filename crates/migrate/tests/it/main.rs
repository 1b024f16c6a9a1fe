//! What lies between two schemas.

mod any;
mod pairs;
