//! A real server on port 0, spoken to over plain sockets.

mod harness;

mod callers;
mod cors;
mod life;
mod limits;
