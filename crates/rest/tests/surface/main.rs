//! Requests in, responses out, over the memory store: one table of cases a topic, one `check`.

mod app;
mod batch;
mod item;
mod read;
mod root;
mod write;
