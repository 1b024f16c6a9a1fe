//! The store over a real server: what goes in comes out, what fails leaves nothing, what is lost is said.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod aside;
mod changes;
mod conditions;
mod failures;
mod fixture;
mod migrations;
mod numbers;
mod opening;
mod related;
mod replicas;
mod robust;
mod search;
mod tls;
mod try_index;
mod writes;
