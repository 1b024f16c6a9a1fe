//! The store on a real server: what goes in comes out, what fails leaves nothing, what is lost comes back.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod aside;
mod changes;
mod conditions;
mod failures;
mod fixture;
mod limits;
mod migrations;
mod numbers;
mod opening;
mod related;
mod robust;
mod search;
mod tls;
mod try_index;
mod writes;
